/** Kernel functions of support vector machines. */

#pragma once

#include <cmath>

#include "border/napi.h"
#include "svm/kernels/svm_kernels.h"

namespace onecopy {

/** A kernel: how alike two rows are. */
class KernelFunction {
 public:
  /** Reads a `SvmKernel`. */
  static KernelFunction read(const Value& value) {
    KernelFunction function;
    const std::string name = value.member("name").text();
    if (name == "rbf") function.kind_ = Kind::kRbf;
    else if (name == "linear") function.kind_ = Kind::kLinear;
    else if (name == "poly") function.kind_ = Kind::kPoly;
    else if (name == "sigmoid") function.kind_ = Kind::kSigmoid;
    else throw TypeError("Expected `" + value.name() + ".name` to be a kernel, got '" + name + "'.");
    function.gamma_ = value.member("gamma").number();
    function.coef0_ = value.member("coef0").number();
    function.degree_ = static_cast<int>(value.member("degree").integer(0, 1 << 20));
    return function;
  }

  /** Fills in the kernel of each pair. */
  void evaluate(const RowPairs& pairs) const {
    (kind_ == Kind::kRbf ? svmKernels().squares : svmKernels().products)(pairs);
    if (kind_ == Kind::kLinear) return;
    if (pairs.outStride == static_cast<size_t>(pairs.otherCount)) return finish(pairs.out, pairs.count * pairs.otherCount);
    for (int r = 0; r < pairs.count; r++) finish(pairs.out + r * pairs.outStride, pairs.otherCount);
  }

 private:
  enum class Kind { kRbf, kLinear, kPoly, kSigmoid };

  /** Turns products or squared distances into kernels. */
  void finish(double* values, int64_t count) const {
    if (kind_ == Kind::kRbf) return svmKernels().exponentials(-gamma_, count, values);
    for (int64_t i = 0; i < count; i++) values[i] = gamma_ * values[i] + coef0_;
    if (kind_ == Kind::kPoly) {
      for (int64_t i = 0; i < count; i++) values[i] = power(values[i]);
      return;
    }
    // tanh x = (1 - e^-2x) / (1 + e^-2x) for x >= 0; a block at a time keeps the signs.
    constexpr int64_t kBlock = 64;
    double signs[kBlock];
    for (int64_t from = 0; from < count; from += kBlock) {
      const int64_t block = count - from < kBlock ? count - from : kBlock;
      double* to = values + from;
      for (int64_t i = 0; i < block; i++) {
        signs[i] = to[i] < 0 ? -1 : 1;
        to[i] = std::abs(to[i]);
      }
      svmKernels().exponentials(-2, block, to);
      for (int64_t i = 0; i < block; i++) to[i] = signs[i] * ((1 - to[i]) / (1 + to[i]));
    }
  }

  double power(double base) const {
    double result = 1;
    for (int times = degree_; times > 0; times /= 2) {
      if (times % 2 == 1) result *= base;
      base *= base;
    }
    return result;
  }

  Kind kind_ = Kind::kRbf;
  double gamma_ = 1, coef0_ = 0;
  int degree_ = 0;
};

}  // namespace onecopy
