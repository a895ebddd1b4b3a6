/** Digests of strided elements, as if they lay in C order without gaps. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers `hashElements` and `hashElementsNow`; their contract is `HashCore` in `src/native/hash-core.ts`. */
void registerHashElements(napi_env env, napi_value exports);

}  // namespace onecopy
