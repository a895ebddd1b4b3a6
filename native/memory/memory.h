/**
 * The JavaScript face of mapped memory: `MemoryCore` in src/native/memory-core.ts.
 *
 * Each thread has one external buffer of a mapping, which holds it; when the buffer is collected the
 * hold ends, on whatever thread that is. The buffer is a SharedArrayBuffer where Node has
 * `node_api_create_external_sharedarraybuffer` (late 22, 24.16, 26), else an ArrayBuffer;
 * `ONECOPY_BUFFER=arraybuffer` in the environment forces the latter.
 */

#pragma once

#include <node_api.h>

namespace onecopy {

void registerMemory(napi_env env, napi_value exports);

}  // namespace onecopy
