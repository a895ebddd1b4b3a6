/** Grows the part of a tree below a node of few rows. */

#pragma once

#include <vector>

#include "trees/grow/grown_tree.h"
#include "trees/grow/histogram.h"
#include "trees/grow/random.h"

namespace onecopy {

/**
 * Grows subtrees of few rows: their bins are sorted once, column by column, and stay sorted as the rows are parted. The splits
 * are those that histograms give, but nothing is spent on bins without rows.
 */
class SmallTree {
 public:
  /** Most rows, counted as often as they count. */
  static constexpr int64_t kMostRows = 4096;

  SmallTree(const Bins& bins, const Edges& edges, const GrowthOptions& options, bool hasHessians, ColumnFilters& filters);

  /**
   * Grows the subtree of a node, depth first, and adds it to the end of `tree`.
   *
   * @param rows - all rows of the tree; those of the node are put side by side, leaf by leaf
   */
  void grow(int32_t* rows, const OpenNode& node, const RowValues& values, const SplitRules& rules, GrownTree& tree);

 private:
  void sortColumns(const int32_t* rows, int count);
  bool growBelow(const OpenNode& node, int begin);
  Split findSplit(const OpenNode& node, int begin) const;
  uint32_t* list(int64_t column, int begin) { return &lists_[column * kMostRows + begin]; }
  const uint32_t* list(int64_t column, int begin) const { return &lists_[column * kMostRows + begin]; }

  const Bins bins_;
  const Edges& edges_;
  const GrowthOptions options_;
  const bool hasHessians_;
  // Of each column, and at last of none: entries of the node's rows, bin * 2^16 + position, ascending.
  std::vector<uint32_t> lists_, moved_;
  std::vector<int64_t> packed_, hessians_;  // of each position
  std::vector<uint8_t> side_, bytes_;
  std::vector<int32_t> own_;  // row numbers by position
  mutable ColumnChoice choice_;
  ColumnFilters& filters_;

  // Of the subtree that grows.
  int32_t* rows_ = nullptr;
  const SplitRules* rules_ = nullptr;
  GrownTree* tree_ = nullptr;
};

}  // namespace onecopy
