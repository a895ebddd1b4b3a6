/** Processes that end together or take turns: `ProcessCore` in src/native/core.ts. */

#pragma once

#include <node_api.h>

namespace onecopy {

void registerProcess(napi_env env, napi_value exports);

}  // namespace onecopy
