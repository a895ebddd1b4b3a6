/** Walks the k-d tree, a few queries at a time. */

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "matrix/gather.h"
#include "neighbors/neighbors.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

/** Most queries that are sorted by place at a time: 2 MB. */
constexpr int64_t kBatch = 1 << 18;
/** Queries in a task of a thread. */
constexpr int64_t kTask = 16 * kGroupQueries;

/** A query and where it stands among those of the search. */
struct Query {
  int64_t position;
  int32_t row;
  uint32_t leaf;
};

/** Up to kGroupQueries queries that walk the tree together, which shares boxes and leaves. */
template <class Found>
class TreeWalk {
 public:
  TreeWalk(const Search& search, const Tree& tree)
      : search_(search),
        tree_(tree),
        kernels_(neighborKernels()),
        queries_(tree.columns * kGroupQueries),
        points_(tree.columns * kLeafPoints),
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

  void answerAll(const Query* queries, int count) {
    int32_t rows[kGroupQueries];
    for (int q = 0; q < count; q++) rows[q] = queries[q].row;
    gatherColumns(search_.queries, rows, count, kGroupQueries, queries_.data());
    for (Found& nearest : nearest_) nearest.clear();
    count_ = count;
    const double none[kGroupQueries] = {};
    visit(tree_.root(), none);
    for (int q = 0; q < count; q++)
      answer(search_, queries[q].position, queries[q].row, nearest_[q]);
  }

  int64_t distances() const { return distances_; }

 private:
  /** Whether a node at this squared distance may hold a neighbour of the query. */
  bool mayHold(size_t node, int query, double square) const {
    const Candidate limit = nearest_[query].limit();
    return square < limit.square || (square == limit.square && tree_.least[node] < limit.row);
  }

  void visit(const TreeNode& node, const double* squares) {
    uint32_t open = 0;
    for (int q = 0; q < count_; q++)
      if (mayHold(node.index, q, squares[q])) open |= 1u << q;
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

  void visitLeaf(const TreeNode& leaf, uint32_t open) {
    int32_t rows[kLeafPoints];
    int count = 0;
    for (size_t at = leaf.start; at < leaf.stop; at++) {
      const int32_t row = __atomic_load_n(&tree_.order[at], __ATOMIC_RELAXED);
      // SAFETY: gatherColumns refuses a row outside the matrix; until then it has no label.
      const bool inside = row >= 0 && row < search_.points.rows;
      if (!inside || !search_.labels.passOver(row)) rows[count++] = row;
    }
    if (count == 0) return;
    gatherColumns(search_.points, rows, count, kLeafPoints, points_.data());
    const uint64_t all = count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
    double squares[kLeafPoints];
    for (; open != 0; open &= open - 1) {
      const int q = __builtin_ctz(open);
      const double limit = nearest_[q].limit().square;
      uint64_t found = all & kernels_.leafDistances(group_, q, points_.data(), count, limit, squares);
      distances_ += count;
      for (; found != 0; found &= found - 1) {
        const int p = __builtin_ctzll(found);
        nearest_[q].offer({squares[p], rows[p]});
      }
    }
    requireFinitePoints(squares, rows, count);
  }

  /** A point that isn't finite any more is at no finite distance from any query, so one query tells. */
  void requireFinitePoints(const double* squares, const int32_t* rows, int count) const {
    bool strange = false;
    for (int p = 0; p < count; p++) strange |= !(squares[p] <= std::numeric_limits<double>::max());
    if (strange) requireFinite("X", points_.data(), tree_.columns, kLeafPoints, rows, count);
  }

  const Search& search_;
  const Tree& tree_;
  const NeighborKernels& kernels_;
  std::vector<double> queries_, points_;
  std::vector<Candidate> room_;
  std::vector<Found> nearest_;
  Group group_;
  int count_ = 0;
  int64_t distances_ = 0;
};

/** The leaf that a query would lie in, so that queries of one place can walk together. */
class LeafFinder {
 public:
  LeafFinder(const Search& search, const Tree& tree)
      : search_(search), tree_(tree), values_(tree.columns) {}

  uint32_t find(int32_t query) {
    gatherColumns(search_.queries, &query, 1, 1, values_.data());
    requireFinite("X", values_.data(), tree_.columns, 1, &query, 1);
    TreeNode node = tree_.root();
    while (!tree_.isLeaf(node)) {
      const TreeNode left = node.left(), right = node.right();
      node = squareTo(right.index) < squareTo(left.index) ? right : left;
    }
    return static_cast<uint32_t>(node.index - tree_.firstLeaf);
  }

 private:
  double squareTo(size_t node) const {
    const double* low = tree_.low(node);
    const double* high = tree_.high(node);
    double sum = 0;
    for (size_t j = 0; j < tree_.columns; j++) {
      const double outside = std::max({low[j] - values_[j], values_[j] - high[j], 0.0}) * search_.scale[j];
      sum += outside * outside;
    }
    return sum;
  }

  const Search& search_;
  const Tree& tree_;
  std::vector<double> values_;
};

/** The queries at positions [from, from + count), those of one place beside each other. */
std::vector<Query> sortedQueries(const Search& search, const Tree& tree, int64_t from, int64_t count) {
  std::vector<Query> queries(count);
  Tasks tasks((count + kTask - 1) / kTask, search.stop);
  onThreads(search.threads, [&] {
    LeafFinder finder(search, tree);
    int64_t rows[kTask];
    tasks.each([&](int64_t task) {
      const int64_t first = task * kTask, size = std::min(kTask, count - first);
      search.queryRows.list(from + first, size, rows);
      for (int64_t i = 0; i < size; i++) {
        const int32_t row = static_cast<int32_t>(rows[i]);
        queries[first + i] = {from + first + i, row, finder.find(row)};
      }
    });
  });
  std::sort(queries.begin(), queries.end(), [](const Query& a, const Query& b) {
    return a.leaf < b.leaf || (a.leaf == b.leaf && a.position < b.position);
  });
  return queries;
}

template <class Found>
int64_t walkTree(const Search& search, const Tree& tree) {
  std::atomic<int64_t> distances = 0;
  for (int64_t from = 0; from < search.queryRows.count() && !search.stop; from += kBatch) {
    const int64_t count = std::min(kBatch, search.queryRows.count() - from);
    const std::vector<Query> queries = sortedQueries(search, tree, from, count);
    Tasks tasks((count + kTask - 1) / kTask, search.stop);
    onThreads(search.threads, [&] {
      TreeWalk<Found> walk(search, tree);
      tasks.each([&](int64_t task) {
        const int64_t stop = std::min((task + 1) * kTask, count);
        for (int64_t at = task * kTask; at < stop; at += kGroupQueries)
          walk.answerAll(&queries[at], static_cast<int>(std::min<int64_t>(kGroupQueries, stop - at)));
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
