/** What boosting predicts before its first tree. */

#pragma once

#include <vector>

#include "trees/boosting/boosting.h"
#include "trees/boosting/row_targets.h"

namespace onecopy {

/**
 * The scores that lower the loss most when all rows have the same: one for each class.
 *
 * @param y - targets by row
 * @throws Error `ERR_VALUE` for targets whose errors, or whose mean, are too small to learn from
 */
std::vector<double> findStartValues(const BoostingData& data, const BoostingOptions& options, const RowTargets& y);

}  // namespace onecopy
