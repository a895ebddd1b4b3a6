/** Threads that stay together over many short pieces of work. */

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

/** Has the calling thread and others run the same work, again and again. Between works they wait, at first awake. */
class Team {
 public:
  /** When the system refuses a thread, the team is smaller. */
  explicit Team(int threads) {
    try {
      for (int i = 1; i < threads; i++) others_.emplace_back([this, i] { serve(i); });
    } catch (const std::system_error&) {
    }
  }
  ~Team() {
    ends_ = true;
    begin();
    for (std::thread& thread : others_) thread.join();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(others_.size()) + 1; }

  /** Runs `work(member)` on every member, 0 being this thread, and waits for all. Throws what the first one threw. */
  template <class Work>
  void run(Work&& work) {
    if (others_.empty()) return work(0);
    call_ = [](void* data, int member) { (*static_cast<std::remove_reference_t<Work>*>(data))(member); };
    data_ = const_cast<void*>(static_cast<const void*>(&work));
    busy_ = static_cast<int>(others_.size());
    begin();
    guarded(0);
    for (int busy; (busy = busy_) != 0;) {
      if (!spin([&] { return busy_ != busy; })) busy_.wait(busy);
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  /**
   * Hands parts of [0, count) to `work(from, to, member)`: one to each member, or all to this thread when there
   * would be fewer than `least` for each.
   */
  template <class Work>
  void share(int64_t count, int64_t least, Work&& work) {
    const int parts = partsOf(count, least);
    if (parts == 1) return work(int64_t{0}, count, 0);
    run([&](int member) { work(count * member / parts, count * (member + 1) / parts, member); });
  }

  /** How many parts `share` makes. */
  int partsOf(int64_t count, int64_t least) const { return count < least * size() ? 1 : size(); }

 private:
  void begin() {
    round_++;
    round_.notify_all();
  }

  void serve(int member) {
    for (uint32_t seen = 0;;) {
      if (!spin([&] { return round_ != seen; })) round_.wait(seen);
      seen = round_;
      if (ends_) return;
      guarded(member);
      if (--busy_ == 0) busy_.notify_all();
    }
  }

  void guarded(int member) {
    try {
      call_(data_, member);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  /** Looks for some microseconds whether something has happened. */
  template <class Happened>
  static bool spin(Happened&& happened) {
    for (int i = 0; i < 1000; i++) {
      if (happened()) return true;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
    return false;
  }

  std::vector<std::thread> others_;
  std::atomic<uint32_t> round_{0};
  std::atomic<int> busy_{0};
  std::atomic<bool> ends_{false};
  void (*call_)(void*, int) = nullptr;
  void* data_ = nullptr;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace onecopy
