/** Trees of a forest that tell classes apart. */

#pragma once

#include <bit>
#include <vector>

#include "trees/ensembles/forest.h"
#include "trees/ensembles/targets.h"
#include "trees/grow/class_criterion.h"
#include "trees/grow/grid.h"
#include "trees/grow/scan_grower.h"

namespace onecopy {

/** What the trees of a forest of classes learn. */
template <class Impurity>
class ClassTrees {
 public:
  using Criterion = ClassCriterion<Impurity>;

  ClassTrees(const ForestData& data, const ForestOptions& options)
      : data_(data), classes_(options.classes), codes_(data.bins.rows) {
    rules_ = options.rules;
    rules_.monotone = nullptr;
    readClasses(data.y, data.rows, classes_, codes_.data());
    if (data.weights == nullptr) return;
    double most = 0;
    for (const int32_t row : data.rows) most = std::max(most, data.weights[row]);
    const Grid grid(most, kSumBits - std::bit_width(data.rows.size()));
    weights_.resize(data.bins.rows);
    // A row that counts is never rounded to nothing.
    for (const int32_t row : data.rows) weights_[row] = std::max<int64_t>(1, grid.toSteps(data.weights[row]));
  }

  int scores() const { return classes_; }
  double scoreStep() const { return 0x1p-42; }

  /** Grows trees on one thread, or a few. */
  class Worker {
   public:
    Worker(const ClassTrees& all, const ForestOptions& options, Team& team, const std::atomic<bool>& stop)
        : all_(all), grower_(all.data_.bins, all.data_.edges, options.growth, team, stop), sums_(all.classes_) {}
    RowNumbers& rows() { return grower_.rows(); }

    void grow(int64_t count, const uint8_t* times, const RandomKey& key, GrownTree& tree, std::vector<double>& shares) {
      const typename Criterion::Values values = {all_.classes_, all_.codes_.data(), all_.weights(), times};
      grower_.grow(count, values, all_.rules_, key, tree);
      shares.clear();
      for (GrownLeaf& leaf : tree.leaves) setLeaf(tree, leaf, values, shares);
    }

    /** Calls `add(score, value)` for what a leaf says. */
    template <class Add>
    void eachScore(double leaf, const std::vector<double>& shares, Add&& add) const {
      if (leaf >= 0) return add(static_cast<int>(leaf), 1.0);
      const double* own = shares.data() + static_cast<size_t>(-1 - leaf);
      for (int k = 0; k < all_.classes_; k++) add(k, own[k]);
    }

   private:
    void setLeaf(GrownTree& tree, GrownLeaf& leaf, const typename Criterion::Values& values, std::vector<double>& shares) {
      const int32_t* rows = grower_.rows().data() + leaf.begin;
      const int first = values.codes[rows[0]];
      bool isPure = true;
      for (int64_t i = 0; i < leaf.count; i++) isPure &= values.codes[rows[i]] == first;
      if (isPure) return tree.setLeaf(leaf, first);
      std::fill(sums_.begin(), sums_.end(), 0);
      int64_t total = 0;
      for (int64_t i = 0; i < leaf.count; i++) {
        sums_[values.codes[rows[i]]] += values.weight(rows[i]);
        total += values.weight(rows[i]);
      }
      tree.setLeaf(leaf, -1 - static_cast<double>(shares.size()));
      for (const int64_t sum : sums_) shares.push_back(static_cast<double>(sum) / static_cast<double>(total));
    }

    const ClassTrees& all_;
    ScanGrower<Criterion> grower_;
    std::vector<int64_t> sums_;  // weight of each class
  };

 private:
  /** Sums of all weights have at most so many bits; a row is drawn about once. */
  static constexpr int kSumBits = 60;

  const int64_t* weights() const { return weights_.empty() ? nullptr : weights_.data(); }

  const ForestData& data_;
  const int classes_;
  SplitRules rules_;
  RowVector<uint16_t> codes_;   // by row
  RowVector<int64_t> weights_;  // likewise; empty: all 1
};

}  // namespace onecopy
