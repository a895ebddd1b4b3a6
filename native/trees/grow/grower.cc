/** Grows one tree on binned rows. */

#include "trees/grow/grower.h"

#include <algorithm>
#include <cstring>
#include <queue>

#include "trees/grow/category_splits.h"

namespace onecopy {
namespace {

/** Fewer rows for each thread are not shared. */
constexpr int64_t kLeastRows = 4096;
/** Fewer columns for each thread are not shared. */
constexpr int64_t kLeastColumns = 48;
/** A node, its two children and one to spare. */
constexpr int64_t kLeastHistograms = 4;
/** Room behind the rows that each member of a team moves, for all members. */
constexpr int64_t kMovedAhead = 16 * 1024;
/** Nodes of fewer rows are not worth a copy of a column. */
constexpr int64_t kLeastCopied = 32768;

}  // namespace

/** A node of a tree that grows best first. */
struct Grower::Leaf {
  OpenNode node;
  Split split;                           // the best one
  std::unique_ptr<Histogram> histogram;  // null: not kept
  int32_t left = -1, right = -1;         // its children, once it is split
};

/** A node that waits for its turn in a tree that grows depth first. */
struct Grower::Pending {
  OpenNode node;
  std::unique_ptr<Histogram> histogram;  // null: not kept
  int64_t parent;                        // its slot; -1: none
  bool isRight;
};

Grower::Grower(const Bins& bins, const Edges& edges, const GrowthOptions& options, bool hasHessians, Team& team,
               const std::atomic<bool>& stop)
    : bins_(bins),
      edges_(edges),
      options_(options),
      team_(team),
      stop_(stop),
      maker_(bins, hasHessians, team),
      binColumns_(bins, options.columnBytes),
      choice_(bins.columns),
      filters_(options_.together),
      small_(bins, edges, options, hasHessians, filters_) {
  const auto size = static_cast<int64_t>(Histogram::bytes(maker_.cells(), hasHessians));
  histogramsLeft_ = std::max(kLeastHistograms, options.histogramBytes / size);
}

void Grower::grow(int64_t count, const RowValues& values, const SplitRules& rules, const RandomKey& key,
                  const Histogram* root, bool keep, GrownTree& tree) {
  values_ = &values;
  rules_ = &rules;
  padRows(rows_, count);
  tree.clear(bins_.columns);
  for (auto& histogram : ofLeaves_) giveBack(std::move(histogram));
  ofLeaves_.clear();
  OpenNode all = {0, count, {}, 0, {}, key};
  if (options_.maxLeaves == 0) {
    all.sums = sumRows(count);
    growDepthFirst(all, root, tree);
  } else {
    growBestFirst(all, root, keep, tree);
  }
}

RowSums Grower::sumRows(int64_t count) const {
  std::vector<RowSums> sums(team_.size());
  team_.share(count, kLeastRows, [&](int64_t from, int64_t to, int member) {
    RowSums own;
    for (int64_t i = from; i < to; i++) own += values_->of(rows_[i]);
    sums[member] = own;
  });
  RowSums total;
  for (const RowSums& own : sums) total += own;
  return total;
}

void Grower::growBestFirst(OpenNode root, const Histogram* known, bool keep, GrownTree& tree) {
  std::vector<Leaf> nodes;
  const auto isLater = [&](int32_t a, int32_t b) { return isSplitLater(options_, nodes, a, b); };
  std::priority_queue<int32_t, std::vector<int32_t>, decltype(isLater)> queue(isLater);
  const auto look = [&](int32_t index) {
    Leaf& leaf = nodes[index];
    leaf.split = findSplit(*leaf.histogram, leaf.node);
    if (leaf.split.isFound()) queue.push(index);
    else if (!keep) giveBack(std::move(leaf.histogram));
  };
  // A histogram for these rows: a new one, or that of the node which will be split last.
  const auto takeAny = [&](int32_t except) {
    auto histogram = take();
    if (histogram != nullptr) return histogram;
    int32_t last = -1;
    for (int32_t i = 0; i < static_cast<int32_t>(nodes.size()); i++) {
      if (i == except || nodes[i].histogram == nullptr) continue;
      if (last < 0 || isLater(i, last)) last = i;
    }
    return std::move(nodes[last].histogram);
  };
  if (values_->times == nullptr) root.sums.count = root.count;
  else root.sums = sumRows(root.count);
  nodes.push_back({root, {}, nullptr});
  int64_t leaves = 1;
  if (keep || root.maySplit(options_, *rules_)) {
    nodes[0].histogram = take();
    if (known != nullptr) {
      nodes[0].histogram->clear();
      treeKernels().add(nodes[0].histogram->sums(), known->sums(), maker_.cells());
    } else {
      fill(root, *nodes[0].histogram);
    }
    nodes[0].node.sums = nodes[0].histogram->total();
    if (root.maySplit(options_, *rules_)) look(0);
  } else {
    nodes[0].node.sums = sumRows(root.count);
  }
  while (leaves < options_.maxLeaves && !queue.empty() && !stop_) {
    const int32_t at = queue.top();
    queue.pop();
    const auto [left, right] = childrenOf(nodes[at].node, nodes[at].split, part(nodes[at].node, nodes[at].split), *rules_, filters_);
    const auto index = static_cast<int32_t>(nodes.size());
    nodes[at].left = index;
    nodes[at].right = index + 1;
    nodes.push_back({left, {}, nullptr});
    nodes.push_back({right, {}, nullptr});
    leaves++;
    const bool isLast = leaves == options_.maxLeaves;
    const bool leftGoesOn = !isLast && left.maySplit(options_, *rules_);
    const bool rightGoesOn = !isLast && right.maySplit(options_, *rules_);
    std::unique_ptr<Histogram> whole = std::move(nodes[at].histogram);
    if (keep || leftGoesOn || rightGoesOn) {
      const bool leftIsSmall = left.count <= right.count;
      const int32_t small = leftIsSmall ? index : index + 1, large = leftIsSmall ? index + 1 : index;
      const bool largeGoesOn = keep || (leftIsSmall ? rightGoesOn : leftGoesOn);
      nodes[small].histogram = takeAny(-1);
      fill(nodes[small].node, *nodes[small].histogram);
      if (largeGoesOn && whole != nullptr) {
        treeKernels().subtract(whole->sums(), nodes[small].histogram->sums(), maker_.cells());
        nodes[large].histogram = std::move(whole);
      } else if (largeGoesOn) {
        nodes[large].histogram = takeAny(small);
        fill(nodes[large].node, *nodes[large].histogram);
      }
      // Of equal gains the node with the lower number comes first, so it must not matter who is looked at first.
      for (const int32_t child : {index, index + 1}) {
        if (child == index ? leftGoesOn : rightGoesOn) look(child);
        else if (!keep) giveBack(std::move(nodes[child].histogram));
      }
    }
    giveBack(std::move(whole));
  }
  emit(nodes, tree);
}

/** Writes the nodes as slots, and keeps what histograms the leaves have. */
void Grower::emit(std::vector<Leaf>& nodes, GrownTree& tree) {
  emitNodes(nodes, tree, [&](Leaf& leaf) {
    tree.addLeaf(leaf.node, rules_->value(leaf.node.sums, leaf.node.range));
    ofLeaves_.push_back(std::move(leaf.histogram));
  });
  for (Leaf& leaf : nodes) giveBack(std::move(leaf.histogram));
}

bool Grower::addSteps(const std::vector<int32_t>& steps, Histogram& root) const {
  if (std::any_of(ofLeaves_.begin(), ofLeaves_.end(), [](const auto& histogram) { return histogram == nullptr; }))
    return false;
  for (size_t k = 0; k < ofLeaves_.size(); k++)
    treeKernels().addStep(root.sums().gradients, ofLeaves_[k]->sums().counts, steps[k], maker_.cells());
  return true;
}

void Grower::growDepthFirst(const OpenNode& root, const Histogram* known, GrownTree& tree) {
  std::vector<Pending> stack;
  stack.push_back({root, nullptr, -1, false});
  while (!stack.empty() && !stop_) {
    Pending pending = std::move(stack.back());
    stack.pop_back();
    const OpenNode& node = pending.node;
    const size_t slot = tree.slots.size();
    bool isLeaf = false;
    if (node.sums.count <= SmallTree::kMostRows) {
      giveBack(std::move(pending.histogram));
      small_.grow(rows_.data(), node, *values_, *rules_, tree);
      isLeaf = tree.slots.size() == slot + 1;
    } else {
      Split split;
      if (node.maySplit(options_, *rules_)) {
        const Histogram* histogram = slot == 0 && known != nullptr ? known : pending.histogram.get();
        if (histogram == nullptr) {
          pending.histogram = take();
          // Those that wait longest will be used last.
          for (size_t i = 0; pending.histogram == nullptr; i++) pending.histogram = std::move(stack[i].histogram);
          fill(node, *pending.histogram);
          histogram = pending.histogram.get();
        }
        split = findSplit(*histogram, node);
      }
      if (!split.isFound()) {
        isLeaf = true;
        tree.addLeaf(node, rules_->value(node.sums, node.range));
        giveBack(std::move(pending.histogram));
      } else {
        tree.addInner(split);
        const auto [left, right] = childrenOf(node, split, part(node, split), *rules_, filters_);
        const bool leftIsSmall = left.count <= right.count;
        std::unique_ptr<Histogram> small, whole = std::move(pending.histogram);
        const auto isLarge = [&](const OpenNode& child) {
          return child.sums.count > SmallTree::kMostRows && child.maySplit(options_, *rules_);
        };
        if (whole != nullptr && isLarge(leftIsSmall ? right : left)) {
          small = take();
          if (small != nullptr) {
            fill(leftIsSmall ? left : right, *small);
            treeKernels().subtract(whole->sums(), small->sums(), maker_.cells());
          } else {
            giveBack(std::move(whole));
          }
        } else {
          giveBack(std::move(whole));
        }
        if (leftIsSmall) std::swap(small, whole);  // now `whole` is the left one's
        const auto parent = static_cast<int64_t>(slot);
        stack.push_back({right, std::move(small), parent, true});
        stack.push_back({left, std::move(whole), parent, false});
      }
    }
    tree.link(pending.parent, pending.isRight, slot, isLeaf);
  }
}

Split Grower::findSplit(const Histogram& histogram, const OpenNode& node) {
  columns_.clear();
  const auto allowed = filters_.columns(node.filter);
  choice_.each(options_.columnsPerNode, node.key, allowed, [&](int64_t j) { columns_.push_back(static_cast<int32_t>(j)); });
  std::vector<SplitSearch> searches(team_.size(), SplitSearch(*rules_, node.sums, node.range));
  const auto look = [&](int64_t j, SplitSearch& search) {
    const auto sumsOf = [&](int bin) { return histogram.at(j, bin); };
    if (edges_.isCategorical(j)) offerCategories(search, j, edges_.bins(j), sumsOf);
    else search.offerColumn(j, edges_.bins(j), sumsOf);
  };
  team_.share(static_cast<int64_t>(columns_.size()), kLeastColumns, [&](int64_t from, int64_t to, int member) {
    for (int64_t i = from; i < to; i++) look(columns_[i], searches[member]);
  });
  for (size_t member = 1; member < searches.size(); member++) searches[0].take(searches[member]);
  if (searches[0].found().isFound()) return searches[0].found();
  choice_.others(options_.columnsPerNode, node.key, allowed, [&](int64_t j) {
    look(j, searches[0]);
    return searches[0].found().isFound();
  });
  return searches[0].found();
}

/** Puts the rows of a node that go left first; both parts keep their order. Returns how many go left. */
int64_t Grower::part(const OpenNode& node, const Split& split) {
  int32_t* const rows = rows_.data() + node.begin;
  if (static_cast<int64_t>(moved_.size()) < node.count + kMovedAhead) moved_.resize(node.count + kMovedAhead);
  const bool isWorth = node.count >= kLeastCopied && node.count >= bins_.rows / 16;
  const BinColumn column = binColumns_.get(split.column, isWorth, team_);
  struct Share {
    int64_t from = 0, left = 0, right = 0;
  };
  std::vector<Share> shares(team_.size());
  const int parts = team_.partsOf(node.count, kLeastRows);
  team_.share(node.count, kLeastRows, [&](int64_t from, int64_t to, int member) {
    // Each member has room of its own behind what it moves.
    int32_t* moved = moved_.data() + from + member * kMovedAhead / parts;
    const int64_t left = treeKernels().partRows({column.bins, column.stride, rows + from, moved, to - from, split.bin,
                                                 split.missingLeft, split.hasSet ? split.set.words : nullptr});
    shares[member] = {from, left, to - from - left};
  });
  int64_t at = 0;
  for (const Share& share : shares) {
    std::memmove(rows + at, rows + share.from, share.left * sizeof *rows);
    at += share.left;
  }
  const int64_t leftCount = at;
  for (const Share& share : shares) {
    const auto member = &share - shares.data();
    std::memcpy(rows + at, &moved_[share.from + member * kMovedAhead / parts], share.right * sizeof *rows);
    at += share.right;
  }
  return leftCount;
}

void Grower::fill(const OpenNode& node, Histogram& histogram) {
  maker_.fill(rows_.data() + node.begin, node.count, *values_, histogram);
}

/** A histogram with any content; null when there may be no more. */
std::unique_ptr<Histogram> Grower::take() {
  if (!spare_.empty()) {
    auto histogram = std::move(spare_.back());
    spare_.pop_back();
    return histogram;
  }
  if (histogramsLeft_ == 0) return nullptr;
  histogramsLeft_--;
  return maker_.make();
}

void Grower::giveBack(std::unique_ptr<Histogram> histogram) {
  if (histogram != nullptr) spare_.push_back(std::move(histogram));
}

}  // namespace onecopy
