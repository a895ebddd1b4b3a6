/** The bits of a node of a grown tree. */

#pragma once

#include <cstdint>

namespace onecopy {

// A tree is a list of slots in preorder: the left child of a node stands right after it. An inner node's slot holds
//   bits  0-29  how many slots further its right child stands
//   bit     30  whether its left child is a leaf
//   bit     31  whether its right child is a leaf
//   bits 32-39  the greatest bin that goes left
//   bit     40  whether missing values go left
//   bits 41-62  its column
//   bit     63  whether the column has categories: then four words follow the slot, a bit for each bin that goes left, that of
//               missing values included, and after them stands the left child
// A leaf's slot holds its value, a double. A tree of one slot is a leaf.

constexpr uint64_t kRightMask = (uint64_t{1} << 30) - 1;
constexpr uint64_t kLeftIsLeaf = uint64_t{1} << 30;
constexpr uint64_t kRightIsLeaf = uint64_t{1} << 31;
constexpr int kBinShift = 32;
constexpr uint64_t kMissingLeft = uint64_t{1} << 40;
constexpr int kColumnShift = 41;
constexpr int64_t kMostColumns = int64_t{1} << 22;
constexpr uint64_t kColumnMask = (uint64_t{1} << 22) - 1;
constexpr uint64_t kHasSet = uint64_t{1} << 63;
/** Words of the set of a node's bins. */
constexpr int kSetWords = 4;

static inline int64_t columnOf(uint64_t slot) { return static_cast<int64_t>((slot >> kColumnShift) & kColumnMask); }

/** Whether a bin is in a set. */
static inline bool isInSet(const uint64_t* set, uint8_t bin) { return (set[bin >> 6] >> (bin & 63)) & 1; }

/** Whether a row goes left, by its bin in the node's column. @param node - its slot, and the set that may follow */
static inline bool goesLeft(const uint64_t* node, uint8_t bin) {
  if (*node & kHasSet) return isInSet(node + 1, bin);
  const auto last = static_cast<uint8_t>(*node >> kBinShift);
  return bin == 255 ? (*node & kMissingLeft) != 0 : bin <= last;
}

/** How many slots further the left child of a node stands. */
static inline int64_t leftDistance(uint64_t slot) { return slot & kHasSet ? 1 + kSetWords : 1; }

}  // namespace onecopy
