/** The registry of mappings, and the system calls behind it. */

#include "memory/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <utility>

#include "border/napi.h"
#include "memory/given.h"
#include "memory/pages.h"
#include "memory/segments.h"

namespace onecopy {
namespace {

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

[[noreturn]] void fail(const char* code, const std::string& what) {
  throw Error(code, what + ": " + std::strerror(errno) + ".");
}

struct stat statusOf(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) fail("ERR_FILE", "Could not read the size of the file");
  return status;
}

MappingKey keyOf(const struct stat& status, bool isPrivate) {
  return {static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino),
          static_cast<uint64_t>(status.st_size), isPrivate};
}

Map mapPages(int fd, const MappingKey& key) {
  // Without MAP_NORESERVE the kernel refuses a private map larger than memory, though only pages
  // that are written to will ever need any.
  const int flags = key.isPrivate ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
  void* address = mmap(nullptr, key.length, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (address != MAP_FAILED) return Map(address, key.length);
  const std::string what = "Could not map " + std::to_string(key.length) + " bytes";
  if (errno != ENOMEM) fail("ERR_MEMORY", what);
  throw Error("ERR_MEMORY", what + ": no room, or as many maps as vm.max_map_count allows.");
}

/** Registers a map, and takes it and `kept` over; the caller holds the mutex. */
MappingPointer addMapping(Registry& known, const MappingKey& key, Map map, File kept,
                          const MapOptions& options) {
  const uint64_t id = ++known.lastId;
  auto mapping = std::make_shared<Mapping>(id, key, map.get(), kept.get(), options.isScratch);
  map.release();
  kept.release();
  known.byId[id] = mapping;
  known.byAddress[mapping->address] = mapping;
  if (!options.isFresh) known.byKey[key] = {id, mapping};
  return mapping;
}

/** Scratch memory in a folder, for the moment that it has a name; mkstemp replaces the six X. */
constexpr char temporaryName[] = "/.onecopy-XXXXXX";

#ifdef __linux__

File openUnnamed(const std::string& folder) {
  File file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.get() >= 0) return file;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
    fail("ERR_FILE", "Could not make scratch memory in " + folder);
  std::string name = folder + temporaryName;
  File named(mkostemp(name.data(), O_CLOEXEC));
  if (named.get() < 0) fail("ERR_FILE", "Could not make scratch memory in " + folder);
  unlink(name.c_str());
  return named;
}

/** A memfd that nobody can cut short, since that would kill every process that reads it. */
File openMemory(uint64_t length) {
  File file(memfd_create("onecopy", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0) fail("ERR_MEMORY", "Could not make scratch memory");
  if (ftruncate(file.get(), static_cast<off_t>(length)) != 0)
    fail("ERR_MEMORY", "Could not make " + std::to_string(length) + " bytes of scratch memory");
  fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
  return file;
}

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

File openScratch(uint64_t length, const std::string& folder) {
  if (folder.empty()) return openMemory(length);
  File file = openUnnamed(folder);
  reserveSpace(file.get(), length);
  return file;
}

#else

/** A shared memory object or file whose name is taken away at once. */
File openScratch(uint64_t length, const std::string& folder) {
  static std::atomic<uint64_t> count = 0;
  const bool isMemory = folder.empty();
  std::string name = isMemory ? "/onecopy-" + processToken().substr(0, 8) + std::to_string(++count)
                              : folder + temporaryName;
  File file(isMemory ? shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600) : mkstemp(name.data()));
  if (file.get() < 0)
    fail(isMemory ? "ERR_MEMORY" : "ERR_FILE", "Could not make scratch memory in " + folder);
  isMemory ? shm_unlink(name.c_str()) : unlink(name.c_str());
  fcntl(file.get(), F_SETFD, FD_CLOEXEC);
  reserveSpace(file.get(), length);
  return file;
}

#endif

}  // namespace

/** Mappings of this process that may be parked one day. */
static std::atomic<uint64_t> livingSegments{0};

uint64_t trimScratch(uint64_t idleMs) {
  takeBackGiven(0);
  return trimSegments(idleMs) + livingSegments;
}

Mapping::~Mapping() {
  if (isSegment_) livingSegments--;
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
  if (fd >= 0) close(fd);
}

MappingPointer mapFile(int fd, const MapOptions& options) {
  const struct stat status = statusOf(fd);
  if (!S_ISREG(status.st_mode)) throw Error("ERR_FILE", "Only a regular file can be mapped.");
  if (status.st_size == 0) throw Error("ERR_FILE", "An empty file can't be mapped.");
  const MappingKey key = keyOf(status, options.isPrivate);
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  if (!options.isFresh) {
    const auto entry = known.byKey.find(key);
    // SAFETY: the pointer is returned, so it can't be the last one that dies under the lock.
    if (entry != known.byKey.end())
      if (MappingPointer mapping = entry->second.second.lock()) return mapping;
  }
  File kept(options.isScratch ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1);
  if (options.isScratch && kept.get() < 0) fail("ERR_FILE", "Could not keep scratch memory open");
  return addMapping(known, key, mapPages(fd, key), std::move(kept), options);
}

/** A segment of this length that nobody uses any more. */
static bool reuseSegment(uint64_t length, Segment* segment) {
  if (takeSegment(length, segment)) return true;
  takeBackGiven(length);
  return takeSegment(length, segment);
}

MappingPointer createScratch(uint64_t length, const std::string& folder, bool zero) {
  Segment segment;
  const bool isWarm = folder.empty() && reuseSegment(length, &segment);
  File file = isWarm ? File(segment.fd) : openScratch(length, folder);
  bool isSegment = isWarm;
  if (!isWarm && folder.empty()) {
    File counted(countOpenings(file.get()));
    isSegment = counted.get() >= 0;
    if (isSegment) file = std::move(counted);
  }
  Map map = isWarm ? Map(segment.address, length) : Map();
  const MappingKey key = keyOf(statusOf(file.get()), false);
  if (!isWarm) map = mapPages(file.get(), key);
  if (isWarm && zero) std::memset(map.get(), 0, length);
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  MappingPointer mapping = addMapping(known, key, std::move(map), std::move(file),
                                      {.isPrivate = false, .isScratch = true});
  mapping->isSegment_ = isSegment;
  if (isSegment) livingSegments++;
  mapping->isWarm_ = isWarm;
  return mapping;
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

void discardPages(Mapping& mapping) {
  if (!mapping.isScratch || mapping.key.isPrivate || mapping.isLeft_) return;
#ifdef __linux__
  const int flags = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  // Before: what is written meanwhile finds its pages either way.
  mapping.isWarm_ = false;
  // Whole pages: of a page that ends behind the hole the kernel only clears the bytes.
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t whole = (mapping.key.length + page - 1) / page * page;
  if (fallocate(mapping.fd, flags, 0, static_cast<off_t>(whole)) == 0) return;
#endif
  // A file system without holes: at least the promise of zeros holds.
  std::memset(mapping.address, 0, mapping.key.length);
}

void leavePages(Mapping& mapping) {
  static std::mutex& mutex = *new std::mutex;
  const std::lock_guard once(mutex);
  if (!mapping.isScratch || mapping.key.isPrivate || mapping.isLeft_) return;
#ifdef __linux__
  // What another process sees, too, can't be used again; its maker frees it for all, as ever.
  if (mapping.isSegment_ && !isAlone(mapping.fd)) return discardPages(mapping);
  File nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nothing.get() < 0) fail("ERR_MEMORY", "Could not leave scratch memory");
  File kept;
  Map moved;
  bool isPopulated = mapping.isWarm_;
  if (mapping.isSegment_) {
    kept = File(fcntl(mapping.fd, F_DUPFD_CLOEXEC, 0));
    if (kept.get() < 0) fail("ERR_MEMORY", "Could not leave scratch memory");
    moved = moveMap(mapping, kept.get(), &isPopulated);
    mapping.isWarm_ = false;  // the page tables have gone with it
  }
  // Its maker, another process, learns that the pages are wanted no more. As the mode of the file: the one
  // thing beside its bytes that all who have it open can write and read.
  if (!mapping.isSegment_) fchmod(mapping.fd, kLeftMode);
  showZeros(mapping);
  // The number stays taken, so that a reference on its way never finds other memory under it.
  dup3(nothing.get(), mapping.fd, O_CLOEXEC);
  mapping.isLeft_ = true;
  {
    Registry& known = registry();
    const std::lock_guard lock(known.mutex);
    known.forgetKey(mapping);
  }
  if (!mapping.isSegment_) return;
  const Segment segment{static_cast<std::byte*>(moved.get()), mapping.key.length, kept.get(), isPopulated};
  moved.release();
  kept.release();
  parkSegment(segment);
#else
  discardPages(mapping);
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
  if (mapping->isSegment_ && !mapping->isGiven_.exchange(true)) listGiven(mapping);
}

void writeBytes(const Mapping& mapping, uint64_t at, const void* bytes, uint64_t count) {
#ifdef __linux__
  // A write to pages that don't exist yet takes half the time of one fault after the other.
  while (!mapping.isWarm_ && count > 0) {
    const ssize_t written = pwrite(mapping.fd, bytes, count, static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("ERR_MEMORY", "Could not write " + std::to_string(count) + " bytes of scratch memory");
    bytes = static_cast<const std::byte*>(bytes) + written;
    at += static_cast<uint64_t>(written);
    count -= static_cast<uint64_t>(written);
  }
#endif
  std::memcpy(mapping.address + at, bytes, count);
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
