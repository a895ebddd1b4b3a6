/** Targets of rows that boosting learns from: numbers, or classes. */

#pragma once

#include "trees/ensembles/targets.h"

namespace onecopy {

/** The target of each row; classes take 2 bytes, numbers 8. */
class RowTargets {
 public:
  /**
   * Makes room for so many rows.
   *
   * @param classes - how many there are; 0: targets are numbers
   */
  void start(int64_t rows, int classes) {
    classes_ = classes;
    if (classes > 0) codes_.resize(rows);
    else values_.resize(rows);
  }

  /** @throws Error `ERR_VALUE` as `readTargets` and `readClasses` */
  void read(const Matrix& y, const RowNumbers& rows) {
    if (classes_ > 0) readClasses(y, rows, classes_, codes_.data());
    else readTargets(y, rows, values_.data());
  }

  double operator[](int32_t row) const { return classes_ > 0 ? codes_[row] : values_[row]; }
  /** By row, where targets are numbers. */
  const double* values() const { return values_.data(); }
  /** By row, where targets are classes. */
  const uint16_t* codes() const { return codes_.data(); }

  /** Gives the memory back. */
  void clear() { *this = RowTargets(); }

 private:
  int classes_ = 0;
  RowVector<double> values_;
  RowVector<uint16_t> codes_;
};

}  // namespace onecopy
