/** Dual coordinate descent of linear support vector machines. */

#include "svm/coordinate_descent.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "svm/kernels/svm_kernels.h"
#include "matrix/row_reader.h"
#include "trees/grow/random.h"

namespace onecopy {
namespace {

constexpr double kEnd = std::numeric_limits<double>::infinity();

class Descent {
 public:
  Descent(const LinearRows& rows, const LinearProblem& problem)
      : rows_(rows),
        problem_(problem),
        count_(static_cast<int64_t>(rows.machine.rows.size())),
        columns_(rows.machine.x.columns),
        reader_(rows.machine.x),
        weights_(columns_),
        beta_(count_, 0.0),
        active_((count_ + kRowsAtATime - 1) / kRowsAtATime) {
    activateAll();
  }

  LinearSolution solve(const Stopping& stopping, const RandomKey& key, const std::atomic<bool>& stop) {
    LinearSolution solution{{}, 0, 0, false};
    double bar = kEnd;  // rows that are this far from moving are passed over
    while (solution.iterations < stopping.maxIter && !stop) {
      const bool wasWhole = isWhole_;
      const double violation = pass(key.part(solution.iterations++), bar);
      if (wasWhole) solution.gap = violation;
      if (violation > stopping.tol) {
        bar = violation;
        continue;
      }
      if (wasWhole) {
        solution.converged = true;
        break;
      }
      activateAll();
      bar = kEnd;
    }
    solution.coefficients.push_back(bias_ * rows_.intercept);
    solution.coefficients.insert(solution.coefficients.end(), weights_.begin(), weights_.end());
    return solution;
  }

 private:
  void activateAll() {
    order_.resize(active_.size());
    std::iota(order_.begin(), order_.end(), 0);
    for (size_t b = 0; b < active_.size(); b++) {
      const int64_t rest = count_ - static_cast<int64_t>(b) * kRowsAtATime;
      active_[b] = static_cast<uint16_t>(rest >= kRowsAtATime ? 0xffff : (1u << rest) - 1);
    }
    isWhole_ = true;
  }

  /** Changes every active row's variable once; returns the greatest violation before a change. */
  double pass(const RandomKey& key, double bar) {
    for (size_t i = order_.size(); i > 1; i--)
      std::swap(order_[i - 1], order_[key.below(i, static_cast<uint32_t>(i))]);
    double greatest = 0;
    size_t kept = 0;
    for (size_t i = 0; i < order_.size(); i++) {
      const int32_t block = order_[i];
      greatest = std::max(greatest, changeBlock(block, bar));
      if (active_[block] != 0) order_[kept++] = block;
    }
    order_.resize(kept);
    return greatest;
  }

  double changeBlock(int32_t block, double bar) {
    const int64_t first = static_cast<int64_t>(block) * kRowsAtATime;
    const int count = static_cast<int>(std::min<int64_t>(kRowsAtATime, count_ - first));
    const double* const* rows = reader_.read(&rows_.machine.rows[first], count);
    double greatest = 0;
    for (int r = 0; r < count; r++)
      if ((active_[block] >> r & 1) != 0) greatest = std::max(greatest, changeRow(rows[r], first + r, bar));
    return greatest;
  }

  double changeRow(const double* row, int64_t t, double bar) {
    double score;
    svmKernels().products({&row, 1, weights_.data(), 1, columns_, &score, 1});
    const double beta = beta_[t], epsilon = problem_.epsilon(), added = problem_.added(t);
    const double slope = score + bias_ * rows_.intercept - problem_.target(t) + added * beta;
    const double low = problem_.low(t), high = problem_.high(t);
    // The derivatives towards greater and lesser values; a variable moves down both.
    const double up = slope + (beta >= 0 ? epsilon : -epsilon);
    const double down = slope + (beta > 0 ? epsilon : -epsilon);
    const double violation = up < 0 && beta < high ? -up : down > 0 && beta > low ? down : 0;
    if (violation == 0) {
      const bool isHigh = beta >= high || up > bar, isLow = beta <= low || down < -bar;
      if (isHigh && isLow) passOver(t);
      return 0;
    }
    const double curvature = rows_.squares[t] + added;
    if (!(curvature > 0)) {  // a row of zeros: the slope never changes
      beta_[t] = up < 0 ? high : low;
      return 0;
    }
    const double free = beta - slope / curvature, width = epsilon / curvature;
    const double soft = free > width ? free - width : free < -width ? free + width : 0;
    const double next = std::clamp(soft, low, high);
    beta_[t] = next;
    svmKernels().addMultiple(next - beta, row, columns_, weights_.data());
    bias_ += (next - beta) * rows_.intercept;
    return violation;
  }

  void passOver(int64_t t) {
    active_[t / kRowsAtATime] &= static_cast<uint16_t>(~(1u << t % kRowsAtATime));
    isWhole_ = false;
  }

  const LinearRows& rows_;
  const LinearProblem& problem_;
  const int64_t count_, columns_;
  RowReader reader_;
  std::vector<double> weights_;
  double bias_ = 0;  // coefficient of the intercept's column
  std::vector<double> beta_;
  std::vector<uint16_t> active_;  // a bit for each row of a block
  std::vector<int32_t> order_;
  bool isWhole_ = true;
};

}  // namespace

void measureRows(LinearRows& rows, const std::atomic<bool>& stop) {
  const MachineRows& machine = rows.machine;
  RowReader reader(machine.x);
  rows.squares.resize(machine.rows.size());
  for (size_t i = 0; i < machine.rows.size() && !stop; i++) {
    const double* row = reader.read(machine.rows[i]);
    svmKernels().products({&row, 1, row, 1, machine.x.columns, &rows.squares[i], 1});
    rows.squares[i] += rows.intercept * rows.intercept;
  }
}

LinearSolution descend(const LinearRows& rows, const LinearProblem& problem, const Stopping& stopping,
                       uint64_t seed, const std::atomic<bool>& stop) {
  return Descent(rows, problem).solve(stopping, RandomKey(seed), stop);
}

}  // namespace onecopy
