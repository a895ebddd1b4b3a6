/** Waits for another thread without sleeping: `SpinCore` in src/native/core.ts. */

#pragma once

#include <node_api.h>

namespace onecopy {

void registerSpin(napi_env env, napi_value exports);

}  // namespace onecopy
