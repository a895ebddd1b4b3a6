/** What becomes of the neighbours of a query: a list, or a prediction. */

#pragma once

#include <cmath>

#include "matrix/gather.h"
#include "neighbors/neighbors.h"

namespace onecopy {

/** Lists neighbours by row number and squared distance, shape (queries, neighbors). */
class Lists : public Answers {
 public:
  Lists(int32_t* rows, double* squares, size_t neighbors)
      : rows_(rows), squares_(squares), neighbors_(neighbors) {}

  void take(int64_t position, int32_t, const Candidate* nearest) override {
    for (size_t i = 0; i < neighbors_; i++) {
      rows_[position * neighbors_ + i] = nearest[i].row;
      squares_[position * neighbors_ + i] = nearest[i].square;
    }
  }

 private:
  int32_t* rows_;
  double* squares_;
  size_t neighbors_;
};

/** Writes means of the neighbours' targets, to the row of `out` that has the number of the query. */
class Means : public Answers {
 public:
  Means(Matrix targets, const double* weights, bool byDistance, Matrix out, int64_t column, size_t neighbors)
      : targets_(targets),
        weights_(weights),
        byDistance_(byDistance),
        out_(out),
        column_(column),
        neighbors_(neighbors) {}

  void take(int64_t, int32_t query, const Candidate* nearest) override {
    for (int64_t target = 0; target < targets_.columns; target++) {
      const Mean<double> mean = meanOf<double>(nearest, target);
      if (mean.isExact()) {
        write(query, column_ + target, mean.sum / mean.total);
      } else {
        requireTargets(nearest, target);
        const Mean<long double> wide = meanOf<long double>(nearest, target);
        write(query, column_ + target, static_cast<double>(wide.sum / wide.total));
      }
    }
  }

 private:
  /** A weighted sum and the sum of its weights. */
  template <class T>
  struct Mean {
    T sum = 0, total = 0;
    bool underflowed = false;

    bool isExact() const { return std::isfinite(sum / total) && !underflowed; }
  };

  template <class T>
  Mean<T> meanOf(const Candidate* nearest, int64_t target) const {
    Mean<T> mean;
    for (size_t i = 0; i < neighbors_; i++) {
      const T weight = weightOf<T>(nearest[i], nearest[0].square == 0);
      const T value = valueAt(targets_, nearest[i].row, target);
      const T term = weight * value;
      mean.sum += term;
      mean.total += weight;
      mean.underflowed |= std::abs(term) < 0x1p-960 && weight != 0 && value != 0;
    }
    return mean;
  }

  /** Refuses neighbours whose targets have changed to what is no number. */
  void requireTargets(const Candidate* nearest, int64_t target) const {
    for (size_t i = 0; i < neighbors_; i++) {
      const double value = valueAt(targets_, nearest[i].row, target);
      requireFinite("y", &value, 1, 1, &nearest[i].row, 1);
    }
  }

  /** A neighbour at distance 0 has infinite weight: then only those count. */
  template <class T>
  T weightOf(const Candidate& neighbor, bool someAtZero) const {
    const T weight = weights_ == nullptr ? 1 : weights_[neighbor.row];
    if (!byDistance_) return weight;
    if (someAtZero) return neighbor.square == 0 ? weight : 0;
    return weight / std::sqrt(static_cast<T>(neighbor.square));
  }

  void write(int64_t row, int64_t column, double value) const {
    const int64_t at = row * out_.rowStride + column * out_.columnStride;
    if (out_.dtype == DType::kFloat64) {
      static_cast<double*>(out_.data)[at] = value;
    } else {
      static_cast<float*>(out_.data)[at] = static_cast<float>(value);
    }
  }

  const Matrix targets_;
  const double* weights_;
  const bool byDistance_;
  const Matrix out_;
  const int64_t column_;
  const size_t neighbors_;
};

}  // namespace onecopy
