/** What becomes of the neighbours of a query: a list, or a prediction. */

#pragma once

#include <cmath>
#include <vector>

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
  /** @param areSquares - whether neighbours have squared distances, not distances */
  Means(Matrix targets, const double* weights, bool byDistance, Matrix out, int64_t column, size_t neighbors,
        bool areSquares)
      : targets_(targets),
        weights_(weights),
        byDistance_(byDistance),
        out_(out),
        column_(column),
        neighbors_(neighbors),
        areSquares_(areSquares) {}

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
    const T square = neighbor.square;
    return weight / (areSquares_ ? std::sqrt(square) : square);
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
  const bool areSquares_;
};

/** What the points within a distance are averaged by. */
struct RangeTargets {
  Matrix values;            // of each point, unless there are codes
  const uint16_t* codes;    // of each point's class, or null
  int64_t count;            // of targets or classes
  const double* weights;    // of each point, or null
  bool byDistance;
};

/** Writes means of targets, or shares of classes, of the points within a distance; NaN where there are none. */
class RangeAverages : public RangeAnswers {
 public:
  /**
   * @param means - shape (queries, count)
   * @param counts - of points with a weight above 0, shape (queries)
   */
  RangeAverages(RangeTargets targets, Metric metric, double* means, int32_t* counts)
      : targets_(targets), metric_(metric), means_(means), counts_(counts) {}

  void take(int64_t position, const std::vector<Candidate>& found) override {
    bool someAtZero = false;
    for (const Candidate& one : found) someAtZero |= one.square == 0;
    // Sums in long double: weights by distance and large targets stay within its range.
    std::vector<long double> sums(targets_.count);
    long double total = 0;
    for (const Candidate& one : found) {
      const long double weight = weightOf(one, someAtZero);
      total += weight;
      // SAFETY: codes of classes may have been changed by the caller meanwhile.
      if (targets_.codes != nullptr) {
        const int64_t code = targets_.codes[one.row];
        if (code < targets_.count) sums[code] += weight;
      } else {
        for (int64_t k = 0; k < targets_.count; k++) sums[k] += weight * valueAt(targets_.values, one.row, k);
      }
    }
    counts_[position] = static_cast<int32_t>(found.size());
    for (int64_t k = 0; k < targets_.count; k++)
      means_[position * targets_.count + k] = static_cast<double>(sums[k] / total);
  }

 private:
  /** A point at distance 0 has infinite weight: then only those count. */
  long double weightOf(const Candidate& point, bool someAtZero) const {
    const long double weight = targets_.weights == nullptr ? 1 : targets_.weights[point.row];
    if (!targets_.byDistance) return weight;
    if (someAtZero) return point.square == 0 ? weight : 0;
    return weight / distanceOf(metric_, point.square);
  }

  const RangeTargets targets_;
  const Metric metric_;
  double* means_;
  int32_t* counts_;
};

}  // namespace onecopy
