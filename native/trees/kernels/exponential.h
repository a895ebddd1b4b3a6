/** The exponential function, with the same bits on every CPU. */

#pragma once

#include <cstdint>

namespace onecopy {

/** Added to a number below 2^51 in size it leaves the nearest whole number in the low bits. */
constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52

/**
 * e^x by operations that every CPU rounds alike, which libm's are not; within 2 units of the last place.
 * `T` is double or a vector of doubles, `Bits` unsigned whole numbers of 64 bits in the same form.
 */
template <class T, class Bits>
static inline __attribute__((always_inline)) T exponentialOf(T x) {
  const T least = T{} - 708, most = T{} + 709;
  const T low = x > least ? x : least;
  const T within = low > most ? most : low;
  const T shifted = within * 1.4426950408889634074 + kRounder;
  const T n = shifted - kRounder;
  const T r = (within - n * 6.93145751953125e-1) - n * 1.42860682030941723212e-6;  // the two parts of ln 2
  // The series of e^r; |r| <= 0.35, so 13 terms are more than a double holds.
  T sum = r * (1 / 6227020800.0) + 1 / 479001600.0;
  sum = sum * r + 1 / 39916800.0;
  sum = sum * r + 1 / 3628800.0;
  sum = sum * r + 1 / 362880.0;
  sum = sum * r + 1 / 40320.0;
  sum = sum * r + 1 / 5040.0;
  sum = sum * r + 1 / 720.0;
  sum = sum * r + 1 / 120.0;
  sum = sum * r + 1 / 24.0;
  sum = sum * r + 1 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r + 1;
  sum = sum * r + 1;
  // The low bits of the shifted number are those of n.
  const Bits scale = (__builtin_bit_cast(Bits, shifted) << 52) + (uint64_t{1023} << 52);
  const T power = sum * __builtin_bit_cast(T, scale);
  return x > least ? power : T{};
}

static inline __attribute__((always_inline)) double exponential(double x) { return exponentialOf<double, uint64_t>(x); }

}  // namespace onecopy
