/** Gradient boosting: trees that are grown one after the other, each on the errors of those before. */

#include "trees/boosting/boosting.h"

#include <optional>
#include <utility>

#include "trees/boosting/drawn_rows.h"
#include "trees/boosting/exact_gradients.h"
#include "trees/boosting/quantile.h"
#include "trees/boosting/row_derivatives.h"
#include "trees/boosting/row_targets.h"
#include "trees/boosting/start_values.h"
#include "trees/boosting/tree_rows.h"
#include "trees/boosting/validation_loss.h"
#include "trees/ensembles/targets.h"
#include "trees/grow/scan_grower.h"

namespace onecopy {
namespace {

/** From so many rows on the squared loss without weights keeps gradients and no scores. */
constexpr int64_t kLeastExactRows = 65536;

class Booster {
 public:
  Booster(const BoostingData& data, const BoostingOptions& options, int threads, const std::atomic<bool>& stop,
          const std::atomic<bool>& finish)
      : data_(data),
        options_(options),
        stop_(stop),
        finish_(finish),
        team_(threads),
        hasHessians_(data.weights != nullptr || options.hasHessians()),
        grower_(data.bins, data.edges, options.growth, hasHessians_, team_, stop),
        key_(options.seed),
        rules_(options.rules),
        drawn_(data.rows, options.rowShare) {}

  BoostingResult run() {
    gains_ = data_.known.gains;
    gains_.resize(data_.bins.columns);
    result_.gains = gains_;
    start();
    const bool stops = !data_.validation.empty();
    EarlyStopping stopping(options_.patience, options_.tolerance);
    const auto knownRounds = static_cast<int64_t>(data_.known.trees.size()) / options_.scores();
    bool isOver = stops && stopping.add(validationLoss());
    for (int64_t round = 0; round < knownRounds + options_.rounds && !stop_; round++) {
      if (round >= knownRounds && (isOver || (finish_ && round > 0))) break;
      if (round < knownRounds) addRound(round);
      else growRound(key_.part(static_cast<uint64_t>(round)));
      isOver = stops && stopping.add(validationLoss());
      if (!stops || stopping.isLeast()) result_.gains = gains_;
    }
    result_.losses = std::move(stopping.losses());
    return std::move(result_);
  }

 private:
  /** Sets the baselines and the first scores. */
  void start() {
    y_.start(data_.y, options_.loss == LossKind::kSoftmax ? options_.classes : options_.loss == LossKind::kLogistic ? 2 : 0);
    for (const auto* rows : {&data_.rows, &data_.validation}) y_.read(data_.y, *rows);
    const bool hasErrors = options_.loss == LossKind::kSquared || options_.loss == LossKind::kHuber;
    const bool isFar = areFarApart(data_.rows, hasErrors ? y_.values() : nullptr, data_.weights);
    const auto& known = data_.known.baselines;
    result_.baselines = known.empty() ? findStartValues(data_, options_, y_) : known;
    if (options_.loss == LossKind::kSquared && data_.weights == nullptr && !isFar &&
        static_cast<int64_t>(data_.rows.size()) >= kLeastExactRows) {
      exact_.emplace(data_, options_, y_.values(), result_.baselines[0], team_);
      y_.clear();
      return;
    }
    derivatives_.emplace(data_, options_, y_, isFar, team_);
    scores_.emplace(data_.bins.rows, options_.scores());
    for (const auto* rows : {&data_.rows, &data_.validation})
      for (int k = 0; k < options_.scores(); k++)
        for (const int32_t row : *rows) scores_->of(k)[row] = result_.baselines[k];
  }

  void growRound(const RandomKey& key) {
    if (derivatives_) derivatives_->find(*scores_);
    drawn_.draw(key);
    for (int k = 0; k < options_.scores() && !stop_; k++) {
      if (exact_) growExact(key.part(k));
      else if (derivatives_->areBlurred()) growByScans(k, key.part(k));
      else growOnGrids(k, key.part(k));
      if (stop_) return;
      result_.trees.emplace_back(tree_.slots);
      for (size_t j = 0; j < tree_.gains.size(); j++) gains_[j] += tree_.gains[j];
    }
  }

  /** Adds what the known trees of a round say. */
  void addRound(int64_t round) {
    for (int k = 0; k < options_.scores(); k++) {
      const std::span<const uint64_t> tree = data_.known.trees[round * options_.scores() + k];
      if (exact_) exact_->add(tree);
      else
        for (const auto* rows : {&data_.rows, &data_.validation}) addWalked(k, tree, *rows);
    }
  }

  void growExact(const RandomKey& key) {
    const int64_t count = takeRows();
    rules_.setSteps(exact_->step(), 1);
    const bool keep = drawn_.areAll() && exact_->keepsRoot();
    const Histogram* root = keep ? exact_->root(grower_, grower_.rows(), count) : nullptr;
    grower_.grow(count, exact_->values(), rules_, key, root, keep, tree_);
    if (!stop_) exact_->add(tree_, grower_, drawn_.others(), keep);
  }

  void growOnGrids(int k, const RandomKey& key) {
    const int64_t count = takeRows();
    rules_.setSteps(derivatives_->gradientStep(k), hasHessians_ ? derivatives_->hessianStep(k) : 1);
    grower_.grow(count, derivatives_->of(k), rules_, key, nullptr, false, tree_);
    if (!stop_) addScores(k, grower_.rows().data());
  }

  /** Grows the tree of a class on gradients and hessians that no grid for all rows holds. */
  void growByScans(int k, const RandomKey& key) {
    if (!scanner_) scanner_.emplace(data_.bins, data_.edges, options_.growth, team_, stop_);
    scanner_->rows() = drawn_.drawn();
    scanner_->grow(static_cast<int64_t>(drawn_.drawn().size()), derivatives_->exactOf(k), rules_, key, tree_);
    if (!stop_) addScores(k, scanner_->rows().data());
  }

  /** Hands the drawn rows to the grower; returns how many. */
  int64_t takeRows() {
    const auto& from = drawn_.drawn();
    auto& rows = grower_.rows();
    rows.resize(from.size() + kRowsAhead);
    std::copy(from.begin(), from.end(), rows.begin());
    return static_cast<int64_t>(from.size());
  }

  /** Adds the leaves' values to the scores. @param rows - those of the tree, leaf by leaf */
  void addScores(int k, const int32_t* rows) {
    if (options_.loss == LossKind::kAbsolute || options_.loss == LossKind::kQuantile || options_.loss == LossKind::kHuber)
      renewLeaves(rows);
    for (GrownLeaf& leaf : tree_.leaves) tree_.setLeaf(leaf, options_.rate * leaf.value);
    double* const scores = scores_->of(k);
    eachLeafRow(team_, tree_, rows, scores, [&](int32_t row, size_t leaf, int) { scores[row] += tree_.leaves[leaf].value; });
    for (const auto* others : {&drawn_.others(), &data_.validation}) addWalked(k, tree_.slots, *others);
  }

  void addWalked(int k, std::span<const uint64_t> tree, const RowNumbers& rows) {
    double* const scores = scores_->of(k);
    eachWalkedRow(team_, tree, data_.bins, rows, [&](int32_t row, double value, int) { scores[row] += value; });
  }

  /** Gives every leaf the quantile of its rows' errors. */
  void renewLeaves(const int32_t* rows) {
    const double share = options_.loss == LossKind::kQuantile ? options_.lossParameter : 0.5;
    std::atomic<size_t> next{0};
    team_.run([&](int) {
      for (size_t k; (k = next++) < tree_.leaves.size();) {
        GrownLeaf& leaf = tree_.leaves[k];
        const std::span<const int32_t> own(rows + leaf.begin, leaf.count);
        const auto error = [&](int32_t row) { return y_[row] - scores_->of(0)[row]; };
        const auto weight = [&](int32_t row) { return data_.weight(row); };
        tree_.setLeaf(leaf, rules_.clip(weighedQuantile(own, error, weight, share), leaf.range));
      }
    });
  }

  double validationLoss() {
    if (exact_) return meanLoss(data_, team_, [&](int32_t row) { return exact_->lossOf(row); });
    return meanLoss(data_, team_, [&](int32_t row) { return rowLoss(options_, *scores_, row, y_[row]); });
  }

  const BoostingData& data_;
  const BoostingOptions& options_;
  const std::atomic<bool>& stop_;
  const std::atomic<bool>& finish_;
  Team team_;
  const bool hasHessians_;
  Grower grower_;
  std::optional<ScanGrower<SquaredCriterion>> scanner_;
  const RandomKey key_;
  SplitRules rules_;
  DrawnRows drawn_;
  GrownTree tree_;
  std::vector<double> gains_;  // of all trees so far, by column
  BoostingResult result_;
  RowTargets y_;
  // Either of these two ways to know errors.
  std::optional<ExactGradients> exact_;
  std::optional<RowDerivatives> derivatives_;
  std::optional<RowScores> scores_;
};

}  // namespace

BoostingResult boost(const BoostingData& data, const BoostingOptions& options, int threads,
                     const std::atomic<bool>& stop, const std::atomic<bool>& finish) {
  return Booster(data, options, threads, stop, finish).run();
}

}  // namespace onecopy
