/** Products and distances of rows, exponentials, and sums of multiples of rows. */

#include "kernels/exponential.h"
#include "kernels/simd.h"
#include "svm/kernels/svm_level.h"

namespace onecopy::ONECOPY_LEVEL {

template <bool kSquares, class T>
static inline T term(T a, T b) {
  if constexpr (kSquares) {
    const T difference = a - b;
    return difference * difference;
  } else {
    return a * b;
  }
}

template <bool kSquares, int Rows, int Others>
static inline void pairTile(const RowPairs& pairs, int row, int64_t other) {
  const int64_t columns = pairs.columns, whole = columns / 8 * 8;
  const double* const* rows = pairs.rows + row;
  const double* others = pairs.others + other * columns;
  Vector sums[Rows][Others][kVectorsOfEight] = {};
  for (int64_t c = 0; c < whole; c += 8) {
#pragma GCC unroll 4
    for (int p = 0; p < kVectorsOfEight; p++) {
      Vector y[Others];
#pragma GCC unroll 2
      for (int o = 0; o < Others; o++) y[o] = load(others + o * columns + c + p * kWidth);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; r++) {
        const Vector x = load(rows[r] + c + p * kWidth);
#pragma GCC unroll 2
        for (int o = 0; o < Others; o++) sums[r][o][p] += term<kSquares>(x, y[o]);
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; r++) {
#pragma GCC unroll 2
    for (int o = 0; o < Others; o++) {
      double total = sumOfEight(sums[r][o]);
      for (int64_t c = whole; c < columns; c++) total += term<kSquares>(rows[r][c], others[o * columns + c]);
      pairs.out[(row + r) * pairs.outStride + other + o] = total;
    }
  }
}

template <bool kSquares>
static inline void allPairs(const RowPairs& pairs) {
  int row = 0;
  for (; row + 4 <= pairs.count; row += 4) {
    int64_t other = 0;
    for (; other + 2 <= pairs.otherCount; other += 2) pairTile<kSquares, 4, 2>(pairs, row, other);
    if (other < pairs.otherCount) pairTile<kSquares, 4, 1>(pairs, row, other);
  }
  for (; row < pairs.count; row++) {
    int64_t other = 0;
    for (; other + 2 <= pairs.otherCount; other += 2) pairTile<kSquares, 1, 2>(pairs, row, other);
    if (other < pairs.otherCount) pairTile<kSquares, 1, 1>(pairs, row, other);
  }
}

void rowProducts(const RowPairs& pairs) { allPairs<false>(pairs); }

void rowSquares(const RowPairs& pairs) { allPairs<true>(pairs); }

/** e^value, where NaN stays NaN. */
static inline Vector exponentialOrNaN(Vector value) {
  const Vector result = exponential(value);
  return value == value ? result : value;
}

void exponentials(double factor, int64_t count, double* values) {
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth) store(values + i, exponentialOrNaN(load(values + i) * factor));
  if (i == count) return;
  double rest[kWidth] = {};
  for (int64_t k = i; k < count; k++) rest[k - i] = values[k];
  store(rest, exponentialOrNaN(load(rest) * factor));
  for (int64_t k = i; k < count; k++) values[k] = rest[k - i];
}

void addMultiple(double factor, const double* row, int64_t count, double* to) {
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth) store(to + i, load(to + i) + load(row + i) * factor);
  for (; i < count; i++) to[i] += row[i] * factor;
}

}  // namespace onecopy::ONECOPY_LEVEL
