/** Grows one tree on binned rows. */

#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "trees/bins/bin_columns.h"
#include "trees/grow/grown_tree.h"
#include "trees/grow/histogram.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/small_tree.h"

namespace onecopy {

/**
 * Grows trees one after the other. A tree depends on its rows, their values, the rules and the key, and on nothing
 * else: not on the team, nor on the order of the rows, nor on which histograms are kept.
 */
class Grower {
 public:
  Grower(const Bins& bins, const Edges& edges, const GrowthOptions& options, bool hasHessians, Team& team,
         const std::atomic<bool>& stop);

  /** The numbers of the rows of the next tree, in any order; growing it puts those of a leaf side by side. */
  RowNumbers& rows() { return rows_; }

  /**
   * Grows a tree on `rows()`, whose end it fills up with what `kRowsAhead` asks for: row `count` and later ones are not of the tree.
   *
   * @param root - the histogram of all rows, when it is known; else null
   * @param keep - whether `addSteps` will be called
   */
  void grow(int64_t count, const RowValues& values, const SplitRules& rules, const RandomKey& key, const Histogram* root,
            bool keep, GrownTree& tree);

  HistogramMaker& histograms() { return maker_; }

  /**
   * Brings the histogram of all rows up to date when every row's gradient gains the step of its leaf.
   *
   * @param steps - of each leaf of the tree that has grown last
   * @returns false when too few histograms were kept
   */
  bool addSteps(const std::vector<int32_t>& steps, Histogram& root) const;

 private:
  struct Leaf;
  struct Pending;
  void growBestFirst(OpenNode root, const Histogram* known, bool keep, GrownTree& tree);
  void growDepthFirst(const OpenNode& root, const Histogram* known, GrownTree& tree);
  RowSums sumRows(int64_t count) const;
  Split findSplit(const Histogram& histogram, const OpenNode& node);
  int64_t part(const OpenNode& node, const Split& split);
  void fill(const OpenNode& node, Histogram& histogram);
  std::unique_ptr<Histogram> take();
  void giveBack(std::unique_ptr<Histogram> histogram);
  void emit(std::vector<Leaf>& nodes, GrownTree& tree);

  const Bins bins_;
  const Edges& edges_;
  const GrowthOptions options_;
  Team& team_;
  const std::atomic<bool>& stop_;
  HistogramMaker maker_;
  BinColumns binColumns_;
  ColumnChoice choice_;
  ColumnFilters filters_;
  SmallTree small_;
  RowNumbers rows_, moved_;
  std::vector<int32_t> columns_;
  std::vector<std::unique_ptr<Histogram>> spare_, ofLeaves_;
  int64_t histogramsLeft_;  // how many more may be made

  // Of the tree that grows.
  const RowValues* values_ = nullptr;
  const SplitRules* rules_ = nullptr;
};

}  // namespace onecopy
