/**
 * The JavaScript face of mapped memory: `MemoryCore` in src/native.ts.
 *
 * Each call that gives a mapping makes one external buffer that holds it; when the buffer is
 * collected, on whatever thread, the hold ends. The buffer is a SharedArrayBuffer where Node has
 * `node_api_create_external_sharedarraybuffer` (late 22, 24.16, 26), else an ArrayBuffer;
 * `ONECOPY_BUFFER=arraybuffer` in the environment forces the latter.
 */

#pragma once

#include <node_api.h>

namespace onecopy {

void registerMemory(napi_env env, napi_value exports);

}  // namespace onecopy
