/** The vector kernels of neural networks, and their table. */

#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace onecopy {

/** Rows of layers are padded with zeros to a multiple of so many units, that of every vector width. */
constexpr int64_t kUnits = 8;

/** The least multiple of `kUnits` that holds `count`. */
constexpr int64_t padded(int64_t count) { return (count + kUnits - 1) / kUnits * kUnits; }

/** What becomes of the sums of a unit. */
enum class Activation : uint8_t { kIdentity, kLogistic, kTanh, kRelu };

/** A product of matrices: `c[i][j] = start[i][j] + a[i][0] * b[0][j] + a[i][1] * b[1][j] + …`, summed in this order. */
struct Product {
  /** Value (i, k) is `a[i * aRow + k * aStep]`. */
  const double* a;
  size_t aRow, aStep;
  /** Value (k, j) is `b[k * bRow + j]`. */
  const double* b;
  size_t bRow;
  /** May be null: zeros. `startRow` may be 0: all rows start alike. */
  const double* start;
  size_t startRow;
  double* c;
  size_t cRow;
  int64_t rows, depth;
  /** A multiple of `kUnits`. */
  int64_t columns;
};

/** Scores of rows, which become probabilities: value (r, j) is `values[r * row + j]`. */
struct OutputRows {
  double* values;
  size_t row;
  int64_t rows;
  /** Classes; `row` is at least as many, padded. */
  int64_t count;
  /** The class of each row; null: none is known. */
  const double* own;
  /** Receives the logarithm of the inverse of the probability of each row's class, unless `own` is null. */
  double* losses;
};

/** How Adam changes coefficients. */
struct AdamStep {
  double beta1, beta2, epsilon;
  /** With the corrections of both moments. */
  double rate;
  /** Times the coefficient is added to its gradient. */
  double penalty;
};

/**
 * All kernels of one instruction set. They trust their arguments like those of `kernels.h`, and give the same bits at every
 * level: they use no fused operations, and no sum's order depends on the width of a vector. Counts are multiples of `kUnits`.
 */
struct NeuralKernels {
  void (*multiply)(const Product& product);
  /** Sums become activations, which are kept below 1e100 in size, so that sums of the next layer are numbers. NaN stays NaN. */
  void (*activate)(Activation activation, int64_t count, double* values);
  /** derivatives *= the derivative of the activation, given its value. */
  void (*differentiate)(Activation activation, int64_t count, const double* values, double* derivatives);
  /** One score becomes the probability of the second of two classes. */
  void (*logistic)(const OutputRows& rows);
  void (*softmax)(const OutputRows& rows);
  /** Changes coefficients and their moments by their gradients; returns the sum of the squares of the coefficients before. */
  double (*adam)(const AdamStep& step, int64_t count, const double* gradients, double* first, double* second,
                 double* coefficients);
};

namespace baseline {
extern const NeuralKernels neuralKernels;
}
namespace avx2 {
extern const NeuralKernels neuralKernels;
}
namespace avx512 {
extern const NeuralKernels neuralKernels;
}

/** The kernels of the same instruction set as `kernels()`. */
const NeuralKernels& neuralKernels();

}  // namespace onecopy
