/** Sums of values and products over groups of rows. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `moments(x, y, weights, groups, shift, threads)`; its contract is `KernelCore` in
 * `src/native/kernel-core.ts`.
 *
 * Sums are float64 about the shift. Rows are summed in blocks, blocks in chunks of at most 4096 rows, chunks
 * pairwise, always in the order of the group's rows; so a result depends on the rows and the instruction set,
 * and neither on the threads nor on how the rows were listed. A thread needs two blocks (256 KB at
 * 50 columns) and some squares of p x p.
 */
void registerMoments(napi_env env, napi_value exports);

}  // namespace onecopy
