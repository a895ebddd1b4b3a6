/** Entry of the addon: hands every part its place in the exports. */

#include <node_api.h>

#include "border/backing_store.h"
#include "border/interface_version.h"
#include "border/job.h"
#include "border/memory_pressure.h"
#include "border/napi.h"
#include "border/process.h"
#include "border/simd_level.h"
#include "border/spin.h"
#include "genotypes/genotypes.h"
#include "linear/gradient.h"
#include "linear/moments.h"
#include "linear/predict.h"
#include "linear/qr.h"
#include "logistic/logistic.h"
#include "bytes/append.h"
#include "bytes/atomics.h"
#include "bytes/hash_elements.h"
#include "memory/memory.h"
#include "cluster/cluster.h"
#include "neighbors/neighbors.h"
#include "neural/neural.h"
#include "svm/svm.h"
#include "tables/tables.h"
#include "trees/trees.h"

NAPI_MODULE_INIT() {
  try {
    onecopy::tryHolding(env);
    onecopy::check(env, napi_set_named_property(env, exports, "interfaceVersion",
                                                onecopy::toValue(env, onecopy::kInterfaceVersion)));
    onecopy::registerMemory(env, exports);
    onecopy::registerAppend(env, exports);
    onecopy::registerAtomics(env, exports);
    onecopy::registerHashElements(env, exports);
    onecopy::registerMemoryPressure(env, exports);
    onecopy::registerProcess(env, exports);
    onecopy::registerSpin(env, exports);
    onecopy::registerJobs(env, exports);
    onecopy::registerSimd(env, exports);
    onecopy::registerMoments(env, exports);
    onecopy::registerPredict(env, exports);
    onecopy::registerQr(env, exports);
    onecopy::registerGradient(env, exports);
    onecopy::registerLogistic(env, exports);
    onecopy::registerNeighbors(env, exports);
    onecopy::registerCluster(env, exports);
    onecopy::registerNeural(env, exports);
    onecopy::registerSvm(env, exports);
    onecopy::registerTrees(env, exports);
    onecopy::registerGenotypes(env, exports);
    onecopy::registerTables(env, exports);
  } catch (const std::exception& error) {
    napi_throw_error(env, "ERR_PLATFORM", error.what());
  }
  return exports;
}
