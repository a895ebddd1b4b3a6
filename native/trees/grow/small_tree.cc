/** Grows the part of a tree below a node of few rows. */

#include "trees/grow/small_tree.h"

#include <algorithm>

#include "trees/grow/category_splits.h"

namespace onecopy {
namespace {

constexpr int kPositionBits = 16;
constexpr uint32_t kPositionMask = (1u << kPositionBits) - 1;
constexpr int kCountBits = 16;
constexpr int64_t kCountMask = (int64_t{1} << kCountBits) - 1;

int binOf(uint32_t entry) { return static_cast<int>(entry >> kPositionBits); }

/** Sums of rows that are added one by one. */
struct UnitSums {
  int64_t packed = 0;  // gradient * 2^16 + count

  RowSums sums() const {
    const int64_t count = packed & kCountMask;
    return {packed >> kCountBits, count, count};
  }
};
struct HessianSums {
  int64_t packed = 0;
  int64_t hessian = 0;

  RowSums sums() const { return {packed >> kCountBits, hessian, packed & kCountMask}; }
};

/** Offers every split of a column whose entries are sorted; in the order of `SplitSearch::offerColumn`. */
template <class Sums, class Add>
void offerEntries(SplitSearch& search, int64_t column, int bins, const uint32_t* entries, int count, Add&& add) {
  int known = count;
  while (known > 0 && binOf(entries[known - 1]) == kMissingBin) known--;
  const auto scan = [&](Sums left, Missing side) {
    for (int i = 0; i < known; i++) {
      add(left, entries[i] & kPositionMask);
      if (i + 1 == known) break;
      const int bin = binOf(entries[i]), next = binOf(entries[i + 1]);
      if (bin != next) search.offer(column, bin, next, side, left.sums());
    }
    return left;
  };
  if (known == count) {
    if (binOf(entries[0]) != binOf(entries[count - 1])) scan(Sums{}, Missing::kNone);
    return;
  }
  if (known == 0) return;
  const Sums left = scan(Sums{}, Missing::kRight);
  search.offer(column, bins - 1, bins, Missing::kRight, left.sums());
  Sums missing;
  for (int i = known; i < count; i++) add(missing, entries[i] & kPositionMask);
  scan(missing, Missing::kLeft);
}

/** Offers every cut of the categories of a column whose entries are sorted. */
template <class SumsOf>
void offerCategoryEntries(SplitSearch& search, int64_t column, const uint32_t* entries, int count, SumsOf&& sumsOf) {
  RowSums sums[kCells];
  for (int i = 0; i < count; i++) sums[binOf(entries[i])] += sumsOf(entries[i] & kPositionMask);
  offerCategories(search, column, kMissingBin, [&](int bin) { return sums[bin]; });
}

/** Like `offerEntries` where no value is missing and the search is plain: most of the time of forests goes by here. */
void offerPlainEntries(SplitSearch& search, int64_t column, const uint32_t* entries, int count, const int64_t* packed) {
  SplitSearch own = search;  // so that its numbers stay in registers
  int64_t left = 0;
  for (int i = 0; i + 1 < count; i++) {
    left += packed[entries[i] & kPositionMask];
    const int bin = binOf(entries[i]), next = binOf(entries[i + 1]);
    if (bin != next) own.offerUnit(column, bin, next, Missing::kNone, left >> kCountBits, left & kCountMask);
  }
  search.take(own);
}

/** Moves the entries whose position goes left to the front; both parts keep their order. */
void partEntries(uint32_t* entries, int count, const uint8_t* side, uint32_t* moved) {
  int left = 0, right = 0;
  for (int i = 0; i < count; i++) {
    const uint32_t entry = entries[i];
    entries[left] = entry;
    moved[right] = entry;
    const int goes = side[entry & kPositionMask];
    left += goes;
    right += 1 - goes;
  }
  std::copy_n(moved, right, entries + left);
}

}  // namespace

SmallTree::SmallTree(const Bins& bins, const Edges& edges, const GrowthOptions& options, bool hasHessians,
                     ColumnFilters& filters)
    : bins_(bins),
      edges_(edges),
      options_(options),
      hasHessians_(hasHessians),
      choice_(bins.columns),
      filters_(filters) {}

void SmallTree::grow(int32_t* rows, const OpenNode& node, const RowValues& values, const SplitRules& rules,
                     GrownTree& tree) {
  rows_ = rows + node.begin;
  rules_ = &rules;
  tree_ = &tree;
  const int count = static_cast<int>(node.count);
  if (lists_.empty()) {
    lists_.resize((bins_.columns + 1) * kMostRows);
    for (auto* list : {&packed_, &hessians_}) list->resize(kMostRows);
    moved_.resize(kMostRows);
    side_.resize(kMostRows);
  }
  own_.assign(rows_, rows_ + count);
  for (int i = 0; i < count; i++) {
    const RowSums own = values.of(own_[i]);
    packed_[i] = own.gradient * (int64_t{1} << kCountBits) + own.count;
    hessians_[i] = own.hessian;
  }
  sortColumns(own_.data(), count);
  growBelow(node, 0);
}

/** Sorts the bins of every column by counting. */
void SmallTree::sortColumns(const int32_t* rows, int count) {
  bytes_.resize(bins_.columns * kMostRows);
  for (int i = 0; i < count; i++) {
    const uint8_t* from = bins_.row(rows[i]);
    for (int64_t j = 0; j < bins_.columns; j++) bytes_[j * kMostRows + i] = from[j];
  }
  for (int64_t j = 0; j < bins_.columns; j++) {
    const uint8_t* bytes = &bytes_[j * kMostRows];
    uint32_t starts[kCells + 1] = {};
    for (int i = 0; i < count; i++) starts[bytes[i] + 1]++;
    for (int bin = 0; bin < kCells; bin++) starts[bin + 1] += starts[bin];
    uint32_t* sorted = list(j, 0);
    for (int i = 0; i < count; i++)
      sorted[starts[bytes[i]]++] = static_cast<uint32_t>(bytes[i]) << kPositionBits | static_cast<uint32_t>(i);
  }
  uint32_t* positions = list(bins_.columns, 0);
  for (int i = 0; i < count; i++) positions[i] = static_cast<uint32_t>(i);
}

/** Grows a node whose entries begin at `begin`; true when it became a leaf. The depth is less than the number of rows. */
bool SmallTree::growBelow(const OpenNode& node, int begin) {
  Split split;
  if (node.maySplit(options_, *rules_)) split = findSplit(node, begin);
  const int count = static_cast<int>(node.count);
  if (!split.isFound()) {
    const uint32_t* positions = list(bins_.columns, begin);
    for (int i = 0; i < count; i++) rows_[begin + i] = own_[positions[i]];
    tree_->addLeaf(node, rules_->value(node.sums, node.range));
    return true;
  }
  const uint32_t* entries = list(split.column, begin);
  int leftCount = 0;
  for (int i = 0; i < count; i++) {
    const bool left = split.goesLeft(binOf(entries[i]));
    side_[entries[i] & kPositionMask] = left;
    leftCount += left;
  }
  const auto [left, right] = childrenOf(node, split, leftCount, *rules_, filters_);
  const bool leavesOnly = !left.maySplit(options_, *rules_) && !right.maySplit(options_, *rules_);
  for (int64_t j = leavesOnly ? bins_.columns : 0; j <= bins_.columns; j++)
    partEntries(list(j, begin), count, side_.data(), moved_.data());
  const size_t slot = tree_->addInner(split);
  uint64_t flags = growBelow(left, begin) ? kLeftIsLeaf : 0;
  const uint64_t distance = tree_->slots.size() - slot;
  flags |= growBelow(right, begin + leftCount) ? kRightIsLeaf : 0;
  tree_->slots[slot] |= flags | distance;
  return false;
}

Split SmallTree::findSplit(const OpenNode& node, int begin) const {
  SplitSearch search(*rules_, node.sums, node.range);
  const int count = static_cast<int>(node.count);
  const bool isPlain = !hasHessians_ && search.isPlain();
  const auto look = [&](int64_t j) {
    const int bins = edges_.bins(j);
    const uint32_t* entries = list(j, begin);
    if (edges_.isCategorical(j)) {
      offerCategoryEntries(search, j, entries, count, [&](uint32_t at) {
        const UnitSums own{packed_[at]};
        return hasHessians_ ? HessianSums{packed_[at], hessians_[at]}.sums() : own.sums();
      });
    } else if (isPlain && binOf(entries[count - 1]) != kMissingBin) {
      offerPlainEntries(search, j, entries, count, packed_.data());
    } else if (hasHessians_) {
      offerEntries<HessianSums>(search, j, bins, entries, count, [&](HessianSums& sums, uint32_t at) {
        sums.packed += packed_[at];
        sums.hessian += hessians_[at];
      });
    } else {
      offerEntries<UnitSums>(search, j, bins, entries, count,
                             [&](UnitSums& sums, uint32_t at) { sums.packed += packed_[at]; });
    }
    return search.found().isFound();
  };
  const auto allowed = filters_.columns(node.filter);
  choice_.each(options_.columnsPerNode, node.key, allowed, look);
  if (!search.found().isFound()) choice_.others(options_.columnsPerNode, node.key, allowed, look);
  return search.found();
}

}  // namespace onecopy
