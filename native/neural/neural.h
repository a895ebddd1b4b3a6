/** Neural networks of dense layers. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `trainNetwork(rows, network, training, threads)` and `networkPredict(x, rows, network, out, threads)`; their contract is
 * `NeuralCore` in `src/native/neural-core.ts`.
 *
 * Rows of x are copied as doubles to a block of a few MB, wherever they are. Each sum is made by one thread in the order of its
 * terms, so results don't depend on threads or the instruction set.
 */
void registerNeural(napi_env env, napi_value exports);

}  // namespace onecopy
