/** Weights of rows, in a range in which their products are numbers. */

#include "trees/ensembles/scaled_weights.h"

#include <cmath>
#include <cstdio>
#include <string>

#include "border/napi.h"

namespace onecopy {
namespace {

/** Two weights are at most so many powers of 2 apart: some 10^12. */
constexpr int kMostApart = 40;
/** Beyond these powers of 2 weights are scaled. */
constexpr int kMostExponent = 100;

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

ScaledWeights::ScaledWeights(const double* weights, int64_t count, const RowNumbers& rows,
                             const RowNumbers& others)
    : weights_(weights) {
  if (weights == nullptr || rows.empty()) return;
  int32_t least = rows[0], most = rows[0];
  for (const auto* list : {&rows, &others}) {
    for (const int32_t row : *list) {
      if (weights[row] < weights[least]) least = row;
      if (weights[row] > weights[most]) most = row;
    }
  }
  if (weights[least] < std::ldexp(weights[most], -kMostApart)) {
    throw Error("ERR_VALUE", "Expected weights above 0 to be within a factor of 1e12 of each other, got " +
                                 shown(weights[least]) + " for row " + std::to_string(least) + " and " +
                                 shown(weights[most]) + " for row " + std::to_string(most) +
                                 ". Set weights that are next to nothing to 0.");
  }
  int exponent;
  std::frexp(weights[most], &exponent);
  if (std::abs(exponent) <= kMostExponent) return;
  factor_ = std::ldexp(1.0, -exponent);
  own_.reset(new double[count]);
  for (const auto* list : {&rows, &others})
    for (const int32_t row : *list) own_[row] = std::ldexp(weights[row], -exponent);
  weights_ = own_.get();
}

}  // namespace onecopy
