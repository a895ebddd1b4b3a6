/** Neighbours of queries whose distances, or their powers, leave the range of float64. */

#include <algorithm>
#include <cmath>

#include "matrix/gather.h"
#include "neighbors/neighbors.h"

namespace onecopy {
namespace {

/** Squares between these have lost no digits, whatever their terms were. */
constexpr double kLeastSquare = 0x1p-900, kGreatestSquare = 0x1p1020;

/** A candidate in long double, whose exponents reach twice as far as is needed. */
struct WideCandidate {
  long double square;  // the distance itself for metrics that aren't Euclidean
  int32_t row;

  bool operator<(const WideCandidate& other) const {
    return square < other.square || (square == other.square && row < other.row);
  }
};

/** Distances of one query. */
class WideQuery {
 public:
  WideQuery(const Search& search, int32_t query) : search_(search), values_(search.points.columns) {
    gatherColumns(search.queries, &query, 1, 1, values_.data());
  }

  /** The squared distance to a point, column j of which is `point[j * stride]`. */
  long double squareTo(const double* point, size_t stride) const {
    if (search_.metric.power != Power::kSquares) return distanceTo(point, stride);
    long double square = 0;
    for (size_t j = 0; j < values_.size(); j++) {
      const long double difference =
          (static_cast<long double>(point[j * stride]) - values_[j]) * search_.scale[j];
      square += difference * difference;
    }
    return square;
  }

 private:
  /** The distance by another metric: powers are taken of parts of the greatest difference. */
  long double distanceTo(const double* point, size_t stride) const {
    long double sum = 0, greatest = 0;
    for (size_t j = 0; j < values_.size(); j++) {
      const long double size = sizeAt(point, stride, j);
      sum += size;
      greatest = std::max(greatest, size);
    }
    if (search_.metric.power == Power::kAbsolute) return sum;
    if (search_.metric.power == Power::kGreatest || greatest == 0) return greatest;
    const long double p = search_.metric.p;
    long double powers = 0;
    for (size_t j = 0; j < values_.size(); j++) powers += std::pow(sizeAt(point, stride, j) / greatest, p);
    return greatest * std::pow(powers, 1 / p);
  }

  long double sizeAt(const double* point, size_t stride, size_t j) const {
    return std::abs((static_cast<long double>(point[j * stride]) - values_[j]) * search_.scale[j]);
  }

  const Search& search_;
  std::vector<double> values_;
};

/** Compares a query with all points; returns the nearest ones from near to far. */
std::vector<WideCandidate> findWide(const Search& search, const WideQuery& query) {
  std::vector<WideCandidate> found;  // a heap with the farthest on top
  std::vector<double> values(search.points.columns * kLeafPoints);
  int32_t rows[kLeafPoints];
  const int64_t points = search.indexed.count();
  for (int64_t at = 0; at < points && !search.stop;) {
    int count = 0;
    for (; count < kLeafPoints && at < points; at++) {
      const int32_t row = search.indexed.row(at);
      // SAFETY: gatherColumns refuses a row outside the matrix; until then it has no label.
      const bool inside = row >= 0 && row < search.points.rows;
      if (!inside || !search.labels.passOver(row)) rows[count++] = row;
    }
    gatherColumns(search.points, rows, count, kLeafPoints, values.data());
    requireFinite("X", values.data(), search.points.columns, kLeafPoints, rows, count);
    for (int p = 0; p < count; p++) {
      const WideCandidate candidate = {query.squareTo(&values[p], kLeafPoints), rows[p]};
      if (found.size() == search.neighbors) {
        if (!(candidate < found.front())) continue;
        std::pop_heap(found.begin(), found.end());
        found.pop_back();
      }
      found.push_back(candidate);
      std::push_heap(found.begin(), found.end());
    }
  }
  std::sort_heap(found.begin(), found.end());
  return found;
}

/** By which power of two squares are multiplied, so that the nearest that is not 0 is near 1. */
int exponentOf(const std::vector<WideCandidate>& found) {
  for (const WideCandidate& candidate : found)
    if (candidate.square > 0) return -std::ilogb(candidate.square) & ~1;
  return 0;
}

/** Whether a point and a query have the same values in all columns that count. */
bool areEqual(const Search& search, int32_t point, int32_t query) {
  for (int64_t j = 0; j < search.points.columns; j++)
    if (search.scale[j] != 0 && valueAt(search.points, point, j) != valueAt(search.queries, query, j)) return false;
  return true;
}

}  // namespace

bool isWide(const Search& search, int32_t query, const Candidate* nearest) {
  if (!(nearest[search.neighbors - 1].square < kGreatestSquare)) return true;
  for (size_t i = 0; i < search.neighbors && nearest[i].square < kLeastSquare; i++)
    if (nearest[i].square != 0 || !areEqual(search, nearest[i].row, query)) return true;
  return false;
}

bool findWideNeighbors(const Search& search, int32_t query, Candidate* nearest) {
  const std::vector<WideCandidate> found = findWide(search, WideQuery(search, query));
  if (search.stop) return false;
  if (found.size() < search.neighbors) refuseNeighbors(found.size(), search.neighbors);
  const int exponent = exponentOf(found);
  for (size_t i = 0; i < search.neighbors; i++)
    nearest[i] = {static_cast<double>(std::scalbn(found[i].square, exponent)), found[i].row};
  return true;
}

}  // namespace onecopy
