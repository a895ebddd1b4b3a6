/** Vectors of an item for each row, whose memory goes back to the system. */

#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace onecopy {

/**
 * Gives large vectors pages of their own: what the C library's allocator keeps of freed memory would stand beside what is
 * allocated next. Items that a vector grows by without a value are not set.
 */
template <class T>
struct PageAllocator {
  using value_type = T;

  PageAllocator() = default;
  template <class U>
  PageAllocator(const PageAllocator<U>&) {}

  T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T);
    if (bytes < kLeastBytes) return static_cast<T*>(::operator new(bytes));
    void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
    // Rows are read in the order of leaves: fewer pages take fewer look-ups of their addresses. It may be refused.
    if (bytes >= kLeastHuge) madvise(pages, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(pages);
  }
  void deallocate(T* items, size_t count) {
    const size_t bytes = count * sizeof(T);
    if (bytes < kLeastBytes) ::operator delete(items);
    else munmap(items, bytes);
  }
  template <class U>
  void construct(U* item) {
    ::new (static_cast<void*>(item)) U;
  }
  template <class U, class... Arguments>
  void construct(U* item, Arguments&&... arguments) {
    ::new (static_cast<void*>(item)) U(std::forward<Arguments>(arguments)...);
  }
  bool operator==(const PageAllocator&) const { return true; }

 private:
  static constexpr size_t kLeastBytes = size_t{1} << 16;
  static constexpr size_t kLeastHuge = size_t{1} << 21;
};

template <class T>
using RowVector = std::vector<T, PageAllocator<T>>;

/** Numbers of rows. */
using RowNumbers = RowVector<int32_t>;

}  // namespace onecopy
