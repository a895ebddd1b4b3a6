/** Rows of a matrix, block by block, as columns of doubles. */

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "logistic/kernels/logistic_kernels.h"
#include "matrix/blocks.h"
#include "matrix/reduce.h"

namespace onecopy {

/** Doubles for some columns of a block's rows. */
class ColumnMemory {
 public:
  ColumnMemory(int64_t columns, int blockRows)
      : stride_(blockRows + kEight), memory_(static_cast<size_t>(columns) * stride_), columns_(static_cast<int>(columns)) {}

  /** Views the first `rows` rows, up to the next eight. */
  Columns view(int rows) const { return {memory_.get(), stride_, columns_, (rows + kEight - 1) / kEight * kEight}; }
  /** Views some of the columns. */
  Columns view(int rows, int first, int count) const {
    Columns columns = view(rows);
    return {columns.at(first), stride_, count, columns.rows};
  }

 private:
  // Eight doubles more than a power of 2, so that columns don't meet in one cache set.
  const size_t stride_;
  const Doubles memory_;
  const int columns_;
};

/** Rows of a block of so many columns: it stays in the second cache, and fills eights. */
inline int columnBlockRows(int64_t columns) {
  return columns <= 64 ? 128 : columns <= 256 ? 64 : columns <= 1024 ? 32 : 16;
}

/** Reads rows as [1 X], by columns. Rows of weight 0 are passed over. One reader serves one thread. */
class ColumnReader {
 public:
  ColumnReader(const Matrix& x, const double* weights)
      : reader_(kernels(), {x, nullptr, weights, 0, columnBlockRows(x.columns)}),
        block_(x.columns + 1, columnBlockRows(x.columns)) {}

  /** Starts on the positions [from, to) of `rows`. */
  void start(const Rows& rows, int64_t from, int64_t to) { reader_.start(rows, from, to); }
  /** Goes on to the next block and reads it; false when there is none. @throws Error `ERR_VALUE`, `ERR_INDEX` */
  bool next(const double* shift) {
    if (!reader_.next()) return false;
    logisticKernels().packColumns(reader_.x(), shift, columns());
    return true;
  }
  /** How many rows the block has; those that fill its last eight don't count. */
  int count() const { return reader_.block().rows; }
  Columns columns() const { return block_.view(count()); }
  const int64_t* rows() const { return reader_.rows(); }
  /** Null when all are 1. */
  const double* weights() const { return reader_.weights(); }

 private:
  BlockReader reader_;
  const ColumnMemory block_;
};

/** Which rows of a matrix to read, by how many threads. */
struct ColumnPass {
  const Matrix& x;
  const double* weights;  // null: all are 1
  const Rows& rows;
  int threads;
};

/**
 * Reads rows on several threads. Which of them reads which rows depends on nothing but their speed.
 *
 * @param work - called on each thread with a function, `eachBlock(take)`, that calls `take(reader)` for every block
 */
template <class Work>
void readColumns(const ColumnPass& pass, const std::atomic<bool>& stop, const Work& work) {
  const std::vector<double> shift(pass.x.columns, 0.0);
  const int64_t count = pass.rows.count(), chunks = (count + kChunkRows - 1) / kChunkRows;
  Tasks tasks(chunks, stop);
  onThreads(static_cast<int>(std::min<int64_t>(pass.threads, chunks)), [&] {
    ColumnReader reader(pass.x, pass.weights);
    work([&](const auto& take) {
      tasks.each([&](int64_t chunk) {
        const int64_t from = chunk * kChunkRows;
        reader.start(pass.rows, from, std::min(from + kChunkRows, count));
        while (reader.next(shift.data())) take(reader);
      });
    });
  });
}

}  // namespace onecopy
