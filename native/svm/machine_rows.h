/** Rows and targets of support vector machines, as JavaScript hands them in. */

#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "border/job.h"
#include "matrix/results.h"
#include "svm/dual_solver.h"

namespace onecopy {

/** What a machine learns from: `SvmRows`. */
struct MachineRows {
  Matrix x;
  /** Numbers of rows in x. */
  std::vector<int32_t> rows;
  /** Of each row in `rows`: number of its class, or empty. */
  std::vector<uint16_t> codes;
  /** Of each row in `rows`: its target, or empty. */
  std::vector<double> targets;
  /** Of each row in `rows`: the bound of its variable. */
  std::vector<double> costs;
  int classes;
  double epsilon;

  MachineRows(const Value& value, Held& held) {
    x = readMatrix(value.member("x"), held);
    if (!(x.rows < int64_t{1} << 31)) throw Error("ERR_SHAPE", "Expected fewer than 2^31 rows.");
    const Rows chosen = Rows::read(value.member("rows"), x.rows, held);
    std::vector<int64_t> listed(chosen.count());
    chosen.list(0, chosen.count(), listed.data());
    rows.assign(listed.begin(), listed.end());
    classes = static_cast<int>(value.member("classes").integer(0, 1000));
    epsilon = value.member("epsilon").number();
    const double* allCosts = readVector<double>(value.member("costs"), x.rows, held);
    for (const int32_t row : rows) costs.push_back(allCosts[row]);
    if (classes == 0) {
      const double* all = readVector<double>(value.member("targets"), x.rows, held);
      for (const int32_t row : rows) targets.push_back(all[row]);
      return;
    }
    const uint16_t* all = readVector<uint16_t>(value.member("codes"), x.rows, held);
    for (const int32_t row : rows) {
      codes.push_back(all[row]);
      if (all[row] < classes) continue;
      throw Error("ERR_INDEX", "Class " + std::to_string(all[row]) + " is not below " + std::to_string(classes) + ".");
    }
  }
};

/** Reads a `SvmStopping`. */
inline Stopping readStopping(const Value& value) {
  return {value.member("tol").number(), value.member("maxIter").integer(1)};
}

}  // namespace onecopy
