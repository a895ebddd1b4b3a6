/** Which columns are looked at for a split. */

#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "trees/grow/random.h"

namespace onecopy {

/** Sets of columns, each ascending; all columns are in some. */
using ColumnSets = std::vector<std::vector<int32_t>>;

/** Which columns may be split below others: those that share a set with all columns on the path. */
class ColumnFilters {
 public:
  /** @param sets - empty: every column may be split anywhere */
  explicit ColumnFilters(const ColumnSets& sets) : sets_(sets) {
    filters_.emplace_back();  // that of a root, 0, which lets all pass
    for (size_t s = 0; s < sets.size(); s++) filters_[0].sets.push_back(static_cast<int32_t>(s));
  }

  /** The filter below a split of `column` in a node with `filter`. */
  int32_t below(int32_t filter, int64_t column) {
    if (sets_.empty()) return 0;
    const auto [at, isNew] = known_.try_emplace({filter, static_cast<int32_t>(column)}, 0);
    if (isNew) at->second = make(filter, static_cast<int32_t>(column));
    return at->second;
  }

  /** The columns that may be split, ascending; empty: all. */
  std::span<const int32_t> columns(int32_t filter) const { return filters_[filter].columns; }

 private:
  struct Filter {
    std::vector<int32_t> sets, columns;
  };

  int32_t make(int32_t above, int32_t column) {
    Filter filter;
    for (const int32_t s : filters_[above].sets) {
      if (!std::binary_search(sets_[s].begin(), sets_[s].end(), column)) continue;
      filter.sets.push_back(s);
      filter.columns.insert(filter.columns.end(), sets_[s].begin(), sets_[s].end());
    }
    std::sort(filter.columns.begin(), filter.columns.end());
    filter.columns.erase(std::unique(filter.columns.begin(), filter.columns.end()), filter.columns.end());
    // Paths that lead to the same sets share a filter.
    for (size_t f = 1; f < filters_.size(); f++)
      if (filters_[f].sets == filter.sets) return static_cast<int32_t>(f);
    filters_.push_back(std::move(filter));
    return static_cast<int32_t>(filters_.size()) - 1;
  }

  const ColumnSets& sets_;
  std::vector<Filter> filters_;
  std::map<std::pair<int32_t, int32_t>, int32_t> known_;  // by the filter above and the column
};

/** Chooses the columns that are looked at for a split. */
class ColumnChoice {
 public:
  explicit ColumnChoice(int64_t columns) : isChosen_(columns) {}

  /**
   * Calls `visit` for `count` columns, or for all, in ascending order.
   *
   * @param allowed - those that may be chosen; empty: all
   */
  template <class Visit>
  void each(int64_t count, const RandomKey& key, std::span<const int32_t> allowed, Visit&& visit) {
    const int64_t columns = sizeOf(allowed);
    const auto visitAt = [&](int64_t at) { visit(allowed.empty() ? at : allowed[at]); };
    if (count >= columns) {
      for (int64_t j = 0; j < columns; j++) visitAt(j);
      return;
    }
    // Floyd's way to draw without replacement.
    for (int64_t j = columns - count; j < columns; j++) {
      const int64_t drawn = key.below(static_cast<uint64_t>(j), static_cast<uint32_t>(j + 1));
      isChosen_[isChosen_[drawn] ? j : drawn] = 1;
    }
    for (int64_t j = 0; j < columns; j++) {
      if (!isChosen_[j]) continue;
      isChosen_[j] = 0;
      visitAt(j);
    }
  }

  /** Calls `visit` for the columns that `each` leaves out, in random order, until it returns true. */
  template <class Visit>
  void others(int64_t count, const RandomKey& key, std::span<const int32_t> allowed, Visit&& visit) {
    const int64_t columns = sizeOf(allowed);
    if (count >= columns) return;
    std::vector<int64_t> chosen, order;
    each(count, key, allowed, [&](int64_t j) { chosen.push_back(j); });
    for (int64_t at = 0; at < columns; at++) {
      const int64_t j = allowed.empty() ? at : allowed[at];
      if (!std::binary_search(chosen.begin(), chosen.end(), j)) order.push_back(j);
    }
    const RandomKey draws = key.part(2);
    for (size_t i = 0; i < order.size(); i++) {
      std::swap(order[i], order[i + draws.below(i, static_cast<uint32_t>(order.size() - i))]);
      if (visit(order[i])) return;
    }
  }

 private:
  int64_t sizeOf(std::span<const int32_t> allowed) const {
    return static_cast<int64_t>(allowed.empty() ? isChosen_.size() : allowed.size());
  }

  std::vector<uint8_t> isChosen_;
};

}  // namespace onecopy
