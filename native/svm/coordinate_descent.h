/** Dual coordinate descent of linear support vector machines. */

#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "svm/dual_solver.h"

namespace onecopy {

/** Rows of a linear machine, which several problems share. */
struct LinearRows {
  Matrix x;
  /** Numbers of rows in x. */
  std::vector<int32_t> rows;
  /** Sum of the squares of each row, with that of the intercept's column. */
  std::vector<double> squares;
  /** Value of the column of the intercept; 0: none. */
  double intercept;
};

/** A linear problem; its lists have an element for each row. */
struct LinearProblem {
  std::vector<double> targets;
  std::vector<double> low, high;
  /** Added to the square of each row. */
  std::vector<double> added;
  double epsilon;
};

/** A solved linear problem. */
struct LinearSolution {
  /** The intercept, then those of the columns. */
  std::vector<double> coefficients;
  /** Passes over the rows. */
  int64_t iterations;
  /** Greatest violation in the last pass over all rows. */
  double gap;
  bool converged;
};

/** Fills in the squares. */
void measureRows(LinearRows& rows, const std::atomic<bool>& stop);

/**
 * Minimizes ½ |w|² + ½ added' β² - targets' β + epsilon |β|₁ with w = Σ β row, one variable at a time, over β within its bounds.
 * Sixteen rows that follow each other are read together, so that every layout is read in pieces of cache lines; the order of
 * such blocks is random, by `seed` and the number of the pass. Rows whose variable will stay at a bound are passed over until the
 * others are done.
 *
 * @see Hsieh, Chang, Lin, Keerthi, Sundararajan: A dual coordinate descent method for large-scale linear SVM, ICML (2008)
 */
LinearSolution descend(const LinearRows& rows, const LinearProblem& problem, const Stopping& stopping,
                       uint64_t seed, const std::atomic<bool>& stop);

}  // namespace onecopy
