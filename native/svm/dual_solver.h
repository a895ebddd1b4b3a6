/** Sequential minimal optimization of support vector machines. */

#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "svm/kernel_cache.h"
#include "svm/machine_rows.h"

namespace onecopy {

/** A dual problem: one variable for each row, whose sum stays 0. */
struct DualProblem {
  /** Numbers of rows in x. */
  std::vector<int32_t> rows;
  /** What each row's value should be: 1 or -1, or its target. */
  std::vector<double> targets;
  /** The least and greatest value of each variable. */
  std::vector<double> low, high;
  /** Errors up to here cost nothing. */
  double epsilon;
};

/** A solved problem. */
struct DualSolution {
  /** Values of the variables: what each row's kernel counts. */
  std::vector<double> variables;
  double intercept;
  int64_t iterations;
  /** Violation at the end. */
  double gap;
};

/**
 * Minimizes ½ β' K β - targets' β + epsilon |β|₁ over β within its bounds with sum 0, two variables at a time. The first of the two
 * violates the conditions most, the other promises the greatest gain with it.
 *
 * One variable stands for the two of regression, which are never both above 0: its slope has a step at 0.
 *
 * @see Fan, Chen, Lin: Working set selection using second order information, JMLR 6 (2005)
 */
DualSolution solveDual(const DualProblem& problem, KernelCache& cache, const Stopping& stopping,
                       const std::atomic<bool>& stop);

}  // namespace onecopy
