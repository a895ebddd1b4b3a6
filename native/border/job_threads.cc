/** Threads that run one job after the other. */

#include "border/job_threads.h"

#include <dlfcn.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace onecopy {
namespace {

// A thread takes longer to start and to end than many a job does. So that one job after the other finds a thread, a few wait a while.
constexpr size_t kMostIdle = 4;
constexpr std::chrono::seconds kLongestIdle{2};

/** A thread that waits for work. It lives on that thread's stack; all of it is read and written under the mutex. */
struct Idle {
  std::condition_variable wake;
  std::function<void()> work;
};

struct Threads {
  std::mutex mutex;
  std::vector<Idle*> idle;
};

/** Never destroyed: threads may wait while the process exits. */
Threads& threads() {
  static Threads* const only = [] {
    // An environment that ends unloads its libraries, whose code these threads run.
    Dl_info info;
    if (dladdr(reinterpret_cast<void*>(&runOnThread), &info) != 0) dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
    return new Threads;
  }();
  return *only;
}

void runAll(std::function<void()> work) {
  for (;;) {
    work();
    work = nullptr;  // what it holds ends with it
    Idle own;
    std::unique_lock lock(threads().mutex);
    auto& idle = threads().idle;
    if (idle.size() >= kMostIdle) return;
    idle.push_back(&own);
    // By the system's clock: waits by the steady one need glibc 2.30.
    if (!own.wake.wait_until(lock, std::chrono::system_clock::now() + kLongestIdle, [&] { return own.work != nullptr; })) {
      std::erase(idle, &own);
      return;
    }
    work = std::move(own.work);
  }
}

}  // namespace

void runOnThread(std::function<void()> work) {
  {
    const std::lock_guard lock(threads().mutex);
    auto& idle = threads().idle;
    if (!idle.empty()) {
      Idle& last = *idle.back();
      idle.pop_back();
      last.work = std::move(work);
      last.wake.notify_one();
      return;
    }
  }
  std::thread(runAll, std::move(work)).detach();
}

}  // namespace onecopy
