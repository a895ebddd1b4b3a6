/** Splits that lower squared errors, computed for the rows of one node. */

#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "trees/grow/grid.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/splits.h"

namespace onecopy {

/**
 * Judges splits by gradients and hessians, as `SplitSearch` does, on grids that are made for each node: as fine as sums of its
 * rows allow, and about its own mean where there is no penalty. So the rows of a node are split as if no
 * others were there, however far apart all targets and weights are.
 */
class SquaredCriterion {
 public:
  /** Of all rows of a matrix. */
  struct Values {
    const double* gradients;  // without weights
    const double* hessians;   // likewise; null: all 1
    const double* weights;    // null: all 1
    const uint8_t* times;     // how often each row counts; null: once

    int64_t timesOf(int32_t row) const { return times == nullptr ? 1 : times[row]; }
    double weight(int32_t row) const { return weights == nullptr ? 1 : weights[row]; }
    double hessian(int32_t row) const { return weight(row) * (hessians == nullptr ? 1 : hessians[row]); }
    /** The gradient less `centre` times the hessian, without weights. */
    double plainGradient(int32_t row, double centre) const {
      return gradients[row] - centre * (hessians == nullptr ? 1 : hessians[row]);
    }
    /** Weights come last, so that they don't magnify rounding errors. */
    double gradient(int32_t row, double centre) const { return weight(row) * plainGradient(row, centre); }
    bool hasHessians() const { return hessians != nullptr || weights != nullptr; }
  };

  void open(const int32_t* rows, int64_t count, const Values& values, const SplitRules& rules, const ValueRange& range) {
    range_ = range;
    own_.resize(count);
    double mostGradient = 0, mostHessian = 0;
    int64_t total = 0;
    for (int64_t i = 0; i < count; i++) {
      mostGradient = std::max(mostGradient, std::fabs(values.gradient(rows[i], 0)));
      mostHessian = std::max(mostHessian, values.hessian(rows[i]));
      total += values.timesOf(rows[i]);
    }
    const int bits = kSumBits - std::bit_width(static_cast<uint64_t>(total));
    const Grid hessians = values.hasHessians() ? Grid(mostHessian, bits) : Grid();
    double centre = 0;
    if (rules.mayCentre()) {
      const Grid grid(mostGradient, bits);
      int64_t gradient = 0, hessian = 0;
      for (int64_t i = 0; i < count; i++) {
        gradient += grid.toSteps(values.gradient(rows[i], 0)) * values.timesOf(rows[i]);
        hessian += hessians.toSteps(values.hessian(rows[i])) * values.timesOf(rows[i]);
      }
      if (hessian > 0) centre = static_cast<double>(gradient) * grid.step() / (static_cast<double>(hessian) * hessians.step());
    }
    double most = 0, largest = 0, farthest = 0;
    for (int64_t i = 0; i < count; i++) {
      most = std::max(most, std::fabs(values.gradient(rows[i], centre)));
      largest = std::max(largest, std::fabs(values.plainGradient(rows[i], 0)));
      farthest = std::max(farthest, std::fabs(values.plainGradient(rows[i], centre)));
    }
    // What is left are rounding errors of the targets.
    isPure_ = rules.mayCentre() && farthest <= std::ldexp(largest, -50);
    const Grid gradients(most, bits);
    total_ = {};
    for (int64_t i = 0; i < count; i++) {
      const int64_t times = values.timesOf(rows[i]);
      own_[i] = {gradients.toSteps(values.gradient(rows[i], centre)) * times, hessians.toSteps(values.hessian(rows[i])) * times, times};
      total_ += own_[i];
    }
    rules_ = rules.on(gradients.step(), hessians.step(), centre);
  }

  const RowSums& total() const { return total_; }
  const SplitRules& rules() const { return rules_; }
  double value() const { return rules_.value(total_, range_); }
  bool isPure() const { return isPure_; }

  /** Adds up rows, and looks for the best split. */
  class Scan {
   public:
    void start(const SquaredCriterion& criterion) {
      own_ = criterion.own_.data();
      search_.emplace(criterion.rules_, criterion.total_, criterion.range_);
    }
    void clear() { left_ = {}; }
    void add(int32_t position) { left_ += own_[position]; }
    void offer(int64_t column, int bin, int nextBin, Missing missing) {
      search_->offer(column, bin, nextBin, missing, left_);
    }
    bool isEnoughOfCategory() const { return left_.count >= search_->rules().leastOfCategory; }
    double categoryKey() const { return search_->rules().categoryKey(left_, search_->total()); }
    void offerSet(int64_t column, const BinSet& set) { search_->offerSet(column, set, left_); }
    void take(const Scan& later) { search_->take(*later.search_); }
    const Split& found() const { return search_->found(); }

   private:
    const RowSums* own_ = nullptr;
    RowSums left_;
    std::optional<SplitSearch> search_;
  };

 private:
  /** Sums of all rows have at most so many bits. */
  static constexpr int kSumBits = 61;

  RowVector<RowSums> own_;  // of each position
  RowSums total_;
  SplitRules rules_;
  ValueRange range_;
  bool isPure_ = false;
};

}  // namespace onecopy
