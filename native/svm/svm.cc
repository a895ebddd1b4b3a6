/** What support vector machines export. */

#include "svm/svm.h"

#include "svm/predict_svm_job.h"
#include "svm/train_linear_job.h"
#include "svm/train_svm_job.h"

namespace onecopy {

const SvmKernels& svmKernels() {
#if defined(__x86_64__)
  if (&kernels() == &avx512::kernels) return avx512::svmKernels;
  if (&kernels() == &avx2::kernels) return avx2::svmKernels;
#endif
  return baseline::svmKernels;
}

void registerSvm(napi_env env, napi_value exports) {
  exportFunction<startWith<TrainSvmJob>>(env, exports, "trainSvm");
  exportFunction<startWith<TrainLinearJob>>(env, exports, "trainLinearSvm");
  exportFunction<startWith<PredictSvmJob>>(env, exports, "svmPredict");
}

}  // namespace onecopy
