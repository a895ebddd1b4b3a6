/** Which instruction set the kernels of this process run on. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `simdLevel()`, the name of the instruction set: the best that this CPU has, or what
 * `ONECOPY_SIMD` says. It throws `ERR_OPTION` when that names none or one that this CPU can't
 * run; `kernels()` is the baseline then.
 */
void registerSimd(napi_env env, napi_value exports);

}  // namespace onecopy
