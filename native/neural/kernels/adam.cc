/** Steps of Adam. */

#include "kernels/simd.h"
#include "neural/kernels/neural_level.h"

namespace onecopy::ONECOPY_LEVEL {

static inline Vector rootOf(Vector value) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_sqrt_pd(kAll, (__m512d)value);
#elif defined(__AVX2__)
  return (Vector)_mm256_sqrt_pd((__m256d)value);
#elif defined(__x86_64__)
  return (Vector)_mm_sqrt_pd((__m128d)value);
#elif defined(__aarch64__)
  return (Vector)vsqrtq_f64((float64x2_t)value);
#else
  Vector root;
  for (int lane = 0; lane < kWidth; lane++) root[lane] = __builtin_sqrt(value[lane]);
  return root;
#endif
}

double adam(const AdamStep& step, int64_t count, const double* gradients, double* first, double* second,
            double* coefficients) {
  const double keep1 = step.beta1, keep2 = step.beta2, add1 = 1.0 - step.beta1, add2 = 1.0 - step.beta2;
  Vector squares[kVectorsOfEight] = {};
  for (int64_t i = 0; i < count; i += 8) {
#pragma GCC unroll 4
    for (int p = 0; p < kVectorsOfEight; p++) {
      const int64_t at = i + p * kWidth;
      const Vector before = load(coefficients + at);
      squares[p] += before * before;
      const Vector gradient = load(gradients + at) + step.penalty * before;
      const Vector mean = keep1 * load(first + at) + add1 * gradient;
      const Vector spread = keep2 * load(second + at) + add2 * (gradient * gradient);
      store(first + at, mean);
      store(second + at, spread);
      store(coefficients + at, before - step.rate * mean / (rootOf(spread) + step.epsilon));
    }
  }
  return sumOfEight(squares);
}

}  // namespace onecopy::ONECOPY_LEVEL
