/** Rows of bins that walk a tree, several in step. */

#include "kernels/simd.h"
#include "trees/grow/slot_bits.h"
#include "trees/kernels/tree_level.h"
#include "trees/kernels/walk_flat_tree.h"
#include "trees/kernels/walk_large_tree.h"
#include "trees/kernels/walk_small_tree.h"

namespace onecopy::ONECOPY_LEVEL {

/** Whether the set of a node, if it has one, stands within the tree; without sets none may have one. */
template <bool kHasSets>
static inline bool isWhole(const TreeWalk& walk, int64_t at, uint64_t slot) {
  return (slot & kHasSet) == 0 || (kHasSets && at + kSetWords < walk.size);
}

#if defined(__AVX512F__)

/** Rows that walk together: two vectors, so that one's look-ups overlap with the other's. */
constexpr int kVectorsInStep = 4;
constexpr int kInStep = 8 * kVectorsInStep;

/** Where eight rows are, and which of them have not come to a leaf. */
struct Eight {
  __m512i at;    // slot
  __m512i row;   // offset of the row's bins
  __mmask8 open;
  __mmask8 damaged;
};

template <bool kHasSets>
static inline void step(const TreeWalk& walk, Eight& rows) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i slot = _mm512_mask_i64gather_epi64(zero, rows.open, rows.at, walk.tree, 8);
  const __m512i number = _mm512_maskz_srli_epi64(kAll, slot, kColumnShift);
  // Without sets the bit that tells of one makes a column that doesn't exist.
  const __m512i column = kHasSets ? _mm512_and_si512(number, _mm512_set1_epi64(kColumnMask)) : number;
  __mmask8 inside = _mm512_mask_cmplt_epu64_mask(rows.open, column, _mm512_set1_epi64(walk.columns));
  // The four bytes that hold the bin: rows begin at multiples of 4.
  const __m512i low = _mm512_and_si512(column, _mm512_set1_epi64(3));
  const __m512i word = _mm512_add_epi64(rows.row, _mm512_sub_epi64(column, low));
  const __m256i words = _mm512_mask_i64gather_epi32(_mm256_setzero_si256(), inside, word, walk.bins, 1);
  const __m512i shift = _mm512_maskz_slli_epi64(kAll, low, 3);
  const __m512i byte = _mm512_set1_epi64(255);
  const __m512i bin = _mm512_and_si512(_mm512_maskz_srlv_epi64(kAll, _mm512_maskz_cvtepu32_epi64(kAll, words), shift), byte);
  const __m512i last = _mm512_and_si512(_mm512_maskz_srli_epi64(kAll, slot, kBinShift), byte);
  const __mmask8 missing = _mm512_cmpeq_epi64_mask(bin, byte);
  const __mmask8 missingLeft = _mm512_test_epi64_mask(slot, _mm512_set1_epi64(kMissingLeft));
  auto left = static_cast<__mmask8>((missing & missingLeft) | (~missing & _mm512_cmple_epu64_mask(bin, last)));
  __m512i leftDistance = _mm512_set1_epi64(1);
  if constexpr (kHasSets) {
    const __m512i end = _mm512_add_epi64(rows.at, _mm512_set1_epi64(kSetWords));
    const __mmask8 sets = _mm512_mask_test_epi64_mask(rows.open, slot, _mm512_set1_epi64(static_cast<int64_t>(kHasSet)));
    const __mmask8 whole = _mm512_mask_cmplt_epu64_mask(sets, end, _mm512_set1_epi64(walk.size));
    const __m512i at = _mm512_add_epi64(rows.at, _mm512_maskz_srli_epi64(kAll, bin, 6));
    const __m512i words = _mm512_mask_i64gather_epi64(zero, whole, at, walk.tree + 1, 8);
    const __m512i bit = _mm512_maskz_srlv_epi64(kAll, words, _mm512_and_si512(bin, _mm512_set1_epi64(63)));
    left = static_cast<__mmask8>((left & ~sets) | _mm512_mask_test_epi64_mask(whole, bit, _mm512_set1_epi64(1)));
    leftDistance = _mm512_mask_mov_epi64(leftDistance, sets, _mm512_set1_epi64(1 + kSetWords));
    inside &= static_cast<__mmask8>(~(sets & ~whole));
  }
  const __m512i right = _mm512_and_si512(slot, _mm512_set1_epi64(kRightMask));
  const __m512i distance = _mm512_mask_mov_epi64(right, left, leftDistance);
  const __m512i next = _mm512_mask_add_epi64(rows.at, rows.open, rows.at, distance);
  const __mmask8 sound = _mm512_mask_cmplt_epu64_mask(inside, next, _mm512_set1_epi64(walk.size)) &
                         _mm512_test_epi64_mask(distance, distance);
  rows.damaged |= static_cast<__mmask8>(rows.open & ~sound);
  const __mmask8 leftLeaf = _mm512_test_epi64_mask(slot, _mm512_set1_epi64(kLeftIsLeaf));
  const __mmask8 rightLeaf = _mm512_test_epi64_mask(slot, _mm512_set1_epi64(kRightIsLeaf));
  const auto leaf = static_cast<__mmask8>((left & leftLeaf) | (~left & rightLeaf));
  rows.at = _mm512_mask_mov_epi64(rows.at, static_cast<__mmask8>(rows.open & sound), next);
  rows.open &= static_cast<__mmask8>(sound & ~leaf);
}

/** Rows from `first` on, as many as walk in step. */
template <bool kHasSets>
static inline bool walkInStep(const TreeWalk& walk, int64_t first, int32_t* leaves) {
  const __m512i lanes = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
  Eight all[kVectorsInStep];
  for (int v = 0; v < kVectorsInStep; v++) {
    const __m512i row = _mm512_add_epi64(lanes, _mm512_set1_epi64(first + 8 * v));
    all[v] = {_mm512_setzero_si512(), _mm512_mullo_epi64(row, _mm512_set1_epi64(walk.stride)), kAll, 0};
  }
  for (int open = 1; open != 0;) {
    open = 0;
    for (int v = 0; v < kVectorsInStep; v++) {
      if (all[v].open != 0) step<kHasSets>(walk, all[v]);
      open |= all[v].open;
    }
  }
  int damaged = 0;
  for (int v = 0; v < kVectorsInStep; v++) {
    damaged |= all[v].damaged;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(leaves + first + 8 * v), _mm512_maskz_cvtepi64_epi32(kAll, all[v].at));
  }
  return damaged == 0;
}

#else

/** Rows that walk together, so that their look-ups overlap. */
constexpr int kInStep = 8;

/** Rows from `first` on; one that has come to its leaf waits there for the others. */
template <bool kHasSets>
static inline bool walkInStep(const TreeWalk& walk, int64_t first, int32_t* leaves) {
  int64_t at[kInStep] = {};
  bool isOpen[kInStep];
  for (int k = 0; k < kInStep; k++) isOpen[k] = true;
  for (bool some = true; some;) {
    some = false;
    bool isDamaged = false;
    for (int k = 0; k < kInStep; k++) {
      const uint64_t none = 0, *node = isOpen[k] ? &walk.tree[at[k]] : &none, slot = *node;
      const int64_t column = columnOf(slot);
      const bool isInside = column < walk.columns && isWhole<kHasSets>(walk, at[k], slot);
      const uint8_t bin = walk.bins[(first + k) * walk.stride + (isInside ? column : 0)];
      const bool left = isInside && goesLeft(node, bin);
      const int64_t distance = left ? leftDistance(slot) : static_cast<int64_t>(slot & kRightMask);
      const int64_t next = at[k] + (isOpen[k] ? distance : 0);
      isDamaged |= isOpen[k] && (!isInside || next >= walk.size || distance == 0);
      at[k] = next < walk.size ? next : 0;
      isOpen[k] = isOpen[k] && (slot & (left ? kLeftIsLeaf : kRightIsLeaf)) == 0;
      some |= isOpen[k];
    }
    if (isDamaged) return false;
  }
  for (int k = 0; k < kInStep; k++) leaves[first + k] = static_cast<int32_t>(at[k]);
  return true;
}

#endif

/** One row. */
template <bool kHasSets>
static inline bool walkOne(const TreeWalk& walk, int64_t row, int32_t* leaves) {
  for (int64_t at = 0;;) {
    const uint64_t slot = walk.tree[at];
    const int64_t column = columnOf(slot);
    if (column >= walk.columns || !isWhole<kHasSets>(walk, at, slot)) return false;
    const bool left = goesLeft(walk.tree + at, walk.bins[row * walk.stride + column]);
    const int64_t distance = left ? leftDistance(slot) : static_cast<int64_t>(slot & kRightMask);
    at += distance;
    if (at >= walk.size || distance == 0) return false;
    if ((slot & (left ? kLeftIsLeaf : kRightIsLeaf)) == 0) continue;
    leaves[row] = static_cast<int32_t>(at);
    return true;
  }
}

template <bool kHasSets>
static inline bool walkAll(const TreeWalk& walk, int32_t* leaves) {
  if (walk.size == 1) {
    for (int64_t i = 0; i < walk.count; i++) leaves[i] = 0;
    return true;
  }
  if (walkFlatTree(walk, leaves)) return true;
  int64_t i = walkSmallTree(walk, leaves);
  if (i == 0) i = walkLargeTree(walk, leaves);
  for (; i + kInStep <= walk.count; i += kInStep)
    if (!walkInStep<kHasSets>(walk, i, leaves)) return false;
  for (; i < walk.count; i++)
    if (!walkOne<kHasSets>(walk, i, leaves)) return false;
  return true;
}

bool walkRows(const TreeWalk& walk, int32_t* leaves) {
  return walk.hasSets ? walkAll<true>(walk, leaves) : walkAll<false>(walk, leaves);
}

}  // namespace onecopy::ONECOPY_LEVEL
