/** A descriptor and a map of pages that free themselves. */

#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace onecopy {

/** A descriptor that closes itself. */
class File {
 public:
  explicit File(int fd = -1) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(File&& other) noexcept : fd_(other.release()) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/** A map of pages that unmaps itself. */
class Map {
 public:
  Map() = default;
  Map(void* address, uint64_t length) : address_(address), length_(length) {}
  ~Map() {
    if (address_ != nullptr) munmap(address_, length_);
  }
  Map(Map&& other) noexcept : Map(other.address_, other.length_) { other.release(); }
  Map& operator=(Map&& other) noexcept {
    std::swap(address_, other.address_);
    std::swap(length_, other.length_);
    return *this;
  }
  void* get() const { return address_; }
  void* release() { return std::exchange(address_, nullptr); }

 private:
  void* address_ = nullptr;
  uint64_t length_ = 0;
};

}  // namespace onecopy
