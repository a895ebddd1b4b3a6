/** Grows trees that look at the rows of every node anew. */

#pragma once

#include <atomic>
#include <queue>
#include <vector>

#include "trees/bins/bins.h"
#include "trees/grow/column_scan.h"
#include "trees/grow/grown_tree.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/team.h"

namespace onecopy {

/**
 * Grows trees one after the other, as `Grower` does, but without histograms: a criterion reads the rows of each node, so that
 * its numbers can be exact for these rows, whatever the others are. A tree depends on its rows, their values, the
 * rules and the key, and on nothing else.
 *
 * A criterion has `Values` of all rows, is opened on the rows of a node, knows their `total`, the `value` of a leaf
 * and whether all rows are alike (`isPure`); its `Scan` adds up rows and offers splits.
 */
template <class Criterion>
class ScanGrower {
 public:
  using Values = typename Criterion::Values;

  ScanGrower(const Bins& bins, const Edges& edges, const GrowthOptions& options, Team& team,
             const std::atomic<bool>& stop)
      : bins_(bins),
        edges_(edges),
        options_(options),
        team_(team),
        stop_(stop),
        choice_(bins.columns),
        filters_(options_.together),
        columnScans_(team.size(), ColumnScan(bins, edges, options.randomCuts)) {}

  /** The numbers of the rows of the next tree, in any order; growing it puts those of a leaf side by side. */
  RowNumbers& rows() { return rows_; }

  /** Grows a tree on the first `count` of `rows()`, whose end it fills up with what `kRowsAhead` asks for. */
  void grow(int64_t count, const Values& values, const SplitRules& rules, const RandomKey& key, GrownTree& tree) {
    values_ = &values;
    rules_ = &rules;
    padRows(rows_, count);
    moved_.resize(count + 16);
    tree.clear(bins_.columns);
    OpenNode root = {0, count, {}, 0, {}, key};
    for (int64_t i = 0; i < count; i++) root.sums.count += values.timesOf(rows_[i]);
    if (options_.maxLeaves == 0) growDepthFirst(root, tree);
    else growBestFirst(root, tree);
  }

 private:
  /** A node that has been looked at. */
  struct Judged {
    OpenNode node;
    Split split;                   // the best one
    Children children;             // of this split, but for their counts of rows
    double value;                  // as a leaf
    int32_t left = -1, right = -1; // once it is split
  };
  /** A node that waits for its turn in a tree that grows depth first. */
  struct Pending {
    OpenNode node;
    int64_t parent;  // its slot; -1: none
    bool isRight;
  };

  Judged judge(const OpenNode& node) {
    Judged judged = {node, {}, {node, node}, 0};
    criterion_.open(rows_.data() + node.begin, node.count, *values_, *rules_, node.range);
    judged.node.sums = criterion_.total();
    judged.value = criterion_.value();
    if (!node.maySplit(options_, *rules_) || criterion_.isPure()) return judged;
    judged.split = findSplit(node);
    if (judged.split.isFound()) judged.children = childrenOf(judged.node, judged.split, 0, criterion_.rules(), filters_);
    return judged;
  }

  Split findSplit(const OpenNode& node) {
    columns_.clear();
    const auto allowed = filters_.columns(node.filter);
    choice_.each(options_.columnsPerNode, node.key, allowed, [&](int64_t j) { columns_.push_back(j); });
    scans_.resize(team_.size());
    for (auto& scan : scans_) scan.start(criterion_);
    const int32_t* rows = rows_.data() + node.begin;
    const RandomKey cuts = node.key.part(3);
    const auto look = [&](int64_t column, int member) {
      columnScans_[member].offer(rows, node.count, column, cuts, scans_[member]);
    };
    const int64_t least = node.count < kLeastShared ? INT32_MAX : 1;
    team_.share(static_cast<int64_t>(columns_.size()), least, [&](int64_t from, int64_t to, int member) {
      for (int64_t i = from; i < to; i++) look(columns_[i], member);
    });
    for (size_t member = 1; member < scans_.size(); member++) scans_[0].take(scans_[member]);
    if (!scans_[0].found().isFound()) {
      choice_.others(options_.columnsPerNode, node.key, allowed, [&](int64_t j) {
        look(j, 0);
        return scans_[0].found().isFound();
      });
    }
    return scans_[0].found();
  }

  /** Puts the rows of a node that go left first, and completes its children. */
  void part(Judged& judged) {
    const auto& [node, split, children, value, left, right] = judged;
    int32_t* const rows = rows_.data() + node.begin;
    const int64_t leftCount =
        treeKernels().partRows({bins_.data + split.column, bins_.stride, rows, moved_.data(), node.count, split.bin,
                                split.missingLeft, split.hasSet ? split.set.words : nullptr});
    std::copy_n(moved_.data(), node.count - leftCount, rows + leftCount);
    judged.children.left.count = leftCount;
    judged.children.right.begin = node.begin + leftCount;
    judged.children.right.count = node.count - leftCount;
  }

  void growDepthFirst(const OpenNode& root, GrownTree& tree) {
    std::vector<Pending> stack = {{root, -1, false}};
    while (!stack.empty() && !stop_) {
      const Pending pending = stack.back();
      stack.pop_back();
      Judged judged = judge(pending.node);
      const size_t slot = tree.slots.size();
      const bool isLeaf = !judged.split.isFound();
      if (isLeaf) {
        tree.addLeaf(judged.node, judged.value);
      } else {
        part(judged);
        tree.addInner(judged.split);
        stack.push_back({judged.children.right, static_cast<int64_t>(slot), true});
        stack.push_back({judged.children.left, static_cast<int64_t>(slot), false});
      }
      tree.link(pending.parent, pending.isRight, slot, isLeaf);
    }
  }

  void growBestFirst(const OpenNode& root, GrownTree& tree) {
    std::vector<Judged> nodes;
    const auto isLater = [&](int32_t a, int32_t b) { return isSplitLater(options_, nodes, a, b); };
    std::priority_queue<int32_t, std::vector<int32_t>, decltype(isLater)> queue(isLater);
    const auto look = [&](const OpenNode& node) {
      nodes.push_back(judge(node));
      if (nodes.back().split.isFound()) queue.push(static_cast<int32_t>(nodes.size()) - 1);
      return static_cast<int32_t>(nodes.size()) - 1;
    };
    look(root);
    for (int64_t leaves = 1; leaves < options_.maxLeaves && !queue.empty() && !stop_; leaves++) {
      const int32_t at = queue.top();
      queue.pop();
      part(nodes[at]);
      const Children children = nodes[at].children;
      const int32_t left = look(children.left), right = look(children.right);
      nodes[at].left = left;
      nodes[at].right = right;
    }
    emitNodes(nodes, tree, [&](const Judged& leaf) { tree.addLeaf(leaf.node, leaf.value); });
  }

  /** Columns of fewer rows are not shared among threads. */
  static constexpr int64_t kLeastShared = 4096;

  const Bins bins_;
  const Edges& edges_;
  const GrowthOptions options_;
  Team& team_;
  const std::atomic<bool>& stop_;
  ColumnChoice choice_;
  ColumnFilters filters_;
  std::vector<ColumnScan> columnScans_;                 // of each member of the team
  std::vector<typename Criterion::Scan> scans_;         // likewise
  Criterion criterion_;
  RowNumbers rows_, moved_;
  std::vector<int64_t> columns_;

  // Of the tree that grows.
  const Values* values_ = nullptr;
  const SplitRules* rules_ = nullptr;
};

}  // namespace onecopy
