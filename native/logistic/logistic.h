/** Logistic regression over groups of rows. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `logisticSums(rows, models, threads)`, `logisticPredict(x, rows, model, out, threads)` and
 * `columnRanges(x, weights, rows, threads)`; their contract is `LogisticCore` in `src/native/logistic-core.ts`.
 *
 * Rows are summed in blocks, blocks in chunks of at most 4096 rows, chunks pairwise, always in the order of the group's
 * rows; so the results depend on the rows alone, not on the threads and not on the instruction set. A thread needs a block of rows
 * (20 to 300 KB for up to 1000 columns), its eightfold sums (15 KB of second derivatives for 20 columns, 32 columns² in
 * general) and some sums of chunks.
 */
void registerLogistic(napi_env env, napi_value exports);

}  // namespace onecopy
