/** What support vector machines export. */

#include "svm/svm.h"

#include "matrix/threads.h"
#include "svm/predict_svm_job.h"
#include "svm/train_linear_job.h"
#include "svm/train_svm_job.h"

namespace onecopy {
namespace {

template <class Work>
napi_value start(const Arguments& arguments) {
  Held held(arguments.env());
  auto job = std::make_unique<Work>(arguments, held);
  return startJob(arguments.env(), std::move(held), std::move(job));
}

}  // namespace

const SvmKernels& svmKernels() {
#if defined(__x86_64__)
  if (&kernels() == &avx512::kernels) return avx512::svmKernels;
  if (&kernels() == &avx2::kernels) return avx2::svmKernels;
#endif
  return baseline::svmKernels;
}

void registerSvm(napi_env env, napi_value exports) {
  exportFunction<start<TrainSvmJob>>(env, exports, "trainSvm");
  exportFunction<start<TrainLinearJob>>(env, exports, "trainLinearSvm");
  exportFunction<start<PredictSvmJob>>(env, exports, "svmPredict");
}

}  // namespace onecopy
