/** Gradients of least squares in twice the working precision. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `leastSquaresGradient(x, y, weights, groups, shift, scale, coefficients, threads)`; its
 * contract is `KernelCore` in `src/native/kernel-core.ts`. Like QR it depends on the rows and the
 * instruction set only.
 *
 * @see Björck: Numerical Methods for Least Squares Problems (1996), 6.6.5: refinement by the corrected
 *   seminormal equations
 */
void registerGradient(napi_env env, napi_value exports);

}  // namespace onecopy
