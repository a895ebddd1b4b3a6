/** Small scratch memory: many pages in one file. */

#include "memory/slots.h"

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <utility>

#include "memory/registry.h"
#include "memory/scratch_file.h"

namespace onecopy {
namespace {

/** A file of them takes 256 kB at most, which its last slot keeps. */
constexpr uint64_t kSlots = 64;

uint64_t pageSize() {
  static const auto bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

struct Slots {
  std::mutex mutex;
  /** The file that new slots are taken from, as long as one of its slots lives. */
  std::weak_ptr<const File> file;
  uint64_t next = 0;
  /** Files that other processes made, by device and inode. */
  std::map<std::pair<uint64_t, uint64_t>, std::weak_ptr<const File>> others;
};

/** Never destroyed: buffers are collected on other threads even while the process exits. */
Slots& slots() {
  static Slots& instance = *new Slots;
  return instance;
}

}  // namespace

bool fitsSlot(uint64_t length) { return length <= pageSize(); }

MappingPointer createSlot(uint64_t length) {
  std::shared_ptr<const File> file;
  uint64_t start;
  {
    Slots& known = slots();
    const std::lock_guard lock(known.mutex);
    file = known.file.lock();
    if (file == nullptr || known.next == kSlots * pageSize()) {
      file = std::make_shared<const File>(openScratchFile(kSlots * pageSize()));
      known.file = file;
      known.next = 0;
    }
    start = known.next;
    known.next += pageSize();
  }
  MappingKey key = keyOf(statusOf(file->get()), false);
  key.start = start;
  key.length = length;
  Map map = mapPages(file->get(), key);
  return registerSlot(key, std::move(map), std::move(file));
}

std::shared_ptr<const File> fileOfSlots(int fd, const struct stat& status) {
  Slots& known = slots();
  const std::lock_guard lock(known.mutex);
  std::erase_if(known.others, [](const auto& each) { return each.second.expired(); });
  auto& other = known.others[{status.st_dev, status.st_ino}];
  std::shared_ptr<const File> file = other.lock();
  if (file != nullptr) return file;
  File kept(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (kept.get() < 0) fail("ERR_MEMORY", "Could not keep scratch memory open");
  file = std::make_shared<const File>(std::move(kept));
  other = file;
  return file;
}

}  // namespace onecopy
