/** Offers the splits of one column of a node, row by row. */

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "trees/bins/bins.h"
#include "trees/grow/random.h"
#include "trees/grow/splits.h"

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
    if (randomCuts_) offerCut(count, column, cuts, scan);
    else offerAll(count, column, scan);
  }

 private:
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
  std::vector<uint8_t> bytes_, sorted_;  // bins by position, and in ascending order
  std::vector<int32_t> order_;           // positions in ascending order of their bins
};

}  // namespace onecopy
