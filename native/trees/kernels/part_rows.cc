/** Parts the rows of a node by their bins in one column. */

#include "kernels/simd.h"
#include "trees/grow/slot_bits.h"
#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** How many rows ahead a bin is asked for. */
constexpr int kAhead = 24;
static_assert(kAhead <= kRowsAhead);

#if defined(__AVX512F__)
constexpr __mmask16 kSixteen = 0xffff;  // as `kAll` of `simd.h`

/** Parts sixteen rows at a time, as far as they go; returns how many. */
template <bool kHasSets>
static inline int64_t partSixteens(const RowParts& parts, int64_t* left, int64_t* right) {
  const __m512i stride = _mm512_set1_epi32(static_cast<int>(parts.stride));
  const __m512i last = _mm512_set1_epi32(parts.lastLeft), missing = _mm512_set1_epi32(kMissingBin);
  const __m512i low = _mm512_set1_epi32(255);
  const __m128i shift = _mm_cvtsi32_si128(8 * parts.byte);
  const __mmask16 missingLeft = parts.missingLeft ? 0xffff : 0;
  const __m512i one = _mm512_set1_epi32(1), within = _mm512_set1_epi32(31);
  const __m512i set = kHasSets ? _mm512_maskz_broadcast_i64x4(0xff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(parts.set)))
                               : _mm512_setzero_si512();
  int64_t l = 0, r = 0, i = 0;
  for (; i + 16 <= parts.count; i += 16) {
    const __m512i rows = _mm512_loadu_si512(parts.rows + i);
    const __m512i at = _mm512_mullo_epi32(rows, stride);
    const __m512i words = _mm512_mask_i32gather_epi32(rows, kSixteen, at, parts.words, 1);
    const __m512i bins = _mm512_and_si512(_mm512_maskz_srl_epi32(kSixteen, words, shift), low);
    __mmask16 goes;
    if constexpr (kHasSets) {
      const __m512i words = _mm512_maskz_permutexvar_epi32(kSixteen, _mm512_maskz_srli_epi32(kSixteen, bins, 5), set);
      const __m512i bit = _mm512_maskz_sllv_epi32(kSixteen, one, _mm512_and_si512(bins, within));
      goes = _mm512_test_epi32_mask(words, bit);
    } else {
      goes = static_cast<__mmask16>(_mm512_cmple_epi32_mask(bins, last) |
                                    (_mm512_cmpeq_epi32_mask(bins, missing) & missingLeft));
    }
    // Whole vectors are written: what stands behind the kept rows has been read already.
    _mm512_storeu_si512(parts.rows + l, _mm512_maskz_compress_epi32(goes, rows));
    _mm512_storeu_si512(parts.moved + r, _mm512_maskz_compress_epi32(static_cast<__mmask16>(~goes), rows));
    const int count = __builtin_popcount(goes);
    l += count;
    r += 16 - count;
  }
  *left = l;
  *right = r;
  return i;
}
#endif

template <bool kHasSets>
static inline int64_t partAll(const RowParts& parts) {
  int64_t left = 0, right = 0, i = 0;
#if defined(__AVX512F__)
  if (parts.isNear) i = partSixteens<kHasSets>(parts, &left, &right);
#endif
  const uint8_t* const column = parts.words + parts.byte;
  const int last = parts.lastLeft, missingLeft = parts.missingLeft;
  for (; i < parts.count; i++) {
    const int32_t row = parts.rows[i];
    __builtin_prefetch(column + parts.rows[i + kAhead] * parts.stride);
    const int bin = column[row * parts.stride];
    const int goes = kHasSets ? isInSet(parts.set, static_cast<uint8_t>(bin)) : (bin <= last) | ((bin == kMissingBin) & missingLeft);
    parts.rows[left] = row;
    parts.moved[right] = row;
    left += goes;
    right += 1 - goes;
  }
  return left;
}

int64_t partRows(const RowParts& parts) { return parts.set == nullptr ? partAll<false>(parts) : partAll<true>(parts); }

}  // namespace onecopy::ONECOPY_LEVEL
