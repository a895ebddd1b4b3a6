/** The matrix [1 X y] of least squares: its arguments, and its blocks. */

#pragma once

#include <optional>
#include <vector>

#include "matrix/blocks.h"
#include "matrix/results.h"

namespace onecopy {

/** [1 X y], each column with a shift and a scale; the first column is the intercept's. */
struct Design {
  /** Reads the arguments x, y, weights, groups, shift and scale, which come first in a call. */
  Design(const Arguments& arguments, Held& held);

  BlockSource source() const { return {x, y ? &*y : nullptr, weights, 1, 256}; }

  /** Reads the values of the block that `reader` is at, and puts the intercept's column before them. */
  void pack(BlockReader& reader) const {
    reader.pack();
    const Block& block = reader.block();
    for (int r = 0; r < block.rows; r++) block.data[r * kernels.panel] = 1;
  }

  const Kernels& kernels = onecopy::kernels();
  Matrix x;
  std::optional<Matrix> y;
  const double* weights;
  std::vector<Rows> groups;
  int columns;  // 1 + d + m
  int panels;
  size_t width;  // panels * panel
  std::vector<double> shift, scale;  // for each of the `width` columns
};

}  // namespace onecopy
