/** Nodes of a tree that a search need not open, because it passes over all of their points. */

#pragma once

#include <cstdint>
#include <vector>

#include "neighbors/neighbors.h"

namespace onecopy {

/**
 * Which nodes hold only points that a search passes over. With folds for labels, points of a query's own fold may lie between it
 * and its neighbours; without this, every leaf of them would be read.
 */
class PassedNodes {
 public:
  /** Reads the labels of all points, so it pays only for a search with many queries; for others it knows of no node. */
  PassedNodes(const Search& search, const Tree& tree);

  bool contains(size_t node) const { return !passed_.empty() && passed_[node] != 0; }

 private:
  bool look(const Search& search, const Tree& tree, const TreeNode& node);

  std::vector<uint8_t> passed_;
};

}  // namespace onecopy
