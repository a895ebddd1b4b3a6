/** Makes and reads the nodes of grown trees. */

#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "trees/grow/slot_bits.h"

namespace onecopy {

inline uint64_t makeInner(int64_t column, int bin, bool missingLeft) {
  return static_cast<uint64_t>(column) << kColumnShift | (missingLeft ? kMissingLeft : 0) |
         static_cast<uint64_t>(bin) << kBinShift;
}

inline uint64_t makeSetNode(int64_t column, bool missingLeft) { return kHasSet | makeInner(column, 0, missingLeft); }

inline uint64_t makeLeaf(double value) { return std::bit_cast<uint64_t>(value); }
inline double leafValue(uint64_t slot) { return std::bit_cast<double>(slot); }

/**
 * Whether every walk through a tree ends in a leaf within it: all children stand behind their nodes, and columns are fewer
 * than `columns`.
 */
inline bool isSound(std::span<const uint64_t> tree, int64_t columns) {
  if (tree.empty()) return false;
  if (tree.size() == 1) return true;
  std::vector<size_t> nodes = {0};
  for (size_t visited = 0; !nodes.empty(); visited++) {
    const size_t at = nodes.back();
    nodes.pop_back();
    const size_t left = at + leftDistance(tree[at]), right = at + (tree[at] & kRightMask);
    // Subtrees stand one after the other, so that no node is visited twice.
    if (columnOf(tree[at]) >= columns || left >= right || right >= tree.size() || visited > tree.size()) return false;
    if (!(tree[at] & kRightIsLeaf)) nodes.push_back(right);
    if (!(tree[at] & kLeftIsLeaf)) nodes.push_back(left);
  }
  return true;
}

/** The value of the leaf that a row of bins comes to in the tree of `size` slots. */
inline double walk(const uint64_t* tree, int64_t size, const uint8_t* bins) {
  if (size == 1) return leafValue(*tree);
  for (const uint64_t* at = tree;;) {
    const uint64_t slot = *at;
    const bool left = goesLeft(at, bins[columnOf(slot)]);
    at += left ? leftDistance(slot) : static_cast<int64_t>(slot & kRightMask);
    if (slot & (left ? kLeftIsLeaf : kRightIsLeaf)) return leafValue(*at);
  }
}

}  // namespace onecopy
