/** Forests: trees that are grown independently, each on rows drawn for it. */

#include "trees/ensembles/forest.h"

#include <algorithm>
#include <limits>

#include "matrix/threads.h"
#include "trees/ensembles/class_trees.h"
#include "trees/ensembles/regression_trees.h"

namespace onecopy {
namespace {

constexpr uint32_t kMostTimes = 255;

/** @tparam Kind - what its trees learn; its `Worker` grows one after the other */
template <class Kind>
class ForestGrower {
 public:
  ForestGrower(const ForestData& data, const ForestOptions& options, int threads, const std::atomic<bool>& stop,
               const std::atomic<bool>& finish)
      : data_(data),
        options_(options),
        threads_(threads),
        stop_(stop),
        finish_(finish),
        key_(options.seed),
        kind_(data, options) {}

  ForestResult run() {
    if (options_.outOfBag != nullptr) {
      sums_ = RowVector<std::atomic<int64_t>>(data_.bins.rows * kind_.scores());
      counts_ = RowVector<std::atomic<int32_t>>(data_.bins.rows);
    }
    result_.trees.resize(options_.trees);
    result_.shares.resize(options_.trees);
    gains_.resize(options_.trees);
    Tasks tasks(options_.trees, stop_);
    const auto growers = static_cast<int>(std::min<int64_t>(threads_, options_.trees));
    onThreads(growers, [&] {
      Team team(std::max(1, threads_ / growers));
      typename Kind::Worker worker(kind_, options_, team, stop_);
      RowVector<uint8_t> times(options_.bootstrap ? data_.bins.rows : 0, 0);
      GrownTree tree;
      tasks.each([&](int64_t index) {
        if (finish_ && grown_ > 0) return;
        grow(index, worker, options_.bootstrap ? times.data() : nullptr, tree);
        grown_++;
      });
    });
    if (grown_ < options_.trees) dropMissing();
    addUp();
    return std::move(result_);
  }

 private:
  /** @param times - zeros, one for each row; null without bootstrap */
  void grow(int64_t index, typename Kind::Worker& worker, uint8_t* times, GrownTree& tree) {
    const RandomKey key = key_.part(static_cast<uint64_t>(index));
    auto& rows = worker.rows();
    rows.clear();
    rows.reserve(data_.rows.size() + kRowsAhead);
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
    std::vector<double>& shares = result_.shares[index];
    worker.grow(static_cast<int64_t>(rows.size()), times, key.part(1), tree, shares);
    if (stop_) return;
    if (times != nullptr) {
      if (options_.outOfBag != nullptr) predictOthers(worker, tree, shares, times);
      for (const int32_t row : data_.rows) times[row] = 0;
    }
    result_.trees[index] = SlotMemory(tree.slots);
    gains_[index] = tree.gains;
  }

  void predictOthers(const typename Kind::Worker& worker, const GrownTree& tree, const std::vector<double>& shares,
                     const uint8_t* times) {
    const auto size = static_cast<int64_t>(tree.slots.size());
    const double inverse = 1 / kind_.scoreStep();
    const int scores = kind_.scores();
    for (const int32_t row : data_.rows) {
      if (times[row] > 0) continue;
      const double leaf = walk(tree.slots.data(), size, data_.bins.row(row));
      std::atomic<int64_t>* sums = &sums_[static_cast<size_t>(row) * scores];
      worker.eachScore(leaf, shares, [&](int k, double value) {
        sums[k].fetch_add(std::llrint(value * inverse), std::memory_order_relaxed);
      });
      counts_[row].fetch_add(1, std::memory_order_relaxed);
    }
  }

  /** Leaves out the trees for which there was no time. */
  void dropMissing() {
    size_t kept = 0;
    for (size_t t = 0; t < result_.trees.size(); t++) {
      if (result_.trees[t].slots().empty()) continue;
      if (kept < t) {
        result_.trees[kept] = std::move(result_.trees[t]);
        result_.shares[kept] = std::move(result_.shares[t]);
        gains_[kept] = std::move(gains_[t]);
      }
      kept++;
    }
    result_.trees.resize(kept);
    result_.shares.resize(kept);
    gains_.resize(kept);
  }

  void addUp() {
    result_.gains.assign(data_.bins.columns, 0.0);
    for (const auto& gains : gains_)
      for (size_t j = 0; j < gains.size(); j++) result_.gains[j] += gains[j];
    if (options_.outOfBag == nullptr) return;
    const auto scores = static_cast<size_t>(kind_.scores());
    std::fill_n(options_.outOfBag, data_.bins.rows * scores, std::numeric_limits<double>::quiet_NaN());
    for (const int32_t row : data_.rows) {
      if (counts_[row] == 0) continue;
      for (size_t at = row * scores; at < (row + 1) * scores; at++)
        options_.outOfBag[at] = static_cast<double>(sums_[at]) * kind_.scoreStep() / counts_[row];
    }
  }

  const ForestData& data_;
  const ForestOptions& options_;
  const int threads_;
  const std::atomic<bool>& stop_;
  const std::atomic<bool>& finish_;
  std::atomic<int64_t> grown_{0};
  const RandomKey key_;
  const Kind kind_;
  ForestResult result_;
  std::vector<std::vector<double>> gains_;  // of each tree
  RowVector<std::atomic<int64_t>> sums_;  // of out-of-bag values, in steps, by row
  RowVector<std::atomic<int32_t>> counts_;
};

}  // namespace

ForestResult growForest(const ForestData& data, const ForestOptions& options, int threads,
                        const std::atomic<bool>& stop, const std::atomic<bool>& finish) {
  if (options.classes == 0) return ForestGrower<RegressionTrees>(data, options, threads, stop, finish).run();
  if (options.entropy) return ForestGrower<ClassTrees<Entropy>>(data, options, threads, stop, finish).run();
  return ForestGrower<ClassTrees<Gini>>(data, options, threads, stop, finish).run();
}

}  // namespace onecopy
