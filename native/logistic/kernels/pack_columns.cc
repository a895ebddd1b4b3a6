/** Packs rows of any matrix into columns, and finds their ranges. */

#include "kernels/element_type.h"
#include "kernels/simd.h"
#include "logistic/kernels/logistic_level.h"

namespace onecopy::ONECOPY_LEVEL {

template <class T>
static void packAs(const RowBlock& source, const double* shift, const Columns& into) {
  const T* data = static_cast<const T*>(source.data);
  const int64_t step = source.columnStride;
  int r = 0;
  for (; r + kEight <= source.count; r += kEight) {
    const T* from[kEight];
    for (int k = 0; k < kEight; k++) from[k] = data + source.rows[r + k];
    double* to = into.at(1) + r;
    for (int64_t c = 0; c < source.columns; c++, to += into.stride) {
      const double by = shift[c];
#pragma GCC unroll 8
      for (int k = 0; k < kEight; k++) to[k] = static_cast<double>(from[k][c * step]) - by;
    }
  }
  for (; r < into.rows; r++) {
    const bool filled = r < source.count;
    const T* from = filled ? data + source.rows[r] : data;
    for (int64_t c = 0; c < source.columns; c++)
      into.at(static_cast<int>(c) + 1)[r] = filled ? static_cast<double>(from[c * step]) - shift[c] : 0;
  }
}

void packColumns(const RowBlock& source, const double* shift, const Columns& into) {
  for (int r = 0; r < into.rows; r++) into.data[r] = r < source.count ? 1 : 0;
  withElementType(source.dtype, [&]<class T>(T) { packAs<T>(source, shift, into); });
}

void columnRanges(const Columns& block, int rows, double* minimum, double* maximum, double* nonFinite) {
  for (int c = 1; c < block.count; c++) {
    const double* column = block.at(c);
    double* low = minimum + static_cast<size_t>(c - 1) * kEight;
    double* high = maximum + static_cast<size_t>(c - 1) * kEight;
    const int whole = rows / kEight * kEight;
    for (int h = 0; h < kEight; h += kWidth) {
      Vector least = load(low + h), most = load(high + h), rest{};
      for (int r = h; r < whole; r += kEight) {
        const Vector value = load(column + r);
        least = lesser(value, least);
        most = greater(value, most);
        rest += value - value;  // 0, but NaN for what isn't finite
      }
      store(low + h, least);
      store(high + h, most);
      store(nonFinite + h, load(nonFinite + h) + rest);
    }
    for (int r = whole; r < rows; r++) {
      const double value = column[r];
      if (value < low[0]) low[0] = value;
      if (value > high[0]) high[0] = value;
      nonFinite[0] += value - value;
    }
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
