/** Exact nearest neighbours, by a k-d tree or by comparing with all. */

#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "neighbors/kernels/neighbor_kernels.h"
#include "matrix/matrix.h"
#include "neighbors/nearest.h"

namespace onecopy {

// Distances are those of a diagonal metric: the root of the sum over columns, in their order, of
// ((x_j - q_j) * scale_j)^2, in float64, every operation rounded by itself. Other Minkowski metrics (see `Metric`) have
// |(x_j - q_j) * scale_j|^p in place of squares, and their greatest one for p = infinity. A query whose nearest squares leave
// the range of float64 is compared with all points in extended precision instead. Whatever skips work (the
// boxes of the tree, the float32 screen) skips only what can't be nearer by this very formula. So both
// ways, all instruction sets and any number of threads give the same bytes. Points at the same distance
// come in the order of their row numbers. Rows are numbered in 31 bits.

/** Points that a search passes over: those labelled `skip`, or with labels among `skips`. */
struct Labels {
  const uint16_t* labels;  // one for each row of the points; null: rows have their numbers for labels
  int32_t skip;            // -1: no label
  const uint8_t* skips;    // a bit for each label; null: `skip` alone

  bool passOver(int32_t row) const {
    if (skips == nullptr) return labels != nullptr && labels[row] == skip;
    const uint32_t label = labels == nullptr ? static_cast<uint32_t>(row) : labels[row];
    return (skips[label >> 3] >> (label & 7)) & 1;
  }
};

/** A node of a tree and the part of `Tree::order` that it stands for. */
struct TreeNode {
  size_t index, start, stop;

  size_t middle() const { return start + (stop - start) / 2; }
  TreeNode left() const { return {2 * index + 1, start, middle()}; }
  TreeNode right() const { return {2 * index + 2, middle(), stop}; }
};

/**
 * A k-d tree over row numbers. It is complete: as many levels as bring every leaf to at most
 * `kLeafPoints` points, its nodes numbered as in a heap. It holds no value of the points but the
 * boxes, and stays right for every scale.
 */
struct Tree {
  int32_t* order;  // row numbers of the points; those of a node stand side by side
  double* boxes;   // least values, then greatest, of the points of a node, shape (nodes, 2, columns)
  int32_t* least;  // least row number of a node
  size_t points;
  size_t columns;
  size_t firstLeaf;  // nodes from here on are leaves

  static size_t countNodes(size_t points);

  TreeNode root() const { return {0, 0, points}; }
  bool isLeaf(const TreeNode& node) const { return node.index >= firstLeaf; }
  double* low(size_t node) const { return boxes + node * 2 * columns; }
  double* high(size_t node) const { return low(node) + columns; }
};

/**
 * Fills in a tree whose `order` holds the row numbers of the points.
 *
 * @param scale - of the metric that the tree shall be best for, shape (columns)
 * @throws Error `ERR_VALUE`
 */
void buildTree(const Matrix& points, const double* scale, const Tree& tree, int threads,
               const std::atomic<bool>& stop);

/** Takes what a search finds; called once for each query, from any thread. */
class Answers {
 public:
  virtual ~Answers() = default;
  /**
   * @param nearest - from near to far, as many as were wanted; with squared distances, of Euclidean ones, and otherwise with
   *   distances themselves
   */
  virtual void take(int64_t position, int32_t query, const Candidate* nearest) = 0;
};

/** Takes what a search within a distance finds; called once for each query, from any thread. */
class RangeAnswers {
 public:
  virtual ~RangeAnswers() = default;
  /** @param found - in the order of their rows, with powers of distances */
  virtual void take(int64_t position, const std::vector<Candidate>& found) = 0;
};

/** The points of a search: those of a tree, or rows. */
struct Indexed {
  const Tree* tree;  // null: `rows`
  const Rows& rows;

  int64_t count() const { return tree == nullptr ? rows.count() : static_cast<int64_t>(tree->points); }
  /** Row number of the point at a position; that of a tree may lie outside the matrix. */
  int32_t row(int64_t at) const {
    if (tree != nullptr) return __atomic_load_n(&tree->order[at], __ATOMIC_RELAXED);
    int64_t row;
    rows.list(at, 1, &row);
    return static_cast<int32_t>(row);
  }
};

/** Which neighbours are wanted. */
struct Search {
  Matrix points;
  Indexed indexed;
  Matrix queries;
  const Rows& queryRows;
  const double* scale;  // shape (columns), not negative
  Metric metric;
  Labels labels;
  size_t neighbors;          // 0: all within `limit`
  double limit;              // power of a distance
  Answers* answers;          // with `neighbors`
  RangeAnswers* rangeAnswers;  // without
  int threads;
  const std::atomic<bool>& stop;
};

/** Adds the difference in one more column to a power of a distance. */
inline double withDifference(const Metric& metric, double sum, double difference) {
  switch (metric.power) {
    case Power::kSquares: break;
    case Power::kAbsolute: return sum + std::abs(difference);
    case Power::kGreatest: return std::max(sum, std::abs(difference));
    case Power::kAny: return sum + std::pow(std::abs(difference), metric.p);
  }
  return sum + difference * difference;
}

/** The distance whose power is given. */
inline double distanceOf(const Metric& metric, double power) {
  if (metric.power == Power::kSquares) return std::sqrt(power);
  return metric.power == Power::kAny ? std::pow(power, 1 / metric.p) : power;
}

/**
 * Searches a tree.
 *
 * @returns how many distances to points it took
 * @throws Error `ERR_ROWS` when there are fewer points than neighbours, `ERR_VALUE`
 */
int64_t searchTree(const Search& search, const Tree& tree);

/** Compares every query with every point of `pointRows`; otherwise like searchTree. */
int64_t searchAll(const Search& search, const Rows& pointRows);

/**
 * Whether squared distances of a query's nearest points have over- or underflowed, so that others may be nearer.
 *
 * @param nearest - from near to far, as many as were wanted
 */
bool isWide(const Search& search, int32_t query, const Candidate* nearest);

/**
 * Replaces the nearest points of such a query by what a comparison with all points finds in extended precision. Their squares (of other
 * metrics: their distances) are multiplied by one power of two that brings them into range; a mean by distance is the same.
 *
 * @returns false when the search was stopped
 * @throws Error `ERR_ROWS`, `ERR_VALUE`
 */
bool findWideNeighbors(const Search& search, int32_t query, Candidate* nearest);

/** Hands over the neighbours of a query. @throws Error `ERR_ROWS` when there are too few */
void answer(const Search& search, int64_t position, int32_t query, Nearest& nearest);
void answer(const Search& search, int64_t position, int32_t query, Within& found);

/** @throws Error `ERR_ROWS`, always */
[[noreturn]] void refuseNeighbors(size_t points, size_t neighbors);

/** Registers `treeNodes`, `buildTree`, `findNeighbors` and `findWithin`. */
void registerNeighbors(napi_env env, napi_value exports);

}  // namespace onecopy
