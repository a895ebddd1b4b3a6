/** Predictions of linear models. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `affinePredict(x, rows, coefficients, intercepts, out, outColumns, threads)`; its contract is
 * `KernelCore` in `src/native/kernel-core.ts`. A prediction depends on its own row alone: not on the
 * rows beside it, the other models or the threads.
 */
void registerPredict(napi_env env, napi_value exports);

}  // namespace onecopy
