/** The parking lot of scratch segments, and the question to the kernel who else sees one. */

#include "memory/segments.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <mutex>
#include <string>
#include <vector>

namespace onecopy {
namespace {

using Clock = std::chrono::steady_clock;

/** What may lie parked: enough for a stream of results, little beside the data of a job. */
constexpr uint64_t kMostBytes = uint64_t{256} << 20;
constexpr size_t kMostSegments = 64;
/** Smaller ones are made anew as fast. */
constexpr uint64_t kLeastBytes = uint64_t{64} << 10;

struct Parked {
  Segment segment;
  Clock::time_point since;
};

/** In the order in which they were parked. */
struct Lot {
  std::mutex mutex;
  std::vector<Parked> parked;
  uint64_t bytes = 0;

  Segment takeAt(size_t index) {
    const Segment segment = parked[index].segment;
    parked.erase(parked.begin() + static_cast<std::ptrdiff_t>(index));
    bytes -= segment.length;
    return segment;
  }
};

/** Never destroyed: buffers are collected on other threads even while the process exits. */
Lot& lot() {
  static Lot& instance = *new Lot;
  return instance;
}

void freeSegment(const Segment& segment) {
  munmap(segment.address, segment.length);
  close(segment.fd);
}

#ifdef __linux__

/** Bytes of a file that have pages. */
uint64_t countBytes(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? static_cast<uint64_t>(status.st_blocks) * 512 : 0;
}

/** Whether the kernel counts openings as we think; asked once, of a segment of our own. */
bool canTell() {
  static const bool answer = [] {
    const int memory = memfd_create("onecopy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const int fd = countOpenings(memory);
    bool right = false;
    if (fd >= 0 && isAlone(fd)) {
      const int reader = open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC);
      right = reader >= 0 && !isAlone(fd);
      if (reader >= 0) close(reader);
      right = right && isAlone(fd);
    }
    if (memory >= 0) close(memory);
    if (fd >= 0) close(fd);
    return right;
  }();
  return answer;
}

#endif

}  // namespace

#ifdef __linux__

int countOpenings(int fd) {
  // What memfd_create returns is no opening like others: it isn't counted as a writer. One by path is.
  const int counted = open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDWR | O_CLOEXEC);
  // Should somebody open it in the instant of a lease, the kernel sends this signal in place of a deadly
  // one. It is ignored by default, and Node has no use for it.
  if (counted >= 0) fcntl(counted, F_SETSIG, SIGURG);
  return counted;
}

bool isAlone(int fd) {
  // A write lease is given only to the one opening of a file; maps count, since they hold theirs.
  // See man 2 fcntl, F_SETLEASE, and check_conflicting_open() in the kernel's fs/locks.c.
  if (fcntl(fd, F_SETLEASE, F_WRLCK) != 0) return false;
  fcntl(fd, F_SETLEASE, F_UNLCK);
  return true;
}

#else

int countOpenings(int) { return -1; }
bool isAlone(int) { return false; }
static bool canTell() { return false; }

#endif

void parkSegment(const Segment& segment) {
  std::vector<Segment> freed;
  if (segment.length < kLeastBytes || segment.length > kMostBytes || !canTell()) {
    freed.push_back(segment);
  } else {
    Lot& known = lot();
    const std::lock_guard lock(known.mutex);
    known.parked.push_back({segment, Clock::now()});
    known.bytes += segment.length;
    while (known.bytes > kMostBytes || known.parked.size() > kMostSegments) freed.push_back(known.takeAt(0));
  }
  for (const Segment& each : freed) freeSegment(each);  // takes long, so not under the lock
}

bool takeSegment(uint64_t length, Segment* segment) {
  {
    Lot& known = lot();
    const std::lock_guard lock(known.mutex);
    // The last one first: its bytes may still be in the cache.
    size_t at = known.parked.size();
    const auto fits = [&] {
      const Segment& candidate = known.parked[at].segment;
      return candidate.length == length && isAlone(candidate.fd);
    };
    do {
      if (at == 0) return false;
      at--;
    } while (!fits());
    *segment = known.takeAt(at);
  }
#ifdef __linux__
  fchmod(segment->fd, kOwnMode);  // its last owner may have left it
  // Another process may have freed pages of it.
  if (countBytes(segment->fd) < length) segment->isPopulated = false;
  // MADV_POPULATE_WRITE of Linux 5.14, which headers may not have and older kernels refuse: all in one go,
  // not page by page as it is written to.
  if (!segment->isPopulated) madvise(segment->address, length, 23);
#endif
  segment->isPopulated = true;
  return true;
}

uint64_t trimSegments(uint64_t idleMs) {
  std::vector<Segment> freed;
  uint64_t left = 0;
  {
    Lot& known = lot();
    const std::lock_guard lock(known.mutex);
    const auto limit = Clock::now() - std::chrono::milliseconds(idleMs);
    while (!known.parked.empty() && known.parked.front().since <= limit) freed.push_back(known.takeAt(0));
    left = known.parked.size();
  }
  for (const Segment& each : freed) freeSegment(each);
  return left;
}

}  // namespace onecopy
