/** Long native work on threads of its own, behind a promise, that can be stopped. */

#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "border/held.h"
#include "border/napi.h"

namespace onecopy {

/**
 * Work that looks at `stop()` at least every few milliseconds and then returns early. It is told to
 * stop when its JavaScript environment ends (`worker.terminate()`), which waits for it, since the
 * memory goes with the environment, and by `stopJob`: then its promise rejects with `ERR_SYSTEM`. A
 * process that exits does not wait.
 */
class Job {
 public:
  virtual ~Job() = default;
  /** Runs on a thread of its own; no Node-API in here. May throw. */
  virtual void run() = 0;
  /** Whether the work takes less time than a thread does to start. It then runs at once, on the thread that asks for it. */
  virtual bool isShort() const { return false; }
  /** Back on the JavaScript thread: the value of the promise. May throw. */
  virtual napi_value settle(napi_env env) = 0;

  const std::atomic<bool>& stop() const { return stop_; }
  void requestStop() { stop_ = true; }
  /** Work that can end with less than it was asked for, such as fewer trees, does so. */
  const std::atomic<bool>& finish() const { return finish_; }
  void requestFinish() { finish_ = true; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<bool> finish_{false};
};

/** Runs `job` on a thread of its own, or at once when it is short, and returns its promise; the memory in `held` stays till then. */
napi_value startJob(napi_env env, Held held, std::unique_ptr<Job> job);

/** Registers `startedJobs`, `stopJob` and `finishJob`. */
void registerJobs(napi_env env, napi_value exports);

/** Starts a job of a class that reads the arguments itself. For `exportFunction`. */
template <class Work>
napi_value startWith(const Arguments& arguments) {
  Held held(arguments.env());
  auto job = std::make_unique<Work>(arguments, held);
  return startJob(arguments.env(), std::move(held), std::move(job));
}

}  // namespace onecopy
