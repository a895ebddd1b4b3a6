/** Rows and targets of support vector machines, as JavaScript hands them in. */

#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "border/job.h"
#include "matrix/results.h"

namespace onecopy {

/** What a machine learns from: `SvmRows`. */
struct MachineRows {
  Matrix x;
  /** Numbers of rows in x. */
  std::vector<int32_t> rows;
  int classes;  // 0: a machine of targets
  double epsilon;

  MachineRows(const Value& value, Held& held) {
    x = readMatrix(value.member("x"), held);
    if (!(x.rows < int64_t{1} << 31)) throw Error("ERR_SHAPE", "Expected `x` to have fewer than 2^31 rows, got " + std::to_string(x.rows) + ".");
    rows = listRows(Rows::read(value.member("rows"), x.rows, held));
    classes = static_cast<int>(value.member("classes").integer(0, 1000));
    epsilon = value.member("epsilon").number();
    cost_ = value.member("cost").number();
    factors_ = readWeights(value.member("factors"), x.rows, held);
    if (classes == 0) targets_ = readVector<double>(value.member("targets"), x.rows, held);
    else codes_ = readVector<uint16_t>(value.member("codes"), x.rows, held);
  }

  /** Bound of the variable of row `rows[i]`. */
  double cost(size_t i) const { return factors_ == nullptr ? cost_ : cost_ * factors_[rows[i]]; }
  /** Target of row `rows[i]`. */
  double target(size_t i) const { return targets_[rows[i]]; }
  /** Class of row `rows[i]`; compared only, as JavaScript could change it meanwhile. */
  int code(size_t i) const { return codes_[rows[i]]; }

 private:
  double cost_;
  const double* factors_ = nullptr;
  const double* targets_ = nullptr;
  const uint16_t* codes_ = nullptr;
};

/** When a search ends. */
struct Stopping {
  /** At this violation of the conditions of a minimum. */
  double tol;
  int64_t maxIter;
};

/** Reads a `SvmStopping`. */
inline Stopping readStopping(const Value& value) {
  return {value.member("tol").number(), value.member("maxIter").integer(1)};
}

}  // namespace onecopy
