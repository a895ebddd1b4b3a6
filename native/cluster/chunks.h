/** Rows in chunks whose sums are added in a fixed order. */

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matrix/gather.h"
#include "matrix/matrix.h"
#include "matrix/threads.h"
#include "neighbors/kernels/neighbor_kernels.h"

namespace onecopy {

/** The rows of a pass and their weights. */
struct ClusterRows {
  Matrix x;
  Rows rows;
  const double* weights;  // of all rows of x, or null

  double weightOf(int32_t row) const { return weights == nullptr ? 1 : weights[row]; }
};

/** Centres in groups of kGroupQueries, in the layout of the distance kernel. */
class PackedCenters {
 public:
  PackedCenters(const double* centers, int64_t count, int64_t columns)
      : count_(count),
        columns_(columns),
        packed_((count + kGroupQueries - 1) / kGroupQueries * kGroupQueries * columns),
        ones_(columns, 1.0) {
    for (int64_t c = 0; c < count; c++)
      for (int64_t j = 0; j < columns; j++)
        packed_[(c / kGroupQueries * columns + j) * kGroupQueries + c % kGroupQueries] = centers[c * columns + j];
  }

  /** Squared distances of one centre to gathered points of shape (columns, kLeafPoints). */
  void squaresTo(int64_t center, const double* points, int count, double* squares) const {
    const double* group = &packed_[center / kGroupQueries * columns_ * kGroupQueries];
    neighborKernels().leafDistances({static_cast<uint32_t>(columns_), group, ones_.data(), {}},
                                    static_cast<int>(center % kGroupQueries), points, count, 0, squares);
  }
  int64_t count() const { return count_; }

 private:
  const int64_t count_, columns_;
  std::vector<double> packed_, ones_;
};

/** Some rows, gathered as columns. */
class GatheredRows {
 public:
  explicit GatheredRows(int64_t columns) : values(columns * kLeafPoints) {}

  /** @throws Error `ERR_VALUE` for a value that isn't finite */
  void read(const ClusterRows& given, int64_t from, int64_t stop) {
    int64_t listed[kLeafPoints];
    count = static_cast<int>(std::min<int64_t>(kLeafPoints, stop - from));
    given.rows.list(from, count, listed);
    for (int p = 0; p < count; p++) rows[p] = static_cast<int32_t>(listed[p]);
    gatherColumns(given.x, rows, count, kLeafPoints, values.data());
    requireFinite("X", values.data(), given.x.columns, kLeafPoints, rows, count);
  }

  std::vector<double> values;  // shape (columns, kLeafPoints)
  int32_t rows[kLeafPoints];
  int count = 0;
};

/**
 * Runs `work(chunk, from, stop)` for chunks of rows, on several threads.
 *
 * @param bytes - memory that each chunk's sums take; all of them take at most 32 MB
 * @param start - called with the number of chunks before any work
 */
template <class Start, class Work>
void eachChunk(int64_t rows, int64_t bytes, int threads, const std::atomic<bool>& stop, Start&& start, Work&& work) {
  constexpr int64_t kLeastRows = 16 * kLeafPoints, kMostChunks = 64, kMostBytes = int64_t{1} << 25;
  const int64_t room = std::clamp<int64_t>(kMostBytes / std::max<int64_t>(bytes, 1), 1, kMostChunks);
  const int64_t chunks = std::clamp<int64_t>((rows + kLeastRows - 1) / kLeastRows, 1, room);
  start(chunks);
  Tasks tasks(chunks, stop);
  onThreads(threads, [&] {
    tasks.each([&](int64_t chunk) { work(chunk, chunk * rows / chunks, (chunk + 1) * rows / chunks); });
  });
}

}  // namespace onecopy
