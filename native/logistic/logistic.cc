/** What logistic regression exports. */

#include "logistic/logistic.h"

#include "logistic/column_range_job.h"
#include "logistic/logistic_predict_job.h"
#include "logistic/logistic_sums_job.h"

namespace onecopy {

const LogisticKernels& logisticKernels() {
#if defined(__x86_64__)
  if (&kernels() == &avx512::kernels) return avx512::logisticKernels;
  if (&kernels() == &avx2::kernels) return avx2::logisticKernels;
#endif
  return baseline::logisticKernels;
}

void registerLogistic(napi_env env, napi_value exports) {
  exportFunction<startWith<LogisticSumsJob>>(env, exports, "logisticSums");
  exportFunction<startWith<LogisticPredictJob>>(env, exports, "logisticPredict");
  exportFunction<startWith<ColumnRangeJob>>(env, exports, "columnRanges");
}

}  // namespace onecopy
