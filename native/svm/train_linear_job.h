/** Fits linear support vector machines. */

#pragma once

#include "matrix/threads.h"
#include "svm/coordinate_descent.h"
#include "svm/machine_rows.h"

namespace onecopy {

/** The job of `trainLinearSvm`. */
class TrainLinearJob : public Job {
 public:
  TrainLinearJob(const Arguments& arguments, Held& held)
      : rows_(arguments.at(0, "rows"), held),
        stopping_(readStopping(arguments.at(2, "stopping"))),
        shared_{rows_, {}, arguments.at(1, "options").member("intercept").number()} {
    const Value options = arguments.at(1, "options");
    isSquared_ = options.member("squared").boolean();
    seed_ = static_cast<uint64_t>(options.member("seed").integer());
    threads_ = readThreads(arguments.at(3, "threads"));
    solutions_.resize(rows_.classes <= 2 ? 1 : rows_.classes);
  }

  void run() override {
    measureRows(shared_, stop());
    Tasks tasks(static_cast<int64_t>(solutions_.size()), stop());
    onThreads(static_cast<int>(std::min<size_t>(threads_, solutions_.size())), [&] {
      tasks.each([&](int64_t task) {
        // Of two classes the second one against the first.
        const int own = rows_.classes == 2 ? 1 : static_cast<int>(task);
        solutions_[task] = descend(shared_, LinearProblem(rows_, own, isSquared_), stopping_, seed_, stop());
      });
    });
  }

  napi_value settle(napi_env env) override {
    std::vector<double> coefficients, iterations, gaps;
    bool converged = true;
    for (LinearSolution& solution : solutions_) {
      solution.coefficients.resize(rows_.x.columns + 1);  // a stopped job has found those of fewer problems
      coefficients.insert(coefficients.end(), solution.coefficients.begin(), solution.coefficients.end());
      iterations.push_back(static_cast<double>(solution.iterations));
      gaps.push_back(solution.gap);
      converged = converged && solution.converged;
    }
    return makeObject(env, {{"coefficients", toFloat64Array(env, coefficients)},
                            {"iterations", toFloat64Array(env, iterations)},
                            {"gaps", toFloat64Array(env, gaps)},
                            {"converged", toValue(env, converged)}});
  }

 private:
  const MachineRows rows_;
  const Stopping stopping_;
  LinearRows shared_;
  bool isSquared_;
  uint64_t seed_;
  int threads_;
  std::vector<LinearSolution> solutions_;
};

}  // namespace onecopy
