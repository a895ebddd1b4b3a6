/** Rows of a matrix, picked by number, as doubles. */

#pragma once

#include <bit>
#include <cstdint>

#include "matrix/matrix.h"

namespace onecopy {

/**
 * Copies all columns of some rows: `out[j * stride + i]` is column j of row `rows[i]`.
 *
 * @throws Error `ERR_INDEX` for a row outside the matrix: the numbers may lie in memory that others
 *   can write to, so they are checked where they are used
 */
void gatherColumns(const Matrix& matrix, const int32_t* rows, int count, size_t stride, double* out);

/** Copies one column of some rows; otherwise like gatherColumns. */
void gatherColumn(const Matrix& matrix, int64_t column, const int32_t* rows, int count, double* out);

/** Copies some rows one after the other: `out[i * columns + j]` is column j of row `rows[i]`; otherwise like gatherColumns. */
void gatherRows(const Matrix& matrix, const int32_t* rows, int count, double* out);

/**
 * Checks gathered columns.
 *
 * @param name - what the error calls the matrix
 * @throws Error `ERR_VALUE` naming the first of these rows that holds NaN or an infinity
 */
void requireFinite(const char* name, const double* values, int64_t columns, size_t stride,
                   const int32_t* rows, int count);

/** Checks one row without gaps; otherwise like the above. */
inline void requireFiniteRow(const char* name, const double* values, int64_t columns, int32_t row) {
  // The exponent of NaN and infinity overflows to the bit of the sign. Whole numbers, and no early end: compilers use vectors.
  uint64_t found = 0;
  for (int64_t j = 0; j < columns; j++)
    found |= (std::bit_cast<uint64_t>(values[j]) & 0x7fffffffffffffff) + 0x0010000000000000;
  if (found >> 63 != 0) requireFinite(name, values, columns, 1, &row, 1);
}

/** One element as a double. @throws Error `ERR_INDEX` */
inline double valueAt(const Matrix& matrix, int32_t row, int64_t column) {
  double value;
  gatherColumn(matrix, column, &row, 1, &value);
  return value;
}

}  // namespace onecopy
