/** Fits support vector machines with kernels. */

#pragma once

#include "matrix/threads.h"
#include "svm/dual_solver.h"

namespace onecopy {

/** The job of `trainSvm`. */
class TrainSvmJob : public Job {
 public:
  TrainSvmJob(const Arguments& arguments, Held& held)
      : rows_(arguments.at(0, "rows"), held),
        function_(KernelFunction::read(arguments.at(1, "kernel"))),
        stopping_(readStopping(arguments.at(2, "stopping"))),
        cacheBytes_(arguments.at(2, "stopping").member("cacheBytes").integer(0)),
        threads_(readThreads(arguments.at(3, "threads"))) {
    for (int a = 0; a < rows_.classes; a++)
      for (int b = a + 1; b < rows_.classes; b++) pairs_.push_back({a, b});
    if (rows_.classes == 0) pairs_.push_back({-1, -1});
    solutions_.resize(pairs_.size());
  }

  void run() override {
    // Either several problems run at once, or the threads share the rows of one.
    const int side = static_cast<int>(std::min<size_t>(threads_, pairs_.size()));
    Tasks tasks(static_cast<int64_t>(pairs_.size()), stop());
    onThreads(side, [&] {
      Team team(side == 1 ? kernelTeam(static_cast<int64_t>(rows_.rows.size()), rows_.x.columns, threads_) : 1);
      tasks.each([&](int64_t task) {
        const DualProblem problem = problemOf(pairs_[task]);
        KernelCache cache(rows_.x, problem.rows, function_, cacheBytes_ / side, team);
        solutions_[task] = solveDual(problem, cache, stopping_, stop());
      });
    });
  }

  napi_value settle(napi_env env) override {
    std::vector<double> variables, intercepts, iterations, gaps;
    for (const DualSolution& solution : solutions_) {
      variables.insert(variables.end(), solution.variables.begin(), solution.variables.end());
      intercepts.push_back(solution.intercept);
      iterations.push_back(static_cast<double>(solution.iterations));
      gaps.push_back(solution.gap);
    }
    return makeObject(env, {{"variables", toFloat64Array(env, variables)},
                            {"intercepts", toFloat64Array(env, intercepts)},
                            {"iterations", toFloat64Array(env, iterations)},
                            {"gaps", toFloat64Array(env, gaps)}});
  }

 private:
  struct Pair {
    int first, second;  // classes; -1: a problem of targets
  };

  /** The rows of a pair of classes: those of the first one, whose value is 1, then those of the second. */
  DualProblem problemOf(const Pair& pair) const {
    DualProblem problem{{}, {}, {}, {}, rows_.epsilon};
    if (pair.first < 0) {
      for (size_t i = 0; i < rows_.rows.size(); i++)
        add(problem, i, rows_.target(i), -rows_.cost(i), rows_.cost(i));
      return problem;
    }
    for (size_t i = 0; i < rows_.rows.size(); i++)
      if (rows_.code(i) == pair.first) add(problem, i, 1, 0, rows_.cost(i));
    for (size_t i = 0; i < rows_.rows.size(); i++)
      if (rows_.code(i) == pair.second) add(problem, i, -1, -rows_.cost(i), 0);
    return problem;
  }

  void add(DualProblem& problem, size_t i, double target, double low, double high) const {
    problem.rows.push_back(rows_.rows[i]);
    problem.targets.push_back(target);
    problem.low.push_back(low);
    problem.high.push_back(high);
  }

  const MachineRows rows_;
  const KernelFunction function_;
  const Stopping stopping_;
  const int64_t cacheBytes_;
  const int threads_;
  std::vector<Pair> pairs_;
  std::vector<DualSolution> solutions_;
};

}  // namespace onecopy
