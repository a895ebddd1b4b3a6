/** Edges between bins: exact quantiles of the values of each column. */

#pragma once

#include <atomic>
#include <vector>

#include "matrix/matrix.h"

namespace onecopy {

// A value x belongs to bin b when edges[b - 1] < x <= edges[b]; NaN is in none of these bins. Edges of a column
// depend only on the multiset of its values: not on the order of the rows, nor on threads.
//
// A column of at most `maxBins` distinct values has an edge midway between each two neighbours. Any other has
// edges at its quantiles k / maxBins: midway between the two values that stand there in the sorted column,
// or at the value that they share. Few rows are sorted. Of many, a sample gives splitters; one pass counts the
// values between them, which tells the splitters between which the quantiles lie, and a second pass collects these few.

/** What to find edges of. */
struct EdgeSource {
  Matrix x;
  const Rows& rows;
  const double* weights;  // rows of weight 0 are passed over; null: all count
  int maxBins;            // 2 to 255
  std::vector<int32_t> categorical;  // columns with categories, ascending: theirs are the most frequent ones, of equals the lower
};

/** The edges of each column, ascending. @throws Error `ERR_VALUE` for a wrong weight */
std::vector<std::vector<double>> findEdges(const EdgeSource& source, int threads,
                                           const std::atomic<bool>& stop);

}  // namespace onecopy
