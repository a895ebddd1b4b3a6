/** Histograms of nodes: made of rows, kept in a bounded pool. */

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "trees/bins/bins.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/splits.h"
#include "trees/grow/team.h"

namespace onecopy {

/** What each row of a matrix of bins adds to a histogram; null pointers as in `HistogramRows`. */
struct RowValues {
  const int32_t* gradients;
  const int32_t* hessians;
  const uint8_t* times;
  const int64_t* packed = nullptr;

  RowSums of(int32_t row) const {
    if (packed != nullptr)
      return {PackedRow::gradient(packed[row]), PackedRow::hessian(packed[row]), PackedRow::count(packed[row])};
    const int64_t count = times == nullptr ? 1 : times[row];
    return {gradients[row] * count, hessians == nullptr ? count : hessians[row] * count, count};
  }
};

/** The sums of a node's rows in every bin of every column. */
class Histogram {
 public:
  Histogram(size_t cells, bool hasHessians)
      : memory_(bytes(cells, hasHessians)),
        gradients_(reinterpret_cast<int64_t*>(memory_.data())),
        hessians_(hasHessians ? gradients_ + cells : nullptr),
        counts_(reinterpret_cast<int32_t*>(gradients_ + (hasHessians ? 2 : 1) * cells)),
        cells_(cells) {}
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  static size_t bytes(size_t cells, bool hasHessians) { return cells * (hasHessians ? 20 : 12); }

  HistogramSums sums() const { return {gradients_, hessians_, counts_}; }
  void clear();

  /** The sums of all rows, each of which has a bin in the first column. */
  RowSums total() const {
    RowSums sums;
    for (int bin = 0; bin < kCells; bin++) sums += at(0, bin);
    return sums;
  }

  /** The sums of a bin of a column. */
  RowSums at(int64_t column, int bin) const {
    const size_t i = static_cast<size_t>(column) * kCells + bin;
    const int64_t count = counts_[i];
    return {gradients_[i], hessians_ == nullptr ? count : hessians_[i], count};
  }

 private:
  RowVector<std::byte> memory_;  // of all three
  int64_t* const gradients_;
  int64_t* const hessians_;
  int32_t* const counts_;
  const size_t cells_;
};

/** Makes histograms of rows on a team of threads. */
class HistogramMaker {
 public:
  HistogramMaker(const Bins& bins, bool hasHessians, Team& team);

  size_t cells() const { return static_cast<size_t>(bins_.stride) * kCells; }
  std::unique_ptr<Histogram> make() const { return std::make_unique<Histogram>(cells(), hasHessians_); }

  /** Fills in the histogram of these rows; `kRowsAhead` more numbers follow them. */
  void fill(const int32_t* rows, int64_t count, const RowValues& values, Histogram& histogram);

 private:
  /** What a member of the team adds rows to. */
  struct Part {
    RowVector<int64_t> packed;
    std::unique_ptr<Histogram> sums;
  };
  void add(const int32_t* rows, int64_t count, const RowValues& values, Part& part, const Histogram& to);

  const Bins bins_;
  const bool hasHessians_;
  Team& team_;
  std::vector<Part> parts_;  // of each member
};

}  // namespace onecopy
