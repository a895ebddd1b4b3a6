/** Tells V8 that memory is wanted back: `MemoryCore.hintMemoryPressure` in src/native/memory-core.ts. */

#pragma once

#include <node_api.h>

namespace onecopy {

void registerMemoryPressure(napi_env env, napi_value exports);

}  // namespace onecopy
