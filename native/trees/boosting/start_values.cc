/** What boosting predicts before its first tree. */

#include "trees/boosting/start_values.h"

#include <algorithm>
#include <cmath>

#include "trees/boosting/quantile.h"
#include "trees/ensembles/exact_mean.h"

namespace onecopy {
namespace {

/** Where all errors are smaller, their squares are nothing. */
constexpr double kLeastError = 1e-140;
/** Logarithms of smaller means are not predicted. */
constexpr double kLeastMean = 1e-15;

void requireErrors(const RowNumbers& rows, const RowTargets& y, double start) {
  double most = 0;
  for (const int32_t row : rows) most = std::max(most, std::fabs(start - y[row]));
  if (most == 0 || most >= kLeastError || most < 1e-15 * std::fabs(start)) return;
  throw Error("ERR_VALUE", "Expected targets that differ by at least 1e-140 somewhere, got `y` with smaller differences, "
                           "whose squares are too small to be numbers. Rescale them first.");
}

/** The mean of targets whose logarithm is predicted; 0 where all of them are. */
double requireMean(double mean) {
  if (mean == 0 || mean >= kLeastMean) return mean;
  throw Error("ERR_VALUE", "Expected targets with a mean of at least 1e-15 for this loss, got `y` with a smaller one. "
                           "Rescale them first.");
}

}  // namespace

std::vector<double> findStartValues(const BoostingData& data, const BoostingOptions& options, const RowTargets& y) {
  const auto target = [&](int32_t row) { return y[row]; };
  const auto weight = [&](int32_t row) { return data.weight(row); };
  const auto mean = [&] { return exactMean(data.rows, target, weight); };
  const auto quantile = [&](double share) { return weighedQuantile(data.rows, target, weight, share); };
  double start = 0;
  switch (options.loss) {
    case LossKind::kSquared: start = mean(); break;
    case LossKind::kAbsolute:
    case LossKind::kHuber: start = quantile(0.5); break;
    case LossKind::kQuantile: start = quantile(options.lossParameter); break;
    case LossKind::kPoisson:
    case LossKind::kGamma:
    case LossKind::kTweedie: start = std::log(std::max(requireMean(mean()), kLeastMean)); break;
    case LossKind::kLogistic: {
      const double p = std::clamp(mean(), 1e-15, 1 - 1e-15);
      start = std::log(p / (1 - p));
      break;
    }
    case LossKind::kSoftmax: {
      std::vector<double> starts;
      for (int k = 0; k < options.classes; k++) {
        const auto is = [&](int32_t row) { return y[row] == k ? 1.0 : 0.0; };
        starts.push_back(std::log(std::max(exactMean(data.rows, is, weight), 1e-15)));
      }
      return starts;
    }
  }
  if (options.loss == LossKind::kSquared || options.loss == LossKind::kHuber) requireErrors(data.rows, y, start);
  return {start};
}

}  // namespace onecopy
