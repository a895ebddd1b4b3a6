/** The slots of one grown tree, in memory that goes back to the system. */

#pragma once

#include <cstdint>
#include <span>

#include "trees/grow/row_vector.h"

namespace onecopy {

/** Keeps the slots of a tree until they are moved to their place. A forest would take its size twice in memory that is kept for later. */
class SlotMemory {
 public:
  SlotMemory() = default;
  explicit SlotMemory(std::span<const uint64_t> slots) : slots_(slots.begin(), slots.end()) {}
  SlotMemory(SlotMemory&&) noexcept = default;
  SlotMemory& operator=(SlotMemory&&) noexcept = default;

  std::span<const uint64_t> slots() const { return slots_; }

 private:
  RowVector<uint64_t> slots_;
};

}  // namespace onecopy
