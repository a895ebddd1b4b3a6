/** Losses that boosting lowers: their gradients, hessians and values. */

#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "trees/kernels/exponential.h"

namespace onecopy {

/** What boosting lowers; a prediction is a score, which some losses map (see `PoissonLoss`, `LogisticLoss`). */
enum class LossKind { kSquared, kAbsolute, kQuantile, kHuber, kPoisson, kGamma, kTweedie, kLogistic, kSoftmax };

/** The natural logarithm of a normal x > 0, by operations that every CPU rounds alike. */
inline double logarithm(double x) {
  const auto bits = std::bit_cast<uint64_t>(x);
  auto exponent = static_cast<int>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & ((uint64_t{1} << 52) - 1)) | (uint64_t{1023} << 52));
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  // log m = 2 artanh(s), s = (m - 1) / (m + 1), |s| <= 0.172: after 11 terms less than 1e-17 is left.
  const double s = (mantissa - 1) / (mantissa + 1), square = s * s;
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return exponent * 0.69314718055994530942 + 2 * s * sum;
}

/** First and second derivative of a loss by the score. */
struct Derivatives {
  double gradient;
  double hessian;
};

struct SquaredLoss {
  static constexpr bool kHasHessian = false;
  Derivatives at(double y, double score) const { return {score - y, 1}; }
  double value(double y, double score) const { return 0.5 * (score - y) * (score - y); }
};

/** Of a quantile; 0.5 is half of the absolute error. */
struct QuantileLoss {
  static constexpr bool kHasHessian = false;
  double quantile;
  Derivatives at(double y, double score) const { return {score >= y ? 1 - quantile : -quantile, 1}; }
  double value(double y, double score) const {
    return score >= y ? (1 - quantile) * (score - y) : quantile * (y - score);
  }
};

/** Squared up to `delta`, then linear. */
struct HuberLoss {
  static constexpr bool kHasHessian = false;
  double delta;
  Derivatives at(double y, double score) const {
    return {std::fmin(std::fmax(score - y, -delta), delta), 1};
  }
  double value(double y, double score) const {
    const double error = std::fabs(score - y);
    return error <= delta ? 0.5 * error * error : delta * (error - 0.5 * delta);
  }
};

/** Of counts; e^score is predicted. */
struct PoissonLoss {
  static constexpr bool kHasHessian = true;
  Derivatives at(double y, double score) const {
    const double mean = exponential(score);
    return {mean - y, mean};
  }
  double value(double y, double score) const { return exponential(score) - y * score; }
};

/** Of sizes y > 0 whose spread grows with their mean, such as costs; e^score is predicted. */
struct GammaLoss {
  static constexpr bool kHasHessian = true;
  Derivatives at(double y, double score) const {
    const double ratio = y * exponential(-score);
    return {1 - ratio, ratio};
  }
  double value(double y, double score) const { return y * exponential(-score) + score; }
};

/** Of sizes y >= 0, many of them 0; e^score is predicted. The variance is the mean to a power between 1 and 2. */
struct TweedieLoss {
  static constexpr bool kHasHessian = true;
  double power;
  Derivatives at(double y, double score) const {
    const double a = y * exponential((1 - power) * score), b = exponential((2 - power) * score);
    return {b - a, (2 - power) * b - (1 - power) * a};
  }
  double value(double y, double score) const {
    return exponential((2 - power) * score) / (2 - power) - y * exponential((1 - power) * score) / (1 - power);
  }
};

/** Of two classes, y 0 or 1; 1 / (1 + e^-score) is the probability of 1. */
struct LogisticLoss {
  static constexpr bool kHasHessian = true;
  static double probability(double score) {
    const double e = exponential(-std::fabs(score));
    return score >= 0 ? 1 / (1 + e) : e / (1 + e);
  }
  Derivatives at(double y, double score) const {
    const double p = probability(score);
    return {p - y, p * (1 - p)};
  }
  double value(double y, double score) const {
    return std::log1p(exponential(-std::fabs(score))) + (score > 0 ? score : 0) - y * score;
  }
};

}  // namespace onecopy
