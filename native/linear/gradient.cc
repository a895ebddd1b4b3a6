/** Gradients of least squares in twice the working precision. */

#include "linear/gradient.h"

#include <algorithm>

#include "linear/design.h"
#include "matrix/reduce.h"

namespace onecopy {
namespace {

/** Sums of two parts: for each target the gradient of every column, and the sum of squares. */
class Sums {
 public:
  Sums(const Kernels& kernels, int targets, size_t width)
      : kernels_(kernels),
        width_(width),
        count_(targets * (width + 1)),
        high_(count_),
        low_(count_) {}

  void clear() {
    std::fill(high_.begin(), high_.end(), 0.0);
    std::fill(low_.begin(), low_.end(), 0.0);
  }

  void merge(const Sums& right) {
    kernels_.addPairs(static_cast<int>(count_), right.high_.data(), right.low_.data(), high_.data(),
                      low_.data());
  }

  /** Where a target's sums are: `width` of the gradient, then that of squares. */
  double* high(int target) { return high_.data() + target * (width_ + 1); }
  double* low(int target) { return low_.data() + target * (width_ + 1); }
  /** Rounded once. */
  double value(int target, size_t column) const {
    const size_t at = target * (width_ + 1) + column;
    return high_[at] + low_[at];
  }

 private:
  const Kernels& kernels_;
  const size_t width_, count_;
  std::vector<double> high_, low_;
};

class GradientJob : public Job {
 public:
  GradientJob(const Arguments& arguments, Held& held) : design_(arguments, held) {
    columns_ = 1 + static_cast<int>(design_.x.columns);
    targets_ = design_.columns - columns_;
    const size_t rows = design_.groups.size() * targets_;
    const double* given =
        readVector<double>(arguments.at(6, "coefficients"), static_cast<int64_t>(rows) * columns_, held);
    threads_ = readThreads(arguments.at(7, "threads"));
    coefficients_.assign(rows * design_.width, 0.0);
    for (size_t i = 0; i < rows; i++)
      std::copy_n(given + i * columns_, columns_, coefficients_.begin() + i * design_.width);
    gradient_.resize(rows * columns_);
    squares_.resize(rows);
  }

  void run() override {
    sumGroups(
        design_.groups, threads_, stop(),
        [&] { return std::make_unique<Sums>(design_.kernels, targets_, design_.width); },
        [&] {
          return [this, reader = BlockReader(design_.kernels, design_.source())](
                     int group, int64_t from, int64_t to, Sums& sums) mutable {
            reader.start(design_.groups[group], from, to);
            while (reader.next()) add(group, reader, sums);
          };
        },
        [&](int group, const Sums& sums) { finish(group, sums); });
  }

  napi_value settle(napi_env env) override {
    return makeObject(env, {{"gradient", toFloat64Array(env, gradient_)},
                            {"squares", toFloat64Array(env, squares_)}});
  }

 private:
  void add(int group, BlockReader& reader, Sums& sums) const {
    design_.pack(reader);
    for (int target = 0; target < targets_; target++) {
      design_.kernels.gradient(
          reader.block(), design_.shift.data(), design_.scale.data(), reader.weights(),
          coefficients_.data() + (static_cast<size_t>(group) * targets_ + target) * design_.width,
          columns_ + target, sums.high(target), sums.low(target));
    }
  }

  void finish(int group, const Sums& sums) {
    for (int target = 0; target < targets_; target++) {
      const size_t row = static_cast<size_t>(group) * targets_ + target;
      for (int c = 0; c < columns_; c++) gradient_[row * columns_ + c] = sums.value(target, c);
      squares_[row] = sums.value(target, design_.width);
    }
  }

  const Design design_;
  int columns_;  // 1 + d
  int targets_;
  int threads_;
  std::vector<double> coefficients_;  // shape (K, m, width)
  std::vector<double> gradient_, squares_;
};

}  // namespace

void registerGradient(napi_env env, napi_value exports) {
  exportFunction<startWith<GradientJob>>(env, exports, "leastSquaresGradient");
}

}  // namespace onecopy
