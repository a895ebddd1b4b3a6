/** Support vector machines. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `trainSvm(rows, kernel, stopping, threads)`, `trainLinearSvm(rows, options, stopping, threads)` and
 * `svmPredict(x, rows, model, out, threads)`; their contract is `SvmCore` in `src/native/svm-core.ts`.
 *
 * Rows of x are read where they are, sixteen at a time where they must be converted. Each kernel of two rows and each step of a
 * solver is a function of the rows alone, so results don't depend on threads, the cache or the instruction set.
 */
void registerSvm(napi_env env, napi_value exports);

}  // namespace onecopy
