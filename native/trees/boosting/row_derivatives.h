/** First and second derivatives of a loss at the scores of rows, on grids. */

#pragma once

#include <vector>

#include "trees/boosting/boosting.h"
#include "trees/boosting/row_scores.h"
#include "trees/boosting/row_targets.h"
#include "trees/grow/squared_criterion.h"
#include "trees/grow/team.h"

namespace onecopy {

/**
 * Gradients and hessians of all rows, rounded to grids of 30 bits that hold the largest of each, so that their sums are exact.
 * Where that blurs too many of them they are kept as they are too: then nodes have grids of their own. Those of the log loss
 * of many rows that are far from 0 on average are packed, on grids of 15 and 12 bits.
 */
class RowDerivatives {
 public:
  /**
   * @param y - targets by row; kept, not copied
   * @param isFar - whether targets or weights are so far apart that no grid for all rows holds them
   */
  RowDerivatives(const BoostingData& data, const BoostingOptions& options, const RowTargets& y, bool isFar, Team& team);

  /** Computes those of the rows that are learned from. */
  void find(const RowScores& scores);

  /** Whether nodes need grids of their own, made from `exactOf`; else `of` has what trees are grown on. */
  bool areBlurred() const { return areBlurred_; }
  RowValues of(int k) const;
  SquaredCriterion::Values exactOf(int k) const;
  double gradientStep(int k) const { return gradientStep_[k]; }
  double hessianStep(int k) const { return hessianStep_[k]; }

 private:
  void findLogistic(const double* scores);
  bool findPacked(const double* scores, double mostWeight);
  double fillLogistic(const LogisticRows& all);
  void findSoftmax(const RowScores& scores);
  void makeRoom();
  template <class Compute>
  void findGrids(Compute&& compute);
  template <class Compute>
  void keepExact(Compute&& compute);
  double mostWeight() const;
  size_t first(int k) const { return static_cast<size_t>(k) * data_.bins.rows; }

  const BoostingData& data_;
  const BoostingOptions& options_;
  const RowTargets& y_;
  const bool isFar_;
  const int classes_;
  const bool curves_;  // whether second derivatives differ from row to row
  const bool rowsAscend_;  // strictly
  Team& team_;
  RowVector<int32_t> gradients_, hessians_;            // those of one class after the other
  RowVector<int64_t> packed_;                          // in place of them
  RowVector<double> exactGradients_, exactHessians_;  // likewise
  std::vector<double> gradientStep_, hessianStep_;             // of each class
  bool areBlurred_ = false;
};

}  // namespace onecopy
