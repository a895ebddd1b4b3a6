/** Splits that tell classes apart: by Gini's impurity, or by entropy. */

#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "trees/ensembles/loss.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/splits.h"

namespace onecopy {

/**
 * Gini: weight times impurity is W - sum of W_k^2 / W over classes k, as the squared errors of one indicator for
 * each class. Sums are whole numbers, so that equal splits have equal gains whatever the order of the rows.
 */
class Gini {
 public:
  void clear() { squares_ = 0; }
  /** A class of weight `before` gains `added`, which may be negative. */
  void change(int64_t before, int64_t added) { squares_ += static_cast<__int128>(added) * (2 * before + added); }
  /** More is better, for parts of one node. */
  double worth(int64_t total) const { return total > 0 ? static_cast<double>(squares_) / static_cast<double>(total) : 0; }

 private:
  __int128 squares_ = 0;
};

/** Entropy: weight times entropy is W log W - sum of W_k log W_k. */
class Entropy {
 public:
  void clear() { sum_ = 0; }
  void change(int64_t before, int64_t added) { sum_ += term(before + added) - term(before); }
  double worth(int64_t total) const { return sum_ - term(total); }

 private:
  static double term(int64_t weight) {
    const auto w = static_cast<double>(weight);
    return weight > 1 ? w * logarithm(w) : 0;
  }
  double sum_ = 0;
};

/** Judges splits of rows of classes. */
template <class Impurity>
class ClassCriterion {
 public:
  /** Of all rows of a matrix. */
  struct Values {
    int classes;
    const uint16_t* codes;
    const int64_t* weights;  // in steps of a grid; null: all 1
    const uint8_t* times;    // how often each row counts; null: once

    int64_t timesOf(int32_t row) const { return times == nullptr ? 1 : times[row]; }
    int64_t weight(int32_t row) const { return timesOf(row) * (weights == nullptr ? 1 : weights[row]); }
  };

  void open(const int32_t* rows, int64_t count, const Values& values, const SplitRules& rules, const ValueRange&) {
    for (const int k : present_) totals_[k] = 0;
    present_.clear();
    totals_.resize(values.classes);
    own_.resize(count);
    weights_.resize(values.weights == nullptr ? 0 : count);
    rules_ = rules.on(1, 1, 0);
    total_ = {};
    weight_ = 0;
    for (int64_t i = 0; i < count; i++) {
      const int k = values.codes[rows[i]];
      own_[i] = {static_cast<uint16_t>(k), static_cast<uint8_t>(values.timesOf(rows[i]))};
      const int64_t weight = values.weight(rows[i]);
      if (values.weights != nullptr) weights_[i] = weight;
      if (totals_[k] == 0) present_.push_back(k);
      totals_[k] += weight;
      total_.count += own_[i].times;
      weight_ += weight;
    }
    whole_.clear();
    for (const int k : present_) whole_.change(0, totals_[k]);
    mostFrequent_ = 0;
    for (size_t k = 1; k < totals_.size(); k++)
      if (totals_[k] > totals_[mostFrequent_]) mostFrequent_ = static_cast<int>(k);
  }

  const RowSums& total() const { return total_; }
  const SplitRules& rules() const { return rules_; }
  double value() const { return 0; }  // the shares of classes are found when the tree has grown
  bool isPure() const { return present_.size() <= 1; }

  /** Adds up rows, and looks for the best split. */
  class Scan {
   public:
    void start(const ClassCriterion& criterion) {
      all_ = &criterion;
      left_.assign(criterion.totals_.size(), 0);
      touched_.clear();
      clear();
      worth_ = criterion.whole_.worth(criterion.weight_);
      // Less than a rounding error of the worth is no gain.
      best_ = worth_ + std::max(criterion.rules_.leastGain, 1e-12 * std::abs(worth_));
      found_ = {};
    }
    void clear() {
      for (const int k : touched_) left_[k] = 0;
      touched_.clear();
      sumLeft_.clear();
      sumRight_ = all_->whole_;
      weight_ = count_ = 0;
    }
    void add(int32_t position) {
      const Own own = all_->own_[position];
      const int64_t weight = all_->weights_.empty() ? own.times : all_->weights_[position];
      int64_t& left = left_[own.code];
      if (left == 0) touched_.push_back(own.code);
      sumLeft_.change(left, weight);
      sumRight_.change(all_->totals_[own.code] - left, -weight);
      left += weight;
      weight_ += weight;
      count_ += own.times;
    }
    void offer(int64_t column, int bin, int nextBin, Missing missing) {
      if (!isBetter()) return;
      const bool missingLeft = missing == Missing::kNone ? 2 * count_ >= all_->total_.count : missing == Missing::kLeft;
      found_ = {best_ - worth_, column, (bin + nextBin - 1) / 2, missingLeft, {0, 0, count_}, false, {}};
    }
    bool isEnoughOfCategory() const { return count_ >= all_->rules_.leastOfCategory; }
    /** The share of the class that most of the node's weight is of, about the node's own share. */
    double categoryKey() const {
      const auto own = static_cast<double>(weight_), all = static_cast<double>(all_->weight_);
      const double smoothing = all_->rules_.smoothing * all / static_cast<double>(all_->total_.count);
      const double share = static_cast<double>(all_->totals_[all_->mostFrequent_]) / all;
      return (static_cast<double>(left_[all_->mostFrequent_]) - share * own) / (own + smoothing);
    }
    void offerSet(int64_t column, const BinSet& set) {
      if (isBetter()) found_ = {best_ - worth_, column, 0, set.has(kMissingBin), {0, 0, count_}, true, set};
    }
    void take(const Scan& later) {
      if (!(later.best_ > best_)) return;
      best_ = later.best_;
      found_ = later.found_;
    }
    const Split& found() const { return found_; }

   private:
    /** Whether the rows that were added make a better part than those before. */
    bool isBetter() {
      const int64_t total = all_->total_.count, least = all_->rules_.leastCount;
      if (count_ < least || total - count_ < least) return false;
      const double worth = sumLeft_.worth(weight_) + sumRight_.worth(all_->weight_ - weight_);
      if (!(worth > best_)) return false;
      best_ = worth;
      return true;
    }

    const ClassCriterion* all_ = nullptr;
    std::vector<int64_t> left_;  // weight of each class
    std::vector<int> touched_;   // classes that have some
    Impurity sumLeft_, sumRight_;
    int64_t weight_ = 0, count_ = 0;
    double worth_ = 0, best_ = 0;
    Split found_;
  };

 private:
  /** What a row adds. */
  struct Own {
    uint16_t code;
    uint8_t times;
  };

  RowVector<Own> own_;            // of each position
  RowVector<int64_t> weights_;    // likewise; empty: those of `times`
  std::vector<int64_t> totals_;   // weight of each class
  std::vector<int> present_;      // classes that have some
  int mostFrequent_ = 0;          // class
  Impurity whole_;
  int64_t weight_ = 0;
  RowSums total_;
  SplitRules rules_;
};

}  // namespace onecopy
