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

  /** Fills in `leaf` of each query. */
  void find(Query* queries, int count) {
    int32_t rows[kTask];
    for (int i = 0; i < count; i++) rows[i] = queries[i].row;
    gatherColumns(search_.queries, rows, count, kTask, values_.data());
    requireFinite("X", values_.data(), tree_.columns, kTask, rows, count);
    for (int i = 0; i < count; i++) queries[i].leaf = leafOf(&values_[i]);
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

/** Counts how many queries each leaf has and puts them there in their order: one pass, unlike a sort by comparing. */
std::vector<Query> byLeaf(const std::vector<Query>& queries, size_t leaves) {
  std::vector<uint32_t> starts(leaves + 1);
  for (const Query& query : queries) starts[query.leaf + 1]++;
  for (size_t leaf = 0; leaf < leaves; leaf++) starts[leaf + 1] += starts[leaf];
  std::vector<Query> sorted(queries.size());
  for (const Query& query : queries) sorted[starts[query.leaf]++] = query;
  return sorted;
}

}  // namespace

std::vector<Query> sortedQueries(const Search& search, const Tree& tree, int64_t from, int64_t count) {
  std::vector<Query> queries(count);
  Tasks tasks((count + kTask - 1) / kTask, search.stop);
  onThreads(search.threads, [&] {
    LeafFinder finder(search, tree);
    int64_t rows[kTask];
    tasks.each([&](int64_t task) {
      const int64_t first = task * kTask, size = std::min(kTask, count - first);
      search.queryRows.list(from + first, size, rows);
      for (int64_t i = 0; i < size; i++)
        queries[first + i] = {from + first + i, static_cast<int32_t>(rows[i]), 0};
      finder.find(&queries[first], static_cast<int>(size));
    });
  });
  const size_t leaves = tree.firstLeaf + 1;
  if (queries.size() >= leaves / 16) return byLeaf(queries, leaves);
  std::sort(queries.begin(), queries.end(), [](const Query& a, const Query& b) {
    return a.leaf < b.leaf || (a.leaf == b.leaf && a.position < b.position);
  });
  return queries;
}

}  // namespace onecopy
