/** The exponential function of vectors, with the same bits on every CPU. */

#pragma once

#include <cstdint>

#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

typedef int64_t Bits __attribute__((vector_size(kWidth * sizeof(int64_t))));

static inline Bits bitsOf(Vector value) { return (Bits)value; }
static inline Vector fromBits(Bits bits) { return (Vector)bits; }

/** Adding it to a small number leaves the number's integer part in the lowest bits. */
constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
constexpr double kLog2High = 0x1.62e42fee00000p-1;  // ln 2 in two parts; the first has zeros at its end
constexpr double kLog2Low = 0x1.a39ef35793c76p-33;

/** e^x for x <= 0, to about one unit in the last place; 0 below -708. */
static inline Vector exponential(Vector x) {
  const Vector least = broadcast(-708.0);
  const auto isSmall = x < least;
  const Vector clamped = isSmall ? least : x;
  const Vector shifted = clamped * 1.4426950408889634 + kRound;
  const Vector k = shifted - kRound;
  const Vector r = (clamped - k * kLog2High) - k * kLog2Low;
  // 1 / n! from n = 13 down; |r| <= ln 2 / 2, so that the next term is below 5e-18.
  constexpr double kTerms[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                               1.0 / 40320,      1.0 / 5040,      1.0 / 720,      1.0 / 120,     1.0 / 24,
                               1.0 / 6,          1.0 / 2,         1.0};
  Vector sum = broadcast(kTerms[0]);
#pragma GCC unroll 16
  for (int n = 1; n < 13; n++) sum = sum * r + kTerms[n];
  sum = sum * r + 1.0;
  const Vector scaled = fromBits(bitsOf(sum) + (bitsOf(shifted) << 52));
  return isSmall ? Vector{} : scaled;
}

}  // namespace onecopy::ONECOPY_LEVEL
