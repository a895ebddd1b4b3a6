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
/** So many row numbers after the last one can be read, and name rows. */
constexpr int kRowsAhead = 64;
/** The rows of one call of `addRows` stand for at most so many. */
constexpr int64_t kMostInCells = 65535;

/**
 * A row's gradient, hessian and count in one number, gradient * 2^36 + hessian * 2^12 + count: a cell of a histogram that sums
 * of them go to takes 8 bytes, half of what finer grids need. Sums of up to `kMostRows` rows are exact.
 */
struct PackedRow {
  static constexpr int kGradientBits = 15;  // of the largest size
  static constexpr int kHessianBits = 12;
  static constexpr int kCountBits = 12;
  static constexpr int kHessianSumBits = kHessianBits + kCountBits;
  static constexpr int64_t kMostRows = (1 << kCountBits) - 1;

  static inline __attribute__((always_inline)) int64_t gradient(int64_t packed) {
    return packed >> (kHessianSumBits + kCountBits);
  }
  static inline __attribute__((always_inline)) int64_t hessian(int64_t packed) {
    return (packed >> kCountBits) & ((int64_t{1} << kHessianSumBits) - 1);
  }
  static inline __attribute__((always_inline)) int64_t count(int64_t packed) {
    return packed & ((int64_t{1} << kCountBits) - 1);
  }
};

/** Ascending bounds of columns, as `SearchBounds` makes them; every column of a block's panels has some. */
struct Bounds {
  const double* values;    // those of column c from `c * size` on, filled up with infinity, of which there is one at least
  int size;                // a power of 2 from 2 to 2^16
  const uint16_t* firsts;  // of column c from `c * parts` on: for each part of its range the bounds in parts before
  int parts;
  const double* lows;    // of each column: a value x lies in part (x - low) * scale, or the first or last one;
  const double* scales;  // NaN lies in the first
  const uint16_t* most;  // of each column: most bounds in a part
};

/** Rows that are added to a histogram, and what they add. */
struct HistogramRows {
  const uint8_t* bins;  // of row 0; a multiple of 4 columns
  int64_t stride;       // bytes from a row to the next
  int firstColumn;      // a multiple of 4
  int lastColumn;       // likewise
  const int32_t* rows;
  int64_t count;
  const int32_t* gradients;  // one for each row of the matrix
  const int32_t* hessians;   // likewise; null: a row's hessian is how often it counts
  const uint8_t* times;      // how often each row counts; null: once
  const int64_t* packed;     // in place of the others a `PackedRow` for each row; else null
};

/** Sums of a histogram, a value for each cell. */
struct HistogramSums {
  int64_t* gradients;
  int64_t* hessians;  // null: they are the counts
  int32_t* counts;
};

/** Rows that are parted in two by their bins of one column. */
struct RowParts {
  const uint8_t* column; // the bin of row 0
  int64_t stride;        // bytes from a row to the next
  int32_t* rows;         // the rows; those that go left are moved to the front
  int32_t* moved;        // receives those that go right; room for `count` + 16
  int64_t count;
  int lastLeft;          // the greatest bin that goes left
  bool missingLeft;
  const uint64_t* set;   // bins that go left, 256 bits; null: those up to `lastLeft`
};

/** Rows of two classes, and where their derivatives go. */
struct LogisticRows {
  const double* scores;
  const uint16_t* classes;  // 0 or 1
  const double* weights;  // null: all 1
  int count;
  double gradientSteps;  // steps of the grid in 1
  double hessianSteps;
  int32_t* gradients;
  int32_t* hessians;
  int64_t* packed;  // not null: receives a `PackedRow` for each row, in place of the others
};

/** Rows of bins that walk a tree; see `grow/slots.h`. The tree may be damaged. */
struct TreeWalk {
  const uint64_t* tree;
  int64_t size;         // slots, at least 1
  const uint8_t* bins;  // of row 0; 4 bytes after the last row can be read
  int64_t stride;       // bytes from a row to the next, a multiple of 4
  int64_t columns;      // at most `stride`
  int64_t count;        // of rows
  const uint8_t* byColumn;  // the same bins, column after column; null: not wanted
  int64_t columnStride;     // bytes from a column to the next, a multiple of 32 that has room for all rows
  bool hasSets;         // whether nodes may be followed by sets of bins
  uint64_t* room;       // for a copy of the tree, `size` words; null: no copy is worth it
};

/** All kernels of one instruction set; like those of `kernels.h` they trust their arguments. */
struct TreeKernels {
  /**
   * For every value of a block the number of bounds of its column that are less; 0 for NaN. `found` is laid out as the block,
   * without gaps between panels.
   */
  void (*countLess)(const Block& block, const Bounds& bounds, uint16_t* found);

  /** Finds the slot of each row's leaf; there is room for a multiple of 32. Returns false, and reads nothing outside, when a node points outside its tree. */
  bool (*walkRows)(const TreeWalk& walk, int32_t* leaves);

  /** Parts rows; both parts keep their order. Returns how many go left. */
  int64_t (*partRows)(const RowParts& parts);

  /**
   * Adds rows to packed cells, one for each bin of each column: sums of packed rows, or else gradient * 2^16 + count, and
   * after it, when there are hessians, the hessian. Gradients are at most 2^30 in size.
   */
  void (*addRows)(const HistogramRows& rows, int64_t* cells);

  /** Adds packed cells to sums, and clears them; `cells` counts cells, not their parts. */
  void (*unpack)(int64_t* packed, size_t cells, const HistogramSums& sums);
  /** Likewise of sums of packed rows. */
  void (*unpackRows)(int64_t* packed, size_t cells, const HistogramSums& sums);

  /** sums += other. */
  void (*add)(const HistogramSums& sums, const HistogramSums& other, size_t cells);
  /** sums -= other. */
  void (*subtract)(const HistogramSums& sums, const HistogramSums& other, size_t cells);
  /**
   * Computes gradients and hessians of the log loss, rounded to grids on which they are below 2^31, or have the bits of a
   * `PackedRow`. Returns the sum of the gradients' sizes where they are packed, else 0.
   */
  double (*findLogistic)(const LogisticRows& rows);

  /** gradients += step * counts: what the gradients are after each of these rows has gained `step`. */
  void (*addStep)(int64_t* gradients, const int32_t* counts, int32_t step, size_t cells);
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
