/** Ties the life of a worker process to its parent's, and lets processes take turns. */

#include "border/process.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif

#include "border/napi.h"

namespace onecopy {
namespace {

/**
 * Asks the kernel for SIGKILL when the parent ends, in whatever way; the signal comes even to a process
 * that is deep in a computation. It is the end of the thread that forked which counts: a thread's pool
 * ends with the thread, as it should. A parent that ended before the request shows by another parent id.
 */
napi_value dieWithParent(const Arguments& arguments) {
  const auto parent = static_cast<pid_t>(arguments.at(0, "parent").integer(1, INT32_MAX));
#ifdef __linux__
  const bool isAsked = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
#else
  const bool isAsked = false;
#endif
  if (getppid() != parent) _exit(1);
  return toValue(arguments.env(), isAsked);
}

/** A lock of flock(2): of an open file or folder, and gone with its descriptor or its process. */
napi_value lockFile(const Arguments& arguments) {
  const auto fd = static_cast<int>(arguments.at(0, "fd").integer(0, INT32_MAX));
  const int result = flock(fd, LOCK_EX | LOCK_NB);
  return toValue(arguments.env(), static_cast<double>(result == 0 ? 0 : errno));
}

}  // namespace

void registerProcess(napi_env env, napi_value exports) {
  exportFunction<dieWithParent>(env, exports, "dieWithParent");
  exportFunction<lockFile>(env, exports, "lockFile");
}

}  // namespace onecopy
