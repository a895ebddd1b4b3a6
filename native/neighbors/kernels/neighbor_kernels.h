/** The vector kernels of nearest neighbours, and their table. */

#pragma once

#include <cstddef>
#include <cstdint>

namespace onecopy {

/** Points in one tile of the brute force: a bit each in `Screen::found`. */
constexpr int kScreenPoints = 48;
/** Queries that walk the tree together. */
constexpr int kGroupQueries = 8;
/** Most points in a leaf of the tree. */
constexpr int kLeafPoints = 64;

/** Queries against one tile of points, in float32. */
struct Screen {
  uint32_t columns;
  uint32_t count;        // of queries
  const float* points;   // shape (columns, kScreenPoints)
  const float* starts;   // a first term for each point
  const float* queries;  // shape (count, columns)
  const float* cuts;     // one for each query
  uint64_t* found;       // result, one for each query
};

/** How the differences of two rows in their columns make up a distance. */
enum class Power : uint8_t { kSquares, kAbsolute, kGreatest, kAny };

/**
 * A Minkowski metric of order p >= 1. Searches compare powers of distances, which for p = 2 are squares: sums over columns of
 * |difference|^p, and the greatest difference for p = infinity.
 */
struct Metric {
  Power power = Power::kSquares;
  double p = 2;
};

/** Queries that walk the tree together, and their metric. */
struct Group {
  uint32_t columns;
  const double* queries;  // shape (columns, kGroupQueries)
  const double* scale;    // shape (columns)
  Metric metric;
};

/** All kernels of one instruction set; like those of `kernels.h` they trust their arguments. */
struct NeighborKernels {
  /** Sets bit p of `found[q]` unless starts[p] + point p . query q <= cuts[q]. NaN sets it. */
  void (*screen)(const Screen& screen);
  /**
   * Powers of distances of all queries of a group to the box [low, high], none greater than that to a point in it; the same
   * bits at every level.
   */
  void (*boxDistances)(const Group& group, const double* low, const double* high, double* squares);
  /**
   * Powers of distances of one query of a group to `count` points of shape (columns, kLeafPoints); the
   * same bits at every level. Works in sixteens: `points` and `squares` have room for that.
   *
   * @returns a bit for each that is at most `limit`; bits from `count` on mean nothing
   */
  uint64_t (*leafDistances)(const Group& group, int query, const double* points, int count,
                            double limit, double* squares);
  /**
   * Of `count` distances, as `leafDistances` wrote them, those that may be among the `most` least, with all that are as great as
   * the greatest of these. There are few others, so that a list of the nearest takes few that it drops again.
   *
   * @returns a bit for each; bits from `count` on mean nothing
   */
  uint64_t (*leastOf)(const double* squares, int count, int most);
};

namespace baseline {
extern const NeighborKernels neighborKernels;
}
namespace avx2 {
extern const NeighborKernels neighborKernels;
}
namespace avx512 {
extern const NeighborKernels neighborKernels;
}

/** The kernels of the same instruction set as `kernels()`. */
const NeighborKernels& neighborKernels();

}  // namespace onecopy
