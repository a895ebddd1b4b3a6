/** Rows of matrices, block by block, as the kernels take them. */

#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "matrix/matrix.h"

namespace onecopy {

/** Zeroed doubles on a cache line's border. */
class Doubles {
 public:
  explicit Doubles(size_t count) {
    const size_t bytes = (count * sizeof(double) + 63) / 64 * 64;
    data_.reset(static_cast<double*>(std::aligned_alloc(64, bytes > 0 ? bytes : 64)));
    if (!data_) throw std::bad_alloc();
    std::fill_n(data_.get(), count, 0.0);
  }
  double* get() const { return data_.get(); }
  double& operator[](size_t index) const { return data_.get()[index]; }

 private:
  struct Free {
    void operator()(double* data) const { std::free(data); }
  };
  std::unique_ptr<double[], Free> data_;
};

/** What to read: columns `first`, `first + 1`, … of a block are those of x, then those of y. */
struct BlockSource {
  Matrix x;
  const Matrix* y;        // as many rows as x; may be null
  const double* weights;  // one for each row of x; may be null: all 1
  int first;
  int blockRows;          // most rows of a block

  int columns() const { return first + static_cast<int>(x.columns + (y != nullptr ? y->columns : 0)); }
  int panels(const Kernels& kernels) const {
    return (columns() + kernels.panel - 1) / kernels.panel;
  }
};

/** Doubles from a panel of a block to the next. */
inline size_t panelStride(const BlockSource& source, const Kernels& kernels) {
  // A cache line more than a power of 2, so that the panels' rows don't meet in one cache set.
  return static_cast<size_t>(source.blockRows) * kernels.panel + 8;
}

/** Doubles of a whole block. */
inline size_t blockDoubles(const BlockSource& source, const Kernels& kernels) {
  return source.panels(kernels) * panelStride(source, kernels);
}

/** How many rows make a good block: small enough for the second cache, enough to pay for the sums. */
inline int goodBlockRows(int64_t columns) { return columns <= 24 ? 64 : columns <= 96 ? 128 : 256; }

/**
 * Reads a piece of a list of rows as blocks of doubles, as they stand in the data. Rows of weight 0 are
 * passed over. One reader serves one thread; its blocks live in one place.
 */
class BlockReader {
 public:
  BlockReader(const Kernels& kernels, const BlockSource& source);

  /** Starts on the positions [from, to) of `rows`. */
  void start(const Rows& rows, int64_t from, int64_t to);

  /**
   * Goes on to the next block; false when there is none. Its values are not read yet: the block holds
   * what the kernels left there, at first zeros.
   *
   * @throws Error `ERR_VALUE`, `ERR_INDEX`
   */
  bool next();

  /** Reads the values of the block; columns that the source doesn't fill become zero. */
  void pack();

  /** The block's rows in x. */
  RowBlock x() const { return rowBlock(source_.x, xOffsets_); }
  /** The block's rows in y, which the source must have. */
  RowBlock y() const { return rowBlock(*source_.y, yOffsets_); }
  bool hasY() const { return source_.y != nullptr; }
  const Block& block() const { return block_; }
  /** Weights of the block's rows; null when all are 1. */
  const double* weights() const { return source_.weights != nullptr ? current_.weights.data() : nullptr; }
  /** Row numbers of the block's rows. */
  const int64_t* rows() const { return current_.rows.data(); }
  /** The memory of the block after this one. */
  const Ahead& ahead() const { return ahead_; }

 private:
  struct Listed {
    std::vector<int64_t> rows;
    std::vector<double> weights;
    int count = 0;
  };
  void list(Listed& into);
  void packApart();
  RowBlock rowBlock(const Matrix& matrix, const std::vector<int64_t>& offsets) const {
    return {matrix.data,         matrix.dtype,   matrix.columns,
            matrix.columnStride, offsets.data(), block_.rows};
  }
  void lookAhead(const Listed& rows);

  const Kernels& kernels_;
  const BlockSource source_;
  Doubles memory_;
  Block block_;
  Listed current_, following_;
  std::vector<int64_t> xOffsets_, yOffsets_;  // of the block's rows
  std::vector<const char*> pieces_;
  Ahead ahead_{};
  const Rows* rows_ = nullptr;
  int64_t position_ = 0;
  int64_t stop_ = 0;
};

}  // namespace onecopy
