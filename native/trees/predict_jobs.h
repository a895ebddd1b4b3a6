/** Jobs that predict by trees. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers `predictTrees`. */
void registerPredicting(napi_env env, napi_value exports);

}  // namespace onecopy
