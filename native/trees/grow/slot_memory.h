/** The slots of one grown tree, in memory that goes back to the system. */

#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace onecopy {

/**
 * Keeps the slots of a tree until they are moved to their place. Large ones have pages of their own: what an allocator keeps
 * for later would stand beside the place that they are copied to, so that a forest took its size twice.
 */
class SlotMemory {
 public:
  SlotMemory() = default;
  explicit SlotMemory(std::span<const uint64_t> slots) : size_(slots.size()) {
    if (isLarge()) {
      void* pages = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (pages == MAP_FAILED) throw std::bad_alloc();
      data_ = static_cast<uint64_t*>(pages);
    } else {
      data_ = new uint64_t[size_];
    }
    std::copy(slots.begin(), slots.end(), data_);
  }
  SlotMemory(SlotMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SlotMemory& operator=(SlotMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SlotMemory() {
    if (data_ == nullptr) return;
    if (isLarge()) munmap(data_, bytes());
    else delete[] data_;
  }

  std::span<const uint64_t> slots() const { return {data_, size_}; }

 private:
  size_t bytes() const { return size_ * sizeof(uint64_t); }
  bool isLarge() const { return bytes() >= size_t{1} << 16; }

  uint64_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace onecopy
