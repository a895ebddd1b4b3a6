/** Rows as bins, one byte a value. */

#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <vector>

#include "matrix/blocks.h"
#include "trees/bins/search_bounds.h"
#include "trees/kernels/tree_kernels.h"

namespace onecopy {

/** The bins of a matrix: that of column j in row r is `data[r * stride + j]`. */
struct Bins {
  uint8_t* data;
  int64_t rows;
  int64_t columns;
  int64_t stride;  // a multiple of 4; nobody looks at what follows the columns

  uint8_t* row(int64_t r) const { return data + r * stride; }
};

/**
 * Edges of all columns, one after the other: those of column j start at `starts[j]` and end at `starts[j + 1]`. Those of a column
 * with categories are its categories: each has the bin of its number, and every other value is taken for a missing one.
 */
struct Edges {
  const double* edges;
  std::vector<int32_t> starts;
  std::vector<int32_t> categorical;  // numbers of the columns with categories, ascending

  int64_t columns() const { return static_cast<int64_t>(starts.size()) - 1; }
  int count(int64_t j) const { return starts[j + 1] - starts[j]; }
  bool isCategorical(int64_t j) const {
    return !categorical.empty() && std::binary_search(categorical.begin(), categorical.end(), static_cast<int32_t>(j));
  }
  /** Without that of missing values. */
  int bins(int64_t j) const { return isCategorical(j) ? count(j) : count(j) + 1; }
};

/** Edges in the form that the kernels search. */
class SearchEdges {
 public:
  explicit SearchEdges(const Edges& edges);
  const SearchBounds& search() const { return search_; }
  const Edges& edges() const { return edges_; }

 private:
  const Edges& edges_;
  SearchBounds search_;
};

/** Turns rows into bins, block by block. One of them serves one thread. */
class RowBinner {
 public:
  RowBinner(const Matrix& x, const SearchEdges& edges);

  /** Starts on the positions [from, to) of `rows`. */
  void start(const Rows& rows, int64_t from, int64_t to) { reader_.start(rows, from, to); }

  /** Goes on to the next rows; false when there are none. @throws Error `ERR_INDEX` */
  bool next();

  int count() const { return reader_.block().rows; }
  /** Row numbers of these rows. */
  const int64_t* rows() const { return reader_.rows(); }

  /** Writes the bins of row i of these to `place(i)`. */
  template <class Place>
  void write(Place&& place) const {
    const int panel = kernels_.panel;
    for (int i = 0; i < count(); i++) {
      uint8_t* to = place(i);
      for (int64_t j = 0; j < columns_; j += panel) {
        const int lanes = static_cast<int>(std::min<int64_t>(panel, columns_ - j));
        const uint16_t* less = &found_[(j * count()) + i * panel];
        const double* values = reader_.block().data + j / panel * reader_.block().stride + i * panel;
        for (int lane = 0; lane < lanes; lane++)
          to[j + lane] = std::isnan(values[lane]) ? kMissingBin : static_cast<uint8_t>(less[lane]);
      }
    }
    for (const int32_t j : edges_.edges().categorical) markOthers(j, place);
  }

 private:
  /** Takes values that are no categories of column j for missing ones. */
  template <class Place>
  void markOthers(int64_t j, Place&& place) const {
    const int panel = kernels_.panel, categories = edges_.edges().count(j);
    const double* values = reader_.block().data + j / panel * reader_.block().stride + j % panel;
    for (int i = 0; i < count(); i++) {
      uint8_t& bin = place(i)[j];
      if (bin >= categories || edges_.search().of(j)[bin] != values[i * panel]) bin = kMissingBin;
    }
  }

  const Kernels& kernels_ = kernels();
  const int64_t columns_;
  const SearchEdges& edges_;
  BlockReader reader_;
  std::vector<uint16_t> found_;
};

/**
 * Bins of few rows, for which the tables of `SearchEdges` take longer to make than the searches without them.
 *
 * @param numbers - of these rows of x, which has fewer than 2^31
 * @param bins - as many rows, of the columns of x
 */
void binFewRows(const Matrix& x, const int64_t* numbers, int count, const Edges& edges, const Bins& bins);

/** Writes the bins of these rows; other rows are left alone. @throws Error `ERR_INDEX` */
void binRows(const Matrix& x, const Rows& rows, const Edges& edges, const Bins& bins, int threads,
             const std::atomic<bool>& stop);

/**
 * Reads `BinEdges` of so many columns.
 *
 * @throws Error `ERR_SHAPE`, `ERR_INDEX` when starts don't ascend or a column has more than 254 edges
 */
Edges readEdges(const Value& value, int64_t columns, Held& held);

/** Reads numbers of columns with categories, ascending; null: none. @throws Error `ERR_INDEX` */
std::vector<int32_t> readCategorical(const Value& value, int64_t columns);

/** Reads a `BinnedRows`. @throws Error `ERR_SHAPE` */
Bins readBins(const Value& value, Held& held, Use use);

}  // namespace onecopy
