/** What logistic regression exports. */

#include "logistic/logistic.h"

#include "logistic/column_range_job.h"
#include "logistic/logistic_predict_job.h"
#include "logistic/logistic_sums_job.h"

namespace onecopy {
namespace {

template <class Work>
napi_value start(const Arguments& arguments) {
  Held held(arguments.env());
  auto job = std::make_unique<Work>(arguments, held);
  return startJob(arguments.env(), std::move(held), std::move(job));
}

}  // namespace

const LogisticKernels& logisticKernels() {
#if defined(__x86_64__)
  if (&kernels() == &avx512::kernels) return avx512::logisticKernels;
  if (&kernels() == &avx2::kernels) return avx2::logisticKernels;
#endif
  return baseline::logisticKernels;
}

void registerLogistic(napi_env env, napi_value exports) {
  exportFunction<start<LogisticSumsJob>>(env, exports, "logisticSums");
  exportFunction<start<LogisticPredictJob>>(env, exports, "logisticPredict");
  exportFunction<start<ColumnRangeJob>>(env, exports, "columnRanges");
}

}  // namespace onecopy
