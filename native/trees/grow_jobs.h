/** Jobs that grow trees. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers `boostTrees`, `growForest` and `takeTrees`. */
void registerGrowing(napi_env env, napi_value exports);

}  // namespace onecopy
