/** Files of scratch memory, which have no name. */

#include "memory/scratch_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <utility>

#include "memory/mapping.h"
#include "memory/registry.h"

namespace onecopy {

#ifdef __linux__

/** A memfd that nobody can cut short, since that would kill every process that reads it. */
File openScratchFile(uint64_t length) {
  File file(memfd_create("onecopy", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0) fail("ERR_MEMORY", "Could not make scratch memory");
  if (ftruncate(file.get(), static_cast<off_t>(length)) != 0)
    fail("ERR_MEMORY", "Could not make " + std::to_string(length) + " bytes of scratch memory");
  fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
  return file;
}

#else

/** A shared memory object whose name is taken away at once. */
File openScratchFile(uint64_t length) {
  static std::atomic<uint64_t> count = 0;
  const std::string name = "/onecopy-" + processToken().substr(0, 8) + std::to_string(++count);
  File file(shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
  if (file.get() < 0) fail("ERR_MEMORY", "Could not make scratch memory");
  shm_unlink(name.c_str());
  fcntl(file.get(), F_SETFD, FD_CLOEXEC);
  reserveSpace(file.get(), length);
  return file;
}

#endif

}  // namespace onecopy
