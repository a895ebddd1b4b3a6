/** Atomic operations on elements in shared memory: `AtomicCore` in src/native/memory-core.ts. */

#pragma once

#include <node_api.h>

namespace onecopy {

void registerAtomics(napi_env env, napi_value exports);

}  // namespace onecopy
