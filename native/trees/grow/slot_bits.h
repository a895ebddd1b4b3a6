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
//   bits 41-63  its column
// A leaf's slot holds its value, a double. A tree of one slot is a leaf.

constexpr uint64_t kRightMask = (uint64_t{1} << 30) - 1;
constexpr uint64_t kLeftIsLeaf = uint64_t{1} << 30;
constexpr uint64_t kRightIsLeaf = uint64_t{1} << 31;
constexpr int kBinShift = 32;
constexpr uint64_t kMissingLeft = uint64_t{1} << 40;
constexpr int kColumnShift = 41;
constexpr int64_t kMostColumns = int64_t{1} << 23;

static inline int64_t columnOf(uint64_t slot) { return static_cast<int64_t>(slot >> kColumnShift); }

/** Whether a row goes left, by its bin in the node's column. */
static inline bool goesLeft(uint64_t slot, uint8_t bin) {
  const auto last = static_cast<uint8_t>(slot >> kBinShift);
  return bin == 255 ? (slot & kMissingLeft) != 0 : bin <= last;
}

}  // namespace onecopy
