/** Affine predictions of several models for the rows of a block. */

#include "linear/kernels/fetch.h"
#include "kernels/level.h"
#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

/**
 * A few rows times a few models. Each (row, model) has one sum of its own, over the panels from left to
 * right, so its value is the same whatever stands beside it.
 */
template <int Rows, int Models>
static inline void predictTile(const Block& block, int row, const double* coefficients,
                               size_t width, const double* intercepts, double* out,
                               size_t outStride) {
  Vector sums[Rows][Models] = {};
  for (int q = 0; q < block.panels; q++) {
    const double* panel = block.data + q * block.stride + row * kPanel;
#pragma GCC unroll 2
    for (int h = 0; h < kVectors; h++) {
      Vector c[Models];
#pragma GCC unroll 2
      for (int l = 0; l < Models; l++)
        c[l] = load(coefficients + l * width + q * kPanel + h * kWidth);
#pragma GCC unroll 4
      for (int r = 0; r < Rows; r++) {
        const Vector x = load(panel + r * kPanel + h * kWidth);
#pragma GCC unroll 2
        for (int l = 0; l < Models; l++) sums[r][l] = multiplyAdd(x, c[l], sums[r][l]);
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; r++) {
#pragma GCC unroll 2
    for (int l = 0; l < Models; l++)
      out[r * outStride + l] = intercepts[l] + sum(sums[r][l]);
  }
}

void predict(const Block& block, const double* coefficients, const double* intercepts, int models,
             double* out, const Ahead& ahead) {
  const size_t width = static_cast<size_t>(block.panels) * kPanel;
  Fetcher fetcher(ahead, block.rows / 4);
  for (int r = 0; r < block.rows; r += 4) {
    const int rows = block.rows - r < 4 ? block.rows - r : 4;
    fetcher.step();
    for (int l = 0; l < models; l += 2) {
      const double* c = coefficients + l * width;
      const double* b = intercepts + l;
      double* to = out + static_cast<size_t>(r) * models + l;
      const bool two = models - l >= 2;
      if (rows == 4) {
        if (two) predictTile<4, 2>(block, r, c, width, b, to, models);
        else predictTile<4, 1>(block, r, c, width, b, to, models);
        continue;
      }
      for (int i = 0; i < rows; i++) {
        if (two) predictTile<1, 2>(block, r + i, c, width, b, to + i * models, models);
        else predictTile<1, 1>(block, r + i, c, width, b, to + i * models, models);
      }
    }
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
