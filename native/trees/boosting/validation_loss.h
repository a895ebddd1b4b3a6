/** The loss on rows that tell when boosting has learned enough. */

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "trees/boosting/boosting.h"
#include "trees/boosting/loss_dispatch.h"
#include "trees/boosting/row_scores.h"
#include "trees/grow/team.h"
#include "trees/kernels/exponential.h"

namespace onecopy {

/** The loss of a row by its scores. */
inline double rowLoss(const BoostingOptions& options, const RowScores& scores, int32_t row, double y) {
  if (options.loss != LossKind::kSoftmax) {
    return withLoss(options.loss, options.lossParameter, [&](auto loss) { return loss.value(y, scores.of(0)[row]); });
  }
  double most = scores.of(0)[row], total = 0;
  for (int k = 1; k < options.classes; k++) most = std::max(most, scores.of(k)[row]);
  for (int k = 0; k < options.classes; k++) total += exponential(scores.of(k)[row] - most);
  return most + std::log(total) - scores.of(static_cast<int>(y))[row];
}

/** The mean of `lossOf(row)` over the validation rows, added up in a fixed order. */
template <class LossOf>
double meanLoss(const BoostingData& data, Team& team, LossOf&& lossOf) {
  constexpr int64_t kChunk = 4096;
  const auto count = static_cast<int64_t>(data.validation.size());
  const int64_t chunks = (count + kChunk - 1) / kChunk;
  std::vector<double> sums(chunks), weights(chunks);
  team.share(chunks, 1, [&](int64_t from, int64_t to, int) {
    for (int64_t chunk = from; chunk < to; chunk++) {
      for (int64_t i = chunk * kChunk; i < std::min(count, (chunk + 1) * kChunk); i++) {
        const int32_t row = data.validation[i];
        sums[chunk] += data.weight(row) * lossOf(row);
        weights[chunk] += data.weight(row);
      }
    }
  });
  double sum = 0, total = 0;
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    sum += sums[chunk];
    total += weights[chunk];
  }
  return sum / total;
}

/** Learns of the losses before the first round and after each, and says when to stop. */
class EarlyStopping {
 public:
  EarlyStopping(int64_t patience, double tolerance) : patience_(patience), tolerance_(tolerance) {}

  /** Adds a loss; true when none has been better for too long. */
  bool add(double loss) {
    losses_.push_back(loss);
    const auto last = static_cast<int64_t>(losses_.size()) - 1;
    if (loss < losses_[best_] - tolerance_) best_ = last;
    return last - best_ >= patience_;
  }
  /** Whether the last loss is less than all before. */
  bool isLeast() const { return std::min_element(losses_.begin(), losses_.end()) + 1 == losses_.end(); }
  std::vector<double>& losses() { return losses_; }

 private:
  const int64_t patience_;
  const double tolerance_;
  int64_t best_ = 0;
  std::vector<double> losses_;
};

}  // namespace onecopy
