/**
 * Mapped files and scratch segments, one map for each in a process, shared by all its threads.
 *
 * No Node-API in here. A mapping lives as long as somebody holds its pointer, on any thread; its
 * last holder unmaps it and closes its descriptor. Every function may run on any thread and throws
 * `Error` with `ERR_FILE` or `ERR_MEMORY`.
 */

#pragma once

#include <sys/types.h>

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace onecopy {

/** Which bytes of which file, and whether writes stay private; equal keys share one map. */
struct MappingKey {
  uint64_t device;
  uint64_t inode;
  uint64_t fileLength;
  /** First byte of the file that is mapped, a multiple of the page size; 0 but for a slot (`slots.h`). */
  uint64_t start;
  uint64_t length;
  bool isPrivate;
  auto operator<=>(const MappingKey&) const = default;
};

class File;
class Mapping;
using MappingPointer = std::shared_ptr<Mapping>;

class Mapping {
 public:
  /** Takes over the map of `key.length` bytes at `address`, and `fd` unless it is -1. */
  Mapping(uint64_t id, const MappingKey& key, void* address, int fd, bool isScratch)
      : id(id), key(key), address(static_cast<std::byte*>(address)), fd(fd), isScratch(isScratch) {}
  /** Unmaps, or parks the memory as a segment for others (`segments.h`). */
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  /** Number of the mapping, never used again in this process. */
  const uint64_t id;
  const MappingKey key;
  std::byte* const address;
  /** By which other processes open scratch memory; -1 for a file. */
  const int fd;
  /** Owns `fd` together with other slots of the same file; null where the mapping owns it. */
  std::shared_ptr<const File> sharedFile;
  const bool isScratch;

 private:
  friend MappingPointer createScratch(uint64_t length, bool zero);
  friend bool hasPrivatePages(const Mapping& mapping, uint64_t start, uint64_t stop);
  friend void discardPages(Mapping& mapping);
  friend bool isGone(const Mapping& mapping);
  friend void leavePages(Mapping& mapping);
  friend bool takeBack(Mapping& mapping);
  friend void giveAway(const MappingPointer& mapping);
  friend void writeBytes(const Mapping& mapping, uint64_t at, const void* bytes, uint64_t count);
  friend class PageUse;

  /** How pages are given up. */
  enum class End { kNone, kDiscard, kLeave };
  void giveUp(End end);
  void giveUpNow(End end);
  void discardNow();
  void leaveNow();

  /** Guards what is about uses and the end of the pages. */
  mutable std::mutex useMutex_;
  uint32_t uses_ = 0;
  /** What happens after the last use, or has happened. */
  End end_ = End::kNone;

  /** Made here and fit to be a segment again: `fd` is a result of countOpenings. */
  bool isSegment_ = false;
  /** Its pages are there, so that writing to them costs no faults. */
  std::atomic<bool> isWarm_ = false;
  /** Listed in `given.h`. */
  std::atomic<bool> isGiven_ = false;
  /** leavePages was called: `address` shows zeros of this process, and `fd` nothing. */
  std::atomic<bool> isLeft_ = false;

  /** Bytes that were found clean, and the page faults that this process had had by then. */
  struct CleanRange {
    uint64_t start = 0, stop = 0, faults = 0;
  };
  mutable std::mutex cleanMutex_;
  mutable CleanRange clean_;
};

struct MapOptions {
  /** Writes stay in this process (copy-on-write); else they reach the file. */
  bool isPrivate = true;
  /** The file is scratch memory of this or another process, so its descriptor is kept (as a copy). */
  bool isScratch = false;
  /**
   * Makes a map of its own even when this process has one, without private writes, and which nobody
   * else gets who maps the file: two threads may each write to theirs.
   */
  bool isFresh = false;
  /** Only these bytes of the file, which are a slot (`slots.h`); 0 bytes: all of it. */
  uint64_t start = 0, length = 0;
};

/** Maps an open regular file, or gives the map that this process already has of the same bytes. */
MappingPointer mapFile(int fd, const MapOptions& options);

/**
 * Makes scratch memory of `length` > 0 bytes that has no name, so that the kernel frees it with
 * its last holder: a memfd. It may be a segment that was used before; only if `zero` all of its bytes are
 * zeros then.
 */
MappingPointer createScratch(uint64_t length, bool zero);

/** The living mapping with this number, or null. */
MappingPointer findMapping(uint64_t id);

/** The living mapping whose first byte stands at this address, or null. */
MappingPointer findMappingAt(const std::byte* address);

/**
 * Keeps the pages of a mapping for a job, on any thread: who gives them up meanwhile (`discardPages`, `leavePages`)
 * frees them when the last use ends.
 */
class PageUse {
 public:
  /** @throws Error `ERR_DETACHED` when the pages were given up */
  explicit PageUse(MappingPointer mapping);
  ~PageUse();
  PageUse(PageUse&& other) noexcept : mapping_(std::move(other.mapping_)) {}
  PageUse(const PageUse&) = delete;
  PageUse& operator=(const PageUse&) = delete;

 private:
  MappingPointer mapping_;
};

/** Whether the pages were given up and nobody uses them any more, so that the memory reads zeros. */
bool isGone(const Mapping& mapping);

/**
 * Gives the pages of writable scratch memory back, at once or after their last use; it reads zeros in every process
 * then.
 */
void discardPages(Mapping& mapping);

/**
 * This process is done with scratch memory, though buffers of it still live: they read zeros of their own
 * from now on or after the last use, and its maker may use the pages for something else. References to it that nobody
 * has opened yet lead nowhere.
 */
void leavePages(Mapping& mapping);

/**
 * Takes the pages of scratch memory back for this process's next use, when the process that it was given to
 * has left it and nobody else has it open; buffers of it read zeros of their own then. Returns whether
 * it need not be asked for again.
 */
bool takeBack(Mapping& mapping);

/** Another process owns this scratch memory from now on: it is taken back once that process has left it (`given.h`). */
void giveAway(const MappingPointer& mapping);

/** Copies `count` bytes into writable scratch memory, from its byte `at` on. */
void writeBytes(const Mapping& mapping, uint64_t at, const void* bytes, uint64_t count);

/** Frees scratch memory that has lain unused for `idleMs`. Returns how many segments there are or may be. */
uint64_t trimScratch(uint64_t idleMs);

/**
 * Tells whether bytes `[start, stop)` of a private mapping lie on pages that this process has
 * written to, so that they may differ from the file. True when the system can't tell, and for memory that
 * was left.
 */
bool hasPrivatePages(const Mapping& mapping, uint64_t start, uint64_t stop);

/** Reserves the first `length` bytes of a file, so that writing to its map can't meet a full disk. */
void reserveSpace(int fd, uint64_t length);

/** A name that no other process has, for references that say where a mapping's number is valid. */
const std::string& processToken();

}  // namespace onecopy
