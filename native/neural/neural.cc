/** What neural networks export. */

#include "neural/neural.h"

#include "neural/network_jobs.h"

namespace onecopy {

const NeuralKernels& neuralKernels() {
#if defined(__x86_64__)
  if (&kernels() == &avx512::kernels) return avx512::neuralKernels;
  if (&kernels() == &avx2::kernels) return avx2::neuralKernels;
#endif
  return baseline::neuralKernels;
}

void registerNeural(napi_env env, napi_value exports) {
  exportFunction<startWith<TrainNetworkJob>>(env, exports, "trainNetwork");
  exportFunction<startWith<PredictNetworkJob>>(env, exports, "networkPredict");
}

}  // namespace onecopy
