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
      : rows_(arguments.at(0, "rows"), held), stopping_(readStopping(arguments.at(2, "stopping"))) {
    const Value options = arguments.at(1, "options");
    isSquared_ = options.member("squared").boolean();
    seed_ = static_cast<uint64_t>(options.member("seed").integer());
    shared_ = {rows_.x, rows_.rows, {}, options.member("intercept").number()};
    threads_ = readThreads(arguments.at(3, "threads"));
    solutions_.resize(rows_.classes <= 2 ? 1 : rows_.classes);
  }

  void run() override {
    measureRows(shared_, stop());
    Tasks tasks(static_cast<int64_t>(solutions_.size()), stop());
    onThreads(static_cast<int>(std::min<size_t>(threads_, solutions_.size())), [&] {
      tasks.each([&](int64_t task) {
        solutions_[task] = descend(shared_, problemOf(static_cast<int>(task)), stopping_, seed_, stop());
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
  /** One class against the others; of two classes the second one against the first. */
  LinearProblem problemOf(int task) const {
    const int own = rows_.classes == 2 ? 1 : task;
    LinearProblem problem{{}, {}, {}, {}, rows_.epsilon};
    for (size_t i = 0; i < rows_.rows.size(); i++) {
      const double cost = rows_.costs[i], bound = isSquared_ ? std::numeric_limits<double>::infinity() : cost;
      const bool isUp = rows_.classes == 0 || rows_.codes[i] == own, isDown = rows_.classes == 0 || !isUp;
      problem.targets.push_back(rows_.classes == 0 ? rows_.targets[i] : isUp ? 1 : -1);
      problem.high.push_back(isUp ? bound : 0);
      problem.low.push_back(isDown ? -bound : 0);
      problem.added.push_back(isSquared_ ? std::min(0.5 / cost, 1e300) : 0);
    }
    return problem;
  }

  const MachineRows rows_;
  const Stopping stopping_;
  LinearRows shared_;
  bool isSquared_;
  uint64_t seed_;
  int threads_;
  std::vector<LinearSolution> solutions_;
};

}  // namespace onecopy
