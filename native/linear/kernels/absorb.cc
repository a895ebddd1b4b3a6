/** One step of a tall, thin QR factorisation: a block of rows goes into a triangle. */

#include "kernels/level.h"
#include "linear/kernels/tile.h"

namespace onecopy::ONECOPY_LEVEL {

/** A row of a panel, or sums of one. */
struct PanelRow {
  Vector part[kVectors];

  PanelRow operator+(const PanelRow& other) const {
    PanelRow total;
    for (int h = 0; h < kVectors; h++) total.part[h] = part[h] + other.part[h];
    return total;
  }
};

/** Column 0 of the panel times all its columns, over all rows. */
static inline PanelRow dotFirst(const double* panel, int rows) {
  PanelRow dots[2] = {};  // two chains, so that sums don't wait for each other
  const auto addRow = [&](int r, PanelRow& sums) {
    const Vector s = broadcast(panel[r * kPanel]);
    for (int h = 0; h < kVectors; h++)
      sums.part[h] = multiplyAdd(s, load(panel + r * kPanel + h * kWidth), sums.part[h]);
  };
  int r = 0;
  for (; r + 2 <= rows; r += 2) {
    addRow(r, dots[0]);
    addRow(r + 1, dots[1]);
  }
  if (r < rows) addRow(r, dots[0]);
  return dots[0] + dots[1];
}

/**
 * One pass over the panel: row = row * scale + row[lane] * factor. Gives the dots of column
 * `following` of the result with all columns.
 */
static inline PanelRow reflect(double* panel, int rows, int lane, const double* scale,
                               const double* factor, int following) {
  PanelRow by, times, dots[2] = {};
  for (int h = 0; h < kVectors; h++) {
    by.part[h] = load(scale + h * kWidth);
    times.part[h] = load(factor + h * kWidth);
  }
  const auto reflectRow = [&](double* row, PanelRow& sums) {
    const Vector s = broadcast(row[lane]);
    PanelRow value;
    for (int h = 0; h < kVectors; h++) {
      value.part[h] = multiplyAdd(s, times.part[h], load(row + h * kWidth) * by.part[h]);
      store(row + h * kWidth, value.part[h]);
    }
    const Vector next = broadcast(row[following]);
    for (int h = 0; h < kVectors; h++)
      sums.part[h] = multiplyAdd(next, value.part[h], sums.part[h]);
  };
  int r = 0;
  for (; r + 2 <= rows; r += 2) {
    reflectRow(panel + r * kPanel, dots[0]);
    reflectRow(panel + (r + 1) * kPanel, dots[1]);
  }
  if (r < rows) reflectRow(panel + r * kPanel, dots[0]);
  return dots[0] + dots[1];
}

/**
 * Factors [corner; panel], where `corner` is the triangle's part on the diagonal. The panel then holds the
 * reflectors' lower parts V (the upper parts are the identity), and `t` the triangle of I - V T V'.
 */
static void factorPanel(double* panel, int rows, double* corner, size_t stride,
                        double (&t)[kPanel][kPanel]) {
  PanelRow next = dotFirst(panel, rows);
  for (int l = 0; l < kPanel; l++) {
    double dots[kPanel];
    for (int h = 0; h < kVectors; h++) store(dots + h * kWidth, next.part[h]);
    for (int i = 0; i < kPanel; i++) t[i][l] = t[l][i] = 0;
    const double alpha = corner[l * stride + l], square = dots[l];
    double tau = 0, inverse = 0;
    if (square != 0) {
      const double norm = __builtin_sqrt(alpha * alpha + square);
      const double beta = alpha > 0 ? -norm : norm;
      tau = (beta - alpha) / beta;
      inverse = 1 / (alpha - beta);
      corner[l * stride + l] = beta;
    }
    double scale[kPanel], factor[kPanel];
    for (int j = 0; j < kPanel; j++) {
      scale[j] = j == l ? inverse : 1;
      factor[j] = 0;
      if (j <= l) continue;
      const double projection = tau * (corner[l * stride + j] + dots[j] * inverse);
      corner[l * stride + j] -= projection;
      factor[j] = -projection * inverse;
    }
    for (int i = 0; i < l; i++) {
      double product = 0;
      for (int k = i; k < l; k++) product += t[i][k] * (dots[k] * inverse);
      t[i][l] = -tau * product;
    }
    t[l][l] = tau;
    // Scales this column to a reflector, applies it to the columns after it, and starts the next one.
    next = reflect(panel, rows, l, scale, factor, l + 1 < kPanel ? l + 1 : l);
  }
}

/** right(r, j) -= sum over i of left(r, i) * factors[i][j], for neighbouring panels of columns j. */
template <int Panels>
static inline void subtractTile(const double* left, const double* factors, size_t factorStride,
                                double* right, size_t stride, int rows) {
  constexpr int kAcross = Panels * kVectors;
  Vector f[kPanel][kAcross];
#pragma GCC unroll 8
  for (int i = 0; i < kPanel; i++) {
#pragma GCC unroll 8
    for (int q = 0; q < kAcross; q++) f[i][q] = -load(factors + i * factorStride + q * kWidth);
  }
  for (int r = 0; r < rows; r++) {
    double* to[kAcross];
    Vector value[kAcross];
#pragma GCC unroll 8
    for (int q = 0; q < kAcross; q++) {
      to[q] = right + (q / kVectors) * stride + r * kPanel + (q % kVectors) * kWidth;
      value[q] = load(to[q]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kPanel; i++) {
      const Vector s = broadcast(left[r * kPanel + i]);
#pragma GCC unroll 8
      for (int q = 0; q < kAcross; q++) value[q] = multiplyAdd(s, f[i][q], value[q]);
    }
#pragma GCC unroll 8
    for (int q = 0; q < kAcross; q++) store(to[q], value[q]);
  }
}

static void subtractTile(int panels, const double* left, const double* factors,
                         size_t factorStride, double* right, size_t stride, int rows) {
  if constexpr (kTile >= 3) {
    if (panels == 3) return subtractTile<3>(left, factors, factorStride, right, stride, rows);
  }
  if constexpr (kTile >= 2) {
    if (panels == 2) return subtractTile<2>(left, factors, factorStride, right, stride, rows);
  }
  subtractTile<1>(left, factors, factorStride, right, stride, rows);
}

void absorb(const Block& block, double* triangle, double* work, const Ahead& ahead) {
  const size_t width = static_cast<size_t>(block.panels) * kPanel;
  int64_t tiles = 0;
  for (int p = 1; p < block.panels; p++) tiles += (block.panels - p + kTile - 1) / kTile;
  Fetcher fetcher(ahead, tiles * (block.rows / 4));
  for (int p = 0; p < block.panels; p++) {
    double* panel = block.data + p * block.stride;
    double* top = triangle + p * kPanel * width;  // the triangle's rows that this panel changes
    double t[kPanel][kPanel];
    factorPanel(panel, block.rows, top + p * kPanel, width, t);
    const size_t from = (p + 1) * static_cast<size_t>(kPanel);
    // work = T' (top + V' B), for all columns B after this panel.
    for (int i = 0; i < kPanel; i++)
      for (size_t j = from; j < width; j++) work[i * width + j] = top[i * width + j];
    for (int q = p + 1; q < block.panels; q += kTile) {
      const int across = block.panels - q < kTile ? block.panels - q : kTile;
      addTile(across, panel, block.data + q * block.stride, block.stride, block.rows,
              work + q * kPanel, width, fetcher);
    }
    for (int i = kPanel - 1; i >= 0; i--) {
      for (size_t j = from; j < width; j++) {
        double product = 0;
        for (int k = 0; k <= i; k++) product += t[k][i] * work[k * width + j];
        work[i * width + j] = product;
        top[i * width + j] -= product;
      }
    }
    for (int q = p + 1; q < block.panels; q += kTile) {
      const int across = block.panels - q < kTile ? block.panels - q : kTile;
      subtractTile(across, panel, work + q * kPanel, width, block.data + q * block.stride,
                   block.stride, block.rows);
    }
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
