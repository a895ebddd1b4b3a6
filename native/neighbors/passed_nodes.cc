/** Looks for nodes of a tree whose points are all passed over. */

#include "neighbors/passed_nodes.h"

#include "matrix/threads.h"

namespace onecopy {
namespace {

/** A search looks at all points when it has a query for so many of them. */
constexpr size_t kPointsPerQuery = 16;

/** Nodes of one level, enough of them to keep all threads busy. */
std::vector<TreeNode> subtreesFor(int threads, const Tree& tree) {
  std::vector<TreeNode> nodes = {tree.root()};
  while (nodes.size() < 4 * static_cast<size_t>(threads) && !tree.isLeaf(nodes[0])) {
    std::vector<TreeNode> below;
    for (const TreeNode& node : nodes) {
      below.push_back(node.left());
      below.push_back(node.right());
    }
    nodes = std::move(below);
  }
  return nodes;
}

}  // namespace

PassedNodes::PassedNodes(const Search& search, const Tree& tree) {
  const bool passesAny = search.labels.skips != nullptr || search.labels.skip >= 0;
  const size_t queries = static_cast<size_t>(search.queryRows.count());
  if (!passesAny || queries < tree.points / kPointsPerQuery) return;
  passed_.resize(Tree::countNodes(tree.points));
  const std::vector<TreeNode> subtrees = subtreesFor(search.threads, tree);
  Tasks tasks(static_cast<int64_t>(subtrees.size()), search.stop);
  onThreads(search.threads, [&] { tasks.each([&](int64_t i) { look(search, tree, subtrees[i]); }); });
  for (size_t node = subtrees[0].index; node-- > 0;)
    passed_[node] = passed_[2 * node + 1] & passed_[2 * node + 2];
}

bool PassedNodes::look(const Search& search, const Tree& tree, const TreeNode& node) {
  bool all = true;
  if (tree.isLeaf(node)) {
    for (size_t at = node.start; all && at < node.stop; at++) {
      const int32_t row = __atomic_load_n(&tree.order[at], __ATOMIC_RELAXED);
      // SAFETY: a row outside the matrix has no label. Its leaf stays open, and whoever opens it refuses the row.
      all = row >= 0 && row < search.points.rows && search.labels.passOver(row);
    }
  } else {
    const bool left = look(search, tree, node.left());
    const bool right = look(search, tree, node.right());
    all = left && right;
  }
  passed_[node.index] = all;
  return all;
}

}  // namespace onecopy
