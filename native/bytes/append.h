/** Writes memory of JavaScript to a file, beside the event loop. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers `appendBytes(fd, bytes)`; its contract is `MemoryCore` in `src/native/memory-core.ts`. */
void registerAppend(napi_env env, napi_value exports);

}  // namespace onecopy
