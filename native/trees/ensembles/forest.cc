/** Forests: trees that are grown independently, each on rows drawn for it. */

#include "trees/ensembles/forest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include "matrix/threads.h"
#include "trees/ensembles/exact_mean.h"
#include "trees/ensembles/targets.h"

namespace onecopy {
namespace {

constexpr int kGridBits = 30;
/** Bits of the values that out-of-bag means are made of: their sums are exact for 2^21 trees. */
constexpr int kMeanBits = 42;
constexpr uint32_t kMostTimes = 255;

class ForestGrower {
 public:
  ForestGrower(const ForestData& data, const ForestOptions& options, int threads, const std::atomic<bool>& stop)
      : data_(data), options_(options), threads_(threads), stop_(stop), key_(options.seed) {
    rules_.leastCount = options.leastCount;
    rules_.leastGain = options.leastGain;
    rules_.monotone = options.monotone;
  }

  ForestResult run() {
    prepare();
    result_.trees.resize(options_.trees);
    gains_.resize(options_.trees);
    Tasks tasks(options_.trees, stop_);
    const auto growers = static_cast<int>(std::min<int64_t>(threads_, options_.trees));
    onThreads(growers, [&] {
      Team team(std::max(1, threads_ / growers));
      Grower grower(data_.bins, data_.edges, options_.growth, hessians_ != nullptr, team, stop_);
      std::unique_ptr<uint8_t[]> times(options_.bootstrap ? new uint8_t[data_.bins.rows]() : nullptr);
      GrownTree tree;
      tasks.each([&](int64_t index) { grow(index, grower, times.get(), tree); });
    });
    finish();
    return std::move(result_);
  }

 private:
  void prepare() {
    y_.reset(new double[data_.bins.rows]);
    readTargets(data_.y, data_.rows, y_.get());
    mean_ = exactMean(data_.rows, [&](int32_t row) { return y_[row]; }, [&](int32_t row) { return weight(row); });
    double mostGradient = 0, mostHessian = 0, mostTarget = 0;
    for (const int32_t row : data_.rows) {
      mostTarget = std::max(mostTarget, std::fabs(y_[row]));
      mostGradient = std::max(mostGradient, std::fabs(weight(row) * (mean_ - y_[row])));
      mostHessian = std::max(mostHessian, weight(row));
    }
    rules_.gradientStep = gridStep(mostGradient, kGridBits);
    meanStep_ = gridStep(mostTarget, kMeanBits);
    gradients_.reset(new int32_t[data_.bins.rows]);
    if (data_.weights != nullptr) {
      hessians_.reset(new int32_t[data_.bins.rows]);
      rules_.hessianStep = gridStep(mostHessian, kGridBits);
    }
    for (const int32_t row : data_.rows) {
      gradients_[row] = toGrid(weight(row) * (mean_ - y_[row]), 1 / rules_.gradientStep);
      if (hessians_) hessians_[row] = toGrid(weight(row), 1 / rules_.hessianStep);
    }
    rules_.prepare();
    if (options_.outOfBag == nullptr) return;
    sums_ = std::vector<std::atomic<int64_t>>(data_.bins.rows);
    counts_ = std::vector<std::atomic<int32_t>>(data_.bins.rows);
  }

  /** @param times - zeros, one for each row; null without bootstrap */
  void grow(int64_t index, Grower& grower, uint8_t* times, GrownTree& tree) {
    const RandomKey key = key_.part(static_cast<uint64_t>(index));
    auto& rows = grower.rows();
    rows.clear();
    if (times == nullptr) {
      rows = data_.rows;
    } else {
      const RandomKey draws = key.part(0);
      const auto count = static_cast<uint32_t>(data_.rows.size());
      for (uint32_t i = 0; i < count; i++) {
        uint8_t& drawn = times[data_.rows[draws.below(i, count)]];
        if (drawn < kMostTimes) drawn++;  // of 2^31 rows none is drawn that often: the chance is below 1e-490
      }
      for (const int32_t row : data_.rows)
        if (times[row] > 0) rows.push_back(row);
    }
    const RowValues values = {gradients_.get(), hessians_.get(), times};
    grower.grow(static_cast<int64_t>(rows.size()), values, rules_, key.part(1), nullptr, false, tree);
    if (stop_) return;
    for (GrownLeaf& leaf : tree.leaves) tree.setLeaf(leaf, valueOf(leaf, rows.data(), times));
    if (times != nullptr) {
      if (options_.outOfBag != nullptr) predictOthers(tree, times);
      for (const int32_t row : data_.rows) times[row] = 0;
    }
    result_.trees[index] = SlotMemory(tree.slots);
    gains_[index] = tree.gains;
  }

  double weight(int32_t row) const { return data_.weights == nullptr ? 1 : data_.weights[row]; }

  /** The mean target of a leaf, to all digits: those of the grid decided about splits only. */
  double valueOf(const GrownLeaf& leaf, const int32_t* rows, const uint8_t* times) const {
    const auto weightOf = [&](int32_t row) { return times == nullptr ? weight(row) : weight(row) * times[row]; };
    const std::span<const int32_t> own(rows + leaf.begin, leaf.count);
    const double mean = exactMean(own, [&](int32_t row) { return y_[row]; }, weightOf);
    return std::min(std::max(mean, mean_ + leaf.range.low), mean_ + leaf.range.high);
  }

  void predictOthers(const GrownTree& tree, const uint8_t* times) {
    const auto size = static_cast<int64_t>(tree.slots.size());
    for (const int32_t row : data_.rows) {
      if (times[row] > 0) continue;
      const double value = walk(tree.slots.data(), size, data_.bins.row(row));
      sums_[row].fetch_add(std::llrint(value / meanStep_), std::memory_order_relaxed);
      counts_[row].fetch_add(1, std::memory_order_relaxed);
    }
  }

  void finish() {
    result_.gains.assign(data_.bins.columns, 0.0);
    for (const auto& gains : gains_)
      for (size_t j = 0; j < gains.size(); j++) result_.gains[j] += gains[j];
    if (options_.outOfBag == nullptr) return;
    std::fill_n(options_.outOfBag, data_.bins.rows, std::numeric_limits<double>::quiet_NaN());
    for (const int32_t row : data_.rows) {
      if (counts_[row] == 0) continue;
      options_.outOfBag[row] = static_cast<double>(sums_[row]) * meanStep_ / counts_[row];
    }
  }

  const ForestData& data_;
  const ForestOptions& options_;
  const int threads_;
  const std::atomic<bool>& stop_;
  const RandomKey key_;
  SplitRules rules_;
  ForestResult result_;
  std::vector<std::vector<double>> gains_;  // of each tree
  double mean_ = 0;
  double meanStep_ = 1;
  std::unique_ptr<double[]> y_;                      // by row
  std::unique_ptr<int32_t[]> gradients_, hessians_;  // by row
  std::vector<std::atomic<int64_t>> sums_;           // of out-of-bag values, in steps, by row
  std::vector<std::atomic<int32_t>> counts_;
};

}  // namespace

ForestResult growForest(const ForestData& data, const ForestOptions& options, int threads,
                        const std::atomic<bool>& stop) {
  return ForestGrower(data, options, threads, stop).run();
}

}  // namespace onecopy
