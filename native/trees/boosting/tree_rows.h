/** Visits rows by the leaves of a tree that has grown. */

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "trees/bins/bins.h"
#include "trees/grow/grown_tree.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/team.h"

namespace onecopy {

/** Fewer rows for each thread are not shared. */
constexpr int64_t kLeastVisited = 8192;

/**
 * Calls `visit(row, leaf, member)` in parallel for the rows that a tree has grown on.
 *
 * @param rows - leaf by leaf, as growing has left them; `kRowsAhead` more numbers follow them
 * @param values - what `visit` looks at, by row
 */
template <class Value, class Visit>
void eachLeafRow(Team& team, const GrownTree& tree, const int32_t* rows, const Value* values, Visit&& visit) {
  const auto& leaves = tree.leaves;
  const int64_t count = leaves.back().begin + leaves.back().count;
  team.share(count, kLeastVisited, [&](int64_t from, int64_t to, int member) {
    const auto after = std::upper_bound(leaves.begin(), leaves.end(), from,
                                        [](int64_t at, const GrownLeaf& leaf) { return at < leaf.begin; });
    for (size_t k = after - leaves.begin() - 1; from < to; k++) {
      const int64_t end = std::min(to, leaves[k].begin + leaves[k].count);
      for (; from < end; from++) {
        __builtin_prefetch(values + rows[from + kRowsAhead], 1);
        visit(rows[from], k, member);
      }
    }
  });
}

/** Calls `visit(row, value, member)` in parallel for rows that walk a tree. */
template <class Visit>
void eachWalkedRow(Team& team, std::span<const uint64_t> tree, const Bins& bins, const RowNumbers& rows,
                   Visit&& visit) {
  team.share(static_cast<int64_t>(rows.size()), kLeastVisited, [&](int64_t from, int64_t to, int member) {
    for (int64_t i = from; i < to; i++) {
      const int32_t row = rows[i];
      visit(row, walk(tree.data(), static_cast<int64_t>(tree.size()), bins.row(row)), member);
    }
  });
}

}  // namespace onecopy
