/** The vector kernels of logistic regression, and their table. */

#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace onecopy {

/**
 * Doubles by columns: value (r, c) is `data[c * stride + r]`. Vectors lie along the rows, in eights, so that every
 * instruction set adds up the same eight sums in the same order.
 */
struct Columns {
  double* data;
  size_t stride;  // doubles from a column to the next, a multiple of 8
  int count;      // of columns
  int rows;       // a multiple of 8; what fills the last eight is zero

  double* at(int column) const { return data + column * stride; }
};

/** Eight sums that stand for one; see `foldEight`. */
constexpr int kEight = 8;

/** What the rows of a block say about one model: inputs of a link function, and its results. */
struct LinkRows {
  const double* target;  // 0 or 1, or the number of the class
  const double* weight;  // 0 where a row only fills the block
  /** Scores, replaced by probabilities. */
  Columns scores;
  /** weight * (probability - target), a column for each score. */
  Columns residuals;
  /** Sums of eight each: of weight * log loss, of the weights of rows whose class is the likeliest. */
  double* loss;
  double* right;
  /** The least of eight: the score of a row's own class less the greatest other one. */
  double* margin;
};

/**
 * All kernels of one instruction set. They trust their arguments like those of `kernels.h`, and give the same bits at every
 * level: they use no fused operations, and no sum's order depends on the width of a vector.
 */
struct LogisticKernels {
  /** Column 0 becomes ones, column 1 + c column c of `source` less its shift; rows beyond those of the source become zero. */
  void (*packColumns)(const RowBlock& source, const double* shift, const Columns& into);
  /** Lowers `minimum` and raises `maximum` (eight for each column) by columns 1, 2 … of a block's first `rows` rows. */
  void (*columnRanges)(const Columns& block, int rows, double* minimum, double* maximum, double* nonFinite);
  /** scores(r, s) = coefficients[s * columns] * column 0 + coefficients[s * columns + 1] * column 1 + … */
  void (*scoreRows)(const Columns& block, const double* coefficients, const Columns& scores);
  /**
   * scores(r, s) = factors[s * columns] - the sum over columns c >= 1 of factors[s * columns + c] * (column c - means[s *
   * (columns - 1) + c - 1])^2.
   */
  void (*scoreDistances)(const Columns& block, const double* factors, const double* means, const Columns& scores);
  /** The logistic function of one score. `curvature` becomes weight * p * (1 - p). */
  void (*linkTwo)(const LinkRows& rows, double* curvature);
  /** The softmax of several scores. */
  void (*linkSeveral)(const LinkRows& rows);
  /** into(r, c) = block(r, c) * factors[r]. */
  void (*weighRows)(const Columns& block, const double* factors, const Columns& into);
  /** out[r] = weights[r] * p[r] * (same - q[r]): what two classes contribute to second derivatives. */
  void (*pairCurvature)(const double* weight, const double* p, const double* q, double same, int rows, double* out);
  /** sums[i * right.count + j], eight each, += sum over rows of left(r, i) * right(r, j). */
  void (*products)(const Columns& left, const Columns& right, double* sums);
  /** The same for j <= i only, at sums[i * (i + 1) / 2 + j]. */
  void (*lowerProducts)(const Columns& left, const Columns& right, double* sums);
};

/** The sum of eight, the same at every level. */
inline double foldEight(const double* eight) {
  return ((eight[0] + eight[4]) + (eight[2] + eight[6])) + ((eight[1] + eight[5]) + (eight[3] + eight[7]));
}

namespace baseline {
extern const LogisticKernels logisticKernels;
}
namespace avx2 {
extern const LogisticKernels logisticKernels;
}
namespace avx512 {
extern const LogisticKernels logisticKernels;
}

/** The kernels of the same instruction set as `kernels()`. */
const LogisticKernels& logisticKernels();

}  // namespace onecopy
