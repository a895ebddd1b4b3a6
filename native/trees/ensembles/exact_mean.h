/** Means that don't depend on the order of the rows. */

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace onecopy {

/** An exact sum of numbers on a grid of 53 bits of the largest one. */
class GridSum {
 public:
  explicit GridSum(double most) {
    if (!(most > 0)) return;
    int exponent;
    std::frexp(most, &exponent);
    step_ = std::ldexp(1.0, std::max(exponent - kBits, kLeastExponent));
  }
  void add(double value) { sum_ += static_cast<int64_t>(std::llrint(value / step_)); }
  double value() const { return static_cast<double>(sum_) * step_; }

 private:
  static constexpr int kBits = 53;
  static constexpr int kLeastExponent = -1000;
  double step_ = 1;  // a power of 2
  __int128 sum_ = 0;  // of fewer than 2^31 numbers below 2^54
};

/** The weighted mean of `value(row)`: the same for any order of the rows. */
template <class Value, class Weight>
double exactMean(std::span<const int32_t> rows, Value&& value, Weight&& weight) {
  if (rows.size() == 1) return value(rows[0]);
  double mostValue = 0, mostWeight = 0;
  for (const int32_t row : rows) {
    mostValue = std::max(mostValue, std::fabs(weight(row) * value(row)));
    mostWeight = std::max(mostWeight, weight(row));
  }
  GridSum values(mostValue), weights(mostWeight);
  for (const int32_t row : rows) {
    values.add(weight(row) * value(row));
    weights.add(weight(row));
  }
  return values.value() / weights.value();
}

}  // namespace onecopy
