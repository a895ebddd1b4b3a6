/** Trains networks by Adam on batches of rows. */

#include "neural/training.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "trees/grow/random.h"
#include "trees/grow/team.h"

namespace onecopy {
namespace {

/** Greater coefficients could make sums of a layer infinite. */
constexpr double kMostCoefficient = 1e150;

/** Least products of each thread in either half of a batch: waking a thread takes about as long. */
constexpr int64_t kLeastProducts = 4'000'000;

int64_t productsOf(const Network& network) {
  int64_t products = 0;
  for (const Layer& layer : network.layers()) products += layer.rows() * layer.width;
  return products;
}

int teamOf(const Network& network, int64_t rows, int threads) {
  return static_cast<int>(std::clamp<int64_t>(rows * productsOf(network) / kLeastProducts, 1, threads));
}

/** Rows that a block is never more than. */
int64_t mostRowsOf(int64_t batchRows, const NetworkRows& rows) {
  constexpr int64_t kMostRows = 512;
  return std::clamp<int64_t>(std::max<int64_t>(batchRows, rows.validation.size()), 8, kMostRows);
}

class Trainer {
 public:
  Trainer(Network& network, const NetworkRows& rows, const Training& training, int threads)
      : network_(network),
        rows_(rows),
        training_(training),
        batchRows_(std::min<int64_t>(training.batchRows, rows.training.size())),
        blockRows_(networkBlockRows(network, mostRowsOf(batchRows_, rows))),
        team_(teamOf(network, std::min(batchRows_, blockRows_), threads)),
        block_(network, blockRows_, true),
        gradient_(network.size()),
        first_(network.size()),
        second_(network.size()),
        squares_(squareCount()),
        targets_(static_cast<size_t>(blockRows_) * std::max<int64_t>(1, rows.targets.columns)),
        losses_(blockRows_),
        order_(rows.training) {
    for (int i = 0; i < team_.size(); i++) {
      readers_.emplace_back(rows.x, rows.shift, rows.scale);
      targetReaders_.emplace_back(rows.targets, nullptr, nullptr);
    }
    for (const int32_t row : order_) weight_ += rows.factor(row);
    meanWeight_ = weight_ / static_cast<double>(order_.size());
    for (const int32_t row : rows.validation) validationWeight_ += rows.factor(row);
  }

  Trained run(const std::atomic<bool>& stop) {
    Trained found;
    const RandomKey key = RandomKey(training_.seed).part(1);
    double best = std::numeric_limits<double>::infinity();
    int64_t waited = 0;
    for (int64_t epoch = 0; epoch < training_.epochs && !stop; epoch++) {
      if (training_.shuffles) shuffle(key.part(epoch));
      found.losses.push_back(epochLoss(stop));
      const bool validates = !rows_.validation.empty();
      if (validates) found.validation.push_back(validationLoss(stop));
      const double loss = validates ? found.validation.back() : found.losses.back();
      if (!std::isfinite(found.losses.back()) || !std::isfinite(loss)) {
        found.isFinite = false;
        return found;
      }
      // The difference first: a large loss minus a small limit is the loss itself.
      waited = best - loss >= training_.tol ? 0 : waited + 1;
      if (loss < best) {
        best = loss;
        if (validates) keepBest(found, epoch + 1);
      }
      if (waited > training_.patience) {
        found.converged = true;
        break;
      }
    }
    if (!rows_.validation.empty()) restoreBest();
    else found.best = static_cast<int64_t>(found.losses.size());
    const double* all = network_.coefficients();
    found.isFinite =
        std::all_of(all, all + network_.size(), [](double one) { return std::abs(one) <= kMostCoefficient; });
    return found;
  }

 private:
  size_t squareCount() const {
    size_t count = 0;
    for (const Layer& layer : network_.layers()) count += static_cast<size_t>(layer.inputs);
    return count;
  }

  void shuffle(const RandomKey& key) {
    for (size_t i = order_.size(); i > 1; i--)
      std::swap(order_[i - 1], order_[key.below(i, static_cast<uint32_t>(i))]);
  }

  /** Takes a step for every batch; returns the mean loss, that of each batch before its step. */
  double epochLoss(const std::atomic<bool>& stop) {
    double sum = 0;
    const auto n = static_cast<int64_t>(order_.size());
    for (int64_t at = 0; at < n && !stop; at += batchRows_) {
      const int64_t count = std::min(batchRows_, n - at);
      const double scale = 1 / (static_cast<double>(count) * meanWeight_);
      for (int64_t from = 0; from < count && !stop; from += blockRows_) {
        const int64_t some = std::min(blockRows_, count - from);
        differentiate(order_.data() + at + from, some, scale);
        for (int64_t r = 0; r < some; r++) sum += losses_[r];
        change(some, from > 0, from + some == count ? scale : 0);
      }
      double squares = 0;
      for (size_t i = 0; i < squareCount(); i++) squares += squares_[i];
      sum += 0.5 * training_.alpha * squares;
      if (!std::isfinite(sum)) return sum;
    }
    return sum / weight_;
  }

  /** Computes the losses of a block and the derivatives of all layers. */
  void differentiate(const int32_t* rows, int64_t count, double scale) {
    share(count, [&](int64_t from, int64_t to, int member) {
      score(rows, from, to, member);
      for (int64_t r = from; r < to; r++) {
        derive(rows[r], r, scale);
        losses_[r] *= rows_.factor(rows[r]);
      }
      block_.backward(from, to);
    });
  }

  /** Reads rows and computes their scores and losses. */
  void score(const int32_t* rows, int64_t from, int64_t to, int member) {
    readers_[member].read(rows + from, to - from, block_.input(from));
    block_.forward(from, to);
    const int64_t outputs = rows_.outputs();
    if (rows_.classes > 0) {
      for (int64_t r = from; r < to; r++) targets_[r] = rows_.code(rows[r]);
      return block_.finish(from, to, targets_.get() + from, losses_.get() + from);
    }
    targetReaders_[member].read(rows + from, to - from, targets_.get() + from * outputs);
    for (int64_t r = from; r < to; r++) {
      double sum = 0;
      for (int64_t j = 0; j < outputs; j++) {
        const double error = block_.scores(r)[j] - targets_[r * outputs + j];
        sum += error * error;
      }
      losses_[r] = 0.5 * sum;
    }
  }

  /** The derivative of a row's loss by its scores. */
  void derive(int32_t row, int64_t r, double scale) {
    const int64_t outputs = rows_.outputs();
    const double factor = rows_.factor(row) * scale;
    const double* scores = block_.scores(r);
    double* derivatives = block_.derivatives(r);
    for (int64_t j = 0; j < outputs; j++) {
      const double target = rows_.classes == 0   ? targets_[r * outputs + j]
                            : rows_.classes == 2 ? targets_[r]
                                                 : static_cast<double>(targets_[r] == static_cast<double>(j));
      derivatives[j] = factor * (scores[j] - target);
    }
  }

  /** Adds a block to the gradient; after the last one of a batch, where `scale` is above 0, changes the coefficients. */
  void change(int64_t count, bool continues, double scale) {
    AdamStep step{training_.beta1, training_.beta2, training_.epsilon, training_.rate, 0};
    if (scale > 0) {
      steps_++;
      step.rate *= std::sqrt(1 - std::pow(training_.beta2, steps_)) / (1 - std::pow(training_.beta1, steps_));
    }
    team_.run([&](int member) {
      size_t squares = 0;
      for (size_t l = 0; l < network_.layers().size(); l++) {
        const Layer& layer = network_.layers()[l];
        const int64_t from = layer.rows() * member / team_.size(), to = layer.rows() * (member + 1) / team_.size();
        block_.addGradient(l, from, to, count, continues, gradient_.get());
        if (scale > 0) changeRows(l, from, to, training_.alpha * scale, step, squares);
        squares += static_cast<size_t>(layer.inputs);
      }
    });
  }

  void changeRows(size_t l, int64_t from, int64_t to, double penalty, AdamStep step, size_t squares) {
    const Layer& layer = network_.layers()[l];
    for (int64_t i = from; i < to; i++) {
      const size_t at = layer.start + static_cast<size_t>(i * layer.width);
      const bool isIntercept = i == layer.inputs;
      step.penalty = isIntercept ? 0 : penalty;
      const double sum = neuralKernels().adam(step, layer.width, gradient_.get() + at, first_.get() + at,
                                              second_.get() + at, network_.coefficients() + at);
      if (!isIntercept) squares_[squares + static_cast<size_t>(i)] = sum;
    }
    network_.transpose(l, from, to);
  }

  double validationLoss(const std::atomic<bool>& stop) {
    double sum = 0;
    const auto n = static_cast<int64_t>(rows_.validation.size());
    for (int64_t at = 0; at < n && !stop; at += blockRows_) {
      const int64_t count = std::min(blockRows_, n - at);
      const int32_t* rows = rows_.validation.data() + at;
      share(count, [&](int64_t from, int64_t to, int member) { score(rows, from, to, member); });
      for (int64_t r = 0; r < count; r++) sum += losses_[r] * rows_.factor(rows[r]);
    }
    return sum / validationWeight_;
  }

  /** Shares whole tiles of rows among the members of the team. */
  template <class Work>
  void share(int64_t count, Work&& work) {
    const int64_t tiles = (count + 7) / 8;
    team_.run([&](int member) {
      const int64_t from = tiles * member / team_.size() * 8;
      const int64_t to = std::min(count, tiles * (member + 1) / team_.size() * 8);
      if (from < to) work(from, to, member);
    });
  }

  void keepBest(Trained& found, int64_t epoch) {
    found.best = epoch;
    best_.assign(network_.coefficients(), network_.coefficients() + network_.size());
  }

  void restoreBest() { std::copy(best_.begin(), best_.end(), network_.coefficients()); }

  Network& network_;
  const NetworkRows& rows_;
  const Training& training_;
  const int64_t batchRows_, blockRows_;
  Team team_;
  LayerBlock block_;
  Doubles gradient_, first_, second_, squares_, targets_, losses_;
  std::vector<int32_t> order_;
  std::vector<ValueReader> readers_, targetReaders_;
  std::vector<double> best_;
  double weight_ = 0, meanWeight_ = 1, validationWeight_ = 0;
  double steps_ = 0;
};

}  // namespace

Training::Training(const Value& value)
    : batchRows(value.member("batchRows").integer(1)),
      epochs(value.member("epochs").integer(1)),
      patience(value.member("patience").integer(1)),
      rate(value.member("rate").number()),
      beta1(value.member("beta1").number()),
      beta2(value.member("beta2").number()),
      epsilon(value.member("epsilon").number()),
      alpha(value.member("alpha").number()),
      tol(value.member("tol").number()),
      shuffles(value.member("shuffles").boolean()),
      seed(static_cast<uint64_t>(value.member("seed").integer())) {}

void startNetwork(Network& network, uint64_t seed) {
  const RandomKey key = RandomKey(seed).part(0);
  const double factor = network.activation() == Activation::kLogistic ? 2 : 6;
  std::vector<double> plain;
  plain.reserve(network.plainSize());
  for (size_t l = 0; l < network.layers().size(); l++) {
    const Layer& layer = network.layers()[l];
    const RandomKey own = key.part(l);
    const double bound = std::sqrt(factor / static_cast<double>(layer.inputs + layer.outputs));
    for (int64_t i = 0; i < layer.rows() * layer.outputs; i++)
      plain.push_back((static_cast<double>(own.draw(i) >> 11) * 0x1p-52 - 1) * bound);
  }
  network.load(plain.data());
}

Trained trainNetwork(Network& network, const NetworkRows& rows, const Training& training, int threads,
                     const std::atomic<bool>& stop) {
  return Trainer(network, rows, training, threads).run(stop);
}

}  // namespace onecopy
