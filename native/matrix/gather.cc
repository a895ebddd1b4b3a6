/** Rows of a matrix, picked by number, as doubles. */

#include "matrix/gather.h"

#include <algorithm>
#include <string>

#include "kernels/element_type.h"

namespace onecopy {
namespace {

/** Where a row begins. @throws Error `ERR_INDEX` */
template <class T>
const T* rowAt(const Matrix& matrix, const int32_t* number) {
  // SAFETY: the one read of this number; what is checked is what is used.
  const int64_t row = __atomic_load_n(number, __ATOMIC_RELAXED);
  if (row < 0 || row >= matrix.rows) {
    throw Error("ERR_INDEX", "Row " + std::to_string(row) + " is outside the matrix, which has " +
                                 std::to_string(matrix.rows) + " rows.");
  }
  return static_cast<const T*>(matrix.data) + row * matrix.rowStride;
}

/** Asks for the memory of a row that is read soon: rows lie all over the matrix, and a core waits long for each of them. */
template <class T>
void prefetchRow(const Matrix& matrix, const int32_t* number) {
  // SAFETY: a hint for an address, which may be any: nothing is read there.
  const int64_t row = __atomic_load_n(number, __ATOMIC_RELAXED);
  const uintptr_t at = reinterpret_cast<uintptr_t>(matrix.data) + static_cast<uintptr_t>(row * matrix.rowStride) * sizeof(T);
  __builtin_prefetch(reinterpret_cast<const void*>(at));
}

template <class T>
void gatherAs(const Matrix& matrix, int64_t first, int64_t last, const int32_t* rows, int count,
              size_t stride, double* out) {
  const int64_t step = matrix.columnStride;
  for (int i = 0; i < count; i++) prefetchRow<T>(matrix, rows + i);
  int i = 0;
  for (; i + 4 <= count; i += 4) {  // four rows at a time fill a vector of each column
    const T* const from[] = {rowAt<T>(matrix, rows + i), rowAt<T>(matrix, rows + i + 1),
                             rowAt<T>(matrix, rows + i + 2), rowAt<T>(matrix, rows + i + 3)};
    double* to = out + i;
    for (int64_t j = first; j < last; j++, to += stride) {
      for (int r = 0; r < 4; r++) to[r] = static_cast<double>(from[r][j * step]);
    }
  }
  for (; i < count; i++) {
    const T* from = rowAt<T>(matrix, rows + i);
    double* to = out + i;
    for (int64_t j = first; j < last; j++, to += stride) *to = static_cast<double>(from[j * step]);
  }
}

void gather(const Matrix& matrix, int64_t first, int64_t last, const int32_t* rows, int count,
            size_t stride, double* out);

/** Columns that lie apart, one by one. */
void gatherApart(const Matrix& matrix, int64_t first, int64_t last, const int32_t* rows, int count,
                 size_t stride, double* out) {
  for (int64_t j = first; j < last; j++, out += stride) {
    const TableColumn& column = matrix.list[j];
    const Matrix one{const_cast<void*>(column.data), column.dtype, matrix.rows, 1, column.rowStride, 0};
    gather(one, 0, 1, rows, count, stride, out);
    if (column.lookup != nullptr)
      for (int i = 0; i < count; i++) out[i] = lookUp(column, out[i]);
  }
}

void gather(const Matrix& matrix, int64_t first, int64_t last, const int32_t* rows, int count,
            size_t stride, double* out) {
  if (matrix.list != nullptr) return gatherApart(matrix, first, last, rows, count, stride, out);
  withElementType(matrix.dtype, [&]<class T>(T) {
    gatherAs<T>(matrix, first, last, rows, count, stride, out);
  });
}

template <class T>
void gatherRowsAs(const Matrix& matrix, const int32_t* rows, int count, double* out) {
  const int64_t columns = matrix.columns, step = matrix.columnStride;
  if (step == 1) {
    for (int i = 0; i < count; i++, out += columns) {
      const T* from = rowAt<T>(matrix, rows + i);
      for (int64_t j = 0; j < columns; j++) out[j] = static_cast<double>(from[j]);
    }
    return;
  }
  constexpr int kTogether = 16;
  for (int i = 0; i < count; i += kTogether) {
    const int own = std::min(kTogether, count - i);
    const T* from[kTogether];
    for (int r = 0; r < own; r++) from[r] = rowAt<T>(matrix, rows + i + r);
    double* to = out + i * columns;
    // Neighbouring rows of a column share cache lines.
    for (int64_t j = 0; j < columns; j++)
      for (int r = 0; r < own; r++) to[r * columns + j] = static_cast<double>(from[r][j * step]);
  }
}

}  // namespace

void gatherColumns(const Matrix& matrix, const int32_t* rows, int count, size_t stride, double* out) {
  gather(matrix, 0, matrix.columns, rows, count, stride, out);
}

void gatherColumn(const Matrix& matrix, int64_t column, const int32_t* rows, int count, double* out) {
  gather(matrix, column, column + 1, rows, count, 1, out);
}

void gatherRows(const Matrix& matrix, const int32_t* rows, int count, double* out) {
  withElementType(matrix.dtype, [&]<class T>(T) { gatherRowsAs<T>(matrix, rows, count, out); });
}

void requireFinite(const char* name, const double* values, int64_t columns, size_t stride,
                   const int32_t* rows, int count) {
  for (int i = 0; i < count; i++) {
    for (int64_t j = 0; j < columns; j++) {
      const double value = values[j * stride + i];
      if (std::isfinite(value)) continue;
      const std::string what = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
      const std::string column = columns == 1 && name[0] == 'y' ? "" : ", column " + std::to_string(j);
      throw Error("ERR_VALUE", "Expected finite numbers, got " + what + " in `" + name + "` at row " +
                                   std::to_string(rows[i]) + column +
                                   " (counted from 0). Leave such rows out, or fill in their values first.");
    }
  }
}

}  // namespace onecopy
