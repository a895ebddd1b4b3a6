/** The least and greatest value of each column. */

#pragma once

#include <limits>
#include <mutex>

#include "border/job.h"
#include "logistic/column_blocks.h"
#include "matrix/results.h"

namespace onecopy {

/** The job of `columnRanges`: exact, so that the order of rows doesn't matter. */
class ColumnRangeJob : public Job {
 public:
  ColumnRangeJob(const Arguments& arguments, Held& held) {
    x_ = readMatrix(arguments.at(0, "x"), held);
    weights_ = readWeights(arguments.at(1, "weights"), x_.rows, held);
    rows_ = Rows::read(arguments.at(2, "rows"), x_.rows, held);
    threads_ = readThreads(arguments.at(3, "threads"));
    minimum_.assign(x_.columns, std::numeric_limits<double>::infinity());
    maximum_.assign(x_.columns, -std::numeric_limits<double>::infinity());
  }

  void run() override {
    std::mutex mutex;
    readColumns({x_, weights_, rows_, threads_}, stop(), [&](const auto& eachBlock) {
      std::vector<double> low(x_.columns * kEight, std::numeric_limits<double>::infinity());
      std::vector<double> high(x_.columns * kEight, -std::numeric_limits<double>::infinity());
      double nonFinite[kEight] = {};
      eachBlock([&](const ColumnReader& reader) {
        logisticKernels().columnRanges(reader.columns(), reader.count(), low.data(), high.data(), nonFinite);
      });
      const std::lock_guard lock(mutex);
      for (int64_t c = 0; c < x_.columns; c++) {
        minimum_[c] = std::min(minimum_[c], *std::min_element(&low[c * kEight], &low[c * kEight] + kEight));
        maximum_[c] = std::max(maximum_[c], *std::max_element(&high[c * kEight], &high[c * kEight] + kEight));
      }
      isFinite_ = isFinite_ && foldEight(nonFinite) == 0;
    });
  }

  napi_value settle(napi_env env) override {
    return makeObject(env, {{"minimum", toFloat64Array(env, minimum_)},
                            {"maximum", toFloat64Array(env, maximum_)},
                            {"isFinite", toValue(env, isFinite_)}});
  }

 private:
  Matrix x_;
  const double* weights_;
  Rows rows_;
  int threads_;
  bool isFinite_ = true;
  std::vector<double> minimum_, maximum_;
};

}  // namespace onecopy
