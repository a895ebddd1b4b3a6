/** A few rows of a matrix as doubles without gaps. */

#pragma once

#include <vector>

#include "matrix/gather.h"
#include "matrix/matrix.h"

namespace onecopy {

/** Rows that are read at a time. */
constexpr int kRowsAtATime = 16;

/**
 * Points to rows of float64 without gaps where they are; copies others, at most `kRowsAtATime` at a time. One reader serves
 * one thread.
 */
class RowReader {
 public:
  explicit RowReader(const Matrix& x)
      : x_(x), isPlain_(x.dtype == DType::kFloat64 && (x.columnStride == 1 || x.columns == 1)) {
    if (!isPlain_) scratch_.resize(static_cast<size_t>(kRowsAtATime) * x.columns);
  }

  /** Pointers to these rows, until the next call. Row numbers are those of the matrix, checked by the caller. */
  const double* const* read(const int32_t* rows, int count) {
    for (int r = 0; r < count; r++) {
      rows_[r] = isPlain_ ? static_cast<const double*>(x_.data) + rows[r] * x_.rowStride
                          : scratch_.data() + r * x_.columns;
    }
    if (!isPlain_) gatherRows(x_, rows, count, scratch_.data());
    return rows_;
  }

  /** One row, like the others. */
  const double* read(int32_t row) { return read(&row, 1)[0]; }

 private:
  const Matrix x_;
  const bool isPlain_;
  std::vector<double> scratch_;
  const double* rows_[kRowsAtATime];
};

}  // namespace onecopy
