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
  uint32_t place;  // where the point is held

  bool operator<(const Key& other) const {
    return value < other.value || (value == other.value && row < other.row);
  }
};

/** Most bytes of points that are held beside each other while a subtree is built: they stay in the second cache of a core. */
constexpr size_t kHeldBytes = 1 << 18;

/** Moves the half of the points that is lesser in a column to the front; equal values stand in the order of their rows. */
void halve(std::vector<Key>& keys, size_t half) {
  std::nth_element(keys.begin(), keys.begin() + half, keys.end());
}

size_t widestColumn(const Tree& tree, const double* scale, size_t node) {
  const double* low = tree.low(node);
  const double* high = tree.high(node);
  size_t widest = 0;
  const auto width = [&](size_t j) { return (high[j] - low[j]) * scale[j]; };
  for (size_t j = 1; j < tree.columns; j++)
    if (width(j) > width(widest)) widest = j;
  return widest;
}

/** Fills in a subtree, with its points held beside each other. */
class SubtreeBuilder {
 public:
  SubtreeBuilder(const Matrix& points, const double* scale, const Tree& tree)
      : points_(points), scale_(scale), tree_(tree) {}

  /** Whether so many points can be held. */
  static bool holds(const Tree& tree, const TreeNode& node) {
    return node.stop - node.start <= std::max<size_t>(kLeafPoints, kHeldBytes / (tree.columns * sizeof(double)));
  }

  void build(const TreeNode& root) {
    first_ = root.start;
    count_ = root.stop - root.start;
    values_.resize(tree_.columns * count_);
    for (size_t at = 0; at < count_; at += kLeafPoints) {
      const int some = static_cast<int>(std::min<size_t>(kLeafPoints, count_ - at));
      gatherColumns(points_, tree_.order + first_ + at, some, count_, &values_[at]);
    }
    rows_.assign(tree_.order + root.start, tree_.order + root.stop);
    held_.resize(count_);
    for (size_t i = 0; i < count_; i++) held_[i] = static_cast<uint32_t>(i);
    buildNode(root);
  }

 private:
  void buildNode(const TreeNode& node) {
    uint32_t* held = &held_[node.start - first_];
    const size_t count = node.stop - node.start;
    measure(node.index, held, count);
    if (tree_.isLeaf(node)) {
      int32_t* to = tree_.order + node.start;
      for (size_t i = 0; i < count; i++) to[i] = rows_[held[i]];
      std::sort(to, to + count);  // memory is read forwards
      return;
    }
    const double* values = &values_[widestColumn(tree_, scale_, node.index) * count_];
    keys_.resize(count);
    for (size_t i = 0; i < count; i++) keys_[i] = {values[held[i]], rows_[held[i]], held[i]};
    halve(keys_, node.middle() - node.start);
    for (size_t i = 0; i < count; i++) held[i] = keys_[i].place;
    buildNode(node.left());
    buildNode(node.right());
  }

  void measure(size_t node, const uint32_t* held, size_t count) const {
    for (size_t j = 0; j < tree_.columns; j++) {
      const double* values = &values_[j * count_];
      double low = std::numeric_limits<double>::infinity(), high = -low;
      for (size_t i = 0; i < count; i++) {
        low = std::min(low, values[held[i]]);
        high = std::max(high, values[held[i]]);
      }
      tree_.low(node)[j] = low;
      tree_.high(node)[j] = high;
    }
    int32_t least = rows_[held[0]];
    for (size_t i = 1; i < count; i++) least = std::min(least, rows_[held[i]]);
    tree_.least[node] = least;
  }

  const Matrix& points_;
  const double* scale_;
  const Tree& tree_;
  size_t first_ = 0, count_ = 0;
  std::vector<double> values_;  // shape (columns, points)
  std::vector<int32_t> rows_;
  std::vector<uint32_t> held_;  // where the points of a node are held, those of a node side by side
  std::vector<Key> keys_;
};

/** Fills in nodes whose points are too many to hold. */
class TreeBuilder {
 public:
  TreeBuilder(const Matrix& points, const double* scale, const Tree& tree)
      : points_(points), scale_(scale), tree_(tree) {}

  /** Fills in a node: its box, its least row, and which points go left. Not for leaves. */
  void build(const TreeNode& node) const {
    measure(node);
    tree_.least[node.index] = *std::min_element(tree_.order + node.start, tree_.order + node.stop);
    split(node, widestColumn(tree_, scale_, node.index));
  }

  /** Fills in a node and all below it. */
  void buildAll(const TreeNode& node, SubtreeBuilder& subtrees, const std::atomic<bool>& stop) const {
    if (stop) return;
    if (SubtreeBuilder::holds(tree_, node)) return subtrees.build(node);
    build(node);
    buildAll(node.left(), subtrees, stop);
    buildAll(node.right(), subtrees, stop);
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
      for (size_t j = 0; j < columns; j++) {
        const double* value = &values[j * kLeafPoints];
        const auto [least, greatest] = std::minmax_element(value, value + count);
        low[j] = std::min(low[j], *least);
        high[j] = std::max(high[j], *greatest);
      }
    }
  }

  void split(const TreeNode& node, size_t column) const {
    int32_t* rows = tree_.order + node.start;
    std::vector<Key> keys(node.stop - node.start);
    std::vector<double> values(kLeafPoints);
    for (size_t at = 0; at < keys.size(); at += kLeafPoints) {
      const int count = static_cast<int>(std::min<size_t>(kLeafPoints, keys.size() - at));
      gatherColumn(points_, static_cast<int64_t>(column), rows + at, count, values.data());
      for (int i = 0; i < count; i++) keys[at + i] = {values[i], rows[at + i], 0};
    }
    halve(keys, node.middle() - node.start);
    for (size_t i = 0; i < keys.size(); i++) rows[i] = keys[i].row;
  }

  const Matrix& points_;
  const double* scale_;
  const Tree& tree_;
};

/** @throws Error `ERR_VALUE` naming the first point that is not finite */
void requireFinitePoints(const Matrix& points, const Tree& tree, int threads, const std::atomic<bool>& stop) {
  constexpr size_t kSome = 16 * kLeafPoints;
  Tasks tasks(static_cast<int64_t>((tree.points + kSome - 1) / kSome), stop);
  onThreads(threads, [&] {
    std::vector<double> values(tree.columns * kLeafPoints);
    tasks.each([&](int64_t task) {
      const size_t first = task * kSome, last = std::min(first + kSome, tree.points);
      for (size_t at = first; at < last; at += kLeafPoints) {
        const int count = static_cast<int>(std::min<size_t>(kLeafPoints, last - at));
        gatherColumns(points, tree.order + at, count, kLeafPoints, values.data());
        requireFinite("X", values.data(), tree.columns, kLeafPoints, tree.order + at, count);
      }
    });
  });
}

}  // namespace

size_t Tree::countNodes(size_t points) {
  size_t leaves = 1;
  while (leaves * kLeafPoints < points) leaves *= 2;
  return 2 * leaves - 1;
}

void buildTree(const Matrix& points, const double* scale, const Tree& tree, int threads,
               const std::atomic<bool>& stop) {
  requireFinitePoints(points, tree, threads, stop);
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
  forEach(nodes, [&](const TreeNode& node) {
    SubtreeBuilder subtrees(points, scale, tree);
    builder.buildAll(node, subtrees, stop);
  });
}

}  // namespace onecopy
