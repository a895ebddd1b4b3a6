/** Native threads that share one piece of work. */

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace onecopy {

/**
 * Runs `body()` on up to `threads` threads at once, this one among them, and waits for all. When the
 * system refuses a thread, those that run do its share, so bodies must take their work from a common
 * counter (`Tasks`). Throws what the first failing body threw.
 */
template <class Body>
void onThreads(int threads, Body&& body) {
  std::exception_ptr failure;
  std::mutex mutex;
  const auto guarded = [&] {
    try {
      body();
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  try {
    for (int i = 1; i < threads; i++) others.emplace_back(guarded);
  } catch (const std::system_error&) {  // no thread to be had: fewer do
  }
  guarded();
  for (std::thread& thread : others) thread.join();
  if (failure) std::rethrow_exception(failure);
}

/** Numbers 0, 1, 2 … that threads take one by one, until one of them fails or somebody says stop. */
class Tasks {
 public:
  Tasks(int64_t count, const std::atomic<bool>& stop) : count_(count), stop_(stop) {}

  /** Hands `index` to `work` for every number that this thread gets. */
  template <class Work>
  void each(Work&& work) {
    while (!failed_ && !stop_) {
      const int64_t index = next_++;
      if (index >= count_) return;
      try {
        work(index);
      } catch (...) {
        failed_ = true;
        throw;
      }
    }
  }

 private:
  const int64_t count_;
  const std::atomic<bool>& stop_;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace onecopy
