/** Activations of units and their derivatives. */

#include "kernels/exponential.h"
#include "kernels/simd.h"
#include "neural/kernels/neural_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** Sums of so large activations, times coefficients of at most 1e150, are numbers. */
constexpr double kMostActivation = 1e100;

static inline Vector limited(Vector value) {
  const Vector most = broadcast(kMostActivation);
  const Vector low = value < -most ? -most : value;
  return low > most ? most : low;
}

static inline Vector sizeOf(Vector value) { return value < Vector{} ? -value : value; }

static inline Vector logisticOf(Vector value) {
  const Vector e = exponential(-sizeOf(value));
  const Vector greater = 1.0 / (1.0 + e);
  return value < Vector{} ? e * greater : greater;
}

static inline Vector tanhOf(Vector value) {
  const Vector e = exponential(-2.0 * sizeOf(value));
  const Vector size = (1.0 - e) / (1.0 + e);
  return value < Vector{} ? -size : size;
}

/** The exponential function knows no NaN. */
static inline Vector keepNaN(Vector value, Vector result) { return value == value ? result : value; }

void activate(Activation activation, int64_t count, double* values) {
  switch (activation) {
    case Activation::kIdentity:
      for (int64_t i = 0; i < count; i += kWidth) store(values + i, limited(load(values + i)));
      return;
    case Activation::kRelu:
      for (int64_t i = 0; i < count; i += kWidth) {
        const Vector value = load(values + i);
        store(values + i, limited(value < Vector{} ? Vector{} : value));
      }
      return;
    case Activation::kLogistic:
      for (int64_t i = 0; i < count; i += kWidth) {
        const Vector value = load(values + i);
        store(values + i, keepNaN(value, logisticOf(value)));
      }
      return;
    case Activation::kTanh:
      for (int64_t i = 0; i < count; i += kWidth) {
        const Vector value = load(values + i);
        store(values + i, keepNaN(value, tanhOf(value)));
      }
      return;
  }
}

void differentiate(Activation activation, int64_t count, const double* values, double* derivatives) {
  switch (activation) {
    case Activation::kIdentity: return;
    case Activation::kRelu:
      for (int64_t i = 0; i < count; i += kWidth) {
        const Vector slope = load(derivatives + i);
        store(derivatives + i, load(values + i) > Vector{} ? slope : Vector{});
      }
      return;
    case Activation::kLogistic:
      for (int64_t i = 0; i < count; i += kWidth) {
        const Vector value = load(values + i);
        store(derivatives + i, load(derivatives + i) * (value * (1.0 - value)));
      }
      return;
    case Activation::kTanh:
      for (int64_t i = 0; i < count; i += kWidth) {
        const Vector value = load(values + i);
        store(derivatives + i, load(derivatives + i) * (1.0 - value * value));
      }
      return;
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
