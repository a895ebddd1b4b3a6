/** Splits of columns with categories. */

#pragma once

#include <algorithm>
#include <vector>

#include "trees/grow/splits.h"

namespace onecopy {

// The categories of a node are put in order by what they pull its value to, smoothed towards that of the node; the missing
// value is one of them. The best way to part them in two cuts this order somewhere (Fisher 1958). The smaller part, by number of
// categories, goes left: so what no row of the node has, and what too few have to be told apart, goes with most categories.

/** A category with rows in a node. */
template <class Sums>
struct Category {
  int bin;
  double key;
  Sums sums;
};

/**
 * Puts categories in order and calls `offer(set, sums)` for every cut, with the sums of the categories that go left.
 *
 * @param categories - those that are told apart; reordered
 */
template <class Sums, class Offer>
void cutCategories(std::vector<Category<Sums>>& categories, Offer&& offer) {
  std::sort(categories.begin(), categories.end(), [](const auto& a, const auto& b) {
    return a.key < b.key || (a.key == b.key && a.bin < b.bin);
  });
  const size_t count = categories.size();
  const auto go = [&](size_t most, auto&& categoryAt) {
    BinSet set;
    Sums sums{};
    for (size_t i = 0; i < most; i++) {
      set.add(categoryAt(i).bin);
      sums += categoryAt(i).sums;
      offer(set, sums);
    }
  };
  if (count < 2) return;
  go(count / 2, [&](size_t i) -> const auto& { return categories[i]; });
  go((count - 1) / 2, [&](size_t i) -> const auto& { return categories[count - 1 - i]; });
}

/** Offers every cut of a column's categories; `sumsOf(bin)` are the sums of the node's rows in a bin. */
template <class SumsOf>
void offerCategories(SplitSearch& search, int64_t column, int bins, SumsOf&& sumsOf) {
  std::vector<Category<RowSums>> categories;
  const auto take = [&](int bin) {
    const RowSums sums = sumsOf(bin);
    if (sums.count == 0 || sums.count < search.rules().leastOfCategory) return;
    categories.push_back({bin, search.rules().categoryKey(sums, search.total()), sums});
  };
  for (int bin = 0; bin < bins; bin++) take(bin);
  take(kMissingBin);
  cutCategories(categories, [&](const BinSet& set, const RowSums& left) { search.offerSet(column, set, left); });
}

}  // namespace onecopy
