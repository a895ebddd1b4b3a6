/** Parts the rows of a node by their bins in one column. */

#include "kernels/simd.h"
#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** How many rows ahead a bin is asked for. */
constexpr int kAhead = 24;
static_assert(kAhead <= kRowsAhead);

#if defined(__AVX512F__)
constexpr __mmask16 kSixteen = 0xffff;  // as `kAll` of `simd.h`

/** Parts sixteen rows at a time, as far as they go; returns how many. */
static inline int64_t partSixteens(const RowParts& parts, int64_t* left, int64_t* right) {
  const __m512i stride = _mm512_set1_epi32(static_cast<int>(parts.stride));
  const __m512i last = _mm512_set1_epi32(parts.lastLeft), missing = _mm512_set1_epi32(kMissingBin);
  const __m512i low = _mm512_set1_epi32(255);
  const __m128i shift = _mm_cvtsi32_si128(8 * parts.byte);
  const __mmask16 missingLeft = parts.missingLeft ? 0xffff : 0;
  int64_t l = 0, r = 0, i = 0;
  for (; i + 16 <= parts.count; i += 16) {
    const __m512i rows = _mm512_loadu_si512(parts.rows + i);
    const __m512i at = _mm512_mullo_epi32(rows, stride);
    const __m512i words = _mm512_mask_i32gather_epi32(rows, kSixteen, at, parts.words, 1);
    const __m512i bins = _mm512_and_si512(_mm512_maskz_srl_epi32(kSixteen, words, shift), low);
    const __mmask16 goes = static_cast<__mmask16>(
        _mm512_cmple_epi32_mask(bins, last) | (_mm512_cmpeq_epi32_mask(bins, missing) & missingLeft));
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

int64_t partRows(const RowParts& parts) {
  int64_t left = 0, right = 0, i = 0;
#if defined(__AVX512F__)
  if (parts.isNear) i = partSixteens(parts, &left, &right);
#endif
  const uint8_t* const column = parts.words + parts.byte;
  const int last = parts.lastLeft, missingLeft = parts.missingLeft;
  for (; i < parts.count; i++) {
    const int32_t row = parts.rows[i];
    __builtin_prefetch(column + parts.rows[i + kAhead] * parts.stride);
    const int bin = column[row * parts.stride];
    const int goes = (bin <= last) | ((bin == kMissingBin) & missingLeft);
    parts.rows[left] = row;
    parts.moved[right] = row;
    left += goes;
    right += 1 - goes;
  }
  return left;
}

}  // namespace onecopy::ONECOPY_LEVEL
