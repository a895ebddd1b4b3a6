/** The registry of mappings, and the system calls behind it. */

#include "mapping.h"

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

#include "napi.h"
#include "pages.h"

namespace onecopy {
namespace {

/** A descriptor that closes itself. */
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(File&& other) noexcept : fd_(other.release()) {}
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/** Living mappings by number and by key. The mutex is never held while a mapping may die. */
struct Registry {
  std::mutex mutex;
  uint64_t lastId = 0;
  std::map<uint64_t, std::weak_ptr<Mapping>> byId;
  std::map<MappingKey, std::pair<uint64_t, std::weak_ptr<Mapping>>> byKey;
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

void* mapPages(int fd, const MappingKey& key) {
  // Without MAP_NORESERVE the kernel refuses a private map larger than memory, though only pages
  // that are written to will ever need any.
  const int flags = key.isPrivate ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
  void* address = mmap(nullptr, key.length, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (address != MAP_FAILED) return address;
  const std::string what = "Could not map " + std::to_string(key.length) + " bytes";
  if (errno != ENOMEM) fail("ERR_MEMORY", what);
  throw Error("ERR_MEMORY", what + ": no room, or as many maps as vm.max_map_count allows.");
}

/** Maps and registers; the caller holds the mutex. */
MappingPointer addMapping(Registry& known, const MappingKey& key, int fd, File kept,
                          const MapOptions& options) {
  void* address = mapPages(fd, key);
  const uint64_t id = ++known.lastId;
  auto mapping = std::make_shared<Mapping>(id, key, address, kept.release(), options.isScratch);
  known.byId[id] = mapping;
  if (!options.isFresh) known.byKey[key] = {id, mapping};
  return mapping;
}

#ifdef __linux__

File openUnnamed(const std::string& folder) {
  File file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.get() >= 0) return file;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
    fail("ERR_FILE", "Could not make scratch memory in " + folder);
  std::string name = folder + "/.onecopy-XXXXXX";
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
                              : folder + "/.onecopy-XXXXXX";
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

Mapping::~Mapping() {
  {
    Registry& known = registry();
    const std::lock_guard lock(known.mutex);
    known.byId.erase(id);
    // A younger mapping may have taken the place of this one.
    const auto entry = known.byKey.find(key);
    if (entry != known.byKey.end() && entry->second.first == id) known.byKey.erase(entry);
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
  return addMapping(known, key, fd, std::move(kept), options);
}

MappingPointer createScratch(uint64_t length, const std::string& folder) {
  File file = openScratch(length, folder);
  const MappingKey key = keyOf(statusOf(file.get()), false);
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  const int fd = file.get();
  return addMapping(known, key, fd, std::move(file), {.isPrivate = false, .isScratch = true});
}

MappingPointer findMapping(uint64_t id) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  const auto entry = known.byId.find(id);
  return entry == known.byId.end() ? nullptr : entry->second.lock();
}

void discardPages(const Mapping& mapping) {
  if (!mapping.isScratch || mapping.key.isPrivate) return;
#ifdef __linux__
  const int flags = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  if (fallocate(mapping.fd, flags, 0, static_cast<off_t>(mapping.key.length)) == 0) return;
#endif
  // A file system without holes: at least the promise of zeros holds.
  std::memset(mapping.address, 0, mapping.key.length);
}

bool hasPrivatePages(const Mapping& mapping, uint64_t start, uint64_t stop) {
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
  errno = posix_fallocate(fd, 0, static_cast<off_t>(length));
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
