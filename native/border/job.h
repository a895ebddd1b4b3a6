/** Long native work on threads of its own, behind a promise, that can be stopped. */

#pragma once

#include <atomic>
#include <memory>

#include "border/napi.h"

namespace onecopy {

/** JavaScript values that a job needs until it has ended: those that its pointers point into. */
class Kept {
 public:
  explicit Kept(napi_env env) : env_(env) { check(env, napi_create_array(env, &list_)); }
  void add(napi_value value) { check(env_, napi_set_element(env_, list_, count_++, value)); }
  napi_value list() const { return list_; }

 private:
  napi_env env_;
  napi_value list_;
  uint32_t count_ = 0;
};

/**
 * Work that looks at `stop()` at least every few milliseconds and then returns early. It is told to
 * stop when its JavaScript environment ends (`worker.terminate()`), which waits for it, since the
 * memory goes with the environment. A process that exits does not wait.
 */
class StoppableJob : public Job {
 public:
  const std::atomic<bool>& stop() const { return stop_; }
  void requestStop() { stop_ = true; }

 private:
  std::atomic<bool> stop_{false};
};

/** Runs `job` on a thread of its own and returns its promise; `kept` stays alive till then. */
napi_value startJob(napi_env env, const Kept& kept, std::unique_ptr<StoppableJob> job);

}  // namespace onecopy
