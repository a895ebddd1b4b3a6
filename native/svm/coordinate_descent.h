/** Dual coordinate descent of linear support vector machines. */

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

#include "svm/machine_rows.h"

namespace onecopy {

/** Rows of a linear machine, which several problems share. */
struct LinearRows {
  const MachineRows& machine;
  /** Sum of the squares of each row, with that of the intercept's column. */
  std::vector<double> squares;
  /** Value of the column of the intercept; 0: none. */
  double intercept;
};

/** A linear problem, one class against the others or that of the targets, with the numbers of each row's variable. */
class LinearProblem {
 public:
  /** @param own - number of the class */
  LinearProblem(const MachineRows& machine, int own, bool isSquared)
      : machine_(machine), own_(own), isSquared_(isSquared) {}

  double target(size_t i) const {
    if (machine_.classes == 0) return machine_.target(i);
    return isOwn(i) ? 1 : -1;
  }
  /** The least and greatest value of the variable. */
  double low(size_t i) const { return machine_.classes > 0 && isOwn(i) ? 0 : -bound(i); }
  double high(size_t i) const { return machine_.classes > 0 && !isOwn(i) ? 0 : bound(i); }
  /** Added to the square of the row. */
  double added(size_t i) const { return isSquared_ ? std::min(0.5 / machine_.cost(i), 1e300) : 0; }
  double epsilon() const { return machine_.epsilon; }

 private:
  bool isOwn(size_t i) const { return machine_.code(i) == own_; }
  double bound(size_t i) const { return isSquared_ ? std::numeric_limits<double>::infinity() : machine_.cost(i); }

  const MachineRows& machine_;
  const int own_;
  const bool isSquared_;
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
