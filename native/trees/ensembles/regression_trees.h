/** Trees of a forest that predict means. */

#pragma once

#include <optional>
#include <span>
#include <vector>

#include "trees/ensembles/exact_mean.h"
#include "trees/ensembles/forest.h"
#include "trees/ensembles/targets.h"
#include "trees/grow/grower.h"
#include "trees/grow/scan_grower.h"
#include "trees/grow/squared_criterion.h"

namespace onecopy {

/** What the trees of a forest of regression learn. Targets are scaled by a power of 2, so that their squares are numbers. */
class RegressionTrees {
 public:
  RegressionTrees(const ForestData& data, const ForestOptions& options) : data_(data) {
    rules_ = options.rules;
    y_.start(data.y);
    y_.read(data.rows);
    mean_ = exactMean(data.rows, [&](int32_t row) { return y_[row]; }, [&](int32_t row) { return weight(row); });
    double most = 0, mostTarget = 0;
    for (const int32_t row : data.rows) {
      mostTarget = std::max(mostTarget, std::fabs(y_[row]));
      most = std::max(most, std::fabs(mean_ - y_[row]));
    }
    meanStep_ = gridStep(mostTarget, kMeanBits);
    unit_ = gridStep(std::max(most, mostTarget), 0);
    rules_.leastGain = options.rules.leastGain / unit_ / unit_;
    scans_ = options.growth.randomCuts || areFarApart(data.rows, y_.values(), data.weights);
    if (scans_) prepareScans();
    else prepareGrids();
  }

  int scores() const { return 1; }
  double scoreStep() const { return meanStep_; }

  /** Grows trees on one thread, or a few. */
  class Worker {
   public:
    Worker(const RegressionTrees& all, const ForestOptions& options, Team& team, const std::atomic<bool>& stop) : all_(all) {
      const ForestData& data = all.data_;
      if (all.scans_) scanner_.emplace(data.bins, data.edges, options.growth, team, stop);
      else grower_.emplace(data.bins, data.edges, options.growth, !all.hessians_.empty(), team, stop);
    }
    RowNumbers& rows() { return scanner_ ? scanner_->rows() : grower_->rows(); }

    void grow(int64_t count, const uint8_t* times, const RandomKey& key, GrownTree& tree, std::vector<double>&) {
      if (scanner_) {
        scanner_->grow(count, {all_.exact_.data(), nullptr, all_.data_.weights, times}, all_.rules_, key, tree);
      } else {
        const RowValues values = {all_.gradients_.data(), all_.hessians_.empty() ? nullptr : all_.hessians_.data(), times};
        grower_->grow(count, values, all_.rules_, key, nullptr, false, tree);
      }
      for (GrownLeaf& leaf : tree.leaves) tree.setLeaf(leaf, all_.valueOf(leaf, rows().data(), times));
    }

    /** Calls `add(score, value)` for what a leaf says. */
    template <class Add>
    void eachScore(double leaf, const std::vector<double>&, Add&& add) const {
      add(0, leaf);
    }

   private:
    const RegressionTrees& all_;
    std::optional<Grower> grower_;
    std::optional<ScanGrower<SquaredCriterion>> scanner_;
  };

 private:
  static constexpr int kGridBits = 30;
  /** Bits of the values that out-of-bag means are made of: their sums are exact for 2^21 trees. */
  static constexpr int kMeanBits = 42;

  double weight(int32_t row) const { return data_.weights == nullptr ? 1 : data_.weights[row]; }
  double gradient(int32_t row) const { return weight(row) * ((mean_ - y_[row]) / unit_); }

  void prepareScans() {
    exact_.resize(data_.bins.rows);
    for (const int32_t row : data_.rows) exact_[row] = -y_[row] / unit_;
  }

  void prepareGrids() {
    double mostGradient = 0, mostHessian = 0;
    for (const int32_t row : data_.rows) {
      mostGradient = std::max(mostGradient, std::fabs(gradient(row)));
      mostHessian = std::max(mostHessian, weight(row));
    }
    rules_.gradientStep = gridStep(mostGradient, kGridBits);
    gradients_.resize(data_.bins.rows);
    if (data_.weights != nullptr) {
      hessians_.resize(data_.bins.rows);
      rules_.hessianStep = gridStep(mostHessian, kGridBits);
    }
    for (const int32_t row : data_.rows) {
      gradients_[row] = toGrid(gradient(row), 1 / rules_.gradientStep);
      if (!hessians_.empty()) hessians_[row] = toGrid(weight(row), 1 / rules_.hessianStep);
    }
    rules_.prepare();
  }

  /** The mean target of a leaf, to all digits: those of the grid decided about splits only. */
  double valueOf(const GrownLeaf& leaf, const int32_t* rows, const uint8_t* times) const {
    const auto weightOf = [&](int32_t row) { return times == nullptr ? weight(row) : weight(row) * times[row]; };
    const std::span<const int32_t> own(rows + leaf.begin, leaf.count);
    const double mean = exactMean(own, [&](int32_t row) { return y_[row]; }, weightOf);
    const double about = scans_ ? 0 : mean_;
    return std::min(std::max(mean, about + unit_ * leaf.range.low), about + unit_ * leaf.range.high);
  }

  const ForestData& data_;
  SplitRules rules_;
  bool scans_ = false;
  double mean_ = 0;
  double unit_ = 1;
  double meanStep_ = 1;
  NumberTargets y_;
  RowVector<int32_t> gradients_, hessians_;  // by row, on grids; of hessians none: all 1
  RowVector<double> exact_;                  // gradients by row, when nodes are scanned
};

}  // namespace onecopy
