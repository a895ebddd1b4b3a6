/** Rows of bins that walk a tree of few nodes, eight side by side. */

#pragma once

#include <algorithm>

#include "kernels/simd.h"
#include "trees/grow/slot_bits.h"
#include "trees/kernels/tree_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

#if defined(__AVX2__)

// Trees of few nodes in a form of 32 bits a node, so that a step looks up two words for each row:
//   bits  0-8   one more than the greatest bin that goes left; 0 in a leaf, where rows stay
//   bit     9   whether missing values go left: then bins count from 1, and that of missing values is 0
//   bits 10-17  how many nodes further the right child stands; 0 in a leaf
//   bits 18-31  the column

constexpr int64_t kMostSmall = 256;
constexpr int64_t kMostSmallColumns = 1 << 14;

struct SmallTreeNodes {
  uint32_t nodes[kMostSmall];
  int depth;

  /** False when the tree has too many nodes or columns, sets of bins, or is damaged. */
  bool read(const TreeWalk& walk) {
    if (walk.size > kMostSmall || walk.columns > kMostSmallColumns) return false;
    struct Open {
      int at, depth;
    };
    Open open[kMostSmall];
    int count = 0;
    open[count++] = {0, 1};
    depth = 0;
    for (int64_t visited = 0; count > 0; visited++) {
      const auto [at, level] = open[--count];
      const uint64_t slot = walk.tree[at];
      const auto column = static_cast<int64_t>(slot >> kColumnShift);
      const int64_t right = static_cast<int64_t>(slot & kRightMask);
      const auto last = static_cast<uint32_t>(slot >> kBinShift) & 255;
      // A second visit to a node, by which a damaged tree could go on for ever, ends it too.
      if (column >= walk.columns || right < 2 || at + right >= walk.size || last == 255 || visited == walk.size) return false;
      const uint32_t missing = (slot & kMissingLeft) != 0;
      nodes[at] = (last + missing + 1) | missing << 9 | static_cast<uint32_t>(right) << 10 | static_cast<uint32_t>(column) << 18;
      depth = std::max(depth, level);
      const auto add = [&](int child, bool isLeaf) {
        if (isLeaf) nodes[child] = 0;
        else if (count < kMostSmall) open[count++] = {child, level + 1};
      };
      add(at + static_cast<int>(right), slot & kRightIsLeaf);
      add(at + 1, slot & kLeftIsLeaf);
    }
    return true;
  }
};

constexpr int kSmallVectors = 4;
/** Rows that walk a small tree together. */
constexpr int kSmallInStep = 8 * kSmallVectors;

/** Rows from `first` on, as many as walk together. */
static inline void walkSmall(const TreeWalk& walk, const SmallTreeNodes& tree, int64_t first, int32_t* leaves) {
  const __m256i zero = _mm256_setzero_si256(), all = _mm256_set1_epi32(-1), one = _mm256_set1_epi32(1);
  const __m256i byte = _mm256_set1_epi32(255), limits = _mm256_set1_epi32(511);
  const auto* nodes = reinterpret_cast<const int*>(tree.nodes);
  const auto* bins = reinterpret_cast<const int*>(walk.bins);
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  __m256i at[kSmallVectors], row[kSmallVectors];
  for (int v = 0; v < kSmallVectors; v++) {
    at[v] = zero;
    const __m256i number = _mm256_add_epi32(lanes, _mm256_set1_epi32(static_cast<int>(first) + 8 * v));
    row[v] = _mm256_mullo_epi32(number, _mm256_set1_epi32(static_cast<int>(walk.stride)));
  }
  for (int level = 0; level < tree.depth; level++) {
    __m256i moved = zero;
    for (int v = 0; v < kSmallVectors; v++) {
      const __m256i node = _mm256_mask_i32gather_epi32(zero, nodes, at[v], all, 4);
      const __m256i place = _mm256_add_epi32(row[v], _mm256_srli_epi32(node, 18));
      const __m256i word = _mm256_mask_i32gather_epi32(zero, bins, place, all, 1);
      const __m256i missing = _mm256_and_si256(_mm256_srli_epi32(node, 9), one);
      const __m256i bin = _mm256_and_si256(_mm256_add_epi32(word, missing), byte);
      const __m256i isLeft = _mm256_cmpgt_epi32(_mm256_and_si256(node, limits), bin);
      const __m256i right = _mm256_and_si256(_mm256_srli_epi32(node, 10), byte);
      const __m256i step = _mm256_blendv_epi8(right, one, isLeft);
      at[v] = _mm256_add_epi32(at[v], step);
      moved = _mm256_or_si256(moved, step);
    }
    if (_mm256_testz_si256(moved, moved)) break;
  }
  for (int v = 0; v < kSmallVectors; v++)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(leaves + first + 8 * v), at[v]);
}

/** Rows that walk a small tree, as many as go together; returns how many. */
static inline int64_t walkSmallTree(const TreeWalk& walk, int32_t* leaves) {
  SmallTreeNodes tree;
  if (walk.count < kSmallInStep || walk.count * walk.stride > INT32_MAX || !tree.read(walk)) return 0;
  int64_t i = 0;
  for (; i + kSmallInStep <= walk.count; i += kSmallInStep) walkSmall(walk, tree, i, leaves);
  return i;
}

#else

static inline int64_t walkSmallTree(const TreeWalk&, int32_t*) { return 0; }

#endif

}  // namespace onecopy::ONECOPY_LEVEL
