/** Scores of classes as probabilities, and their log losses. */

#include "kernels/exponential.h"
#include "kernels/logarithm.h"
#include "kernels/simd.h"
#include "neural/kernels/neural_level.h"

namespace onecopy::ONECOPY_LEVEL {

void logisticOutput(const OutputRows& rows) {
  for (int64_t r = 0; r < rows.rows; r++) {
    double* value = rows.values + r * rows.row;
    const double score = *value;
    if (!(score == score)) {
      if (rows.own != nullptr) rows.losses[r] = score;
      continue;
    }
    const double size = score < 0 ? -score : score;
    const double e = exponential(broadcast(-size))[0];
    const double greater = 1.0 / (1.0 + e);  // the probability of the likelier class
    *value = score < 0 ? e * greater : greater;
    if (rows.own == nullptr) continue;
    const bool isRight = (rows.own[r] > 0) == (score > 0);
    rows.losses[r] = logarithm(broadcast(1.0 + e))[0] + (isRight ? 0 : size);
  }
}

void softmaxOutput(const OutputRows& rows) {
  for (int64_t r = 0; r < rows.rows; r++) {
    double* values = rows.values + r * rows.row;
    double top = values[0], own = values[0];
    for (int64_t j = 0; j < rows.count; j++) {
      if (!(values[j] <= top)) top = values[j];  // NaN stays
      if (rows.own != nullptr && rows.own[r] == static_cast<double>(j)) own = values[j];
    }
    for (int64_t j = 0; j < rows.count; j += kWidth) {
      const Vector below = load(values + j) - top;
      const Vector power = exponential(below);
      store(values + j, below == below ? power : below);
    }
    double sum = 0;
    for (int64_t j = 0; j < rows.count; j++) sum += values[j];
    for (int64_t j = 0; j < rows.count; j++) values[j] /= sum;
    for (int64_t j = rows.count; j % kUnits != 0; j++) values[j] = 0;
    if (rows.own == nullptr) continue;
    rows.losses[r] = sum == sum ? logarithm(broadcast(sum))[0] + (top - own) : sum;
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
