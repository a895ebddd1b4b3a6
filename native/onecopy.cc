/** Entry of the addon: hands every part its place in the exports. */

#include <node_api.h>

#include "atomics.h"
#include "gradient.h"
#include "memory.h"
#include "moments.h"
#include "napi.h"
#include "neighbors.h"
#include "predict.h"
#include "process.h"
#include "qr.h"
#include "simd.h"

NAPI_MODULE_INIT() {
  try {
    onecopy::registerMemory(env, exports);
    onecopy::registerAtomics(env, exports);
    onecopy::registerProcess(env, exports);
    onecopy::registerSimd(env, exports);
    onecopy::registerMoments(env, exports);
    onecopy::registerPredict(env, exports);
    onecopy::registerQr(env, exports);
    onecopy::registerGradient(env, exports);
    onecopy::registerNeighbors(env, exports);
  } catch (const std::exception& error) {
    napi_throw_error(env, "ERR_NATIVE", error.what());
  }
  return exports;
}
