/** QR factors of groups of rows. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `leastSquaresQr(x, y, weights, groups, shift, scale, threads)`; its contract is `KernelCore`
 * in `src/native/kernel-core.ts`. Blocks of 256 rows go one by one into the triangle of their chunk of
 * at most 4096 rows, chunks pairwise into one; so a result depends on the rows and the instruction set,
 * and neither on the threads nor on how the rows were listed.
 *
 * @see Demmel, Grigori, Hoemmen, Langou: Communication-optimal parallel and sequential QR and LU
 *   factorizations, SIAM J. Sci. Comput. 34 (2012)
 */
void registerQr(napi_env env, napi_value exports);

}  // namespace onecopy
