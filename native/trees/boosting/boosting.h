/** Gradient boosting: trees that are grown one after the other, each on the errors of those before. */

#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "matrix/matrix.h"
#include "trees/bins/bins.h"
#include "trees/ensembles/loss.h"
#include "trees/grow/grower.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/slot_memory.h"

namespace onecopy {

// Scores start at a baseline and gain the values of one tree, for each class, in every round. Gradients and hessians are rounded to
// grids of 30 bits, or fewer for the log loss of many rows, so that a tree is the same for any number of threads. Of the squared
// loss on many rows without weights nothing but the gradient is kept, on a grid that the leaves' values are rounded to as well:
// then gradients stay exact, and the histogram of all rows follows from those of the leaves.

/** The trees of a model that boosting goes on from, as if all had been grown at once. */
struct KnownTrees {
  std::vector<std::span<const uint64_t>> trees;  // those of a round stand together; grown on the same bins
  std::vector<double> baselines;                 // empty: there is no such model
  std::vector<double> gains;                     // of each column
};

/** What boosting learns from. */
struct BoostingData {
  Bins bins;
  const Edges& edges;
  Matrix y;               // one column; classes are numbered from 0
  const double* weights;  // one for each row; null: all 1
  RowNumbers rows;        // those learned from; all have weights above 0
  RowNumbers validation;  // those that tell when to stop; empty: all rounds are run
  KnownTrees known;                 // of a model that goes on; see there

  double weight(int32_t row) const { return weights == nullptr ? 1 : weights[row]; }
};

struct BoostingOptions {
  LossKind loss;
  double lossParameter;  // of the quantile, Huber and Tweedie losses
  int classes;           // of the softmax loss
  int64_t rounds;  // to grow, beyond those that are known
  double rate;
  double rowShare;  // of the rows that each tree is grown on
  uint64_t seed;
  int64_t patience;  // rounds without a better loss on the validation rows, after which it stops
  double tolerance;  // how much lower a better loss is
  GrowthOptions growth;
  SplitRules rules;  // but for the steps of grids

  /** Scores of a row: one, or one for each class of the softmax loss. */
  int scores() const { return loss == LossKind::kSoftmax ? classes : 1; }
  /** Whether second derivatives differ from row to row. */
  bool hasHessians() const { return loss >= LossKind::kPoisson; }
};

struct BoostingResult {
  std::vector<SlotMemory> trees;  // that have grown; those of a round stand together
  std::vector<double> baselines;             // one for each class
  std::vector<double> gains;                 // what the splits of each column have gained, up to the least loss
  std::vector<double> losses;                // mean loss on the validation rows, before the first round and after each
};

/** @throws Error `ERR_VALUE` for a target that isn't finite */
BoostingResult boost(const BoostingData& data, const BoostingOptions& options, int threads,
                     const std::atomic<bool>& stop, const std::atomic<bool>& finish);

}  // namespace onecopy
