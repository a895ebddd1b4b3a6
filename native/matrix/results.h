/** What the kernels' jobs share in reading arguments and giving results. */

#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "matrix/matrix.h"

namespace onecopy {

/** A new Float64Array with these values. */
inline napi_value toFloat64Array(napi_env env, const std::vector<double>& values) {
  double* data;
  napi_value array = makeFloat64Array(env, values.size(), &data);
  std::copy(values.begin(), values.end(), data);
  return array;
}

inline int readThreads(const Value& value) { return static_cast<int>(value.integer(1, 1024)); }

/** @throws Error `ERR_SHAPE` unless a matrix has the rows of x */
inline void requireRowsOf(const Value& value, const Matrix& matrix, int64_t rows) {
  if (matrix.rows == rows) return;
  throw Error("ERR_SHAPE", "Expected `" + value.name() + "` to have " + std::to_string(rows) +
                               " rows like `x`, got " + std::to_string(matrix.rows) + ".");
}

/** Writes a value to a matrix that `readOutput` has read. The caller has checked the row and the column. */
inline void putValue(const Matrix& out, int64_t row, int64_t column, double value) {
  const int64_t at = row * out.rowStride + column * out.columnStride;
  if (out.dtype == DType::kFloat64) static_cast<double*>(out.data)[at] = value;
  else static_cast<float*>(out.data)[at] = static_cast<float>(value);
}

/** Reads a matrix that must have the rows of x; nothing for null or undefined. @throws Error `ERR_SHAPE` */
inline std::optional<Matrix> readTargets(const Value& value, int64_t rows, Held& held) {
  if (value.isNullish()) return std::nullopt;
  const Matrix matrix = readMatrix(value, held);
  requireRowsOf(value, matrix, rows);
  return matrix;
}

}  // namespace onecopy
