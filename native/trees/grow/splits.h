/** The best way to part the rows of a node in two. */

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "trees/grow/slot_bits.h"
#include "trees/kernels/tree_kernels.h"

namespace onecopy {

// A row has a gradient and a hessian, whole numbers on grids of steps that are powers of 2. Sums of them are exact, so
// a split's gain is the same however its rows were added up. With sums G and H in true units the value of a leaf is
// -G / (H + l2), and the gain of a split is GL^2 / (HL + l2) + GR^2 / (HR + l2) - G^2 / (H + l2). With l1 the size of G is less
// by it. Where values are bound, a part is worth what its value lowers the loss by.

/** Sums over the rows of a node, in steps of the grids. */
struct RowSums {
  int64_t gradient = 0;
  int64_t hessian = 0;
  int64_t count = 0;

  RowSums& operator+=(const RowSums& other) {
    gradient += other.gradient;
    hessian += other.hessian;
    count += other.count;
    return *this;
  }
  RowSums operator-(const RowSums& other) const {
    return {gradient - other.gradient, hessian - other.hessian, count - other.count};
  }
};

/** Values that the leaves below a node may have. */
struct ValueRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  double clip(double value) const { return std::min(std::max(value, low), high); }
};

/** A set of bins, that of missing values included. */
struct BinSet {
  uint64_t words[kSetWords] = {};

  bool has(int bin) const { return isInSet(words, static_cast<uint8_t>(bin)); }
  void add(int bin) { words[bin >> 6] |= uint64_t{1} << (bin & 63); }
};

/** A way to part rows: bins up to `bin` of a column go left, or those of a set. */
struct Split {
  double gain = 0;  // above what is asked for
  int64_t column = -1;
  int bin = 0;
  bool missingLeft = false;
  RowSums left;
  bool hasSet = false;
  BinSet set;

  bool isFound() const { return column >= 0; }
  bool goesLeft(int binOfRow) const {
    if (hasSet) return set.has(binOfRow);
    return binOfRow == kMissingBin ? missingLeft : binOfRow <= bin;
  }
};

/** What a split must keep to, and what it is worth. */
class SplitRules {
 public:
  double gradientStep = 1;
  double hessianStep = 1;
  double l1 = 0;
  double l2 = 0;
  double mostValue = std::numeric_limits<double>::infinity();  // of a leaf, in size
  int64_t leastCount = 1;
  double leastHessian = 0;
  double leastGain = 0;
  const int8_t* monotone = nullptr;  // for each column 1, -1 or 0; null: no column is bound
  double centre = 0;  // gradients are less by this many times the hessian; only where `mayCentre()`
  double smoothing = 0;            // hessians of a category's mean that stand for the node's own
  int64_t leastOfCategory = 1;  // rows of a category in a node, to be told apart from others there

  void setSteps(double ofGradients, double ofHessians) {
    gradientStep = ofGradients;
    hessianStep = ofHessians;
    prepare();
  }

  /** Call it when the members are set, to look up inverses; those that aren't looked up are computed. */
  void prepare() {
    // A count's inverse is looked up: what the table holds is what the division gives.
    inverses_.resize(kInverses);
    for (size_t i = 0; i < kInverses; i++) inverses_[i] = 1 / (static_cast<double>(i) * hessianStep + l2);
  }

  double gradient(const RowSums& sums) const { return static_cast<double>(sums.gradient) * gradientStep; }
  double hessian(const RowSums& sums) const { return static_cast<double>(sums.hessian) * hessianStep; }
  double inverse(const RowSums& sums) const {
    const auto at = static_cast<uint64_t>(sums.hessian);
    return at < inverses_.size() ? inverses_[at] : 1 / (hessian(sums) + l2);
  }
  /** Of a hessian below `kInverses` steps. */
  double inverseOf(int64_t hessian) const { return inverses_[hessian]; }

  /** Whether values of leaves are what sums say. */
  bool isFree() const { return monotone == nullptr && mostValue == std::numeric_limits<double>::infinity(); }
  /** Whether gradients may be taken about any value. */
  bool mayCentre() const { return l2 == 0 && l1 == 0; }

  /** The gradient, less what l1 takes. */
  double pull(const RowSums& sums) const {
    const double g = gradient(sums);
    if (l1 == 0) return g;
    // What exceeds it by less than a rounding error does not exceed it.
    return std::abs(g) > l1 * (1 + 1e-12) ? g - std::copysign(l1, g) : 0;
  }

  double clip(double value, const ValueRange& range) const {
    return range.clip(std::min(std::max(value, -mostValue), mostValue));
  }
  /** The value of a leaf. */
  double value(const RowSums& sums, const ValueRange& range) const {
    const double h = hessian(sums) + l2;
    return clip((h > 0 ? -pull(sums) / h : 0) - centre, range);
  }

  /** The same rules for sums on other grids. */
  SplitRules on(double ofGradients, double ofHessians, double about) const {
    SplitRules rules;
    rules.gradientStep = ofGradients;
    rules.hessianStep = ofHessians;
    rules.centre = about;
    rules.l1 = l1;
    rules.l2 = l2;
    rules.mostValue = mostValue;
    rules.leastCount = leastCount;
    rules.leastHessian = leastHessian;
    rules.leastGain = leastGain;
    rules.monotone = monotone;
    rules.smoothing = smoothing;
    rules.leastOfCategory = leastOfCategory;
    return rules;
  }

  /** What the rows of a node are worth when they stay together. */
  double worth(const RowSums& sums, const ValueRange& range) const {
    if (isFree()) {
      const double g = pull(sums);
      return g * g * inverse(sums);
    }
    const double v = value(sums, range) + centre;
    return -(2 * gradient(sums) * v + (hessian(sums) + l2) * v * v + 2 * l1 * std::abs(v));
  }

  /** What categories of a node are put in order by: their mean gradient about the node's, smoothed. */
  double categoryKey(const RowSums& sums, const RowSums& node) const {
    const double all = hessian(node), own = hessian(sums) + smoothing;
    if (!(all > 0 && own > 0)) return 0;
    return (gradient(sums) - gradient(node) / all * hessian(sums)) / own;
  }

  bool isEnough(const RowSums& sums) const {
    return sums.count >= leastCount && hessian(sums) >= leastHessian && hessian(sums) + l2 > 0;
  }

  static constexpr size_t kInverses = 8192;

 private:
  std::vector<double> inverses_;
};

/** Where the missing values of a node's column go. */
enum class Missing { kNone, kLeft, kRight };

/** Looks for the best split of a node. Offer candidates in a fixed order: of equal gains the first one wins. */
class SplitSearch {
 public:
  SplitSearch(const SplitRules& rules, const RowSums& total, const ValueRange& range)
      : rules_(rules), total_(total), range_(range), worth_(rules.worth(total, range)),
        isFree_(rules.isFree() && rules.l1 == 0),
        leastCount_(std::max(rules.leastCount, static_cast<int64_t>(std::ceil(std::min(rules.leastHessian, 1e15))))) {
    // Less than a rounding error of the worth is no gain.
    best_ = worth_ + std::max(rules.leastGain, 1e-12 * std::abs(worth_));
  }

  const RowSums& total() const { return total_; }
  const Split& found() const { return found_; }

  /** Whether two parts may be leaves. */
  bool mayPart(const RowSums& left, const RowSums& right) const { return rules_.isEnough(left) && rules_.isEnough(right); }

  /**
   * Offers the split of a column between two bins with rows. Where no row lacks a value, those that will
   * go with the greater part.
   */
  void offer(int64_t column, int bin, int nextBin, Missing missing, const RowSums& left) {
    double worth;
    if (isBetter(column, left, worth)) accept(worth, column, bin, nextBin, missing, left);
  }

  /** Offers to send a set of bins to the left; values that no row of the node has go right. */
  void offerSet(int64_t column, const BinSet& set, const RowSums& left) {
    double worth;
    if (!isBetter(column, left, worth)) return;
    best_ = worth;
    found_ = {worth - worth_, column, 0, set.has(kMissingBin), left, true, set};
  }

  /** Whether `offerUnit` will do: hessians are the counts, which are below `kInverses`, and no column is bound. */
  bool isPlain() const {
    return isFree_ && rules_.hessianStep == 1 && total_.hessian == total_.count &&
           total_.count < static_cast<int64_t>(SplitRules::kInverses);
  }

  /** Like `offer`, to the last bit, where `isPlain()`. */
  inline __attribute__((always_inline)) void offerUnit(int64_t column, int bin, int nextBin, Missing missing,
                                                       int64_t gradient, int64_t count) {
    const int64_t rest = total_.count - count;
    if (count < leastCount_ || rest < leastCount_) return;
    const double l = static_cast<double>(gradient) * rules_.gradientStep;
    const double r = static_cast<double>(total_.gradient - gradient) * rules_.gradientStep;
    const double worth = l * l * rules_.inverseOf(count) + r * r * rules_.inverseOf(rest);
    if (!(worth > best_)) return;
    accept(worth, column, bin, nextBin, missing, {gradient, count, count});
  }

  const SplitRules& rules() const { return rules_; }

  /** Offers every split of a column of `bins` bins; `sumsOf(bin)` are the sums of its rows in a bin. */
  template <class SumsOf>
  void offerColumn(int64_t column, int bins, SumsOf&& sumsOf) {
    const RowSums missing = sumsOf(kMissingBin);
    const auto scan = [&](RowSums left, Missing side) {
      int last = -1;
      for (int bin = 0; bin < bins; bin++) {
        const RowSums own = sumsOf(bin);
        if (own.count == 0) continue;
        if (last >= 0) offer(column, last, bin, side, left);
        left += own;
        last = bin;
      }
      return left;
    };
    if (missing.count == 0) {
      scan({}, Missing::kNone);
      return;
    }
    const RowSums known = scan({}, Missing::kRight);
    if (known.count == 0) return;
    offer(column, bins - 1, bins, Missing::kRight, known);
    scan(missing, Missing::kLeft);
  }

  /** Takes over what a search of later columns has found. */
  void take(const SplitSearch& later) {
    if (!(later.best_ > best_)) return;
    best_ = later.best_;
    found_ = later.found_;
  }

 private:
  void accept(double worth, int64_t column, int bin, int nextBin, Missing missing, const RowSums& left) {
    best_ = worth;
    found_.hasSet = false;
    const bool missingLeft = missing == Missing::kNone ? 2 * left.count >= total_.count : missing == Missing::kLeft;
    found_.gain = worth - worth_;
    found_.column = column;
    found_.bin = (bin + nextBin - 1) / 2;
    found_.missingLeft = missingLeft;
    found_.left = left;
  }

  /** Whether a split is allowed and better than those before; then `worth` is what both parts are worth. */
  inline __attribute__((always_inline)) bool isBetter(int64_t column, const RowSums& left, double& worth) const {
    const RowSums right = total_ - left;
    if (!mayPart(left, right)) return false;
    if (isFree_) {
      const double l = rules_.gradient(left), r = rules_.gradient(right);
      worth = l * l * rules_.inverse(left) + r * r * rules_.inverse(right);
    } else {
      const int direction = rules_.monotone == nullptr ? 0 : rules_.monotone[column];
      if (direction != 0 && (rules_.value(right, range_) - rules_.value(left, range_)) * direction < 0) return false;
      worth = rules_.worth(left, range_) + rules_.worth(right, range_);
    }
    return worth > best_;
  }

  const SplitRules& rules_;
  const RowSums total_;
  const ValueRange range_;
  const double worth_;
  const bool isFree_;  // values of leaves are -G / (H + l2)
  const int64_t leastCount_;  // in unit hessians, which a least hessian is a count of
  double best_;
  Split found_;
};

}  // namespace onecopy
