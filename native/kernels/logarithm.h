/** The natural logarithm of vectors, with the same bits on every CPU. */

#pragma once

#include "kernels/exponential.h"

namespace onecopy::ONECOPY_LEVEL {

/** The natural logarithm of x >= 1, finite. */
static inline Vector logarithm(Vector x) {
  const Bits bits = bitsOf(x);
  // The exponent as a double: its bits below those of 2^52.
  const Vector biased = fromBits((bits >> 52) | bitsOf(broadcast(0x1p52))) - 0x1p52;
  Vector e = biased - 1023.0;
  Vector m = fromBits((bits & 0xfffffffffffffLL) | bitsOf(broadcast(1.0)));
  const auto isLarge = m > broadcast(1.4142135623730951);
  m = isLarge ? m * 0.5 : m;
  e = isLarge ? e + 1.0 : e;
  const Vector s = (m - 1.0) / (m + 1.0);
  const Vector square = s * s;
  // 2 atanh(s) = 2 (s + s^3 / 3 + s^5 / 5 …); s^2 < 0.0295
  Vector sum = broadcast(1.0 / 21);
#pragma GCC unroll 16
  for (int n = 19; n >= 3; n -= 2) sum = sum * square + 1.0 / n;
  const Vector tail = s * square * sum;
  return e * kLog2High + ((s + s) + ((tail + tail) + e * kLog2Low));
}

}  // namespace onecopy::ONECOPY_LEVEL
