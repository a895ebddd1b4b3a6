/** What the vector kernels of trees do, and their table. */

#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace onecopy {

/** Cells of a column in a histogram: one for each bin. */
constexpr int kCells = 256;
/** The bin of missing values, NaN, in every column. */
constexpr int kMissingBin = 255;

/** All kernels of one instruction set; like those of `kernels.h` they trust their arguments. */
struct TreeKernels {
  /**
   * For every value of a block the number of bounds of its column that are less; 0 for NaN. Column c has
   * `size` bounds at `bounds + c * size`, ascending, of which the last is not looked at; `size` is a power of 2 from
   * 2 to 2^16. Every column of the block's panels has bounds. `found` is laid out as the block, without gaps between panels.
   */
  void (*countLess)(const Block& block, const double* bounds, int size, uint16_t* found);
};

namespace baseline {
extern const TreeKernels treeKernels;
}
namespace avx2 {
extern const TreeKernels treeKernels;
}
namespace avx512 {
extern const TreeKernels treeKernels;
}

/** The kernels of the same instruction set as `kernels()`. */
const TreeKernels& treeKernels();

}  // namespace onecopy
