/** Trees that grow: what is asked for, what is open, what has grown. */

#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "trees/grow/column_choice.h"
#include "trees/grow/random.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/slots.h"
#include "trees/grow/splits.h"

namespace onecopy {

/** How trees are grown, whatever they learn. */
struct GrowthOptions {
  int64_t maxLeaves;       // 0: no limit
  int maxDepth;            // 0: no limit
  bool byLevel;            // with a limit of leaves: upper nodes are split first, not those that gain most
  int64_t columnsPerNode;  // how many columns are looked at for each split
  int64_t histogramBytes;  // about how much memory histograms may take; a few are kept in any case
  int64_t columnBytes;     // how much memory copies of columns may take
  bool randomCuts;         // a column is cut at one random place, not at the best
  ColumnSets together;     // columns that may be on one path; empty: no limit
};

/** A node that may still be split; its rows stand side by side. */
struct OpenNode {
  int64_t begin;
  int64_t count;  // of rows, each once
  RowSums sums;
  int depth;
  ValueRange range;
  RandomKey key;
  int32_t filter = 0;  // of `ColumnFilters`: which columns may be split

  bool maySplit(const GrowthOptions& options, const SplitRules& rules) const {
    return count >= 2 && sums.count >= 2 * rules.leastCount && (options.maxDepth == 0 || depth < options.maxDepth);
  }
};

/** A leaf of a grown tree: which of the rows are in it, and its value. */
struct GrownLeaf {
  int64_t begin;
  int64_t count;
  RowSums sums;
  ValueRange range;
  double value;
  size_t slot;
};

/** A tree as it has grown. */
struct GrownTree {
  std::vector<uint64_t> slots;  // see `slots.h`
  std::vector<GrownLeaf> leaves;  // from left to right
  std::vector<double> gains;    // what the splits of each column have gained

  void clear(int64_t columns) {
    slots.clear();
    leaves.clear();
    gains.assign(columns, 0.0);
  }
  void addLeaf(const OpenNode& node, double value) {
    leaves.push_back({node.begin, node.count, node.sums, node.range, value, slots.size()});
    slots.push_back(makeLeaf(value));
  }
  void setLeaf(GrownLeaf& leaf, double value) {
    leaf.value = value;
    slots[leaf.slot] = makeLeaf(value);
  }
  /** Adds an inner node; its children follow. */
  size_t addInner(const Split& split) {
    gains[split.column] += split.gain;
    const size_t slot = slots.size();
    if (split.hasSet) {
      slots.push_back(makeSetNode(split.column, split.missingLeft));
      slots.insert(slots.end(), std::begin(split.set.words), std::end(split.set.words));
    } else {
      slots.push_back(makeInner(split.column, split.bin, split.missingLeft));
    }
    return slot;
  }
  /** Tells the inner node at slot `parent` where its child stands; a root has no parent, -1. */
  void link(int64_t parent, bool isRight, size_t slot, bool isLeaf) {
    if (parent < 0) return;
    if (isRight) slots[parent] |= slot - parent;
    if (isLeaf) slots[parent] |= isRight ? kRightIsLeaf : kLeftIsLeaf;
  }
};

/** Fills up the end of rows with what `kRowsAhead` asks for. */
inline void padRows(RowNumbers& rows, int64_t count) {
  rows.resize(count + kRowsAhead);
  std::fill(rows.begin() + count, rows.end(), count > 0 ? rows[0] : 0);
}

/** Whether node a of a tree that grows best first is split after node b; of equal ones the one with the lower number comes first. */
template <class Node>
bool isSplitLater(const GrowthOptions& options, const std::vector<Node>& nodes, int32_t a, int32_t b) {
  if (options.byLevel && nodes[a].node.depth != nodes[b].node.depth) return nodes[a].node.depth > nodes[b].node.depth;
  if (!options.byLevel && nodes[a].split.gain != nodes[b].split.gain) return nodes[a].split.gain < nodes[b].split.gain;
  return a > b;
}

/** The two children of a node. */
struct Children {
  OpenNode left, right;
};

/** What becomes of a node by a split that sends `leftCount` of its rows to the left. */
inline Children childrenOf(const OpenNode& node, const Split& split, int64_t leftCount, const SplitRules& rules,
                           ColumnFilters& filters) {
  const int32_t filter = filters.below(node.filter, split.column);
  const RowSums rest = node.sums - split.left;
  const int direction = rules.monotone == nullptr ? 0 : rules.monotone[split.column];
  ValueRange left = node.range, right = node.range;
  if (direction != 0) {
    const double middle = (rules.value(split.left, node.range) + rules.value(rest, node.range)) / 2;
    (direction > 0 ? left.high : left.low) = middle;
    (direction > 0 ? right.low : right.high) = middle;
  }
  return {{node.begin, leftCount, split.left, node.depth + 1, left, node.key.part(0), filter},
          {node.begin + leftCount, node.count - leftCount, rest, node.depth + 1, right, node.key.part(1),
           filter}};
}

/**
 * Writes nodes, of which the first is the root, as slots in preorder.
 *
 * @param nodes - with `left` and `right`, the numbers of its children, or -1 in a leaf, and `split`
 * @param addLeaf - adds the leaf of a node
 */
template <class Nodes, class AddLeaf>
void emitNodes(Nodes& nodes, GrownTree& tree, AddLeaf&& addLeaf) {
  struct Step {
    int32_t node;
    int64_t parent;
    bool isRight;
  };
  std::vector<Step> steps = {{0, -1, false}};
  while (!steps.empty()) {
    const Step step = steps.back();
    steps.pop_back();
    auto& node = nodes[step.node];
    const size_t slot = tree.slots.size();
    const bool isLeaf = node.left < 0;
    tree.link(step.parent, step.isRight, slot, isLeaf);
    if (isLeaf) {
      addLeaf(node);
    } else {
      tree.addInner(node.split);
      steps.push_back({node.right, static_cast<int64_t>(slot), true});
      steps.push_back({node.left, static_cast<int64_t>(slot), false});
    }
  }
}

}  // namespace onecopy
