/** Gradients of the squared loss that stay exact, so that no scores are kept. */

#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "trees/boosting/boosting.h"
#include "trees/boosting/tree_rows.h"
#include "trees/ensembles/targets.h"
#include "trees/grow/grower.h"

namespace onecopy {

/**
 * Gradients on one grid, which the leaves' values are rounded to as well. So the histogram of all rows follows from the counts in
 * those of the leaves.
 */
class ExactGradients {
 public:
  /** @param y - targets by row; not needed afterwards */
  ExactGradients(const BoostingData& data, const BoostingOptions& options, const double* y, double start, Team& team)
      : data_(data), options_(options), team_(team), gradients_(data.bins.rows) {
    double most = 0;
    for (const auto* rows : {&data.rows, &data.validation})
      for (const int32_t row : *rows) most = std::max(most, std::fabs(start - y[row]));
    step_ = gridStep(most, kExactBits);
    for (const auto* rows : {&data.rows, &data.validation})
      for (const int32_t row : *rows) gradients_[row] = toGrid(start - y[row], 1 / step_);
  }

  RowValues values() const { return {gradients_.data(), nullptr, nullptr}; }
  double step() const { return step_; }
  double lossOf(int32_t row) const { return SquaredLoss{}.value(0, gradients_[row] * step_); }

  /** Whether bringing the root's histogram up to date costs less than making it anew. */
  bool keepsRoot() const {
    const int64_t leaves = options_.growth.maxLeaves;
    return leaves > 0 && leaves * kCells < static_cast<int64_t>(data_.rows.size()) * 4;
  }

  /** The histogram of all rows, made where it isn't known. @param rows - all of them, with room for `kRowsAhead` more */
  const Histogram* root(Grower& grower, RowNumbers& rows, int64_t count) {
    if (root_ == nullptr) root_ = grower.histograms().make();
    if (!rootIsKnown_) {
      std::fill(rows.begin() + count, rows.end(), rows[0]);
      grower.histograms().fill(rows.data(), count, values(), *root_);
      rootIsKnown_ = true;
    }
    return root_.get();
  }

  /**
   * Rounds the leaves' values to the grid and adds them to the gradients.
   *
   * @param others - rows that the tree has not grown on
   * @param keep - whether the root's histogram was handed to the grower, to be kept up to date
   */
  void add(GrownTree& tree, Grower& grower, const RowNumbers& others, bool keep) {
    std::vector<int32_t> steps;
    for (GrownLeaf& leaf : tree.leaves) {
      steps.push_back(toGrid(options_.rate * leaf.value, 1 / step_));
      tree.setLeaf(leaf, steps.back() * step_);
    }
    Most most(team_.size());
    eachLeafRow(team_, tree, grower.rows().data(), gradients_.data(),
                [&](int32_t row, size_t leaf, int member) { gain(row, steps[leaf], most[member]); });
    for (const auto* rows : {&others, &data_.validation}) addWalked(tree.slots, *rows, most);
    rootIsKnown_ = keep && grower.addSteps(steps, *root_);
    coarsenBelow(most);
  }

  /** Adds the values of a tree that has grown before. */
  void add(std::span<const uint64_t> tree) {
    Most most(team_.size());
    for (const auto* rows : {&data_.rows, &data_.validation}) addWalked(tree, *rows, most);
    coarsenBelow(most);
  }

 private:
  /** Bits of gradients at the start: two less than fit, since errors can grow. */
  static constexpr int kExactBits = 29;
  static constexpr int kMostExact = 1 << 30;

  /** The greatest size of a gradient, by member of the team. */
  using Most = std::vector<int32_t>;

  void gain(int32_t row, int32_t step, int32_t& most) {
    const int32_t gradient = gradients_[row] += step;
    most = std::max(most, std::abs(gradient));
  }

  void addWalked(std::span<const uint64_t> tree, const RowNumbers& rows, Most& most) {
    eachWalkedRow(team_, tree, data_.bins, rows, [&](int32_t row, double value, int member) {
      gain(row, toGrid(value, 1 / step_), most[member]);
    });
  }

  /** Makes the grid coarser when gradients have become so large that they could outgrow it. */
  void coarsenBelow(const Most& most) {
    if (*std::max_element(most.begin(), most.end()) < kMostExact) return;
    for (const auto* rows : {&data_.rows, &data_.validation})
      for (const int32_t row : *rows) gradients_[row] = (gradients_[row] + 1) >> 1;
    step_ *= 2;
    rootIsKnown_ = false;
  }

  const BoostingData& data_;
  const BoostingOptions& options_;
  Team& team_;
  RowVector<int32_t> gradients_;  // by row
  double step_ = 1;
  std::unique_ptr<Histogram> root_;
  bool rootIsKnown_ = false;
};

}  // namespace onecopy
