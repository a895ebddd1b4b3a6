/** Targets of rows, read and checked. */

#pragma once

#include "matrix/matrix.h"
#include "trees/grow/row_vector.h"

namespace onecopy {

/** Targets that are numbers: in place where they lie as doubles one after the other, else copied. */
class NumberTargets {
 public:
  NumberTargets() = default;
  // Not copied: it may point to memory of its own.
  NumberTargets(NumberTargets&&) = default;
  NumberTargets& operator=(NumberTargets&&) = default;

  /** @param y - one column, which is kept */
  void start(const Matrix& y) {
    y_ = y;
    const bool isPlain = y.list == nullptr && y.dtype == DType::kFloat64 && y.rowStride == 1;
    if (!isPlain) copy_.resize(y.rows);
    values_ = isPlain ? static_cast<const double*>(y.data) : copy_.data();
  }

  /**
   * Checks the targets of these rows, which can be asked for then.
   *
   * @throws Error `ERR_VALUE` naming the first row whose target isn't finite, or too large for sums of squares
   */
  void read(const RowNumbers& rows);

  /** By row of the matrix. */
  const double* values() const { return values_; }
  double operator[](int32_t row) const { return values_[row]; }

 private:
  Matrix y_{};
  RowVector<double> copy_;
  const double* values_ = nullptr;
};

/**
 * Copies the numbers of classes of these rows to `out`, which has a place for every row of the matrix.
 *
 * @throws Error `ERR_VALUE` for others than 0 to `classes` - 1
 */
void readClasses(const Matrix& y, const RowNumbers& rows, int classes, uint16_t* out);

/**
 * Whether targets or weights are so far apart that grids for all rows would blur some of them. Doesn't depend on the order of
 * rows.
 *
 * @param y - null: only weights are looked at
 * @param weights - null: all 1
 */
bool areFarApart(const RowNumbers& rows, const double* y, const double* weights);

/** The step of a grid, a power of 2, on which values up to `most` have so many bits. */
double gridStep(double most, int bits);

/** A value in steps of a grid, rounded to the nearest. */
int32_t toGrid(double value, double inverseStep);

}  // namespace onecopy
