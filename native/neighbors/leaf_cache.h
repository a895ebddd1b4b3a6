/** The points of the leaves that a thread has read last, column by column. */

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matrix/gather.h"
#include "neighbors/neighbors.h"

namespace onecopy {

/** The points of a leaf that a search does not pass over. */
struct LeafPoints {
  size_t node;
  int count;
  int32_t rows[kLeafPoints];
  double* values;  // shape (columns, kLeafPoints)
};

/**
 * Keeps some leaves of a tree beside each other, because queries of one place open the same ones, whose points lie all over the
 * matrix.
 */
class LeafCache {
 public:
  LeafCache(const Search& search, const Tree& tree)
      : search_(search), tree_(tree), leaves_(countLeaves(tree)) {
    const size_t size = tree.columns * kLeafPoints;
    values_.resize(leaves_.size() * size);
    for (size_t i = 0; i < leaves_.size(); i++) leaves_[i] = {kNone, 0, {}, &values_[i * size]};
  }

  /** @throws Error `ERR_INDEX` for a row outside the matrix */
  const LeafPoints& read(const TreeNode& leaf) {
    LeafPoints& kept = leaves_[leaf.index & (leaves_.size() - 1)];
    if (kept.node == leaf.index) return kept;
    kept.node = kNone;  // until it is filled
    kept.count = 0;
    for (size_t at = leaf.start; at < leaf.stop; at++) {
      const int32_t row = __atomic_load_n(&tree_.order[at], __ATOMIC_RELAXED);
      // SAFETY: gatherColumns refuses a row outside the matrix; until then it has no label.
      const bool inside = row >= 0 && row < search_.points.rows;
      if (!inside || !search_.labels.passOver(row)) kept.rows[kept.count++] = row;
    }
    if (kept.count > 0) gatherColumns(search_.points, kept.rows, kept.count, kLeafPoints, kept.values);
    kept.node = leaf.index;
    return kept;
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;
  /** About as much as a core has in its second cache beside the rest. */
  static constexpr size_t kBytes = 1 << 18;

  /** A power of two. */
  static size_t countLeaves(const Tree& tree) {
    size_t count = 1;
    const size_t bytes = sizeof(LeafPoints) + tree.columns * kLeafPoints * sizeof(double);
    while (2 * count * bytes <= kBytes && count <= tree.firstLeaf) count *= 2;
    return count;
  }

  const Search& search_;
  const Tree& tree_;
  std::vector<LeafPoints> leaves_;
  std::vector<double> values_;
};

}  // namespace onecopy
