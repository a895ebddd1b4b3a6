/** Rows of the kernel matrix, the latest of which are kept. */

#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "matrix/blocks.h"
#include "svm/kernel_function.h"
#include "matrix/row_reader.h"
#include "trees/grow/team.h"

namespace onecopy {

/** How many threads compute the kernels of one row with `rows` rows of `columns` values soonest. */
inline int kernelTeam(int64_t rows, int64_t columns, int threads) {
  constexpr int64_t kLeastWork = 400'000;  // takes about as long as waking a thread
  return static_cast<int>(std::clamp<int64_t>(rows * (columns + 16) / kLeastWork, 1, threads));
}

/** Kernels of one row with all rows of a problem, as float32, within a bound of memory. */
class KernelCache {
 public:
  /**
   * @param rows - numbers in x; kept by the caller
   * @param bytes - bound of the rows kept; two are always kept
   */
  KernelCache(const Matrix& x, const std::vector<int32_t>& rows, const KernelFunction& function, int64_t bytes,
              Team& team)
      : x_(x),
        rows_(rows),
        function_(function),
        team_(team),
        count_(static_cast<int64_t>(rows.size())),
        padded_((count_ + 7) / 8 * 8),
        query_(x.columns),
        slotOf_(count_, -1),
        most_(std::max<int64_t>(2, bytes / (padded_ * static_cast<int64_t>(sizeof(float))))) {
    for (int i = 0; i < team.size(); i++) readers_.emplace_back(x);
  }

  /** Kernels of row `index` with each row; they stay until the second call from now. */
  const float* row(int64_t index) {
    int64_t slot = slotOf_[index];
    if (slot < 0) {
      slot = freeSlot();
      slotOf_[index] = slot;
      slots_[slot].index = index;
      compute(index, slots_[slot].values.get());
    } else {
      unlink(slot);
    }
    append(slot);
    return slots_[slot].values.get();
  }

  /** Kernel of each row with itself. */
  void diagonal(double* out) {
    for (int64_t i = 0; i < count_; i++) {
      const double* row = readers_[0].read(rows_[i]);
      function_.evaluate({&row, 1, row, 1, x_.columns, out + i, 1});
    }
  }

 private:
  struct Slot {
    std::unique_ptr<float[]> values;
    int64_t index = -1, before = -1, after = -1;
  };

  int64_t freeSlot() {
    if (static_cast<int64_t>(slots_.size()) < most_) {
      slots_.emplace_back();
      slots_.back().values = std::make_unique<float[]>(padded_);
      return static_cast<int64_t>(slots_.size()) - 1;
    }
    const int64_t oldest = first_;
    unlink(oldest);
    slotOf_[slots_[oldest].index] = -1;
    return oldest;
  }

  void unlink(int64_t slot) {
    const Slot& one = slots_[slot];
    (one.before < 0 ? first_ : slots_[one.before].after) = one.after;
    (one.after < 0 ? last_ : slots_[one.after].before) = one.before;
  }

  void append(int64_t slot) {
    slots_[slot].before = last_;
    slots_[slot].after = -1;
    (last_ < 0 ? first_ : slots_[last_].after) = slot;
    last_ = slot;
  }

  /** @throws Error `ERR_VALUE` for a kernel that float32 can't hold */
  static float toSingle(double value) {
    if (std::abs(value) <= 1e37) return static_cast<float>(value);
    throw Error("ERR_VALUE",
                "Expected kernels of at most 1e37 in size, got a greater one. Scale the columns of `X` first, or use a "
                "smaller gamma or degree.");
  }

  void compute(int64_t index, float* out) {
    std::copy_n(readers_[0].read(rows_[index]), x_.columns, query_.data());
    team_.share(count_, kRowsAtATime, [&](int64_t from, int64_t to, int member) {
      double values[kRowsAtATime];
      for (int64_t at = from; at < to; at += kRowsAtATime) {
        const int count = static_cast<int>(std::min<int64_t>(kRowsAtATime, to - at));
        const double* const* rows = readers_[member].read(&rows_[at], count);
        function_.evaluate({rows, count, query_.data(), 1, x_.columns, values, 1});
        for (int r = 0; r < count; r++) out[at + r] = toSingle(values[r]);
      }
    });
  }

  const Matrix x_;
  const std::vector<int32_t>& rows_;
  const KernelFunction function_;
  Team& team_;
  const int64_t count_, padded_;
  std::vector<RowReader> readers_;
  std::vector<double> query_;
  std::vector<int64_t> slotOf_;
  std::vector<Slot> slots_;
  int64_t first_ = -1, last_ = -1;  // the slots by their last use
  const int64_t most_;
};

}  // namespace onecopy
