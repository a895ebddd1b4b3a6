/** Builds the k-d tree of a set of points. */

#include <algorithm>
#include <limits>

#include "matrix/gather.h"
#include "neighbors/neighbors.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

/** A point by its value in one column; equal values stand in the order of their rows. */
struct Key {
  double value;
  int32_t row;

  bool operator<(const Key& other) const {
    return value < other.value || (value == other.value && row < other.row);
  }
};

class TreeBuilder {
 public:
  TreeBuilder(const Matrix& points, const double* scale, const Tree& tree)
      : points_(points), scale_(scale), tree_(tree) {}

  /** Fills in a node: its box, its least row, and which points go left. */
  void build(const TreeNode& node) const {
    int32_t* from = tree_.order + node.start;
    int32_t* to = tree_.order + node.stop;
    measure(node);
    tree_.least[node.index] = *std::min_element(from, to);
    if (tree_.isLeaf(node)) {
      std::sort(from, to);  // memory is read forwards
    } else {
      halve(node, widestColumn(node));
    }
  }

  /** Fills in a node and all below it. */
  void buildAll(const TreeNode& node, const std::atomic<bool>& stop) const {
    if (stop) return;
    build(node);
    if (tree_.isLeaf(node)) return;
    buildAll(node.left(), stop);
    buildAll(node.right(), stop);
  }

 private:
  void measure(const TreeNode& node) const {
    const size_t columns = tree_.columns;
    double* low = tree_.low(node.index);
    double* high = tree_.high(node.index);
    std::fill_n(low, columns, std::numeric_limits<double>::infinity());
    std::fill_n(high, columns, -std::numeric_limits<double>::infinity());
    std::vector<double> values(columns * kLeafPoints);
    for (size_t at = node.start; at < node.stop; at += kLeafPoints) {
      const int32_t* rows = tree_.order + at;
      const int count = static_cast<int>(std::min<size_t>(kLeafPoints, node.stop - at));
      gatherColumns(points_, rows, count, kLeafPoints, values.data());
      if (node.index == 0) requireFinite("X", values.data(), columns, kLeafPoints, rows, count);
      for (size_t j = 0; j < columns; j++) {
        const double* value = &values[j * kLeafPoints];
        const auto [least, greatest] = std::minmax_element(value, value + count);
        low[j] = std::min(low[j], *least);
        high[j] = std::max(high[j], *greatest);
      }
    }
  }

  size_t widestColumn(const TreeNode& node) const {
    const double* low = tree_.low(node.index);
    const double* high = tree_.high(node.index);
    size_t widest = 0;
    const auto width = [&](size_t j) { return (high[j] - low[j]) * scale_[j]; };
    for (size_t j = 1; j < tree_.columns; j++)
      if (width(j) > width(widest)) widest = j;
    return widest;
  }

  /** Moves the half of the points that is lesser in a column to the front. */
  void halve(const TreeNode& node, size_t column) const {
    int32_t* rows = tree_.order + node.start;
    std::vector<Key> keys(node.stop - node.start);
    for (size_t i = 0; i < keys.size(); i++) keys[i] = {valueAt(points_, rows[i], column), rows[i]};
    std::nth_element(keys.begin(), keys.begin() + (node.middle() - node.start), keys.end());
    for (size_t i = 0; i < keys.size(); i++) rows[i] = keys[i].row;
  }

  const Matrix& points_;
  const double* scale_;
  const Tree& tree_;
};

}  // namespace

size_t Tree::countNodes(size_t points) {
  size_t leaves = 1;
  while (leaves * kLeafPoints < points) leaves *= 2;
  return 2 * leaves - 1;
}

void buildTree(const Matrix& points, const double* scale, const Tree& tree, int threads,
               const std::atomic<bool>& stop) {
  const TreeBuilder builder(points, scale, tree);
  const auto forEach = [&](const std::vector<TreeNode>& nodes, const auto& work) {
    Tasks tasks(nodes.size(), stop);
    onThreads(threads, [&] { tasks.each([&](int64_t i) { work(nodes[i]); }); });
  };
  // Whole levels first, until there is work for every thread, then the subtrees under them.
  std::vector<TreeNode> nodes = {tree.root()};
  while (!tree.isLeaf(nodes[0]) && nodes.size() < 4 * static_cast<size_t>(threads)) {
    forEach(nodes, [&](const TreeNode& node) { builder.build(node); });
    std::vector<TreeNode> below;
    for (const TreeNode& node : nodes) {
      below.push_back(node.left());
      below.push_back(node.right());
    }
    nodes = std::move(below);
  }
  forEach(nodes, [&](const TreeNode& node) { builder.buildAll(node, stop); });
}

}  // namespace onecopy
