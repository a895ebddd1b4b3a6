/** Long native work on threads of its own, behind a promise, that can be stopped. */

#include "border/job.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "border/job_threads.h"

namespace onecopy {
namespace {

/** Tells when a thread has done its part, after which it looks at nothing of the job any more. */
class End {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    isSet_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return isSet_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool isSet_ = false;
};

/**
 * One running job. Node's own thread pool would not do: an environment that ends waits for the pool
 * before it tells anybody to stop.
 */
struct Running {
  Running(Held held, std::unique_ptr<Job> job) : held(std::move(held)), job(std::move(job)) {}
  Held held;
  std::unique_ptr<Job> job;
  std::exception_ptr error;
  /** Of the thread that runs the job; none when no thread has begun. */
  std::shared_ptr<End> end;
  napi_threadsafe_function home = nullptr;
  napi_deferred deferred = nullptr;
  /** Its number among the jobs of this thread, from 1 on. */
  int64_t number = 0;
};

/** The jobs of an environment, which has one thread of its own. */
struct Jobs {
  int64_t started = 0;
  std::unordered_map<int64_t, Running*> running;
};

thread_local Jobs jobs;

/** The environment ends: nothing that the job reads may go before the job has. */
void endEarly(void* data) {
  auto* running = static_cast<Running*>(data);
  running->job->requestStop();
  if (running->end) running->end->wait();
  running->held.release();
}

void settle(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<Running> running(static_cast<Running*>(data));
  running->end->wait();
  jobs.running.erase(running->number);
  if (env == nullptr) return;  // the environment ended; its references went with it
  napi_remove_env_cleanup_hook(env, endEarly, running.get());
  napi_release_threadsafe_function(running->home, napi_tsfn_release);
  try {
    try {
      if (running->error) std::rethrow_exception(running->error);
      if (running->job->stop()) throw Error("ERR_SYSTEM", "This work was stopped.");
      napi_value value = running->job->settle(env);  // first: it may read what the job has used
      running->held.bringBack();
      check(env, napi_resolve_deferred(env, running->deferred, value));
    } catch (const std::exception& error) {
      check(env, napi_reject_deferred(env, running->deferred, makeError(env, error)));
    }
  } catch (...) {  // the thread is dying: nobody waits for the promise any more
  }
}

napi_value startedJobs(const Arguments& arguments) {
  return toValue(arguments.env(), static_cast<double>(jobs.started));
}

napi_value stopJob(const Arguments& arguments) {
  const auto found = jobs.running.find(arguments.at(0, "number").integer(1));
  if (found != jobs.running.end()) found->second->job->requestStop();
  return undefined(arguments.env());
}

napi_value finishJob(const Arguments& arguments) {
  const auto found = jobs.running.find(arguments.at(0, "number").integer(1));
  if (found != jobs.running.end()) found->second->job->requestFinish();
  return undefined(arguments.env());
}

/** Runs a short job; its promise is settled when it is returned. */
napi_value runNow(napi_env env, Held& held, Job& job) {
  napi_deferred deferred;
  napi_value promise;
  check(env, napi_create_promise(env, &deferred, &promise));
  try {
    job.run();
    napi_value value = job.settle(env);
    held.bringBack();
    check(env, napi_resolve_deferred(env, deferred, value));
  } catch (const std::exception& error) {
    check(env, napi_reject_deferred(env, deferred, makeError(env, error)));
  }
  return promise;
}

}  // namespace

napi_value startJob(napi_env env, Held held, std::unique_ptr<Job> job) {
  if (job->isShort()) return runNow(env, held, *job);
  auto running = std::make_unique<Running>(std::move(held), std::move(job));
  napi_value promise;
  check(env, napi_create_promise(env, &running->deferred, &promise));
  check(env, napi_create_threadsafe_function(env, nullptr, nullptr, toValue(env, "onecopy"), 0, 1,
                                             nullptr, nullptr, nullptr, settle, &running->home));
  // SAFETY: cleanup hooks run last in, first out, so this one has waited for the job before the hook of
  // `home`, which is older, closes it.
  check(env, napi_add_env_cleanup_hook(env, endEarly, running.get()));
  try {
    const auto end = std::make_shared<End>();
    running->end = end;
    runOnThread([running = running.get(), end] {
      try {
        running->job->run();
      } catch (...) {
        running->error = std::current_exception();
      }
      napi_call_threadsafe_function(running->home, running, napi_tsfn_blocking);
      end->set();
    });
  } catch (const std::system_error& error) {
    napi_remove_env_cleanup_hook(env, endEarly, running.get());
    napi_release_threadsafe_function(running->home, napi_tsfn_abort);
    throw Error("ERR_SYSTEM", std::string("The system gave no thread for a kernel: ") + error.what() + ".");
  }
  running->number = ++jobs.started;
  jobs.running.emplace(running->number, running.get());
  running.release();  // `settle` owns it now
  return promise;
}

void registerJobs(napi_env env, napi_value exports) {
  exportFunction<startedJobs>(env, exports, "startedJobs");
  exportFunction<stopJob>(env, exports, "stopJob");
  exportFunction<finishJob>(env, exports, "finishJob");
}

}  // namespace onecopy
