/** Targets of rows, read and checked. */

#include "trees/ensembles/targets.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "matrix/gather.h"

namespace onecopy {
namespace {

constexpr int kBlockRows = 512;
constexpr double kMost = 1e100;

}  // namespace

void readTargets(const Matrix& y, const std::vector<int32_t>& rows, double* out) {
  double block[kBlockRows];
  for (size_t at = 0; at < rows.size(); at += kBlockRows) {
    const int count = static_cast<int>(std::min<size_t>(kBlockRows, rows.size() - at));
    const int32_t* numbers = rows.data() + at;
    gatherColumn(y, 0, numbers, count, block);
    requireFinite("y", block, 1, kBlockRows, numbers, count);
    for (int i = 0; i < count; i++) {
      if (std::fabs(block[i]) > kMost) {
        throw Error("ERR_VALUE", "Expected targets of at most 1e100 in size, got a larger one in `y` at row " +
                                     std::to_string(numbers[i]) + " (counted from 0). Rescale them first.");
      }
      out[numbers[i]] = block[i];
    }
  }
}

double gridStep(double most, int bits) {
  if (!(most > 0)) return 1;
  int exponent;
  std::frexp(most, &exponent);
  return std::ldexp(1.0, std::max(exponent - bits, -1000));
}

int32_t toGrid(double value, double inverseStep) { return static_cast<int32_t>(std::llrint(value * inverseStep)); }

}  // namespace onecopy
