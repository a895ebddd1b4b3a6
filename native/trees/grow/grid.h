/** Grids that numbers are rounded to, so that their sums are exact. */

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace onecopy {

/** A grid on which numbers up to `most` have so many bits; its step is a power of 2. */
class Grid {
 public:
  Grid() = default;
  Grid(double most, int bits) {
    if (!(most > 0)) return;
    int exponent;
    std::frexp(most, &exponent);
    const int shift = std::max(exponent - bits, -1000);
    step_ = std::ldexp(1.0, shift);
    inverse_ = std::ldexp(1.0, -shift);
  }
  double step() const { return step_; }
  /** A number in steps, rounded to the nearest. */
  int64_t toSteps(double value) const { return std::llrint(value * inverse_); }

 private:
  double step_ = 1;
  double inverse_ = 1;
};

}  // namespace onecopy
