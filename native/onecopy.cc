/** Entry of the addon: hands every part its place in the exports. */

#include <node_api.h>

#include "memory.h"
#include "napi.h"

NAPI_MODULE_INIT() {
  try {
    onecopy::registerMemory(env, exports);
  } catch (const std::exception& error) {
    napi_throw_error(env, "ERR_NATIVE", error.what());
  }
  return exports;
}
