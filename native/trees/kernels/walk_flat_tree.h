/** Rows of bins that walk a tree of up to 32 leaves: every node is asked for 32 rows at once. */

#pragma once

#include <cstring>

#include "kernels/simd.h"
#include "trees/grow/slot_bits.h"
#include "trees/kernels/tree_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

#if defined(__AVX2__)

// Leaves are numbered from left to right, a bit for each. A node that a row goes right at clears the leaves on its left; after
// all nodes, in any order, the lowest bit left is the row's leaf. The order of a byte's rows is that of columns of bins.
// Lucchese et al., QuickScorer, SIGIR 2015.

constexpr int kFlatLeaves = 32;
constexpr int kFlatRows = 32;

struct FlatTree {
  struct Node {
    int64_t column;
    uint8_t add;    // 1: missing values go left; bins count from 1, and theirs is 0
    uint8_t least;  // the least bin that goes right
    uint8_t left[kFlatLeaves / 8];  // leaves on the left
  };
  Node nodes[kFlatLeaves - 1];
  int32_t slots[kFlatLeaves];  // of leaves
  int count = 0, leaves = 0;

  /** False when there are too many leaves, sets of bins, or the tree is damaged. */
  bool read(const TreeWalk& walk) { return walk.size < 2 * kFlatLeaves && add(walk, 0, false); }

 private:
  bool add(const TreeWalk& walk, int64_t at, bool isLeaf) {
    if (isLeaf) {
      if (leaves == kFlatLeaves) return false;
      slots[leaves++] = static_cast<int32_t>(at);
      return true;
    }
    if (count == kFlatLeaves - 1) return false;
    const uint64_t slot = walk.tree[at];
    const auto column = static_cast<int64_t>(slot >> kColumnShift), right = static_cast<int64_t>(slot & kRightMask);
    const auto missing = static_cast<int>((slot & kMissingLeft) != 0);
    const int least = static_cast<int>((slot >> kBinShift) & 255) + 1 + missing;
    if (column >= walk.columns || right < 2 || at + right >= walk.size || least > 255) return false;
    Node& node = nodes[count++];
    node.column = column;
    node.add = static_cast<uint8_t>(missing);
    node.least = static_cast<uint8_t>(least);
    const int first = leaves;
    if (!add(walk, at + 1, slot & kLeftIsLeaf)) return false;
    const auto left = static_cast<uint32_t>((uint64_t{1} << leaves) - (uint64_t{1} << first));
    std::memcpy(node.left, &left, sizeof left);
    return add(walk, at + right, slot & kRightIsLeaf);
  }
};

static inline void walkFlatRows(const TreeWalk& walk, const FlatTree& tree, int64_t first, int32_t* leaves) {
  const auto all = [](uint8_t byte) { return _mm256_set1_epi8(static_cast<char>(byte)); };
  __m256i a = all(255), b = a, c = a, d = a;  // eight leaves each, a byte a row
  for (int k = 0; k < tree.count; k++) {
    const FlatTree::Node& node = tree.nodes[k];
    const uint8_t* from = walk.byColumn + node.column * walk.columnStride + first;
    const __m256i bins = _mm256_add_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)), all(node.add));
    const __m256i right = _mm256_cmpeq_epi8(_mm256_max_epu8(bins, all(node.least)), bins);
    a = _mm256_andnot_si256(_mm256_and_si256(right, all(node.left[0])), a);
    b = _mm256_andnot_si256(_mm256_and_si256(right, all(node.left[1])), b);
    c = _mm256_andnot_si256(_mm256_and_si256(right, all(node.left[2])), c);
    d = _mm256_andnot_si256(_mm256_and_si256(right, all(node.left[3])), d);
  }
  // The four bytes of a row side by side.
  const __m256i lowAb = _mm256_unpacklo_epi8(a, b), highAb = _mm256_unpackhi_epi8(a, b);
  const __m256i lowCd = _mm256_unpacklo_epi8(c, d), highCd = _mm256_unpackhi_epi8(c, d);
  const __m256i words[] = {_mm256_unpacklo_epi16(lowAb, lowCd), _mm256_unpackhi_epi16(lowAb, lowCd),
                           _mm256_unpacklo_epi16(highAb, highCd), _mm256_unpackhi_epi16(highAb, highCd)};
  uint32_t left[kFlatRows];
  for (int k = 0; k < 4; k++) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(left + 4 * k), _mm256_castsi256_si128(words[k]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(left + 16 + 4 * k), _mm256_extracti128_si256(words[k], 1));
  }
  for (int r = 0; r < kFlatRows; r++) leaves[first + r] = tree.slots[__builtin_ctz(left[r])];
}

/** Whether all rows have walked. */
static inline bool walkFlatTree(const TreeWalk& walk, int32_t* leaves) {
  FlatTree tree;
  if (walk.byColumn == nullptr || walk.count < kFlatRows / 2 || !tree.read(walk)) return false;
  for (int64_t i = 0; i < walk.count; i += kFlatRows) walkFlatRows(walk, tree, i, leaves);
  return true;
}

#else

static inline bool walkFlatTree(const TreeWalk&, int32_t*) { return false; }

#endif

}  // namespace onecopy::ONECOPY_LEVEL
