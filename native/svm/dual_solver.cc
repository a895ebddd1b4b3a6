/** Sequential minimal optimization of support vector machines. */

#include "svm/dual_solver.h"

#include <algorithm>
#include <limits>

namespace onecopy {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

class DualSolver {
 public:
  DualSolver(const DualProblem& problem, KernelCache& cache)
      : problem_(problem),
        cache_(cache),
        count_(static_cast<int64_t>(problem.rows.size())),
        padded_((count_ + 7) / 8 * 8),
        beta_(count_, 0.0),
        slope_(padded_),
        rise_(padded_),
        fall_(padded_),
        diagonal_(padded_),
        variables_{padded_, slope_.get(), rise_.get(), fall_.get(), diagonal_.get()} {
    std::copy(problem.targets.begin(), problem.targets.end(), slope_.get());
    cache.diagonal(diagonal_.get());
    for (int64_t t = 0; t < count_; t++) setBorders(t);
    for (int64_t t = count_; t < padded_; t++) {
      rise_[t] = kNever;
      fall_[t] = -kNever;
    }
  }

  DualSolution solve(const Stopping& stopping, const std::atomic<bool>& stop) {
    DualSolution solution{{}, 0, 0, 0};
    const std::vector<float> none(padded_, 0.0f);
    Chosen first = svmKernels().moveSlopes(variables_, 0, none.data(), none.data());
    for (;; solution.iterations++) {
      if (first.index < 0) break;
      const float* row = cache_.row(first.index);
      const Partner partner = svmKernels().findPartner(variables_, first, diagonal_[first.index], row);
      solution.gap = std::max(0.0, first.value - partner.least);
      const bool isDone = !(solution.gap >= stopping.tol) || partner.index < 0;
      if (isDone || solution.iterations >= stopping.maxIter || stop) break;
      const float* other = cache_.row(partner.index);
      const double step = change(first, partner.index, row[partner.index]);
      first = svmKernels().moveSlopes(variables_, step, row, other);
    }
    solution.intercept = intercept();
    solution.variables = std::move(beta_);
    return solution;
  }

 private:
  /** Raises one variable and lowers another one by the same, as far as it pays and their bounds allow. */
  double change(const Chosen& first, int64_t second, double kernel) {
    const double by = first.value - (slope_[second] - fall_[second]);
    const double curvature = diagonal_[first.index] + diagonal_[second] - 2 * kernel;
    const double wanted = curvature > kLeastCurvature ? by / curvature : kNever;
    // A variable stops at 0, where its slope has a step.
    const double upTo = hasStep() && beta_[first.index] < 0 ? 0 : problem_.high[first.index];
    const double downTo = hasStep() && beta_[second] > 0 ? 0 : problem_.low[second];
    const double room = upTo - beta_[first.index], otherRoom = beta_[second] - downTo;
    const double step = std::min({wanted, room, otherRoom});
    beta_[first.index] = step == room ? upTo : beta_[first.index] + step;
    beta_[second] = step == otherRoom ? downTo : beta_[second] - step;
    setBorders(first.index);
    setBorders(second);
    return step;
  }

  bool hasStep() const { return problem_.epsilon > 0; }

  void setBorders(int64_t t) {
    const double beta = beta_[t], epsilon = problem_.epsilon;
    rise_[t] = !(beta < problem_.high[t]) ? kNever : beta >= 0 ? epsilon : -epsilon;
    fall_[t] = !(beta > problem_.low[t]) ? -kNever : beta > 0 ? epsilon : -epsilon;
  }

  /**
   * The mean of the intercepts that the variables between their bounds give; without any, the middle of the interval that the
   * others allow.
   */
  double intercept() const {
    double sum = 0, low = -kNever, high = kNever;
    int64_t free = 0;
    for (int64_t t = 0; t < count_; t++) {
      const double up = slope_[t] - rise_[t], down = slope_[t] - fall_[t];
      if (up == down) {
        sum += up;
        free++;
      }
      low = std::max(low, up);
      high = std::min(high, down);
    }
    if (free > 0) return sum / static_cast<double>(free);
    if (low == -kNever) return high == kNever ? 0 : high;
    return high == kNever ? low : low + (high - low) / 2;
  }

  const DualProblem& problem_;
  KernelCache& cache_;
  const int64_t count_, padded_;
  std::vector<double> beta_;
  const Doubles slope_, rise_, fall_, diagonal_;
  const DualVariables variables_;
};

}  // namespace

DualSolution solveDual(const DualProblem& problem, KernelCache& cache, const Stopping& stopping,
                       const std::atomic<bool>& stop) {
  return DualSolver(problem, cache).solve(stopping, stop);
}

}  // namespace onecopy
