/** Scratch memory: made, left, taken back and used again. */

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "border/napi.h"
#include "memory/given.h"
#include "memory/mapping.h"
#include "memory/registry.h"
#include "memory/scratch_file.h"
#include "memory/segments.h"
#include "memory/slots.h"

namespace onecopy {
namespace {

#ifdef __linux__

/** Memory of zeros that this process alone sees, in place of what it saw there. */
void showZeros(const Mapping& mapping) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
  void* address = mmap(mapping.address, mapping.key.length, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (address == MAP_FAILED) fail("ERR_MEMORY", "Could not leave scratch memory");
}

/** The same memory at another address as well; with its page tables where the kernel can move them. */
Map moveMap(const Mapping& mapping, int fd, bool* isPopulated) {
#ifdef MREMAP_DONTUNMAP
  void* moved = mremap(mapping.address, mapping.key.length, mapping.key.length,
                       MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
  if (moved != MAP_FAILED) return Map(moved, mapping.key.length);
#endif
  *isPopulated = false;
  return mapPages(fd, mapping.key);
}

#endif

}  // namespace

/** Mappings of this process that may be parked one day. */
static std::atomic<int64_t> livingSegments{0};

void countSegment(int change) { livingSegments += change; }

uint64_t trimScratch(uint64_t idleMs) {
  takeBackGiven(0);
  return trimSegments(idleMs) + static_cast<uint64_t>(livingSegments);
}

/** A segment of this length that nobody uses any more. */
static bool reuseSegment(uint64_t length, Segment* segment) {
  if (takeSegment(length, segment)) return true;
  takeBackGiven(length);
  return takeSegment(length, segment);
}

MappingPointer createScratch(uint64_t length, bool zero) {
  if (fitsSlot(length)) return createSlot(length);
  Segment segment;
  const bool isWarm = reuseSegment(length, &segment);
  File file = isWarm ? File(segment.fd) : openScratchFile(length);
  bool isSegment = isWarm;
  if (!isWarm) {
    File counted(countOpenings(file.get()));
    isSegment = counted.get() >= 0;
    if (isSegment) file = std::move(counted);
  }
  Map map = isWarm ? Map(segment.address, length) : Map();
  const MappingKey key = keyOf(statusOf(file.get()), false);
  if (!isWarm) map = mapPages(file.get(), key);
  if (isWarm && zero) std::memset(map.get(), 0, length);
  MappingPointer mapping =
      registerMapping(key, std::move(map), std::move(file), {.isPrivate = false, .isScratch = true});
  mapping->isSegment_ = isSegment;
  if (isSegment) countSegment(1);
  mapping->isWarm_ = isWarm;
  return mapping;
}

static Error goneError() {
  return {"ERR_DETACHED", "The shared memory was freed by [Symbol.dispose](). Dispose of an array after its last use."};
}

PageUse::PageUse(MappingPointer mapping) : mapping_(std::move(mapping)) {
  const std::lock_guard lock(mapping_->useMutex_);
  if (mapping_->end_ != Mapping::End::kNone && mapping_->uses_ == 0) throw goneError();
  mapping_->uses_++;
}

PageUse::~PageUse() {
  if (mapping_ == nullptr) return;
  const std::lock_guard lock(mapping_->useMutex_);
  if (--mapping_->uses_ > 0 || mapping_->end_ == Mapping::End::kNone) return;
  try {
    mapping_->giveUpNow(mapping_->end_);
  } catch (const std::exception&) {  // the pages go with the mapping
  }
}

bool isGone(const Mapping& mapping) {
  const std::lock_guard lock(mapping.useMutex_);
  return mapping.end_ != Mapping::End::kNone && mapping.uses_ == 0;
}

void discardPages(Mapping& mapping) { mapping.giveUp(Mapping::End::kDiscard); }

void leavePages(Mapping& mapping) { mapping.giveUp(Mapping::End::kLeave); }

void Mapping::giveUp(End end) {
  if (!isScratch || key.isPrivate) return;
  const std::lock_guard lock(useMutex_);
  end_ = end;
  if (uses_ == 0) giveUpNow(end);
}

void Mapping::giveUpNow(End end) {
  if (isLeft_) return;
  if (end == End::kLeave) leaveNow();
  else discardNow();
}

void Mapping::discardNow() {
#ifdef __linux__
  const int flags = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  // Before: what is written meanwhile finds its pages either way.
  isWarm_ = false;
  // Whole pages: of a page that ends behind the hole the kernel only clears the bytes.
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t whole = (key.length + page - 1) / page * page;
  if (fallocate(fd, flags, static_cast<off_t>(key.start), static_cast<off_t>(whole)) == 0) return;
#endif
  // A file system without holes: at least the promise of zeros holds.
  std::memset(address, 0, key.length);
}

void Mapping::leaveNow() {
#ifdef __linux__
  if (sharedFile != nullptr) return discardNow();  // a slot is used once
  // What another process sees, too, can't be used again; its maker frees it for all, as ever.
  if (isSegment_ && !isAlone(fd)) return discardNow();
  File nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nothing.get() < 0) fail("ERR_MEMORY", "Could not leave scratch memory");
  File kept;
  Map moved;
  bool isPopulated = isWarm_;
  if (isSegment_) {
    kept = File(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (kept.get() < 0) fail("ERR_MEMORY", "Could not leave scratch memory");
    moved = moveMap(*this, kept.get(), &isPopulated);
    isWarm_ = false;  // the page tables have gone with it
  }
  // Its maker, another process, learns that the pages are wanted no more. As the mode of the file: the one
  // thing beside its bytes that all who have it open can write and read.
  if (!isSegment_) fchmod(fd, kLeftMode);
  showZeros(*this);
  // The number stays taken, so that a reference on its way never finds other memory under it.
  dup3(nothing.get(), fd, O_CLOEXEC);
  isLeft_ = true;
  forgetKey(*this);
  if (!isSegment_) return;
  const Segment segment{static_cast<std::byte*>(moved.get()), key.length, kept.get(), isPopulated};
  moved.release();
  kept.release();
  parkSegment(segment);
#else
  discardNow();
#endif
}

bool takeBack(Mapping& mapping) {
#ifdef __linux__
  if (!mapping.isSegment_ || mapping.isLeft_) return true;
  if ((statusOf(mapping.fd).st_mode & 07777) != kLeftMode || !isAlone(mapping.fd)) return false;
  fchmod(mapping.fd, kOwnMode);
  leavePages(mapping);
#endif
  return true;
}

void giveAway(const MappingPointer& mapping) {
  if (isGone(*mapping)) throw goneError();
  if (mapping->isSegment_ && !mapping->isGiven_.exchange(true)) listGiven(mapping);
}

void writeBytes(const Mapping& mapping, uint64_t at, const void* bytes, uint64_t count) {
#ifdef __linux__
  // A write to pages that don't exist yet takes half the time of one fault after the other.
  while (!mapping.isWarm_ && count > 0) {
    const ssize_t written = pwrite(mapping.fd, bytes, count, static_cast<off_t>(mapping.key.start + at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("ERR_MEMORY", "Could not write " + std::to_string(count) + " bytes of scratch memory");
    bytes = static_cast<const std::byte*>(bytes) + written;
    at += static_cast<uint64_t>(written);
    count -= static_cast<uint64_t>(written);
  }
#endif
  std::memcpy(mapping.address + at, bytes, count);
}

}  // namespace onecopy
