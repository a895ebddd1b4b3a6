/** Layers of units: coefficients, activations, derivatives. */

#pragma once

#include <vector>

#include "matrix/blocks.h"
#include "neural/kernels/neural_kernels.h"

namespace onecopy {

/** What the scores of the last layer become. */
enum class Output : uint8_t { kValues, kLogistic, kSoftmax };

/** A layer: each of its units sums up all units of the layer before, times coefficients, and an intercept. */
struct Layer {
  int64_t inputs, outputs;
  /** Outputs, padded. */
  int64_t width;
  /** Where its coefficients begin: a row for each input, then the intercepts. */
  size_t start;
  /** Where they begin with a row for each output; each has `inputs`, padded. */
  size_t transposedStart;

  int64_t rows() const { return inputs + 1; }
  size_t size() const { return static_cast<size_t>(rows() * width); }
};

/** A network with its coefficients. Those that pad rows are 0. */
class Network {
 public:
  /** @param widths - columns of X, units of each hidden layer, scores; at least two numbers, all above 0 */
  Network(const std::vector<int64_t>& widths, Activation activation, Output output);

  const std::vector<Layer>& layers() const { return layers_; }
  const Layer& last() const { return layers_.back(); }
  Activation activation() const { return activation_; }
  Output output() const { return output_; }
  /** Doubles of all coefficients, padded. */
  size_t size() const { return size_; }
  double* coefficients() const { return coefficients_.get(); }
  const double* transposed() const { return transposed_.get(); }
  /** Coefficients without padding, layer by layer, each with its intercepts at the end. */
  size_t plainSize() const { return plainSize_; }

  void load(const double* plain);
  void save(double* plain) const;
  /** Brings the transposed coefficients of some inputs of a layer up to date; the first layer has none. */
  void transpose(size_t layer, int64_t from, int64_t to);

 private:
  std::vector<Layer> layers_;
  const Activation activation_;
  const Output output_;
  size_t size_ = 0, plainSize_ = 0;
  Doubles coefficients_, transposed_;
};

/** Rows of a good block: few MB, whole tiles; at least 8. */
int64_t networkBlockRows(const Network& network, int64_t most);

/** Activations of a block of rows; threads may work on different rows at a time. */
class LayerBlock {
 public:
  /** @param learns - whether derivatives are needed */
  LayerBlock(const Network& network, int64_t rows, bool learns);

  /** Where row r of X goes: its columns without gaps. */
  double* input(int64_t r) const { return values_[0].get() + r * network_.layers()[0].inputs; }
  /** Row r of the last layer. */
  double* scores(int64_t r) const { return values_.back().get() + r * network_.last().width; }
  /** The derivative of the loss by each score of row r. */
  double* derivatives(int64_t r) const { return derivatives_.back().get() + r * network_.last().width; }

  /**
   * Computes the scores of rows [from, to).
   *
   * @param marks - receives NaN for a row that holds NaN or infinity, or whose sums overflow, otherwise 0; null: not of interest
   */
  void forward(int64_t from, int64_t to, double* marks = nullptr) const;
  /** Scores become probabilities, or stay as they are. `own` and `losses` are those of row `from` on, or null. */
  void finish(int64_t from, int64_t to, const double* own, double* losses) const;
  /** Computes the derivatives of the hidden layers of rows [from, to) from those of the scores. */
  void backward(int64_t from, int64_t to) const;
  /**
   * Adds up the gradient of rows [from, to) of a layer's coefficients over the first `count` rows of the block.
   *
   * @param continues - whether they are added to what `gradient` holds
   */
  void addGradient(size_t layer, int64_t from, int64_t to, int64_t count, bool continues, double* gradient) const;

 private:
  size_t strideBefore(size_t layer) const;

  const Network& network_;
  std::vector<Doubles> values_, derivatives_;
  Doubles ones_;
};

}  // namespace onecopy
