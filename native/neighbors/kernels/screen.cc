/** Tells which points may be near enough to a query, in float32. */

#include "neighbors/kernels/neighbor_level.h"
#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

constexpr int kFloats = 2 * kWidth;  // in a vector
constexpr int kAcross = 3;           // vectors beside each other in a tile
#if defined(__AVX512F__)
constexpr int kQueries = 8;  // 24 sums + 3 + 1 of 32 registers
#else
constexpr int kQueries = 4;  // 12 sums + 3 + 1 of 16 registers
#endif
constexpr int kPoints = kAcross * kFloats;
static_assert(kScreenPoints % kPoints == 0);

typedef float Floats __attribute__((vector_size(kFloats * sizeof(float))));
typedef float UnalignedFloats
    __attribute__((vector_size(kFloats * sizeof(float)), aligned(sizeof(float)), may_alias));

static inline Floats loadFloats(const float* from) {
  return *reinterpret_cast<const UnalignedFloats*>(from);
}

/** sum + values * factor; rounded once or twice, the bound of the screen allows for both. */
static inline Floats addMultiple(Floats sum, Floats values, float factor) {
#if defined(__AVX512F__)
  return (Floats)_mm512_fmadd_ps((__m512)values, _mm512_set1_ps(factor), (__m512)sum);
#elif defined(__AVX2__)
  return (Floats)_mm256_fmadd_ps((__m256)values, _mm256_set1_ps(factor), (__m256)sum);
#elif defined(__aarch64__)
  return (Floats)vfmaq_n_f32((float32x4_t)sum, (float32x4_t)values, factor);
#else
  return sum + values * factor;
#endif
}

/** A bit for each value that isn't at most `cut`, as NaN isn't. */
static inline uint64_t above(Floats values, float cut) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask((__m512)values, _mm512_set1_ps(cut), _CMP_NLE_UQ);
#elif defined(__AVX2__)
  const __m256 flags = _mm256_cmp_ps((__m256)values, _mm256_set1_ps(cut), _CMP_NLE_UQ);
  return static_cast<uint32_t>(_mm256_movemask_ps(flags));
#elif defined(__x86_64__)
  return static_cast<uint32_t>(_mm_movemask_ps(_mm_cmpnle_ps((__m128)values, _mm_set1_ps(cut))));
#else
  uint64_t bits = 0;
  for (int lane = 0; lane < kFloats; lane++) bits |= uint64_t{!(values[lane] <= cut)} << lane;
  return bits;
#endif
}

/** `Queries` queries against the points from `at`: their sums stay in registers over all columns. */
template <int Queries>
static inline void screenTile(const Screen& screen, uint32_t first, int at) {
  const size_t columns = screen.columns;
  const float* point = screen.points + at;
  const float* query = screen.queries + first * columns;
  Floats sums[Queries][kAcross];
#pragma GCC unroll 8
  for (int q = 0; q < Queries; q++) {
#pragma GCC unroll 3
    for (int v = 0; v < kAcross; v++) sums[q][v] = loadFloats(screen.starts + at + v * kFloats);
  }
  for (size_t j = 0; j < columns; j++, point += kScreenPoints) {
    Floats values[kAcross];
#pragma GCC unroll 3
    for (int v = 0; v < kAcross; v++) values[v] = loadFloats(point + v * kFloats);
#pragma GCC unroll 8
    for (int q = 0; q < Queries; q++) {
#pragma GCC unroll 3
      for (int v = 0; v < kAcross; v++)
        sums[q][v] = addMultiple(sums[q][v], values[v], query[q * columns + j]);
    }
  }
#pragma GCC unroll 8
  for (int q = 0; q < Queries; q++) {
    uint64_t bits = 0;
#pragma GCC unroll 3
    for (int v = 0; v < kAcross; v++)
      bits |= above(sums[q][v], screen.cuts[first + q]) << (v * kFloats);
    screen.found[first + q] |= bits << at;
  }
}

void screen(const Screen& screen) {
  for (uint32_t q = 0; q < screen.count; q++) screen.found[q] = 0;
  for (int at = 0; at < kScreenPoints; at += kPoints) {
    uint32_t first = 0;
    for (; first + kQueries <= screen.count; first += kQueries) screenTile<kQueries>(screen, first, at);
    for (; first < screen.count; first++) screenTile<1>(screen, first, at);
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
