/** Asks the memory for what comes next. */

#pragma once

#include "kernels/kernels.h"

namespace onecopy::ONECOPY_LEVEL {

/** Asks for the pieces of `Ahead` line by line, in small steps, so that no queue ever fills. */
class Fetcher {
 public:
  /** @param steps - how often `step` will be called */
  Fetcher(const Ahead& ahead, int64_t steps) : piece_(ahead.pieces), bytes_(ahead.bytes) {
    last_ = piece_ + ahead.count;
    // A piece starts anywhere in a line, and going to the next piece takes a turn too.
    const int64_t lines = ahead.count * (ahead.bytes / 64 + int64_t{3});
    turns_ = ahead.count == 0 || steps == 0 ? 0 : static_cast<int>((lines + steps - 1) / steps);
  }

  void step() {
    for (int turn = 0; turn < turns_; turn++) {
      if (at_ < end_) {
        __builtin_prefetch(at_, 0, 2);
        at_ += 64;
      } else if (piece_ < last_) {
        at_ = *piece_++;
        end_ = at_ + bytes_ + 63;
      }
    }
  }

 private:
  const char* const* piece_;
  const char* const* last_;
  int64_t bytes_;
  int turns_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace onecopy::ONECOPY_LEVEL
