/** What support vector machines export. */

#include "svm/svm.h"

#include "svm/predict_svm_job.h"
#include "svm/train_linear_job.h"
#include "svm/train_svm_job.h"

namespace onecopy {

const SvmKernels& svmKernels() { return ONECOPY_TABLE(svmKernels); }

void registerSvm(napi_env env, napi_value exports) {
  exportFunction<startWith<TrainSvmJob>>(env, exports, "trainSvm");
  exportFunction<startWith<TrainLinearJob>>(env, exports, "trainLinearSvm");
  exportFunction<startWith<PredictSvmJob>>(env, exports, "svmPredict");
}

}  // namespace onecopy
