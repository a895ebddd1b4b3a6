/** Gradient boosting: trees that are grown one after the other, each on the errors of those before. */

#include "trees/ensembles/boosting.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "trees/ensembles/exact_mean.h"
#include "trees/ensembles/quantile.h"
#include "trees/ensembles/targets.h"
#include "trees/grow/scan_grower.h"
#include "trees/grow/squared_criterion.h"

namespace onecopy {
namespace {

constexpr int64_t kLeastRows = 8192;  // for each thread
constexpr int64_t kLossChunk = 4096;
/** From so many rows on the squared loss without weights keeps gradients and no scores. */
constexpr int64_t kLeastExactRows = 65536;
/** Bits of gradients at the start of the exact squared loss: two less than fit, since errors can grow. */
constexpr int kExactBits = 29;
constexpr int kMostExact = 1 << 30;
constexpr int kGridBits = 30;
/** Gradients and hessians below so many steps of their grid are blurred; one row in so many that is, is too many. */
constexpr double kFineSteps = 1 << 10;
constexpr int64_t kFineShare = 256;
/** Where all errors are smaller, their squares are nothing. */
constexpr double kLeastError = 1e-140;
/** Logarithms of smaller means are not predicted. */
constexpr double kLeastMean = 1e-15;

class Booster {
 public:
  Booster(const BoostingData& data, const BoostingOptions& options, int threads, const std::atomic<bool>& stop)
      : data_(data),
        options_(options),
        stop_(stop),
        team_(threads),
        classes_(options.loss == LossKind::kSoftmax ? options.classes : 1),
        curves_(options.loss >= LossKind::kPoisson),
        hasHessians_(data.weights != nullptr || curves_),
        grower_(data.bins, data.edges, options.growth, hasHessians_, team_, stop),
        key_(options.seed) {
    rules_.l2 = options.l2;
    rules_.leastCount = options.leastCount;
    rules_.leastHessian = options.leastHessian;
    rules_.leastGain = options.leastGain;
    rules_.monotone = options.monotone;
  }

  BoostingResult run() {
    result_.gains.assign(data_.bins.columns, 0.0);
    y_.reset(new double[data_.bins.rows]);
    readTargets(data_.y, data_.rows, y_.get());
    readTargets(data_.y, data_.validation, y_.get());
    const bool hasErrors = options_.loss == LossKind::kSquared || options_.loss == LossKind::kHuber;
    isFar_ = areFarApart(data_.rows, hasErrors ? y_.get() : nullptr, data_.weights);
    isExact_ = options_.loss == LossKind::kSquared && data_.weights == nullptr && !isFar_ &&
               static_cast<int64_t>(data_.rows.size()) >= kLeastExactRows;
    start();
    const bool stops = !data_.validation.empty();
    int64_t best = 0;
    if (stops) result_.losses.push_back(validationLoss());
    for (int64_t round = 0; round < options_.rounds && !stop_; round++) {
      growRound(round);
      if (!stops) continue;
      result_.losses.push_back(validationLoss());
      const auto& losses = result_.losses;
      if (losses.back() < losses[best] - options_.tolerance) best = round + 1;
      if (round + 1 - best >= options_.patience) break;
    }
    return std::move(result_);
  }

 private:
  double weight(int32_t row) const { return data_.weights == nullptr ? 1 : data_.weights[row]; }

  /** Sets the baselines and the first scores. */
  void start() {
    const auto y = [&](int32_t row) { return y_[row]; };
    const auto one = [&](int32_t row) { return weight(row); };
    switch (options_.loss) {
      case LossKind::kSquared: result_.baselines = {exactMean(data_.rows, y, one)}; break;
      case LossKind::kAbsolute: result_.baselines = {quantileOf(0.5, data_.rows, y)}; break;
      case LossKind::kHuber: result_.baselines = {quantileOf(0.5, data_.rows, y)}; break;
      case LossKind::kQuantile: result_.baselines = {quantileOf(options_.lossParameter, data_.rows, y)}; break;
      case LossKind::kPoisson:
      case LossKind::kGamma:
      case LossKind::kTweedie: result_.baselines = {std::log(std::max(requireMean(exactMean(data_.rows, y, one)), kLeastMean))}; break;
      case LossKind::kLogistic: {
        const double p = std::clamp(exactMean(data_.rows, y, one), 1e-15, 1 - 1e-15);
        result_.baselines = {std::log(p / (1 - p))};
        break;
      }
      case LossKind::kSoftmax:
        for (int k = 0; k < classes_; k++) {
          const auto is = [&](int32_t row) { return y_[row] == k ? 1.0 : 0.0; };
          result_.baselines.push_back(std::log(std::max(exactMean(data_.rows, is, one), 1e-15)));
        }
    }
    if (options_.loss == LossKind::kSquared || options_.loss == LossKind::kHuber) requireErrors();
    const size_t size = static_cast<size_t>(data_.bins.rows) * classes_;
    gradients_.reset(new int32_t[size]);
    if (isExact_) return startExact();
    if (hasHessians_) hessians_.reset(new int32_t[size]);
    scores_.reset(new double[size]);
    for (const auto* rows : {&data_.rows, &data_.validation})
      for (int k = 0; k < classes_; k++)
        for (const int32_t row : *rows) score(k, row) = result_.baselines[k];
  }

  void requireErrors() const {
    double most = 0;
    for (const int32_t row : data_.rows) most = std::max(most, std::fabs(result_.baselines[0] - y_[row]));
    if (most == 0 || most >= kLeastError || most < 1e-15 * std::fabs(result_.baselines[0])) return;
    throw Error("ERR_VALUE", "Expected targets that differ by at least 1e-140 somewhere, got `y` with smaller differences, "
                             "whose squares are too small to be numbers. Rescale them first.");
  }

  /** The mean of targets whose logarithm is predicted; 0 where all of them are. */
  double requireMean(double mean) const {
    if (mean == 0 || mean >= kLeastMean) return mean;
    throw Error("ERR_VALUE", "Expected targets with a mean of at least 1e-15 for this loss, got `y` with a smaller one. "
                             "Rescale them first.");
  }

  double& score(int k, int32_t row) { return scores_[static_cast<size_t>(k) * data_.bins.rows + row]; }

  void startExact() {
    double most = 0;
    for (const auto* rows : {&data_.rows, &data_.validation})
      for (const int32_t row : *rows) most = std::max(most, std::fabs(result_.baselines[0] - y_[row]));
    step_ = gridStep(most, kExactBits);
    for (const auto* rows : {&data_.rows, &data_.validation})
      for (const int32_t row : *rows) gradients_[row] = toGrid(result_.baselines[0] - y_[row], 1 / step_);
    y_.reset();
  }

  // A round.

  void growRound(int64_t round) {
    const RandomKey key = key_.part(static_cast<uint64_t>(round));
    if (!isExact_) findGradients();
    chooseRows(key);
    for (int k = 0; k < classes_; k++) {
      const auto& from = sampled_.empty() ? data_.rows : sampled_;
      if (scans_) {
        growByScans(k, from, key);
        continue;
      }
      const size_t first = static_cast<size_t>(k) * data_.bins.rows;
      const RowValues values = {gradients_.get() + first, hessians_ ? hessians_.get() + first : nullptr, nullptr};
      auto& rows = grower_.rows();
      rows.resize(from.size() + kRowsAhead);
      std::copy(from.begin(), from.end(), rows.begin());
      rules_.gradientStep = isExact_ ? step_ : gradientStep_[k];
      rules_.hessianStep = hasHessians_ ? hessianStep_[k] : 1;
      rules_.prepare();
      const bool keep = isExact_ && sampled_.empty() && keepsRoot();
      if (keep && root_ == nullptr) {
        root_ = grower_.histograms().make();
        rootIsKnown_ = false;
      }
      if (keep && !rootIsKnown_) {
        std::fill(rows.begin() + from.size(), rows.end(), rows[0]);
        grower_.histograms().fill(rows.data(), from.size(), values, *root_);
        rootIsKnown_ = true;
      }
      grower_.grow(static_cast<int64_t>(from.size()), values, rules_, key.part(k), keep ? root_.get() : nullptr, keep,
                   tree_);
      if (stop_) return;
      if (isExact_) takeExact(keep);
      else take(k);
      keepTree();
    }
  }

  void keepTree() {
    result_.trees.emplace_back(tree_.slots);
    for (size_t j = 0; j < tree_.gains.size(); j++) result_.gains[j] += tree_.gains[j];
  }

  /** Grows the tree of a class on gradients and hessians that no grid for all rows holds. */
  void growByScans(int k, const std::vector<int32_t>& from, const RandomKey& key) {
    if (!scanner_) scanner_.emplace(data_.bins, data_.edges, options_.growth, team_, stop_);
    const size_t first = static_cast<size_t>(k) * data_.bins.rows;
    scanner_->rows() = from;
    scanner_->grow(static_cast<int64_t>(from.size()),
                   {exactGradients_.get() + first, curves_ ? exactHessians_.get() + first : nullptr, data_.weights, nullptr}, rules_,
                   key.part(k), tree_);
    if (stop_) return;
    take(k);
    keepTree();
  }

  /** The rows of the last tree, leaf by leaf. */
  const std::vector<int32_t>& grownRows() { return scans_ ? scanner_->rows() : grower_.rows(); }

  /** Whether bringing the root's histogram up to date costs less than making it anew. */
  bool keepsRoot() const {
    const int64_t leaves = options_.growth.maxLeaves;
    return leaves > 0 && leaves * kCells < static_cast<int64_t>(data_.rows.size()) * 4;
  }

  /** Draws the rows of a round by their position among the rows. */
  void chooseRows(const RandomKey& key) {
    sampled_.clear();
    others_.clear();
    if (options_.rowShare >= 1) return;
    const RandomKey draws = key.part(~uint64_t{0});
    const double limit = std::ldexp(options_.rowShare, 53);
    for (size_t i = 0; i < data_.rows.size(); i++) {
      const bool isIn = static_cast<double>(draws.draw(i) >> 11) < limit;
      (isIn ? sampled_ : others_).push_back(data_.rows[i]);
    }
    if (sampled_.empty()) sampled_.push_back(data_.rows[0]);  // and it is walked twice, which changes nothing
    if (others_.size() == data_.rows.size()) others_.erase(others_.begin());
  }

  /** Calls `visit(row, leaf, member)` for the sampled rows, in parallel, by their leaves. */
  template <class Visit>
  void eachLeafRow(Visit&& visit) {
    const auto& leaves = tree_.leaves;
    const int64_t count = leaves.back().begin + leaves.back().count;
    team_.share(count, kLeastRows, [&](int64_t from, int64_t to, int member) {
      const auto after = std::upper_bound(leaves.begin(), leaves.end(), from,
                                          [](int64_t at, const GrownLeaf& leaf) { return at < leaf.begin; });
      const int32_t* rows = grownRows().data();
      for (size_t k = after - leaves.begin() - 1; from < to; k++) {
        const int64_t end = std::min(to, leaves[k].begin + leaves[k].count);
        for (; from < end; from++) visit(rows[from], k, member);
      }
    });
  }

  /** Calls `visit(row, value, member)` for all other rows, in parallel, by walking the tree. */
  template <class Visit>
  void eachOtherRow(Visit&& visit) {
    for (const std::vector<int32_t>* rows : {&std::as_const(others_), &data_.validation}) {
      team_.share(static_cast<int64_t>(rows->size()), kLeastRows, [&](int64_t from, int64_t to, int member) {
        for (int64_t i = from; i < to; i++) {
          const int32_t row = (*rows)[i];
          visit(row, walk(tree_.slots.data(), static_cast<int64_t>(tree_.slots.size()), data_.bins.row(row)), member);
        }
      });
    }
  }

  /** Rounds the leaves' values to the grid and adds them to the gradients. */
  void takeExact(bool keep) {
    std::vector<int32_t> steps;
    for (GrownLeaf& leaf : tree_.leaves) {
      steps.push_back(toGrid(options_.rate * leaf.value, 1 / step_));
      tree_.setLeaf(leaf, steps.back() * step_);
    }
    std::vector<int32_t> most(team_.size());
    const auto add = [&](int32_t row, int32_t step, int member) {
      const int32_t gradient = gradients_[row] += step;
      most[member] = std::max(most[member], std::abs(gradient));
    };
    eachLeafRow([&](int32_t row, size_t leaf, int member) { add(row, steps[leaf], member); });
    eachOtherRow([&](int32_t row, double value, int member) { add(row, toGrid(value, 1 / step_), member); });
    rootIsKnown_ = keep && grower_.addSteps(steps, *root_);
    if (*std::max_element(most.begin(), most.end()) < kMostExact) return;
    for (const auto* rows : {&data_.rows, &data_.validation})
      for (const int32_t row : *rows) gradients_[row] = (gradients_[row] + 1) >> 1;
    step_ *= 2;
    rootIsKnown_ = false;
  }

  /** Adds the leaves' values to the scores. */
  void take(int k) {
    if (options_.loss == LossKind::kAbsolute || options_.loss == LossKind::kQuantile || options_.loss == LossKind::kHuber)
      renewLeaves();
    for (GrownLeaf& leaf : tree_.leaves) tree_.setLeaf(leaf, options_.rate * leaf.value);
    eachLeafRow([&](int32_t row, size_t leaf, int) { score(k, row) += tree_.leaves[leaf].value; });
    eachOtherRow([&](int32_t row, double value, int) { score(k, row) += value; });
  }

  /** Gives every leaf the quantile of its rows' errors. */
  void renewLeaves() {
    const double quantile = options_.loss == LossKind::kQuantile ? options_.lossParameter : 0.5;
    std::atomic<size_t> next{0};
    team_.run([&](int) {
      for (size_t k; (k = next++) < tree_.leaves.size();) {
        GrownLeaf& leaf = tree_.leaves[k];
        const auto first = grownRows().begin() + leaf.begin;
        const std::vector<int32_t> rows(first, first + leaf.count);
        tree_.setLeaf(leaf, leaf.range.clip(quantileOf(quantile, rows, [&](int32_t row) { return y_[row] - scores_[row]; })));
      }
    });
  }

  template <class Value>
  double quantileOf(double quantile, const std::vector<int32_t>& rows, Value&& value) const {
    std::vector<Weighed> values;
    values.reserve(rows.size());
    for (const int32_t row : rows) values.push_back({value(row), weight(row)});
    return weighedQuantile(values, quantile);
  }

  /** Calls `work` with the loss as an object of its own class. */
  template <class Work>
  auto withLoss(Work&& work) const {
    switch (options_.loss) {
      case LossKind::kAbsolute: return work(QuantileLoss{0.5});
      case LossKind::kQuantile: return work(QuantileLoss{options_.lossParameter});
      case LossKind::kHuber: return work(HuberLoss{options_.lossParameter});
      case LossKind::kPoisson: return work(PoissonLoss{});
      case LossKind::kGamma: return work(GammaLoss{});
      case LossKind::kTweedie: return work(TweedieLoss{options_.lossParameter});
      case LossKind::kLogistic: return work(LogisticLoss{});
      default: return work(SquaredLoss{});
    }
  }

  /** Computes the gradients and hessians of all rows and rounds them to grids that hold the largest of each. */
  void findGradients() {
    gradientStep_.assign(classes_, 1);
    hessianStep_.assign(classes_, 1);
    if (options_.loss == LossKind::kSoftmax) return findSoftmax();
    if (options_.loss == LossKind::kLogistic && !isFar_) return findLogistic();
    withLoss([&](auto loss) {
      findGrids([&](int32_t row, double weight, double* out) {
        const Derivatives at = loss.at(y_[row], scores_[row]);
        out[0] = weight * at.gradient;
        out[1] = weight * at.hessian;
      });
    });
  }

  /** What the weights of rows are at most. */
  double mostWeight() const {
    double most = data_.weights == nullptr ? 1 : 0;
    if (data_.weights != nullptr)
      for (const int32_t row : data_.rows) most = std::max(most, data_.weights[row]);
    return most;
  }

  /** The derivatives of the log loss are bounded, so that the grids are known before. */
  void findLogistic() {
    const double most = mostWeight();
    gradientStep_[0] = gridStep(most, kGridBits);
    hessianStep_[0] = gridStep(most / 4, kGridBits);
    constexpr int kBlock = 512;
    team_.share(static_cast<int64_t>(data_.rows.size()), kLeastRows, [&](int64_t from, int64_t to, int) {
      double scores[kBlock], y[kBlock], weights[kBlock];
      int32_t gradients[kBlock], hessians[kBlock];
      for (; from < to; from += kBlock) {
        const int count = static_cast<int>(std::min<int64_t>(kBlock, to - from));
        const int32_t* rows = &data_.rows[from];
        for (int i = 0; i < count; i++) {
          scores[i] = scores_[rows[i]];
          y[i] = y_[rows[i]];
          weights[i] = weight(rows[i]);
        }
        treeKernels().findLogistic({scores, y, weights, count, 1 / gradientStep_[0], 1 / hessianStep_[0], gradients, hessians});
        for (int i = 0; i < count; i++) {
          gradients_[rows[i]] = gradients[i];
          hessians_[rows[i]] = hessians[i];
        }
      }
    });
  }

  void findSoftmax() {
    // Friedman 2001: with C classes the diagonal of the hessian counts C / (C - 1) times.
    const double factor = static_cast<double>(classes_) / std::max(1, classes_ - 1);
    findGrids([&](int32_t row, double weight, double* out) {
      double most = score(0, row), total = 0;
      for (int k = 1; k < classes_; k++) most = std::max(most, score(k, row));
      for (int k = 0; k < classes_; k++) total += out[2 * k] = exponential(score(k, row) - most);
      for (int k = 0; k < classes_; k++) {
        const double p = out[2 * k] / total;
        out[2 * k] = weight * (p - (y_[row] == k ? 1 : 0));
        out[2 * k + 1] = weight * factor * p * (1 - p);
      }
    });
  }

  /** Finds the grids of what `compute(row, weight, out)` gives, a gradient and a hessian for each class, and rounds all to them. */
  template <class Compute>
  void findGrids(Compute&& compute) {
    const auto count = static_cast<int64_t>(data_.rows.size());
    const size_t parts = 2 * static_cast<size_t>(classes_);
    std::vector<std::vector<double>> most(team_.size(), std::vector<double>(parts));
    team_.share(count, kLeastRows, [&](int64_t from, int64_t to, int member) {
      std::vector<double> out(parts), own(parts);
      for (int64_t i = from; i < to; i++) {
        compute(data_.rows[i], weight(data_.rows[i]), out.data());
        for (size_t p = 0; p < parts; p++) own[p] = std::max(own[p], std::fabs(out[p]));
      }
      most[member] = own;
    });
    std::vector<double> inverse(parts);
    std::vector<int64_t> fine(team_.size());
    for (size_t p = 0; p < parts; p++) {
      double all = 0;
      for (const auto& own : most) all = std::max(all, own[p]);
      const double step = gridStep(all, kGridBits);
      inverse[p] = 1 / step;
      (p % 2 == 0 ? gradientStep_ : hessianStep_)[p / 2] = step;
    }
    team_.share(count, kLeastRows, [&](int64_t from, int64_t to, int member) {
      std::vector<double> out(parts);
      int64_t blurred = 0;
      for (int64_t i = from; i < to; i++) {
        const int32_t row = data_.rows[i];
        compute(row, weight(row), out.data());
        bool isFine = false;
        for (int k = 0; k < classes_; k++) {
          const size_t at = static_cast<size_t>(k) * data_.bins.rows + row;
          const double gradient = out[2 * k] * inverse[2 * k], hessian = out[2 * k + 1] * inverse[2 * k + 1];
          isFine |= (std::fabs(gradient) < kFineSteps && gradient != 0) || hessian < kFineSteps;
          gradients_[at] = toGrid(gradient, 1);
          if (hessians_) hessians_[at] = toGrid(hessian, 1);
        }
        blurred += isFine;
      }
      fine[member] += blurred;
    });
    int64_t blurred = 0;
    for (const int64_t own : fine) blurred += own;
    // The derivatives of the log loss are at most 1, and what is blurred are those near 0: a leaf needs more of them.
    const bool isBounded = options_.loss == LossKind::kLogistic || options_.loss == LossKind::kSoftmax;
    scans_ = isFar_ || (!isBounded && blurred > 0 && blurred >= count / kFineShare);
    if (scans_) keepExact(compute);
  }

  template <class Compute>
  void keepExact(Compute&& compute) {
    const size_t size = static_cast<size_t>(data_.bins.rows) * classes_;
    if (!exactGradients_) exactGradients_.reset(new double[size]);
    if (curves_ && !exactHessians_) exactHessians_.reset(new double[size]);
    team_.share(static_cast<int64_t>(data_.rows.size()), kLeastRows, [&](int64_t from, int64_t to, int) {
      std::vector<double> out(2 * static_cast<size_t>(classes_));
      for (int64_t i = from; i < to; i++) {
        const int32_t row = data_.rows[i];
        compute(row, 1, out.data());
        for (int k = 0; k < classes_; k++) {
          const size_t at = static_cast<size_t>(k) * data_.bins.rows + row;
          exactGradients_[at] = out[2 * k];
          if (curves_) exactHessians_[at] = out[2 * k + 1];
        }
      }
    });
  }

  // Validation.

  /** The mean loss on the validation rows, added up in a fixed order. */
  double validationLoss() {
    const auto count = static_cast<int64_t>(data_.validation.size());
    const int64_t chunks = (count + kLossChunk - 1) / kLossChunk;
    std::vector<double> sums(chunks), weights(chunks);
    team_.share(chunks, 1, [&](int64_t from, int64_t to, int) {
      for (int64_t chunk = from; chunk < to; chunk++) {
        for (int64_t i = chunk * kLossChunk; i < std::min(count, (chunk + 1) * kLossChunk); i++) {
          const int32_t row = data_.validation[i];
          sums[chunk] += weight(row) * rowLoss(row);
          weights[chunk] += weight(row);
        }
      }
    });
    double sum = 0, total = 0;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
      sum += sums[chunk];
      total += weights[chunk];
    }
    return sum / total;
  }

  double rowLoss(int32_t row) {
    if (isExact_) return SquaredLoss{}.value(0, gradients_[row] * step_);
    if (options_.loss != LossKind::kSoftmax)
      return withLoss([&](auto loss) { return loss.value(y_[row], scores_[row]); });
    double most = score(0, row), total = 0;
    for (int k = 1; k < classes_; k++) most = std::max(most, score(k, row));
    for (int k = 0; k < classes_; k++) total += exponential(score(k, row) - most);
    return most + std::log(total) - score(static_cast<int>(y_[row]), row);
  }

  const BoostingData& data_;
  const BoostingOptions& options_;
  const std::atomic<bool>& stop_;
  Team team_;
  bool isFar_ = false;    // targets or weights are so far apart that nodes need grids of their own
  bool isExact_ = false;  // gradients are exact on one grid, and scores aren't kept
  bool scans_ = false;    // nodes have grids of their own in this round
  const int classes_;
  const bool curves_;  // whether second derivatives differ from row to row
  const bool hasHessians_;
  Grower grower_;
  std::optional<ScanGrower<SquaredCriterion>> scanner_;
  const RandomKey key_;
  SplitRules rules_;
  GrownTree tree_;
  BoostingResult result_;
  std::unique_ptr<double[]> y_, scores_;  // by row; scores of one class after the other
  std::unique_ptr<int32_t[]> gradients_, hessians_;
  std::unique_ptr<double[]> exactGradients_, exactHessians_;  // when nodes have grids of their own
  double step_ = 1;  // of the grid of exact gradients
  std::vector<double> gradientStep_, hessianStep_;
  std::vector<int32_t> sampled_, others_;
  std::unique_ptr<Histogram> root_;  // of all rows, exact gradients only
  bool rootIsKnown_ = false;
};

}  // namespace

BoostingResult boost(const BoostingData& data, const BoostingOptions& options, int threads,
                     const std::atomic<bool>& stop) {
  return Booster(data, options, threads, stop).run();
}

}  // namespace onecopy
