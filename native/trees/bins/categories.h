/** Categories of a column: its most frequent values. */

#pragma once

#include "trees/bins/edges.h"

namespace onecopy {

/** Categories of a column; one bin less than bytes have, since that of missing values is not theirs. */
constexpr int kMostCategories = 254;

/**
 * The values of a column that most rows have, at most `maxBins` and `kMostCategories` of them, ascending; of equally frequent ones
 * the lower. NaN is none.
 *
 * @throws Error `ERR_VALUE` when there are more than 2^20 different ones
 */
std::vector<double> findCategories(const EdgeSource& source, int64_t column, int threads, const std::atomic<bool>& stop);

}  // namespace onecopy
