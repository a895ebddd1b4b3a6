/** Gradients and hessians of the log loss of two classes. */

#include "trees/kernels/exponential.h"
#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** Rounds to the nearest whole number, as `llrint` does; of numbers below 2^31 in size. */
static inline int32_t toWhole(double value) {
  return static_cast<int32_t>(static_cast<uint32_t>(std::bit_cast<uint64_t>(value + kRounder)));
}

void findLogistic(const LogisticRows& rows) {
  for (int i = 0; i < rows.count; i++) {
    const double score = rows.scores[i];
    // As `LogisticLoss::probability`.
    const double e = exponential(score >= 0 ? -score : score);
    const double p = (score >= 0 ? 1 : e) / (1 + e);
    rows.gradients[i] = toWhole(rows.weights[i] * (p - rows.y[i]) * rows.gradientSteps);
    rows.hessians[i] = toWhole(rows.weights[i] * (p * (1 - p)) * rows.hessianSteps);
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
