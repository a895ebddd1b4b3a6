/** Link functions of classifiers: probabilities, log losses and their derivatives. */

#include "kernels/exponential.h"
#include "kernels/logarithm.h"
#include "kernels/simd.h"
#include "logistic/kernels/logistic_level.h"

namespace onecopy::ONECOPY_LEVEL {

static inline void addTo(double* sums, Vector value) { store(sums, load(sums) + value); }

void linkTwo(const LinkRows& rows, double* curvature) {
  const Vector zero{};
  for (int r = 0; r < rows.scores.rows; r += kWidth) {
    const int lane = r % kEight;
    const Vector score = load(rows.scores.data + r);
    const Vector target = load(rows.target + r), weight = load(rows.weight + r);
    const auto isUp = score > zero;
    const Vector size = isUp ? score : -score;
    const Vector e = exponential(-size);
    const Vector greater = 1.0 / (1.0 + e);  // the probability of the likelier class
    const Vector less = e * greater;
    const Vector p = isUp ? greater : less;
    const auto isOne = target > zero;
    // 1 - p without cancellation
    const Vector residual = isOne ? (isUp ? -less : -greater) : p;
    const Vector margin = isOne ? score : -score;
    const auto isRight = isOne ? isUp : (isUp == 0);
    store(rows.scores.data + r, p);
    store(rows.residuals.data + r, weight * residual);
    store(curvature + r, weight * (greater * less));
    const Vector wrongBy = margin < zero ? -margin : zero;
    addTo(rows.loss + lane, weight * (logarithm(1.0 + e) + wrongBy));
    addTo(rows.right + lane, isRight ? weight : zero);
    const Vector least = load(rows.margin + lane);
    const auto counts = (weight > zero) & (margin < least);
    store(rows.margin + lane, counts ? margin : least);
  }
}

void linkSeveral(const LinkRows& rows) {
  const int classes = rows.scores.count;
  const Vector zero{};
  for (int r = 0; r < rows.scores.rows; r += kWidth) {
    const int lane = r % kEight;
    const Vector target = load(rows.target + r), weight = load(rows.weight + r);
    Vector top = load(rows.scores.data + r), first{}, own{};
    for (int s = 0; s < classes; s++) {
      const Vector score = load(rows.scores.at(s) + r);
      const auto isHigher = score > top;
      top = isHigher ? score : top;
      first = isHigher ? broadcast(s) : first;
      own = target == broadcast(s) ? score : own;
    }
    Vector sum{};
    Vector other = broadcast(-1e308);
    for (int s = 0; s < classes; s++) {
      const Vector score = load(rows.scores.at(s) + r);
      const Vector e = exponential(score - top);
      sum += e;
      store(rows.scores.at(s) + r, e);
      const auto isOther = (target != broadcast(s)) & (score > other);
      other = isOther ? score : other;
    }
    for (int s = 0; s < classes; s++) {
      const Vector p = load(rows.scores.at(s) + r) / sum;
      store(rows.scores.at(s) + r, p);
      store(rows.residuals.at(s) + r, weight * (target == broadcast(s) ? p - 1.0 : p));
    }
    addTo(rows.loss + lane, weight * (logarithm(sum) + (top - own)));
    addTo(rows.right + lane, first == target ? weight : zero);
    const Vector margin = own - other, least = load(rows.margin + lane);
    const auto counts = (weight > zero) & (margin < least);
    store(rows.margin + lane, counts ? margin : least);
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
