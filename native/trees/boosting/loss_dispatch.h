/** Losses of one score by their kind. */

#pragma once

#include "trees/ensembles/loss.h"

namespace onecopy {

/** Calls `work` with a loss as an object of its own class; the softmax loss has several scores and none. */
template <class Work>
auto withLoss(LossKind kind, double parameter, Work&& work) {
  switch (kind) {
    case LossKind::kAbsolute: return work(QuantileLoss{0.5});
    case LossKind::kQuantile: return work(QuantileLoss{parameter});
    case LossKind::kHuber: return work(HuberLoss{parameter});
    case LossKind::kPoisson: return work(PoissonLoss{});
    case LossKind::kGamma: return work(GammaLoss{});
    case LossKind::kTweedie: return work(TweedieLoss{parameter});
    case LossKind::kLogistic: return work(LogisticLoss{});
    default: return work(SquaredLoss{});
  }
}

}  // namespace onecopy
