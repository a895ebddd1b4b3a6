/** Compares every query with every point, block by block. */

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "matrix/gather.h"
#include "neighbors/neighbors.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

constexpr float kAlways = std::numeric_limits<float>::quiet_NaN();  // passes every screen
constexpr double kLargest = 1e37;  // squares up to here stay within float32

/**
 * The screen. With z = (x - centre) * scale, half the squared distance of p and q is
 * |p|²/2 + |q|²/2 - p.q, so a point can be nearer than `limit` only if
 *
 *     p.q - |p|²/2 > (|q|² - limit) / 2.
 *
 * The left side is computed in float32. Its error is at most (d + 4) u (|p|² + |q|²), u = 2^-24: values
 * of p and q are rounded (2 u |p||q|), then d + 1 sums (d u (|p||q| + |p|²/2)), with |p||q| <=
 * (|p|² + |q|²) / 2; twice as much is allowed for, which leaves room for all roundings in float64. Half of it
 * is added to each point's term and half taken from each query's, so that an outlier only
 * weakens the screen for itself. `tiny` stands for what is too small for float32.
 */
struct Bounds {
  double share, tiny;

  explicit Bounds(size_t columns) : share((columns + 8) * 0x1p-23), tiny((columns + 8) * 1e-36) {}

  float start(double norm) const {
    if (!(norm < kLargest)) return kAlways;
    return above(-norm / 2 + share * norm + tiny);
  }
  template <class Found>
  float cut(double norm, const Found& nearest) const {
    if (!nearest.full() || !(norm < kLargest)) return kAlways;
    const double value = (norm - nearest.limit().square) / 2 - share * norm - tiny;
    return -above(-std::max(value, -kLargest));
  }

 private:
  static float above(double value) {
    return std::nextafter(static_cast<float>(value), std::numeric_limits<float>::infinity());
  }
};

/** Where float32 loses least: the middle of some of the points. */
std::vector<double> centreOf(const Matrix& points, const Rows& rows) {
  constexpr int64_t kSample = 1024;
  const int64_t count = std::min(kSample, rows.count());
  std::vector<double> centre(points.columns), values(points.columns);
  for (int64_t i = 0; i < count; i++) {
    int64_t listed;
    rows.list(i * rows.count() / count, 1, &listed);
    const int32_t row = static_cast<int32_t>(listed);
    gatherColumns(points, &row, 1, 1, values.data());
    for (size_t j = 0; j < centre.size(); j++) centre[j] += values[j] / count;
  }
  return centre;
}

/** One block of queries, which meets all points. */
template <class Found>
class QueryBlock {
 public:
  QueryBlock(const Search& search, const Rows& pointRows, const std::vector<double>& centre, int64_t most)
      : search_(search),
        pointRows_(pointRows),
        centre_(centre),
        columns_(centre.size()),
        bounds_(columns_),
        values_(most * columns_),
        floats_(most * columns_),
        norms_(most),
        cuts_(most),
        found_(most),
        rows_(most),
        room_(most * search.neighbors),
        tile_(kScreenPoints * columns_),
        tileFloats_(kScreenPoints * columns_) {
    for (int64_t q = 0; q < most; q++) {
      if constexpr (std::is_same_v<Found, Within>) {
        nearest_.emplace_back(search.limit);
      } else {
        nearest_.emplace_back(&room_[q * search.neighbors], search.neighbors);
      }
    }
  }

  /** Answers the queries at positions [from, from + count). */
  void answerAll(int64_t from, int64_t count) {
    count_ = count;
    readQueries(from);
    int64_t listed[kScreenPoints];
    for (int64_t at = 0, points = pointRows_.count(); at < points && !search_.stop;) {
      int filled = 0;
      while (filled < kScreenPoints && at < points) {  // passed-over points leave no gaps
        const int64_t room = std::min<int64_t>(kScreenPoints - filled, points - at);
        pointRows_.list(at, room, listed);
        at += room;
        for (int64_t i = 0; i < room; i++) {
          const int32_t row = static_cast<int32_t>(listed[i]);
          if (!search_.labels.passOver(row)) tileRows_[filled++] = row;
        }
      }
      if (filled > 0) meet(filled);
    }
    if (search_.stop) return;
    for (int64_t q = 0; q < count_; q++) answer(search_, from + q, rows_[q], nearest_[q]);
  }

  int64_t distances() const { return distances_; }

 private:
  void readQueries(int64_t from) {
    for (int64_t q = 0; q < count_; q++) {
      int64_t listed;
      search_.queryRows.list(from + q, 1, &listed);
      rows_[q] = static_cast<int32_t>(listed);
      double* value = &values_[q * columns_];
      gatherColumns(search_.queries, &rows_[q], 1, 1, value);
      requireFinite("X", value, columns_, 1, &rows_[q], 1);
      norms_[q] = standardise(value, 1, &floats_[q * columns_], 1);
      nearest_[q].clear();
      cuts_[q] = bounds_.cut(norms_[q], nearest_[q]);
    }
  }

  /** Rounds centred and scaled values to float32; returns the sum of their squares. */
  double standardise(const double* value, size_t stride, float* out, size_t outStride) const {
    double norm = 0;
    for (size_t j = 0; j < columns_; j++) {
      const double z = (value[j * stride] - centre_[j]) * search_.scale[j];
      norm += z * z;
      out[j * outStride] = std::abs(z) < kLargest ? static_cast<float>(z) : 0;
    }
    return norm;
  }

  /** All queries meet the points of the tile. */
  void meet(int points) {
    gatherColumns(search_.points, tileRows_, points, kScreenPoints, tile_.data());
    requireFinite("X", tile_.data(), columns_, kScreenPoints, tileRows_, points);
    if (search_.metric.power != Power::kSquares) return meetUnscreened(points);
    float starts[kScreenPoints];
    std::fill_n(starts, kScreenPoints, -std::numeric_limits<float>::infinity());
    for (int p = 0; p < points; p++)
      starts[p] = bounds_.start(standardise(&tile_[p], kScreenPoints, &tileFloats_[p], kScreenPoints));
    neighborKernels().screen({static_cast<uint32_t>(columns_), static_cast<uint32_t>(count_),
                              tileFloats_.data(), starts, floats_.data(), cuts_.data(), found_.data()});
    const uint64_t all = points == 64 ? ~uint64_t{0} : (uint64_t{1} << points) - 1;
    for (int64_t q = 0; q < count_; q++) {
      const uint64_t found = found_[q] & all;
      if (found != 0) compare(q, found);
    }
  }

  /** The screen knows squares only: other metrics take all distances. */
  void meetUnscreened(int points) {
    double powers[kScreenPoints];
    for (int64_t q = 0; q < count_; q++) {
      std::fill_n(powers, kScreenPoints, 0.0);
      for (size_t j = 0; j < columns_; j++) {
        const double query = values_[q * columns_ + j], scale = search_.scale[j];
        const double* column = &tile_[j * kScreenPoints];
        for (int p = 0; p < points; p++)
          powers[p] = withDifference(search_.metric, powers[p], (column[p] - query) * scale);
      }
      for (int p = 0; p < points; p++) nearest_[q].offer({powers[p], tileRows_[p]});
      distances_ += points;
    }
  }

  /** Takes the true distances of a query to the points that passed the screen. */
  void compare(int64_t q, uint64_t found) {
    const double* query = &values_[q * columns_];
    for (; found != 0; found &= found - 1) {
      const int p = __builtin_ctzll(found);
      double square = 0;
      for (size_t j = 0; j < columns_; j++) {
        const double difference = (tile_[j * kScreenPoints + p] - query[j]) * search_.scale[j];
        square += difference * difference;
      }
      nearest_[q].offer({square, tileRows_[p]});
      distances_++;
    }
    cuts_[q] = bounds_.cut(norms_[q], nearest_[q]);
  }

  const Search& search_;
  const Rows& pointRows_;
  const std::vector<double>& centre_;
  const size_t columns_;
  const Bounds bounds_;
  std::vector<double> values_;
  std::vector<float> floats_;
  std::vector<double> norms_;
  std::vector<float> cuts_;
  std::vector<uint64_t> found_;
  std::vector<int32_t> rows_;
  std::vector<Candidate> room_;
  std::vector<Found> nearest_;
  std::vector<double> tile_;
  std::vector<float> tileFloats_;
  int32_t tileRows_[kScreenPoints];
  int64_t count_ = 0;
  int64_t distances_ = 0;
};

template <class Found>
int64_t compareAll(const Search& search, const Rows& pointRows) {
  const int64_t count = search.queryRows.count(), columns = search.points.columns;
  // Queries of a block share each tile of points and stay in the second cache; threads get equal shares.
  const int64_t wide = std::max<int64_t>(search.neighbors, columns);
  const int64_t most = std::clamp<int64_t>((1 << 18) / wide, 16, 2048) * search.threads;
  const int64_t blocks = (count + most - 1) / most * search.threads;
  const int64_t block = std::max<int64_t>((count + blocks - 1) / std::max<int64_t>(blocks, 1), 1);
  const std::vector<double> centre = centreOf(search.points, pointRows);
  std::atomic<int64_t> distances = 0;
  Tasks tasks((count + block - 1) / block, search.stop);
  onThreads(search.threads, [&] {
    QueryBlock<Found> queries(search, pointRows, centre, std::min(block, count));
    tasks.each([&](int64_t task) {
      const int64_t from = task * block;
      queries.answerAll(from, std::min(block, count - from));
    });
    distances += queries.distances();
  });
  return distances;
}

}  // namespace

int64_t searchAll(const Search& search, const Rows& pointRows) {
  return search.neighbors > 0 ? compareAll<Nearest>(search, pointRows) : compareAll<Within>(search, pointRows);
}

}  // namespace onecopy
