/** Gradients and hessians of the log loss of two classes. */

#include "kernels/simd.h"
#include "trees/kernels/exponential.h"
#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

typedef uint64_t Bits __attribute__((vector_size(kWidth * sizeof(uint64_t))));
typedef uint16_t Classes __attribute__((vector_size(kWidth * sizeof(uint16_t))));
typedef uint32_t Halves __attribute__((vector_size(kWidth * sizeof(uint32_t))));

/** Rounds to the nearest whole numbers, as `llrint` does; of numbers below 2^31 in size. */
static inline void storeWhole(int32_t* to, Vector value) {
  const Halves whole = __builtin_convertvector((Bits)(value + kRounder), Halves);
  __builtin_memcpy(to, &whole, sizeof whole);
}

static inline Vector loadClasses(const uint16_t* from) {
  Classes classes;
  __builtin_memcpy(&classes, from, sizeof classes);
  return __builtin_convertvector(classes, Vector);
}

/** Computes `kWidth` rows from row `i` on. */
static inline void findRows(const LogisticRows& rows, int i) {
  const Vector score = load(rows.scores + i), one = broadcast(1);
  // As `LogisticLoss::probability`.
  const auto isUp = score >= Vector{};
  const Vector e = exponentialOf<Vector, Bits>(isUp ? -score : score);
  const Vector p = (isUp ? one : e) / (one + e);
  const Vector weight = rows.weights == nullptr ? one : load(rows.weights + i);
  storeWhole(rows.gradients + i, weight * (p - loadClasses(rows.classes + i)) * rows.gradientSteps);
  storeWhole(rows.hessians + i, weight * (p * (one - p)) * rows.hessianSteps);
}

void findLogistic(const LogisticRows& rows) {
  int i = 0;
  for (; i + kWidth <= rows.count; i += kWidth) findRows(rows, i);
  if (i == rows.count) return;
  // The last rows, filled up to a vector.
  double scores[kWidth] = {}, weights[kWidth] = {};
  uint16_t classes[kWidth] = {};
  int32_t gradients[kWidth], hessians[kWidth];
  const int count = rows.count - i;
  for (int k = 0; k < count; k++) {
    scores[k] = rows.scores[i + k];
    classes[k] = rows.classes[i + k];
    weights[k] = rows.weights == nullptr ? 1 : rows.weights[i + k];
  }
  findRows({scores, classes, weights, kWidth, rows.gradientSteps, rows.hessianSteps, gradients, hessians}, 0);
  for (int k = 0; k < count; k++) {
    rows.gradients[i + k] = gradients[k];
    rows.hessians[i + k] = hessians[k];
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
