/** Sums of values and products over groups of rows. */

#include "linear/moments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "matrix/blocks.h"
#include "matrix/reduce.h"
#include "matrix/results.h"

namespace onecopy {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/** Sums over some rows; `width` columns are the p real ones and what fills the last panel. */
class Sums {
 public:
  explicit Sums(size_t width) : width_(width), values_(width * (width + 3)) { clear(); }

  void clear() {
    std::fill_n(values_.get(), width_ * (width_ + 1), 0.0);
    std::fill_n(minimum(), width_, kInfinity);
    std::fill_n(maximum(), width_, -kInfinity);
    count = weight = nonFinite = 0;
  }

  void merge(const Sums& right) {
    for (size_t i = 0; i < width_ * (width_ + 1); i++) values_[i] += right.values_[i];
    for (size_t i = 0; i < width_; i++) {
      minimum()[i] = std::min(minimum()[i], right.minimum()[i]);
      maximum()[i] = std::max(maximum()[i], right.maximum()[i]);
    }
    count += right.count;
    weight += right.weight;
    nonFinite += right.nonFinite;
  }

  double* cross() const { return values_.get(); }
  double* sums() const { return cross() + width_ * width_; }
  double* minimum() const { return sums() + width_; }
  double* maximum() const { return minimum() + width_; }
  double count, weight, nonFinite;

 private:
  const size_t width_;
  const Doubles values_;
};

class MomentsJob : public Job {
 public:
  MomentsJob(const Arguments& arguments, Held& held) {
    x_ = readMatrix(arguments.at(0, "x"), held);
    y_ = readTargets(arguments.at(1, "y"), x_.rows, held);
    weights_ = readWeights(arguments.at(2, "weights"), x_.rows, held);
    groups_ = readGroups(arguments.at(3, "groups"), x_.rows, held);
    columns_ = x_.columns + (y_ ? y_->columns : 0);
    const double* shift = readVector<double>(arguments.at(4, "shift"), columns_, held);
    threads_ = readThreads(arguments.at(5, "threads"));
    width_ = source().panels(kernels_) * kernels_.panel;
    shift_.assign(width_, 0.0);
    std::copy_n(shift, columns_, shift_.begin());
    for (std::vector<double>* list : {&count_, &weight_, &nonFinite_}) list->resize(groups_.size());
    for (std::vector<double>* list : {&sums_, &minimum_, &maximum_})
      list->resize(groups_.size() * columns_);
    cross_.resize(groups_.size() * columns_ * columns_);
  }

  void run() override {
    sumGroups(
        groups_, threads_, stop(), [&] { return std::make_unique<Sums>(width_); },
        [&] {
          return [this, reader = BlockReader(kernels_, source()),
                  weighted = Doubles(weights_ == nullptr ? 0 : blockDoubles(source(), kernels_))](
                     int group, int64_t from, int64_t to, Sums& sums) mutable {
            reader.start(groups_[group], from, to);
            while (reader.next()) add(reader, weighted.get(), sums);
          };
        },
        [&](int group, const Sums& sums) { finish(group, sums); });
  }

  napi_value settle(napi_env env) override {
    return makeObject(env, {{"count", toFloat64Array(env, count_)},
                            {"weight", toFloat64Array(env, weight_)},
                            {"sums", toFloat64Array(env, sums_)},
                            {"cross", toFloat64Array(env, cross_)},
                            {"minimum", toFloat64Array(env, minimum_)},
                            {"maximum", toFloat64Array(env, maximum_)},
                            {"nonFinite", toFloat64Array(env, nonFinite_)}});
  }

 private:
  BlockSource source() const {
    return {x_, y_ ? &*y_ : nullptr, weights_, 0, goodBlockRows(columns_)};
  }

  void add(const BlockReader& reader, double* weighted, Sums& sums) const {
    const Block& block = reader.block();
    const double* weights = reader.weights();
    const RowBlock x = reader.x(), y = reader.hasY() ? reader.y() : RowBlock{};
    kernels_.summarise(x, reader.hasY() ? &y : nullptr, block, shift_.data(), weights, weighted,
                       {sums.sums(), sums.minimum(), sums.maximum()});
    Block left = block;
    if (weights != nullptr) left.data = weighted;
    kernels_.gram(left, block, sums.cross(), reader.ahead());
    sums.count += block.rows;
    for (int r = 0; r < block.rows; r++) sums.weight += weights == nullptr ? 1 : weights[r];
    // A row that isn't finite leaves its mark in a sum, so that a clean block costs no second look.
    const double* total = sums.sums();
    if (!std::all_of(total, total + width_, [](double value) { return std::isfinite(value); }))
      sums.nonFinite += kernels_.countNonFinite(block);
  }

  void finish(int group, const Sums& sums) {
    count_[group] = sums.count;
    weight_[group] = sums.weight;
    nonFinite_[group] = sums.nonFinite;
    const int64_t p = columns_;
    std::copy_n(sums.sums(), p, sums_.begin() + group * p);
    std::copy_n(sums.minimum(), p, minimum_.begin() + group * p);
    std::copy_n(sums.maximum(), p, maximum_.begin() + group * p);
    double* cross = cross_.data() + group * p * p;
    for (int64_t i = 0; i < p; i++)
      for (int64_t j = 0; j <= i; j++)
        cross[i * p + j] = cross[j * p + i] = sums.cross()[i * width_ + j];
  }

  const Kernels& kernels_ = kernels();
  Matrix x_;
  std::optional<Matrix> y_;
  const double* weights_;
  std::vector<Rows> groups_;
  int64_t columns_;
  size_t width_;
  int threads_;
  std::vector<double> shift_;
  std::vector<double> count_, weight_, nonFinite_, sums_, minimum_, maximum_, cross_;
};

}  // namespace

void registerMoments(napi_env env, napi_value exports) {
  exportFunction<startWith<MomentsJob>>(env, exports, "moments");
}

}  // namespace onecopy
