/** What logistic regression exports. */

#include "logistic/logistic.h"

#include "logistic/column_range_job.h"
#include "logistic/logistic_predict_job.h"
#include "logistic/logistic_sums_job.h"

namespace onecopy {

const LogisticKernels& logisticKernels() { return ONECOPY_TABLE(logisticKernels); }

void registerLogistic(napi_env env, napi_value exports) {
  exportFunction<startWith<LogisticSumsJob>>(env, exports, "logisticSums");
  exportFunction<startWith<LogisticPredictJob>>(env, exports, "logisticPredict");
  exportFunction<startWith<ColumnRangeJob>>(env, exports, "columnRanges");
}

}  // namespace onecopy
