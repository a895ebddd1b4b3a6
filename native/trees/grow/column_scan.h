/** Offers the splits of one column of a node, row by row. */

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "trees/bins/bins.h"
#include "trees/grow/random.h"
#include "trees/grow/category_splits.h"
#include "trees/grow/row_vector.h"

namespace onecopy {

/** Goes through the rows of a node by their bins in a column; one of them serves one thread. */
class ColumnScan {
 public:
  ColumnScan(const Bins& bins, const Edges& edges, bool randomCuts)
      : bins_(bins), edges_(edges), randomCuts_(randomCuts) {}

  /**
   * Offers every split of a column to `scan`, or one at random. `scan` adds up rows, which it knows by their positions in the node.
   *
   * @param cuts - where random cuts come from
   */
  template <class Scan>
  void offer(const int32_t* rows, int64_t count, int64_t column, const RandomKey& cuts, Scan& scan) {
    readBins(rows, count, column);
    if (edges_.isCategorical(column)) offerSets(count, column, cuts, scan);
    else if (randomCuts_) offerCut(count, column, cuts, scan);
    else offerAll(count, column, scan);
  }

 private:
  /** Where the rows of a category stand in ascending order of bins. */
  struct Positions {
    int64_t from = 0, to = 0;
    void operator+=(const Positions&) {}
  };

  void readBins(const int32_t* rows, int64_t count, int64_t column) {
    if (static_cast<int64_t>(bytes_.size()) < count) bytes_.resize(count);
    const uint8_t* data = bins_.data + column;
    for (int64_t i = 0; i < count; i++) bytes_[i] = data[rows[i] * bins_.stride];
  }

  /** Puts positions in the order of their bins; those of a bin keep theirs. */
  void sort(int64_t count) {
    if (static_cast<int64_t>(order_.size()) < count) {
      order_.resize(count);
      sorted_.resize(count);
    }
    if (count <= kFew) {
      for (int64_t i = 0; i < count; i++) {
        const uint8_t bin = bytes_[i];
        int64_t at = i;
        for (; at > 0 && sorted_[at - 1] > bin; at--) {
          sorted_[at] = sorted_[at - 1];
          order_[at] = order_[at - 1];
        }
        sorted_[at] = bin;
        order_[at] = static_cast<int32_t>(i);
      }
      return;
    }
    int64_t starts[kCells + 1] = {};
    for (int64_t i = 0; i < count; i++) starts[bytes_[i] + 1]++;
    for (int bin = 0; bin < kCells; bin++) {
      std::fill_n(sorted_.begin() + starts[bin], starts[bin + 1], static_cast<uint8_t>(bin));
      starts[bin + 1] += starts[bin];
    }
    for (int64_t i = 0; i < count; i++) order_[starts[bytes_[i]]++] = static_cast<int32_t>(i);
  }

  /** In the order of `SplitSearch::offerColumn`. */
  template <class Scan>
  void offerAll(int64_t count, int64_t column, Scan& scan) {
    sort(count);
    int64_t known = count;
    while (known > 0 && sorted_[known - 1] == kMissingBin) known--;
    const auto go = [&](Missing side) {
      for (int64_t i = 0; i < known; i++) {
        scan.add(order_[i]);
        if (i + 1 < known && sorted_[i] != sorted_[i + 1]) scan.offer(column, sorted_[i], sorted_[i + 1], side);
      }
    };
    if (known == 0 || (known == count && sorted_[0] == sorted_[count - 1])) return;
    scan.clear();
    if (known == count) return go(Missing::kNone);
    const int bins = edges_.count(column) + 1;
    go(Missing::kRight);
    scan.offer(column, bins - 1, bins, Missing::kRight);
    scan.clear();
    for (int64_t i = known; i < count; i++) scan.add(order_[i]);
    go(Missing::kLeft);
  }

  /** Offers every cut of the categories, in the order of `offerCategories`, or one at random. */
  template <class Scan>
  void offerSets(int64_t count, int64_t column, const RandomKey& cuts, Scan& scan) {
    sort(count);
    categories_.clear();
    for (int64_t from = 0, to; from < count; from = to) {
      scan.clear();
      for (to = from; to < count && sorted_[to] == sorted_[from]; to++) scan.add(order_[to]);
      if (randomCuts_ || scan.isEnoughOfCategory()) categories_.push_back({sorted_[from], scan.categoryKey(), {from, to}});
    }
    const auto addAll = [&](const Positions& positions) {
      for (int64_t i = positions.from; i < positions.to; i++) scan.add(order_[i]);
    };
    if (randomCuts_) return offerDrawnSet(column, cuts, scan, addAll);
    size_t taken = 0;
    scan.clear();
    cutCategories(categories_, [&](const BinSet& set, const Positions&) {
      // The second half of the cuts begins anew, from the other end.
      const size_t half = categories_.size() / 2;
      if (taken == half) scan.clear();
      addAll(categories_[taken < half ? taken : categories_.size() - 1 - (taken - half)].sums);
      taken++;
      scan.offerSet(column, set);
    });
  }

  /** Offers to send each category to a side by chance. */
  template <class Scan, class AddAll>
  void offerDrawnSet(int64_t column, const RandomKey& cuts, Scan& scan, AddAll&& addAll) {
    if (categories_.size() < 2) return;
    const RandomKey draws = cuts.part(static_cast<uint64_t>(column));
    const auto isDrawn = [&](const auto& category) { return (draws.draw(static_cast<uint64_t>(category.bin)) >> 63) != 0; };
    const auto drawn = static_cast<size_t>(std::count_if(categories_.begin(), categories_.end(), isDrawn));
    // The smaller part goes left; where all are on one side, the first one changes it.
    const bool side = 2 * drawn <= categories_.size();
    const bool isOneSided = drawn == 0 || drawn == categories_.size();
    BinSet set;
    scan.clear();
    for (size_t i = 0; i < categories_.size(); i++) {
      if (isOneSided ? i > 0 : isDrawn(categories_[i]) != side) continue;
      set.add(categories_[i].bin);
      addAll(categories_[i].sums);
    }
    scan.offerSet(column, set);
  }

  /** Offers one cut: uniform between the values of the least and of the greatest bin with rows. */
  template <class Scan>
  void offerCut(int64_t count, int64_t column, const RandomKey& cuts, Scan& scan) {
    int low = kMissingBin, high = -1;
    bool isMissing = false;
    for (int64_t i = 0; i < count; i++) {
      const int bin = bytes_[i];
      if (bin == kMissingBin) {
        isMissing = true;
        continue;
      }
      low = std::min(low, bin);
      high = std::max(high, bin);
    }
    if (high < 0 || (low == high && !isMissing)) return;
    const int cut = low == high ? edges_.count(column) : drawCut(column, low, high, cuts);
    const auto add = [&](bool withMissing) {
      scan.clear();
      for (int64_t i = 0; i < count; i++) {
        const int bin = bytes_[i];
        if (bin == kMissingBin ? withMissing : bin <= cut) scan.add(static_cast<int32_t>(i));
      }
    };
    add(false);
    scan.offer(column, cut, cut + 1, isMissing ? Missing::kRight : Missing::kNone);
    if (!isMissing || low == high) return;
    add(true);
    scan.offer(column, cut, cut + 1, Missing::kLeft);
  }

  /** The bin up to which rows go left: at least `low`, less than `high`. */
  int drawCut(int64_t column, int low, int high, const RandomKey& cuts) const {
    const double* edges = edges_.edges + edges_.starts[column];
    const double share = std::ldexp(static_cast<double>(cuts.draw(static_cast<uint64_t>(column)) >> 11), -53);
    const double from = edges[low], to = edges[high - 1];
    if (!(std::isfinite(from) && std::isfinite(to))) return low + static_cast<int>(share * (high - low));
    const double value = from * (1 - share) + to * share;
    const auto at = static_cast<int>(std::lower_bound(edges + low, edges + high - 1, value) - edges);
    return std::min(at, high - 1);
  }

  /** So few rows are sorted by insertion. */
  static constexpr int64_t kFew = 40;

  const Bins bins_;
  const Edges& edges_;
  const bool randomCuts_;
  RowVector<uint8_t> bytes_, sorted_;  // bins by position, and in ascending order
  std::vector<Category<Positions>> categories_;
  RowNumbers order_;           // positions in ascending order of their bins
};

}  // namespace onecopy
