/** Losses, gradients and second derivatives of logistic models over groups of rows. */

#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "border/job.h"
#include "logistic/column_blocks.h"
#include "matrix/reduce.h"
#include "matrix/results.h"

namespace onecopy {

/** The job of `logisticSums`. */
class LogisticSumsJob : public Job {
 public:
  LogisticSumsJob(const Arguments& arguments, Held& held);

  void run() override;
  napi_value settle(napi_env env) override;

 private:
  /** Sums over some rows: for each model its values. */
  class Sums;
  /** What one thread needs. */
  class Worker;
  /** Numbers before the gradient, and the place of the margin among them. */
  static constexpr size_t kHead = 4, kMargin = 2, kWeight = 3;

  /** Numbers of a model in sums: loss, right, margin, weight, gradient, second derivatives. */
  size_t modelSize() const { return kHead + gradientSize() + hessianSize(); }
  size_t gradientSize() const { return static_cast<size_t>(scores_) * width_; }
  size_t hessianSize() const { return withHessians_ ? static_cast<size_t>(pairs()) * triangle() : 0; }
  /** Pairs of scores, each of which has a square of second derivatives. */
  int pairs() const { return scores_ * (scores_ + 1) / 2; }
  int64_t triangle() const { return width_ * (width_ + 1) / 2; }
  void finish(int group, const Sums& sums);

  Matrix x_;
  const uint16_t* codes_;
  const double* weights_;
  std::vector<Rows> groups_;
  std::vector<double> shift_, classWeights_, coefficients_;
  int models_, scores_, classes_;
  int64_t width_;  // 1 + d
  bool withHessians_;
  int threads_;
  std::vector<double> weight_, loss_, right_, margin_, gradient_, hessian_;
};

}  // namespace onecopy
