/** The registry of mappings, and the system calls behind it. */

#include "memory/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <utility>

#include "border/napi.h"
#include "memory/pages.h"
#include "memory/registry.h"
#include "memory/slots.h"
#include "memory/segments.h"

namespace onecopy {
namespace {

/** Living mappings by number and by key. The mutex is never held while a mapping may die. */
struct Registry {
  std::mutex mutex;
  uint64_t lastId = 0;
  std::map<uint64_t, std::weak_ptr<Mapping>> byId;
  std::map<const std::byte*, std::weak_ptr<Mapping>> byAddress;
  std::map<MappingKey, std::pair<uint64_t, std::weak_ptr<Mapping>>> byKey;

  /** The caller holds the mutex. A younger mapping may have taken the place of this one. */
  void forgetKey(const Mapping& mapping) {
    const auto entry = byKey.find(mapping.key);
    if (entry != byKey.end() && entry->second.first == mapping.id) byKey.erase(entry);
  }
};

/** Never destroyed: buffers are collected on other threads even while the process exits. */
Registry& registry() {
  static Registry& instance = *new Registry;
  return instance;
}

/** As registerMapping; the caller holds the mutex. */
MappingPointer addLocked(Registry& known, const MappingKey& key, Map map, File kept,
                         const MapOptions& options, std::shared_ptr<const File> shared = nullptr) {
  const uint64_t id = ++known.lastId;
  const int fd = shared == nullptr ? kept.get() : shared->get();
  auto mapping = std::make_shared<Mapping>(id, key, map.get(), fd, options.isScratch);
  mapping->sharedFile = std::move(shared);
  map.release();
  kept.release();
  known.byId[id] = mapping;
  known.byAddress[mapping->address] = mapping;
  if (!options.isFresh) known.byKey[key] = {id, mapping};
  return mapping;
}

}  // namespace

void fail(const char* code, const std::string& what) {
  throw Error(code, what + ": " + std::strerror(errno) + ".");
}

struct stat statusOf(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) fail("ERR_FILE", "Could not read the size of the file");
  return status;
}

MappingKey keyOf(const struct stat& status, bool isPrivate) {
  return {static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino),
          static_cast<uint64_t>(status.st_size), 0, static_cast<uint64_t>(status.st_size), isPrivate};
}

Map mapPages(int fd, const MappingKey& key) {
  // Without MAP_NORESERVE the kernel refuses a private map larger than memory, though only pages
  // that are written to will ever need any.
  const int flags = key.isPrivate ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
  void* address = mmap(nullptr, key.length, PROT_READ | PROT_WRITE, flags, fd, static_cast<off_t>(key.start));
  if (address != MAP_FAILED) return Map(address, key.length);
  const std::string what = "Could not map " + std::to_string(key.length) + " bytes";
  if (errno != ENOMEM) fail("ERR_MEMORY", what);
  throw Error("ERR_MEMORY", what + ": no room, or as many maps as vm.max_map_count allows.");
}

MappingPointer registerMapping(const MappingKey& key, Map map, File kept, const MapOptions& options) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  return addLocked(known, key, std::move(map), std::move(kept), options);
}

MappingPointer registerSlot(const MappingKey& key, Map map, std::shared_ptr<const File> file) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  return addLocked(known, key, std::move(map), File(), {.isPrivate = false, .isScratch = true}, std::move(file));
}

void forgetKey(const Mapping& mapping) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  known.forgetKey(mapping);
}

Mapping::~Mapping() {
  if (isSegment_) countSegment(-1);
  {
    Registry& known = registry();
    const std::lock_guard lock(known.mutex);
    known.byId.erase(id);
    known.byAddress.erase(address);
    known.forgetKey(*this);
  }
  if (isSegment_ && !isLeft_) {
    parkSegment({address, key.length, fd, isWarm_});
    return;
  }
  munmap(address, key.length);
  if (fd >= 0 && sharedFile == nullptr) close(fd);
}

/** The bytes that are asked for. */
static MappingKey rangeOf(const struct stat& status, const MapOptions& options) {
  MappingKey key = keyOf(status, options.isPrivate);
  if (options.length == 0) return key;
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (options.start % page != 0 || options.length > key.length || options.start > key.length - options.length)
    throw Error("ERR_FILE", "The file has no " + std::to_string(options.length) + " bytes to map from byte " +
                                std::to_string(options.start) + " on.");
  key.start = options.start;
  key.length = options.length;
  return key;
}

MappingPointer mapFile(int fd, const MapOptions& options) {
  const struct stat status = statusOf(fd);
  if (!S_ISREG(status.st_mode)) throw Error("ERR_FILE", "Only a regular file can be mapped.");
  if (status.st_size == 0) throw Error("ERR_FILE", "An empty file can't be mapped.");
  const MappingKey key = rangeOf(status, options);
  const bool isSlot = options.isScratch && key.length < key.fileLength;
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  if (!options.isFresh) {
    const auto entry = known.byKey.find(key);
    // SAFETY: the pointer is returned, so it can't be the last one that dies under the lock.
    if (entry != known.byKey.end())
      if (MappingPointer mapping = entry->second.second.lock()) return mapping;
  }
  if (isSlot) return addLocked(known, key, mapPages(fd, key), File(), options, fileOfSlots(fd, status));
  File kept(options.isScratch ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1);
  if (options.isScratch && kept.get() < 0) fail("ERR_MEMORY", "Could not keep scratch memory open");
  return addLocked(known, key, mapPages(fd, key), std::move(kept), options);
}

MappingPointer findMapping(uint64_t id) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  const auto entry = known.byId.find(id);
  return entry == known.byId.end() ? nullptr : entry->second.lock();
}

MappingPointer findMappingAt(const std::byte* address) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  const auto entry = known.byAddress.find(address);
  return entry == known.byAddress.end() ? nullptr : entry->second.lock();
}

bool hasPrivatePages(const Mapping& mapping, uint64_t start, uint64_t stop) {
  if (mapping.isLeft_) return true;
  if (!mapping.key.isPrivate || start >= stop) return false;
  // The first write to a clean page is a page fault, so without any fault since then what was clean
  // is clean. Between small tasks there often is none, and a scan takes 4 ms for 800 MB.
  const uint64_t faults = countPageFaults();
  {
    const std::lock_guard lock(mapping.cleanMutex_);
    const auto& clean = mapping.clean_;
    if (faults == clean.faults && start >= clean.start && stop <= clean.stop) return false;
  }
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t base = reinterpret_cast<uint64_t>(mapping.address);
  if (hasAnonymousPages((base + start) / page * page, (base + stop + page - 1) / page * page)) return true;
  const std::lock_guard lock(mapping.cleanMutex_);
  mapping.clean_ = {start, stop, faults};
  return false;
}

void reserveSpace(int fd, uint64_t length) {
#ifdef __linux__
  // Signals interrupt it on some file systems; a profiler sends them without end.
  int attempts = 100;
  do errno = posix_fallocate(fd, 0, static_cast<off_t>(length));
  while (errno == EINTR && --attempts > 0);
#else
  errno = ftruncate(fd, static_cast<off_t>(length)) == 0 ? 0 : errno;
#endif
  if (errno != 0) fail("ERR_MEMORY", "Could not reserve " + std::to_string(length) + " bytes on the disk");
}

const std::string& processToken() {
  static const std::string& token = *new std::string([] {
    std::random_device random;
    std::string text;
    for (int i = 0; i < 32; i++) text += "0123456789abcdef"[random() % 16];
    return text;
  }());
  return token;
}

}  // namespace onecopy
