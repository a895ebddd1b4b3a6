/** Ties the life of a worker process to its parent's. */

#include "process.h"

#include <unistd.h>

#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif

#include "napi.h"

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

}  // namespace

void registerProcess(napi_env env, napi_value exports) {
  exportFunction<dieWithParent>(env, exports, "dieWithParent");
}

}  // namespace onecopy
