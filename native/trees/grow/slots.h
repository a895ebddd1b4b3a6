/** Makes and reads the nodes of grown trees. */

#pragma once

#include <bit>
#include <cstdint>

#include "trees/grow/slot_bits.h"

namespace onecopy {

inline uint64_t makeInner(int64_t column, int bin, bool missingLeft) {
  return static_cast<uint64_t>(column) << kColumnShift | (missingLeft ? kMissingLeft : 0) |
         static_cast<uint64_t>(bin) << kBinShift;
}

inline uint64_t makeLeaf(double value) { return std::bit_cast<uint64_t>(value); }
inline double leafValue(uint64_t slot) { return std::bit_cast<double>(slot); }

/** The value of the leaf that a row of bins comes to in the tree of `size` slots. */
inline double walk(const uint64_t* tree, int64_t size, const uint8_t* bins) {
  if (size == 1) return leafValue(*tree);
  for (const uint64_t* at = tree;;) {
    const uint64_t slot = *at;
    const bool left = goesLeft(slot, bins[columnOf(slot)]);
    at += left ? 1 : slot & kRightMask;
    if (slot & (left ? kLeftIsLeaf : kRightIsLeaf)) return leafValue(*at);
  }
}

}  // namespace onecopy
