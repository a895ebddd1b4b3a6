/** The border of trees. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers what `TreeCore` lists. */
void registerTrees(napi_env env, napi_value exports);

}  // namespace onecopy
