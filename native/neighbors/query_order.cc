/** Sorts queries by the leaf of a tree in which they would lie. */

#include "neighbors/query_order.h"

#include <algorithm>

#include "matrix/gather.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

/** Queries in a task of a thread. */
constexpr int64_t kTask = 128;

/** Finds the leaves of queries, some at a time. */
class LeafFinder {
 public:
  LeafFinder(const Search& search, const Tree& tree)
      : search_(search), tree_(tree), values_(tree.columns * kTask) {}

  /** Writes the leaf of each row. */
  void find(const int64_t* rows, int count, uint32_t* leaves) {
    int32_t numbers[kTask];
    for (int i = 0; i < count; i++) numbers[i] = static_cast<int32_t>(rows[i]);
    gatherColumns(search_.queries, numbers, count, kTask, values_.data());
    requireFinite("X", values_.data(), tree_.columns, kTask, numbers, count);
    for (int i = 0; i < count; i++) leaves[i] = leafOf(&values_[i]);
  }

 private:
  uint32_t leafOf(const double* values) const {
    TreeNode node = tree_.root();
    while (!tree_.isLeaf(node)) {
      const TreeNode left = node.left(), right = node.right();
      const double toLeft = squareTo(left.index, values);
      node = toLeft > 0 && squareTo(right.index, values) < toLeft ? right : left;
    }
    return static_cast<uint32_t>(node.index - tree_.firstLeaf);
  }

  double squareTo(size_t node, const double* values) const {
    const double* low = tree_.low(node);
    const double* high = tree_.high(node);
    double sum = 0;
    for (size_t j = 0; j < tree_.columns; j++) {
      const double value = values[j * kTask];
      const double outside = std::max({low[j] - value, value - high[j], 0.0}) * search_.scale[j];
      sum += outside * outside;
    }
    return sum;
  }

  const Search& search_;
  const Tree& tree_;
  std::vector<double> values_;
};

/** Where the queries of each leaf begin when those of one leaf are together. */
std::vector<uint32_t> startsOf(const std::vector<uint32_t>& leafOf, size_t leaves) {
  std::vector<uint32_t> starts(leaves + 1);
  for (const uint32_t leaf : leafOf) starts[leaf + 1]++;
  for (size_t leaf = 0; leaf < leaves; leaf++) starts[leaf + 1] += starts[leaf];
  return starts;
}

}  // namespace

std::vector<Query> sortedQueries(const Search& search, const Tree& tree, int64_t from, int64_t count) {
  std::vector<uint32_t> leafOf(count);
  Tasks tasks((count + kTask - 1) / kTask, search.stop);
  onThreads(search.threads, [&] {
    LeafFinder finder(search, tree);
    int64_t rows[kTask];
    tasks.each([&](int64_t task) {
      const int64_t first = task * kTask, size = std::min(kTask, count - first);
      search.queryRows.list(from + first, size, rows);
      finder.find(rows, static_cast<int>(size), &leafOf[first]);
    });
  });
  // Counting is one pass, unlike a sort by comparing, but takes a number for each leaf.
  const size_t leaves = tree.firstLeaf + 1;
  const bool areMany = leafOf.size() >= leaves / 16;
  std::vector<uint32_t> starts = areMany ? startsOf(leafOf, leaves) : std::vector<uint32_t>();
  std::vector<Query> queries(count);
  int64_t rows[kTask];
  for (int64_t first = 0; first < count; first += kTask) {
    const int64_t size = std::min(kTask, count - first);
    search.queryRows.list(from + first, size, rows);
    for (int64_t i = first; i < first + size; i++) {
      const size_t at = areMany ? starts[leafOf[i]]++ : i;
      queries[at] = {static_cast<uint32_t>(i), static_cast<int32_t>(rows[i - first])};
    }
  }
  if (!areMany)
    std::sort(queries.begin(), queries.end(), [&](const Query& a, const Query& b) {
      return leafOf[a.place] < leafOf[b.place] || (leafOf[a.place] == leafOf[b.place] && a.place < b.place);
    });
  return queries;
}

}  // namespace onecopy
