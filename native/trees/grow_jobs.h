/** Jobs that grow trees and predict by them. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers `boostTrees`, `growForest`, `takeTrees` and `predictTrees`. */
void registerGrowing(napi_env env, napi_value exports);

}  // namespace onecopy
