/** Rows of bins that walk a checked copy of a large tree. */

#pragma once

#include "trees/grow/slot_bits.h"
#include "trees/kernels/tree_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

#if !defined(__AVX512F__)

// A word of the copy holds
//   bits  0-31  how many words further its right child stands, 0 for a leaf
//   bits 32-39  the greatest bin that goes left, where bins count from 1 if missing values go left, whose bin then is 0
//   bit     40  whether bins count from 1
//   bit     41  how many words further its left child stands: 1, or 0 for a leaf
//   bits 42-63  its column
// A row that has come to a leaf stays there, so that rows in step need not be told apart.

constexpr int kAddBit = 40, kStepBit = 41, kPlaceBit = 42;
constexpr uint64_t kInner = uint64_t{1} << kStepBit;

/** Copies a tree without sets. Nodes come after their parents, so one pass checks all; false when one points outside. */
static inline bool copyTree(const TreeWalk& walk, uint64_t* copy) {
  for (int64_t i = 0; i < walk.size; i++) copy[i] = 0;
  copy[0] = kInner;
  for (int64_t i = 0; i < walk.size; i++) {
    if (copy[i] != kInner) continue;
    const uint64_t slot = walk.tree[i];
    const uint64_t column = slot >> kColumnShift, right = slot & kRightMask;
    if (column >= static_cast<uint64_t>(walk.columns) || right < 2 || i + static_cast<int64_t>(right) >= walk.size) return false;
    const uint64_t last = (slot >> kBinShift) & 255, add = (slot & kMissingLeft) != 0;
    const uint64_t most = add ? (last < 255 ? last + 1 : 255) : (last < 254 ? last : 254);
    copy[i] = right | most << kBinShift | add << kAddBit | kInner | column << kPlaceBit;
    copy[i + 1] = slot & kLeftIsLeaf ? 0 : kInner;
    copy[i + static_cast<int64_t>(right)] = slot & kRightIsLeaf ? 0 : kInner;
  }
  return true;
}

/** Rows that walk together, so that their look-ups overlap; and levels between two looks whether all have come to leaves. */
constexpr int kTogether = 8, kLevels = 4;

/**
 * Finds the leaves of the first rows, as many as walk together; returns how many they are. None, when the copy would cost more
 * than it saves, or the tree is damaged.
 */
static inline int64_t walkLargeTree(const TreeWalk& walk, int32_t* leaves) {
  if (walk.room == nullptr || walk.hasSets || walk.count * 8 < walk.size || !copyTree(walk, walk.room)) return 0;
  const uint64_t* const copy = walk.room;
  int64_t first = 0;
  for (; first + kTogether <= walk.count; first += kTogether) {
    const uint8_t* const bins = walk.bins + first * walk.stride;
    uint32_t at[kTogether] = {};
    for (uint32_t moved = 1; moved != 0;) {
      for (int level = 0; level < kLevels; level++) {
        moved = 0;
        for (int k = 0; k < kTogether; k++) {
          // SAFETY: the copy is ours, and each of its words was checked to stay inside the tree and the row.
          const uint64_t word = copy[at[k]];
          const uint8_t bin = bins[k * walk.stride + static_cast<int64_t>(word >> kPlaceBit)];
          const auto place = static_cast<uint8_t>(bin + ((word >> kAddBit) & 1));
          const bool left = place <= static_cast<uint8_t>(word >> kBinShift);
          const uint32_t distance = left ? (word >> kStepBit) & 1 : static_cast<uint32_t>(word);
          at[k] += distance;
          moved |= distance;
        }
      }
    }
    for (int k = 0; k < kTogether; k++) leaves[first + k] = static_cast<int32_t>(at[k]);
  }
  return first;
}

#else

/** Rows are looked up by vectors there. */
static inline int64_t walkLargeTree(const TreeWalk&, int32_t*) { return 0; }

#endif

}  // namespace onecopy::ONECOPY_LEVEL
