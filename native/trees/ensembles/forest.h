/** Forests: trees that are grown independently, each on rows drawn for it. */

#pragma once

#include <atomic>
#include <vector>

#include "matrix/matrix.h"
#include "trees/bins/bins.h"
#include "trees/grow/grower.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/slot_memory.h"

namespace onecopy {

/** What a forest learns from. */
struct ForestData {
  Bins bins;
  const Edges& edges;
  Matrix y;                   // one column; classes are numbered from 0
  const double* weights;      // one for each row; null: all 1
  RowNumbers rows;  // those learned from; all have weights above 0
};

struct ForestOptions {
  int64_t trees;
  bool bootstrap;  // each tree learns from as many rows as there are, drawn with replacement; else from all
  uint64_t seed;
  GrowthOptions growth;
  SplitRules rules;   // but for the steps of grids; a row that was drawn twice counts twice
  int classes;             // 0: trees of regression
  bool entropy;            // classes are told apart by entropy, not by Gini's impurity
  double* outOfBag;  // for each row of the matrix, the mean of the trees that did not draw it, or NaN; null: not wanted
};

// A leaf of a regression tree has the weighted mean of its rows' targets. A leaf of a class tree has the number of the
// class of all its rows, or -1 - i when they are of several: then value i of the tree's `shares` is the first of its shares.

struct ForestResult {
  std::vector<SlotMemory> trees;
  std::vector<std::vector<double>> shares;  // of each tree: the shares of all classes in each leaf of several; else empty
  std::vector<double> gains;      // what the splits of each column have gained, summed over trees, in any unit
};

/** @throws Error `ERR_VALUE` for a target that isn't finite */
ForestResult growForest(const ForestData& data, const ForestOptions& options, int threads,
                        const std::atomic<bool>& stop, const std::atomic<bool>& finish);

}  // namespace onecopy
