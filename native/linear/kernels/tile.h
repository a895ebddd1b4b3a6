/** The tile of products that the Gram matrix and the QR factorisation are made of. */

#pragma once

#include <cstddef>

#include "linear/kernels/fetch.h"
#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

/**
 * out[i][j] += sum over rows r of left(r, i) * right(r, j), for the columns i of one panel and the
 * columns j of `Panels` neighbouring ones. All sums stay in registers while the rows stream by;
 * `fetcher.step()` is called once for every four of them.
 */
template <int Panels>
inline void addTile(const double* left, const double* right, size_t stride, int rows, double* out,
                    size_t outStride, Fetcher& fetcher) {
  constexpr int kAcross = Panels * kVectors;
  // Too few sums would wait for each other: a small tile takes rows in two independent chains.
  constexpr int kChains = kPanel * kAcross < 8 ? 2 : 1;
  Vector sums[kChains][kPanel][kAcross] = {};
  const auto addRow = [&](int r, int chain) {
    Vector x[kAcross];
#pragma GCC unroll 8
    for (int q = 0; q < kAcross; q++)
      x[q] = load(right + (q / kVectors) * stride + r * kPanel + (q % kVectors) * kWidth);
#pragma GCC unroll 8
    for (int i = 0; i < kPanel; i++) {
      const Vector s = broadcast(left[r * kPanel + i]);
#pragma GCC unroll 8
      for (int q = 0; q < kAcross; q++) sums[chain][i][q] = multiplyAdd(s, x[q], sums[chain][i][q]);
    }
  };
  int r = 0;
  for (; r + 4 <= rows; r += 4) {
    fetcher.step();
#pragma GCC unroll 4
    for (int u = 0; u < 4; u++) addRow(r + u, u % kChains);
  }
  for (; r < rows; r++) addRow(r, 0);
#pragma GCC unroll 8
  for (int i = 0; i < kPanel; i++) {
#pragma GCC unroll 8
    for (int q = 0; q < kAcross; q++) {
      Vector total = sums[0][i][q];
      if constexpr (kChains == 2) total += sums[1][i][q];
      double* to = out + i * outStride + q * kWidth;
      store(to, load(to) + total);
    }
  }
}

/** addTile for a number of panels that is only known now, from 1 to kTile. */
inline void addTile(int panels, const double* left, const double* right, size_t stride, int rows,
                    double* out, size_t outStride, Fetcher& fetcher) {
  if constexpr (kTile >= 3) {
    if (panels == 3) return addTile<3>(left, right, stride, rows, out, outStride, fetcher);
  }
  if constexpr (kTile >= 2) {
    if (panels == 2) return addTile<2>(left, right, stride, rows, out, outStride, fetcher);
  }
  addTile<1>(left, right, stride, rows, out, outStride, fetcher);
}

}  // namespace onecopy::ONECOPY_LEVEL
