/** Layers of units: coefficients, activations, derivatives. */

#include "neural/network.h"

#include <algorithm>

namespace onecopy {
namespace {

std::vector<Layer> makeLayers(const std::vector<int64_t>& widths) {
  std::vector<Layer> layers;
  size_t start = 0, transposed = 0;
  for (size_t l = 1; l < widths.size(); l++) {
    layers.push_back({widths[l - 1], widths[l], padded(widths[l]), start, transposed});
    start += layers.back().size();
    if (l > 1) transposed += static_cast<size_t>(widths[l] * padded(widths[l - 1]));
  }
  return layers;
}

size_t sizeOfAll(const std::vector<Layer>& layers) { return layers.back().start + layers.back().size(); }

size_t transposedSize(const std::vector<Layer>& layers) {
  const Layer& last = layers.back();
  return layers.size() == 1 ? 0 : last.transposedStart + static_cast<size_t>(last.outputs * padded(last.inputs));
}

}  // namespace

Network::Network(const std::vector<int64_t>& widths, Activation activation, Output output)
    : layers_(makeLayers(widths)),
      activation_(activation),
      output_(output),
      size_(sizeOfAll(layers_)),
      coefficients_(size_),
      transposed_(transposedSize(layers_)) {
  for (const Layer& layer : layers_) plainSize_ += static_cast<size_t>(layer.rows() * layer.outputs);
}

void Network::load(const double* plain) {
  for (const Layer& layer : layers_)
    for (int64_t i = 0; i < layer.rows(); i++, plain += layer.outputs)
      std::copy_n(plain, layer.outputs, coefficients_.get() + layer.start + i * layer.width);
  for (size_t l = 1; l < layers_.size(); l++) transpose(l, 0, layers_[l].inputs);
}

void Network::save(double* plain) const {
  for (const Layer& layer : layers_)
    for (int64_t i = 0; i < layer.rows(); i++, plain += layer.outputs)
      std::copy_n(coefficients_.get() + layer.start + i * layer.width, layer.outputs, plain);
}

void Network::transpose(size_t l, int64_t from, int64_t to) {
  if (l == 0) return;
  const Layer& layer = layers_[l];
  const int64_t width = padded(layer.inputs);
  const double* source = coefficients_.get() + layer.start;
  double* target = transposed_.get() + layer.transposedStart;
  for (int64_t i = from; i < std::min(to, layer.inputs); i++)
    for (int64_t o = 0; o < layer.outputs; o++) target[o * width + i] = source[i * layer.width + o];
}

int64_t networkBlockRows(const Network& network, int64_t most) {
  constexpr int64_t kValues = 1 << 19;
  int64_t values = 0;
  for (const Layer& layer : network.layers()) values += layer.inputs + 2 * layer.width;
  return std::clamp<int64_t>(kValues / values / 8 * 8, 8, most);
}

LayerBlock::LayerBlock(const Network& network, int64_t rows, bool learns) : network_(network), ones_(rows) {
  values_.emplace_back(static_cast<size_t>(rows * network.layers()[0].inputs));
  for (const Layer& layer : network.layers()) {
    values_.emplace_back(static_cast<size_t>(rows * layer.width));
    derivatives_.emplace_back(learns ? static_cast<size_t>(rows * layer.width) : 0);
  }
  std::fill_n(ones_.get(), rows, 1.0);
}

/** Doubles from a row of the units before a layer to the next. */
size_t LayerBlock::strideBefore(size_t layer) const {
  return static_cast<size_t>(layer == 0 ? network_.layers()[0].inputs : network_.layers()[layer - 1].width);
}

void LayerBlock::forward(int64_t from, int64_t to, double* marks) const {
  const NeuralKernels& kernels = neuralKernels();
  const std::vector<Layer>& layers = network_.layers();
  for (size_t l = 0; l < layers.size(); l++) {
    const Layer& layer = layers[l];
    const size_t stride = strideBefore(l), width = static_cast<size_t>(layer.width);
    const double* coefficients = network_.coefficients() + layer.start;
    double* values = values_[l + 1].get() + from * width;
    kernels.multiply({values_[l].get() + from * stride, stride, 1, coefficients, width,
                      coefficients + layer.inputs * width, 0, values, width, to - from, layer.inputs, layer.width});
    // Coefficients are finite: the first sum of a row is finite only if all of its values are.
    if (l == 0 && marks != nullptr)
      for (int64_t r = 0; r < to - from; r++) marks[r] = values[r * width] * 0;
    if (l + 1 < layers.size()) kernels.activate(network_.activation(), (to - from) * layer.width, values);
  }
}

void LayerBlock::finish(int64_t from, int64_t to, const double* own, double* losses) const {
  const Layer& last = network_.last();
  const OutputRows rows{scores(from), static_cast<size_t>(last.width), to - from, last.outputs, own, losses};
  if (network_.output() == Output::kLogistic) neuralKernels().logistic(rows);
  else if (network_.output() == Output::kSoftmax) neuralKernels().softmax(rows);
}

void LayerBlock::backward(int64_t from, int64_t to) const {
  const NeuralKernels& kernels = neuralKernels();
  const std::vector<Layer>& layers = network_.layers();
  for (size_t l = layers.size() - 1; l > 0; l--) {
    const Layer &layer = layers[l], &before = layers[l - 1];
    const size_t width = static_cast<size_t>(layer.width), widthBefore = static_cast<size_t>(before.width);
    double* derivatives = derivatives_[l - 1].get() + from * widthBefore;
    kernels.multiply({derivatives_[l].get() + from * width, width, 1, network_.transposed() + layer.transposedStart,
                      widthBefore, nullptr, 0, derivatives, widthBefore, to - from, layer.outputs, before.width});
    kernels.differentiate(network_.activation(), (to - from) * before.width, values_[l].get() + from * widthBefore,
                          derivatives);
  }
}

void LayerBlock::addGradient(size_t l, int64_t from, int64_t to, int64_t count, bool continues,
                             double* gradient) const {
  const Layer& layer = network_.layers()[l];
  const size_t width = static_cast<size_t>(layer.width);
  const double* derivatives = derivatives_[l].get();
  const auto add = [&](const double* values, size_t row, size_t step, int64_t first, int64_t rows) {
    double* sums = gradient + layer.start + first * width;
    neuralKernels().multiply({values, row, step, derivatives, width, continues ? sums : nullptr, width, sums, width,
                              rows, count, layer.width});
  };
  const int64_t end = std::min(to, layer.inputs);
  if (from < end) add(values_[l].get() + from, 1, strideBefore(l), from, end - from);
  if (to > layer.inputs) add(ones_.get(), 0, 1, layer.inputs, 1);
}

}  // namespace onecopy
