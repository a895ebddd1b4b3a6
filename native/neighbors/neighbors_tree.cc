/** Walks the k-d tree, a few queries at a time. */

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "matrix/gather.h"
#include "matrix/threads.h"
#include "neighbors/leaf_cache.h"
#include "neighbors/neighbors.h"
#include "neighbors/passed_nodes.h"
#include "neighbors/query_order.h"

namespace onecopy {
namespace {

/** Most queries that are sorted by place at a time, in 3 MB: each leaf is read about once for them. */
constexpr int64_t kBatch = 1 << 18;
/** Queries in a task of a thread. */
constexpr int64_t kTask = 16 * kGroupQueries;

/** Up to kGroupQueries queries that walk the tree together, which shares boxes and leaves. */
template <class Found>
class TreeWalk {
 public:
  TreeWalk(const Search& search, const Tree& tree, const PassedNodes& passed)
      : search_(search),
        tree_(tree),
        passed_(passed),
        kernels_(neighborKernels()),
        leaves_(search, tree),
        queries_(tree.columns * kGroupQueries),
        room_(search.neighbors * kGroupQueries),
        group_{static_cast<uint32_t>(tree.columns), queries_.data(), search.scale, search.metric} {
    for (int q = 0; q < kGroupQueries; q++) {
      if constexpr (std::is_same_v<Found, Within>) {
        nearest_.emplace_back(search.limit);
      } else {
        nearest_.emplace_back(&room_[q * search.neighbors], search.neighbors);
      }
    }
  }

  /** @param from - position of the first of those that were sorted together */
  void answerAll(const Query* queries, int count, int64_t from) {
    int32_t rows[kGroupQueries];
    for (int q = 0; q < count; q++) rows[q] = queries[q].row;
    gatherColumns(search_.queries, rows, count, kGroupQueries, queries_.data());
    for (int q = 0; q < kGroupQueries; q++) {
      nearest_[q].clear();
      limits_[q] = nearest_[q].limit().square;
    }
    count_ = count;
    const double none[kGroupQueries] = {};
    visit(tree_.root(), none);
    for (int q = 0; q < count; q++)
      answer(search_, from + queries[q].place, queries[q].row, nearest_[q]);
  }

  int64_t distances() const { return distances_; }

 private:
  /** Whether a node at this squared distance may hold a neighbour of the query. */
  bool mayHold(size_t node, int query, double square) const {
    if (square != limits_[query]) return square < limits_[query];
    return tree_.least[node] < nearest_[query].limit().row;
  }

  void visit(const TreeNode& node, const double* squares) {
    if (passed_.contains(node.index)) return;
    uint32_t open = 0;
    for (int q = 0; q < count_; q++) open |= uint32_t{mayHold(node.index, q, squares[q])} << q;
    if (open == 0) return;
    if (tree_.isLeaf(node)) return visitLeaf(node, open);
    const TreeNode left = node.left(), right = node.right();
    double toLeft[kGroupQueries], toRight[kGroupQueries], difference = 0;
    kernels_.boxDistances(group_, tree_.low(left.index), tree_.high(left.index), toLeft);
    kernels_.boxDistances(group_, tree_.low(right.index), tree_.high(right.index), toRight);
    for (int q = 0; q < count_; q++) difference += toLeft[q] - toRight[q];
    if (difference > 0) {
      visit(right, toRight);
      visit(left, toLeft);
    } else {
      visit(left, toLeft);
      visit(right, toRight);
    }
  }

  void visitLeaf(const TreeNode& node, uint32_t open) {
    const LeafPoints& leaf = leaves_.read(node);
    if (leaf.count == 0) return;
    const uint64_t all = leaf.count == 64 ? ~uint64_t{0} : (uint64_t{1} << leaf.count) - 1;
    double squares[kLeafPoints];
    for (; open != 0; open &= open - 1) {
      const int q = __builtin_ctz(open);
      double limit = limits_[q];
      uint64_t found = all & kernels_.leafDistances(group_, q, leaf.values, leaf.count, limit, squares);
      distances_ += leaf.count;
      if constexpr (std::is_same_v<Found, Nearest>)
        if (nearest_[q].size() == 0) found &= kernels_.leastOf(squares, leaf.count, search_.neighbors);
      for (; found != 0; found &= found - 1) {
        const int p = __builtin_ctzll(found);
        if (squares[p] > limit) continue;  // it was within the limit before the points in front of it
        nearest_[q].offer({squares[p], leaf.rows[p]});
        limit = nearest_[q].limit().square;
      }
      limits_[q] = limit;
    }
    requireFinitePoints(leaf, squares);
  }

  /** A point that isn't finite any more is at no finite distance from any query, so one query tells. */
  void requireFinitePoints(const LeafPoints& leaf, const double* squares) const {
    bool strange = false;
    for (int p = 0; p < leaf.count; p++) strange |= !(squares[p] <= std::numeric_limits<double>::max());
    if (strange) requireFinite("X", leaf.values, tree_.columns, kLeafPoints, leaf.rows, leaf.count);
  }

  const Search& search_;
  const Tree& tree_;
  const PassedNodes& passed_;
  const NeighborKernels& kernels_;
  LeafCache leaves_;
  std::vector<double> queries_;
  std::vector<Candidate> room_;
  std::vector<Found> nearest_;
  double limits_[kGroupQueries];  // squares of the farthest of `nearest_`
  Group group_;
  int count_ = 0;
  int64_t distances_ = 0;
};

template <class Found>
int64_t walkTree(const Search& search, const Tree& tree) {
  const PassedNodes passed(search, tree);
  std::atomic<int64_t> distances = 0;
  for (int64_t from = 0; from < search.queryRows.count() && !search.stop; from += kBatch) {
    const int64_t count = std::min(kBatch, search.queryRows.count() - from);
    const std::vector<Query> queries = sortedQueries(search, tree, from, count);
    Tasks tasks((count + kTask - 1) / kTask, search.stop);
    onThreads(search.threads, [&] {
      TreeWalk<Found> walk(search, tree, passed);
      tasks.each([&](int64_t task) {
        const int64_t stop = std::min((task + 1) * kTask, count);
        for (int64_t at = task * kTask; at < stop; at += kGroupQueries)
          walk.answerAll(&queries[at], static_cast<int>(std::min<int64_t>(kGroupQueries, stop - at)), from);
      });
      distances += walk.distances();
    });
  }
  return distances;
}

}  // namespace

int64_t searchTree(const Search& search, const Tree& tree) {
  return search.neighbors > 0 ? walkTree<Nearest>(search, tree) : walkTree<Within>(search, tree);
}

}  // namespace onecopy
