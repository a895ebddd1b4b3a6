/** Products of matrices in tiles; each sum in the order of its terms. */

#include "kernels/simd.h"
#include "neural/kernels/neural_level.h"

namespace onecopy::ONECOPY_LEVEL {

#if defined(__AVX512F__)
constexpr int kTileRows = 8, kTileVectors = 3;  // 24 sums + 3 + 1 + 1 of 32 registers
#elif defined(__aarch64__)
constexpr int kTileRows = 5, kTileVectors = 4;  // 20 sums + 4 + 1 + 1 of 32 registers
#else
constexpr int kTileRows = 4, kTileVectors = 2;  // 8 sums + 2 + 1 + 1 of 16 registers
#endif

/** Terms that are added before the next tile: rows of b that stay in the first cache. */
constexpr int64_t kMostDepth = 192;

/** Adds `depth` terms to the sums of some rows and vectors. */
template <int Rows, int Vectors>
static inline void multiplyTile(const Product& product, int64_t i, int64_t j) {
  const double* a = product.a + i * product.aRow;
  const double* b = product.b + j;
  const size_t aRow = product.aRow, aStep = product.aStep, bRow = product.bRow;
  Vector sums[Rows][Vectors];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v++)
      sums[r][v] = product.start == nullptr
                       ? Vector{}
                       : load(product.start + (i + r) * product.startRow + j + v * kWidth);
  }
  for (int64_t k = 0; k < product.depth; k++, a += aStep, b += bRow) {
    Vector y[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v++) y[v] = load(b + v * kWidth);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; r++) {
      const Vector x = broadcast(a[r * aRow]);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; v++) sums[r][v] += x * y[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v++) store(product.c + (i + r) * product.cRow + j + v * kWidth, sums[r][v]);
  }
}

/** All rows of some columns. */
template <int Vectors>
static inline void multiplyColumns(const Product& product, int64_t j) {
  int64_t i = 0;
  for (; i + kTileRows <= product.rows; i += kTileRows) multiplyTile<kTileRows, Vectors>(product, i, j);
  for (; i + 2 <= product.rows; i += 2) multiplyTile<2, Vectors>(product, i, j);
  if (i < product.rows) multiplyTile<1, Vectors>(product, i, j);
}

static inline void multiplyAll(const Product& product) {
  const int64_t vectors = product.columns / kWidth;
  int64_t v = 0;
  for (; v + kTileVectors <= vectors; v += kTileVectors) multiplyColumns<kTileVectors>(product, v * kWidth);
  for (; v < vectors; v++) multiplyColumns<1>(product, v * kWidth);
}

void multiply(const Product& product) {
  Product part = product;
  for (int64_t k = 0; k == 0 || k < product.depth; k += kMostDepth) {
    const int64_t rest = product.depth - k;
    part.depth = rest < kMostDepth ? rest : kMostDepth;
    part.a = product.a + k * product.aStep;
    part.b = product.b + k * product.bRow;
    multiplyAll(part);
    part.start = product.c;
    part.startRow = product.cRow;
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
