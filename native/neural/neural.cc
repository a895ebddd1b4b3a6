/** What neural networks export. */

#include "neural/neural.h"

#include "neural/network_jobs.h"

namespace onecopy {

const NeuralKernels& neuralKernels() { return ONECOPY_TABLE(neuralKernels); }

void registerNeural(napi_env env, napi_value exports) {
  exportFunction<startWith<TrainNetworkJob>>(env, exports, "trainNetwork");
  exportFunction<startWith<PredictNetworkJob>>(env, exports, "networkPredict");
}

}  // namespace onecopy
