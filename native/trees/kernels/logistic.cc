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

/** Numbers that are rounded to the nearest whole ones, which stand in their low bits; of numbers below 2^51 in size. */
static inline Bits roundedBits(Vector value) { return (Bits)(value + kRounder); }

/** Computes `kWidth` rows from row `i` on; adds the sizes of packed gradients to `sizes`. */
static inline void findRows(const LogisticRows& rows, int i, Vector& sizes) {
  const Vector score = load(rows.scores + i), one = broadcast(1);
  // As `LogisticLoss::probability`.
  const auto isUp = score >= Vector{};
  const Vector e = exponentialOf<Vector, Bits>(isUp ? -score : score);
  const Vector p = (isUp ? one : e) / (one + e);
  const Vector weight = rows.weights == nullptr ? one : load(rows.weights + i);
  const Vector gradient = weight * (p - loadClasses(rows.classes + i)) * rows.gradientSteps;
  const Vector hessian = weight * (p * (one - p)) * rows.hessianSteps;
  if (rows.packed == nullptr) {
    storeWhole(rows.gradients + i, gradient);
    storeWhole(rows.hessians + i, hessian);
    return;
  }
  constexpr uint64_t kHessianMask = (uint64_t{1} << (PackedRow::kHessianBits + 1)) - 1;
  const Bits top = roundedBits(gradient) << (PackedRow::kHessianSumBits + PackedRow::kCountBits);
  const Bits packed = top + ((roundedBits(hessian) & kHessianMask) << PackedRow::kCountBits) + 1;
  __builtin_memcpy(rows.packed + i, &packed, sizeof packed);
  const Vector whole = (gradient + kRounder) - kRounder;
  sizes += greater(whole, -whole);
}

/** Computes the last rows, filled up to a vector. */
static void findLastRows(const LogisticRows& rows, int i, Vector& sizes) {
  double scores[kWidth] = {}, weights[kWidth] = {};  // gradients are 0 after the last row
  uint16_t classes[kWidth] = {};
  int32_t gradients[kWidth], hessians[kWidth];
  int64_t packed[kWidth];
  const int count = rows.count - i;
  for (int k = 0; k < count; k++) {
    scores[k] = rows.scores[i + k];
    classes[k] = rows.classes[i + k];
    weights[k] = rows.weights == nullptr ? 1 : rows.weights[i + k];
  }
  LogisticRows last = {scores, classes, weights, kWidth, rows.gradientSteps, rows.hessianSteps, gradients, hessians, nullptr};
  if (rows.packed != nullptr) last.packed = packed;
  findRows(last, 0, sizes);
  for (int k = 0; k < count; k++) {
    if (rows.packed != nullptr) {
      rows.packed[i + k] = packed[k];
    } else {
      rows.gradients[i + k] = gradients[k];
      rows.hessians[i + k] = hessians[k];
    }
  }
}

double findLogistic(const LogisticRows& rows) {
  Vector sizes = {};
  int i = 0;
  for (; i + kWidth <= rows.count; i += kWidth) findRows(rows, i, sizes);
  if (i < rows.count) findLastRows(rows, i, sizes);
  return sum(sizes);  // of whole numbers: exact in any order
}

}  // namespace onecopy::ONECOPY_LEVEL
