/** Vectors of doubles of the instruction set that this file is compiled for. */

#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Everything that is compiled for several instruction sets lives in a namespace of its own and
// calls no inline function of the standard library: the linker would keep one copy of that, maybe
// the one that this CPU can't run.
namespace onecopy::ONECOPY_LEVEL {

#if defined(__AVX512F__)
constexpr int kWidth = 8;   // doubles in a vector
constexpr int kPanel = 8;   // columns in a panel: rows of a tile of products
constexpr int kTile = 3;    // panels beside each other in a tile: 24 sums + 3 + 1 of 32 registers
#elif defined(__AVX2__)
constexpr int kWidth = 4;
constexpr int kPanel = 4;
constexpr int kTile = 3;    // 12 sums + 3 + 1 of 16 registers
#elif defined(__aarch64__)
constexpr int kWidth = 2;
constexpr int kPanel = 4;
constexpr int kTile = 2;    // 16 sums + 4 + 4 of 32 registers
#else
constexpr int kWidth = 2;
constexpr int kPanel = 4;
constexpr int kTile = 1;    // 8 sums + 2 + 1 of 16 registers
#endif

/** Vectors in a row of a panel. */
constexpr int kVectors = kPanel / kWidth;

typedef double Vector __attribute__((vector_size(kWidth * sizeof(double))));
typedef double Unaligned
    __attribute__((vector_size(kWidth * sizeof(double)), aligned(sizeof(double)), may_alias));

inline Vector load(const double* from) { return *reinterpret_cast<const Unaligned*>(from); }

inline void store(double* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

inline Vector broadcast(double value) {
#if defined(__AVX512F__)
  return (Vector)_mm512_set1_pd(value);
#elif defined(__AVX2__)
  return (Vector)_mm256_set1_pd(value);
#else
  return Vector{value, value};
#endif
}

/** a * b + c, rounded once where the CPU can. */
inline Vector multiplyAdd(Vector a, Vector b, Vector c) {
#if defined(__AVX512F__)
  return (Vector)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__AVX2__)
  return (Vector)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__)
  return (Vector)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
  return a * b + c;
#endif
}

#if defined(__AVX512F__)
constexpr __mmask8 kAll = 0xff;  // the forms without a mask warn of GCC's own header (bug 105593)
#endif

/** The lesser of each lane; where `value` is NaN, `other`. */
inline Vector lesser(Vector value, Vector other) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_min_pd(kAll, (__m512d)value, (__m512d)other);
#elif defined(__AVX2__)
  return (Vector)_mm256_min_pd((__m256d)value, (__m256d)other);
#elif defined(__x86_64__)
  return (Vector)_mm_min_pd((__m128d)value, (__m128d)other);
#else
  return value < other ? value : other;
#endif
}

/** The greater of each lane; where `value` is NaN, `other`. */
inline Vector greater(Vector value, Vector other) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_max_pd(kAll, (__m512d)value, (__m512d)other);
#elif defined(__AVX2__)
  return (Vector)_mm256_max_pd((__m256d)value, (__m256d)other);
#elif defined(__x86_64__)
  return (Vector)_mm_max_pd((__m128d)value, (__m128d)other);
#else
  return value > other ? value : other;
#endif
}

/** The sum of the lanes, always in the same order. */
inline double sum(Vector value) {
#if defined(__AVX512F__)
  const auto half = __builtin_shufflevector(value, value, 0, 1, 2, 3) +
                    __builtin_shufflevector(value, value, 4, 5, 6, 7);
#else
  const auto half = value;
#endif
#if defined(__AVX2__)
  const auto pair =
      __builtin_shufflevector(half, half, 0, 1) + __builtin_shufflevector(half, half, 2, 3);
#else
  const auto pair = half;
#endif
  return pair[0] + pair[1];
}

/** Sums that are made in eights, whatever the width of a vector: the vectors that hold eight. */
constexpr int kVectorsOfEight = 8 / kWidth;

/** The sum of eight numbers, always in the same order. */
inline double sumOfEight(const Vector (&parts)[kVectorsOfEight]) {
  if constexpr (kVectorsOfEight == 1) return sum(parts[0]);
  else if constexpr (kVectorsOfEight == 2) return sum(parts[0] + parts[1]);
  else return sum((parts[0] + parts[2]) + (parts[1] + parts[3]));
}

/** A number as an unevaluated sum of two parts; T is a double or a vector of them. */
template <class T>
struct Pair {
  T high, low;
};

/** a + b without error (Knuth). */
template <class T>
inline Pair<T> twoSum(T a, T b) {
  const T high = a + b;
  const T part = high - a;
  return {high, (a - (high - part)) + (b - part)};
}

/** a * b without error (Dekker, with Veltkamp's split). */
template <class T>
inline Pair<T> twoProduct(T a, T b) {
  const auto split = [](T x) -> Pair<T> {
    const T wide = x * 134217729.0;
    const T top = wide - (wide - x);
    return {top, x - top};
  };
  const T high = a * b;
  const Pair<T> x = split(a), y = split(b);
  return {high, ((x.high * y.high - high) + x.high * y.low + x.low * y.high) + x.low * y.low};
}

#if defined(__AVX2__) || defined(__aarch64__)
template <>
inline Pair<Vector> twoProduct(Vector a, Vector b) {
  const Vector high = a * b;
  return {high, multiplyAdd(a, b, -high)};
}
#endif

template <class T>
inline Pair<T> add(Pair<T> a, Pair<T> b) {
  const Pair<T> top = twoSum(a.high, b.high), bottom = twoSum(a.low, b.low);
  const Pair<T> middle = twoSum(top.high, top.low + bottom.high);
  return twoSum(middle.high, middle.low + bottom.low);
}

template <class T>
inline Pair<T> multiply(Pair<T> a, Pair<T> b) {
  const Pair<T> top = twoProduct(a.high, b.high);
  return twoSum(top.high, top.low + (a.high * b.low + a.low * b.high));
}

}  // namespace onecopy::ONECOPY_LEVEL
