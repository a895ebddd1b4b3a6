/** Powers of distances to boxes and points, the same bits at every level. */

#include "neighbors/kernels/neighbor_level.h"
#include "kernels/simd.h"

// No multiply-add here: it would round once where the formula rounds twice, so that the levels, and the
// tree and the brute force, which must agree on ties, would differ in the last bit.
namespace onecopy::ONECOPY_LEVEL {

/** How far a power of a distance to a box may be rounded up by `pow`, which isn't exact: two roundings of each term. */
constexpr double kRoundedUp = 1 - 0x1p-48;

/** Adds the difference in one more column to a power of a distance. */
template <Power power>
static inline Vector withDifference(Vector sum, Vector difference, double p) {
  if constexpr (power == Power::kSquares) return sum + difference * difference;
  const Vector size = greater(difference, -difference);
  if constexpr (power == Power::kAbsolute) return sum + size;
  if constexpr (power == Power::kGreatest) return greater(size, sum);
  for (int lane = 0; lane < kWidth; lane++) sum[lane] += __builtin_pow(size[lane], p);
  return sum;
}

template <Power power>
static void boxDistancesBy(const Group& group, const double* low, const double* high, double* squares) {
  constexpr int kAcross = kGroupQueries / kWidth;
  Vector sums[kAcross] = {};
  const double* query = group.queries;
  for (uint32_t j = 0; j < group.columns; j++) {
    const Vector least = broadcast(low[j]), most = broadcast(high[j]), scale = broadcast(group.scale[j]);
#pragma GCC unroll 4
    for (int v = 0; v < kAcross; v++, query += kWidth) {
      const Vector value = load(query);
      const Vector outside = greater(greater(least - value, value - most), Vector{}) * scale;
      sums[v] = withDifference<power>(sums[v], outside, group.metric.p);
    }
  }
  for (int v = 0; v < kAcross; v++) {
    if constexpr (power == Power::kAny) sums[v] *= broadcast(kRoundedUp);
    store(squares + v * kWidth, sums[v]);
  }
}

void boxDistances(const Group& group, const double* low, const double* high, double* squares) {
  switch (group.metric.power) {
    case Power::kSquares: return boxDistancesBy<Power::kSquares>(group, low, high, squares);
    case Power::kAbsolute: return boxDistancesBy<Power::kAbsolute>(group, low, high, squares);
    case Power::kGreatest: return boxDistancesBy<Power::kGreatest>(group, low, high, squares);
    case Power::kAny: return boxDistancesBy<Power::kAny>(group, low, high, squares);
  }
}

/** A bit for each value that is at most `limit`. */
static inline uint64_t within(Vector values, Vector limit) {
#if defined(__AVX512F__)
  return _mm512_cmp_pd_mask((__m512d)values, (__m512d)limit, _CMP_LE_OQ);
#elif defined(__AVX2__)
  const __m256d flags = _mm256_cmp_pd((__m256d)values, (__m256d)limit, _CMP_LE_OQ);
  return static_cast<uint32_t>(_mm256_movemask_pd(flags));
#elif defined(__x86_64__)
  return static_cast<uint32_t>(_mm_movemask_pd(_mm_cmple_pd((__m128d)values, (__m128d)limit)));
#else
  uint64_t bits = 0;
  for (int lane = 0; lane < kWidth; lane++) bits |= uint64_t{values[lane] <= limit[lane]} << lane;
  return bits;
#endif
}

template <Power power>
static uint64_t leafDistancesBy(const Group& group, int query, const double* points, int count,
                                double limit, double* squares) {
  constexpr int kAcross = 16 / kWidth;
  uint64_t bits = 0;
  for (int first = 0; first < count; first += 16) {
    Vector sums[kAcross] = {};
    // Not 0 where a value isn't finite: a maximum may hide it.
    [[maybe_unused]] Vector nonFinite[kAcross] = {};
    const double* point = points + first;
    for (uint32_t j = 0; j < group.columns; j++, point += kLeafPoints) {
      const Vector value = broadcast(group.queries[j * kGroupQueries + query]);
      const Vector scale = broadcast(group.scale[j]);
#pragma GCC unroll 8
      for (int v = 0; v < kAcross; v++) {
        const Vector own = load(point + v * kWidth);
        sums[v] = withDifference<power>(sums[v], (own - value) * scale, group.metric.p);
        if constexpr (power == Power::kGreatest) nonFinite[v] += own - own;
      }
    }
    if constexpr (power == Power::kGreatest)
      for (int v = 0; v < kAcross; v++) sums[v] += nonFinite[v];
#pragma GCC unroll 8
    for (int v = 0; v < kAcross; v++) {
      store(squares + first + v * kWidth, sums[v]);
      bits |= within(sums[v], broadcast(limit)) << (first + v * kWidth);
    }
  }
  return bits;
}

uint64_t leafDistances(const Group& group, int query, const double* points, int count, double limit,
                       double* squares) {
  switch (group.metric.power) {
    case Power::kSquares: break;
    case Power::kAbsolute: return leafDistancesBy<Power::kAbsolute>(group, query, points, count, limit, squares);
    case Power::kGreatest: return leafDistancesBy<Power::kGreatest>(group, query, points, count, limit, squares);
    case Power::kAny: return leafDistancesBy<Power::kAny>(group, query, points, count, limit, squares);
  }
  return leafDistancesBy<Power::kSquares>(group, query, points, count, limit, squares);
}

/**
 * An upper bound of the `most`-th least distance. The distances are dealt out to some parts; of the least one of each part the `most`-th
 * least is as great as that many distances, or greater. Infinity when there are fewer parts.
 */
template <int parts>
static double boundOf(const double* squares, int count, int most) {
  constexpr int kAcross = parts / kWidth;
  const Vector infinite = broadcast(__builtin_inf());
  Vector least[kAcross];
  for (int v = 0; v < kAcross; v++) least[v] = infinite;
  for (int first = 0; first + parts <= count; first += parts)
    for (int v = 0; v < kAcross; v++) least[v] = lesser(load(squares + first + v * kWidth), least[v]);
  double ofParts[parts];
  for (int v = 0; v < kAcross; v++) store(ofParts + v * kWidth, least[v]);
  double bound = __builtin_inf();
  for (const double own : ofParts) {
    int below = 0;
    for (int v = 0; v < kAcross; v++) below += __builtin_popcountll(within(least[v], broadcast(own)));
    bound = below >= most && own < bound ? own : bound;
  }
  return bound;
}

uint64_t leastOf(const double* squares, int count, int most) {
  const double bound = most <= 6 ? boundOf<8>(squares, count, most) : boundOf<16>(squares, count, most);
  uint64_t bits = 0;
  for (int first = 0; first < count; first += kWidth)
    bits |= within(load(squares + first), broadcast(bound)) << first;
  return bits;
}

}  // namespace onecopy::ONECOPY_LEVEL
