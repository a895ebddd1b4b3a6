/** Targets of rows that boosting learns from: numbers, or classes. */

#pragma once

#include "trees/ensembles/targets.h"

namespace onecopy {

/** The target of each row; classes take 2 bytes, numbers none or 8. */
class RowTargets {
 public:
  /**
   * Makes room for the rows of a matrix.
   *
   * @param y - one column
   * @param classes - how many there are; 0: targets are numbers
   */
  void start(const Matrix& y, int classes) {
    classes_ = classes;
    if (classes > 0) codes_.resize(y.rows);
    else values_.start(y);
  }

  /** @throws Error `ERR_VALUE` as `NumberTargets` and `readClasses` */
  void read(const Matrix& y, const RowNumbers& rows) {
    if (classes_ > 0) readClasses(y, rows, classes_, codes_.data());
    else values_.read(rows);
  }

  double operator[](int32_t row) const { return classes_ > 0 ? codes_[row] : values_[row]; }
  /** By row, where targets are numbers. */
  const double* values() const { return values_.values(); }
  /** By row, where targets are classes. */
  const uint16_t* codes() const { return codes_.data(); }

  /** Gives the memory back. */
  void clear() { *this = RowTargets(); }

 private:
  int classes_ = 0;
  NumberTargets values_;
  RowVector<uint16_t> codes_;
};

}  // namespace onecopy
