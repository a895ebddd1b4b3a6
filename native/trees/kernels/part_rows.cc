/** Parts the rows of a node by their bins in one column. */

#include "kernels/simd.h"
#include "trees/grow/slot_bits.h"
#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** How many rows ahead a bin is asked for, unless a line of the cache holds those of many rows. */
constexpr int kAhead = 24;
static_assert(kAhead <= kRowsAhead);

#if defined(__AVX512F__)
constexpr __mmask16 kSixteen = 0xffff;  // as `kAll` of `simd.h`
/** Rows whose bins are read before they are parted. */
constexpr int kTogether = 64;

/** Which of sixteen bins go left. */
template <bool kHasSets>
static inline __mmask16 goLeft(const RowParts& parts, const uint8_t* bytes) {
  const __m512i bins = _mm512_maskz_cvtepu8_epi32(kSixteen, _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
  if constexpr (kHasSets) {
    const __m512i set = _mm512_maskz_broadcast_i64x4(0xff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(parts.set)));
    const __m512i words = _mm512_maskz_permutexvar_epi32(kSixteen, _mm512_maskz_srli_epi32(kSixteen, bins, 5), set);
    const __m512i within = _mm512_and_si512(bins, _mm512_set1_epi32(31));
    return _mm512_test_epi32_mask(words, _mm512_maskz_sllv_epi32(kSixteen, _mm512_set1_epi32(1), within));
  }
  const __mmask16 missing = _mm512_cmpeq_epi32_mask(bins, _mm512_set1_epi32(kMissingBin));
  const __mmask16 missingLeft = parts.missingLeft ? missing : 0;
  return static_cast<__mmask16>(_mm512_cmple_epi32_mask(bins, _mm512_set1_epi32(parts.lastLeft)) | missingLeft);
}

/**
 * Parts rows, many together, as far as they go; returns how many. Their bins are read one by one, which takes less time than
 * instructions that gather.
 */
template <bool kHasSets, bool kIsCopy>
static inline int64_t partVectors(const RowParts& parts, int64_t* left, int64_t* right) {
  alignas(64) uint8_t bytes[kTogether];
  const int64_t stride = kIsCopy ? 1 : parts.stride;
  int64_t l = 0, r = 0, i = 0;
  for (; i + kTogether <= parts.count; i += kTogether) {
    const int32_t* const rows = parts.rows + i;
    for (int k = 0; k < kTogether; k++) {
      if constexpr (!kIsCopy) __builtin_prefetch(parts.column + rows[k + kAhead] * stride);
      bytes[k] = parts.column[rows[k] * stride];
    }
    for (int k = 0; k < kTogether; k += 16) {
      const __m512i own = _mm512_loadu_si512(rows + k);
      const __mmask16 goes = goLeft<kHasSets>(parts, bytes + k);
      // Whole vectors are written: what stands behind the kept rows has been read already.
      _mm512_storeu_si512(parts.rows + l, _mm512_maskz_compress_epi32(goes, own));
      _mm512_storeu_si512(parts.moved + r, _mm512_maskz_compress_epi32(static_cast<__mmask16>(~goes), own));
      const int count = __builtin_popcount(goes);
      l += count;
      r += 16 - count;
    }
  }
  *left = l;
  *right = r;
  return i;
}
#endif

template <bool kHasSets, bool kIsCopy>
static inline int64_t partAll(const RowParts& parts) {
  int64_t left = 0, right = 0, i = 0;
#if defined(__AVX512F__)
  i = partVectors<kHasSets, kIsCopy>(parts, &left, &right);
#endif
  const int64_t stride = kIsCopy ? 1 : parts.stride;
  const int last = parts.lastLeft, missingLeft = parts.missingLeft;
  for (; i < parts.count; i++) {
    const int32_t row = parts.rows[i];
    if constexpr (!kIsCopy) __builtin_prefetch(parts.column + parts.rows[i + kAhead] * stride);
    const int bin = parts.column[row * stride];
    const int goes = kHasSets ? isInSet(parts.set, static_cast<uint8_t>(bin)) : (bin <= last) | ((bin == kMissingBin) & missingLeft);
    parts.rows[left] = row;
    parts.moved[right] = row;
    left += goes;
    right += 1 - goes;
  }
  return left;
}

template <bool kHasSets>
static inline int64_t partAny(const RowParts& parts) {
  return parts.stride == 1 ? partAll<kHasSets, true>(parts) : partAll<kHasSets, false>(parts);
}

int64_t partRows(const RowParts& parts) { return parts.set == nullptr ? partAny<false>(parts) : partAny<true>(parts); }

}  // namespace onecopy::ONECOPY_LEVEL
