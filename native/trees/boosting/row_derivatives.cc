/** First and second derivatives of a loss at the scores of rows, on grids. */

#include "trees/boosting/row_derivatives.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "trees/boosting/loss_dispatch.h"
#include "trees/ensembles/targets.h"

namespace onecopy {
namespace {

constexpr int64_t kLeastRows = 8192;  // for each thread
constexpr int kGridBits = 30;
/** Gradients and hessians below so many steps of their grid are blurred; one row in so many that is, is too many. */
constexpr double kFineSteps = 1 << 10;
constexpr int64_t kFineShare = 256;
/** Derivatives of fewer rows aren't packed. */
constexpr int64_t kLeastPacked = 65536;
/**
 * Packed gradients have at least so many steps of their grid on average. So rounding, half a step at most, moves the mean gradient of
 * rows by less than a thousandth of its mean size, even where all are moved to the same side.
 */
constexpr double kClearSteps = 512;
/** Rows whose log loss is looked at together. */
constexpr int kLogisticRows = 512;

/** Derivatives of the log loss of some of `all` rows; those that stand side by side, `areRange`, are read and written in place. */
double findLogisticBlock(const LogisticRows& all, const int32_t* rows, int count, bool areRange) {
  LogisticRows block = all;
  block.count = count;
  if (areRange) {
    block.scores += rows[0];
    block.classes += rows[0];
    if (all.weights != nullptr) block.weights += rows[0];
    if (all.packed != nullptr) {
      block.packed += rows[0];
    } else {
      block.gradients += rows[0];
      block.hessians += rows[0];
    }
    return treeKernels().findLogistic(block);
  }
  double scores[kLogisticRows], weights[kLogisticRows];
  uint16_t classes[kLogisticRows];
  int32_t gradients[kLogisticRows], hessians[kLogisticRows];
  int64_t packed[kLogisticRows];
  for (int i = 0; i < count; i++) {
    scores[i] = all.scores[rows[i]];
    classes[i] = all.classes[rows[i]];
    if (all.weights != nullptr) weights[i] = all.weights[rows[i]];
  }
  block.scores = scores;
  block.classes = classes;
  if (all.weights != nullptr) block.weights = weights;
  block.gradients = gradients;
  block.hessians = hessians;
  if (all.packed != nullptr) block.packed = packed;
  const double sizes = treeKernels().findLogistic(block);
  for (int i = 0; i < count; i++) {
    if (all.packed != nullptr) {
      all.packed[rows[i]] = packed[i];
    } else {
      all.gradients[rows[i]] = gradients[i];
      all.hessians[rows[i]] = hessians[i];
    }
  }
  return sizes;
}

}  // namespace

RowDerivatives::RowDerivatives(const BoostingData& data, const BoostingOptions& options, const RowTargets& y, bool isFar,
                               Team& team)
    : data_(data),
      options_(options),
      y_(y),
      isFar_(isFar),
      classes_(options.scores()),
      curves_(options.hasHessians()),
      rowsAscend_(std::adjacent_find(data.rows.begin(), data.rows.end(), std::greater_equal()) == data.rows.end()),
      team_(team) {}

RowValues RowDerivatives::of(int k) const {
  if (!packed_.empty()) return {nullptr, nullptr, nullptr, packed_.data()};
  return {gradients_.data() + first(k), hessians_.empty() ? nullptr : hessians_.data() + first(k), nullptr};
}

SquaredCriterion::Values RowDerivatives::exactOf(int k) const {
  return {exactGradients_.data() + first(k), curves_ ? exactHessians_.data() + first(k) : nullptr, data_.weights, nullptr};
}

void RowDerivatives::find(const RowScores& scores) {
  gradientStep_.assign(classes_, 1);
  hessianStep_.assign(classes_, 1);
  if (options_.loss == LossKind::kSoftmax) return findSoftmax(scores);
  const double* const all = scores.of(0);
  if (options_.loss == LossKind::kLogistic && !isFar_) return findLogistic(all);
  withLoss(options_.loss, options_.lossParameter, [&](auto loss) {
    findGrids([&](int32_t row, double weight, double* out) {
      const Derivatives at = loss.at(y_[row], all[row]);
      out[0] = weight * at.gradient;
      out[1] = weight * at.hessian;
    });
  });
}

/** What the weights of rows are at most. */
double RowDerivatives::mostWeight() const {
  double most = data_.weights == nullptr ? 1 : 0;
  if (data_.weights != nullptr)
    for (const int32_t row : data_.rows) most = std::max(most, data_.weights[row]);
  return most;
}

/** The derivatives of the log loss are bounded, so that the grids are known before. */
void RowDerivatives::findLogistic(const double* scores) {
  const double most = mostWeight();
  if (findPacked(scores, most)) return;
  makeRoom();
  gradientStep_[0] = gridStep(most, kGridBits);
  hessianStep_[0] = gridStep(most / 4, kGridBits);
  fillLogistic({scores, y_.codes(), data_.weights, 0, 1 / gradientStep_[0], 1 / hessianStep_[0], gradients_.data(),
                hessians_.data(), nullptr});
}

/** Packs derivatives of the log loss, unless that would blur too much. */
bool RowDerivatives::findPacked(const double* scores, double mostWeight) {
  const auto count = static_cast<int64_t>(data_.rows.size());
  if (count < kLeastPacked) return false;
  // Numbers of the largest size itself fit, so that powers of 2 don't need a bit more.
  const double most = std::nextafter(mostWeight, 0.0);
  gradientStep_[0] = gridStep(most, PackedRow::kGradientBits);
  hessianStep_[0] = gridStep(most / 4, PackedRow::kHessianBits);
  gradients_ = {};
  hessians_ = {};
  packed_.resize(data_.bins.rows);
  const double sizes = fillLogistic({scores, y_.codes(), data_.weights, 0, 1 / gradientStep_[0], 1 / hessianStep_[0],
                                     nullptr, nullptr, packed_.data()});
  if (sizes >= kClearSteps * static_cast<double>(count)) return true;
  packed_ = {};
  return false;
}

/** Computes the rows of `all` that are learned from; returns the sum of the sizes of packed gradients. */
double RowDerivatives::fillLogistic(const LogisticRows& all) {
  std::vector<double> sizes(team_.size());
  team_.share(static_cast<int64_t>(data_.rows.size()), kLeastRows, [&](int64_t from, int64_t to, int member) {
    double own = 0;
    for (; from < to; from += kLogisticRows) {
      const auto count = static_cast<int>(std::min<int64_t>(kLogisticRows, to - from));
      const int32_t* rows = &data_.rows[from];
      own += findLogisticBlock(all, rows, count, rowsAscend_ && rows[count - 1] - rows[0] == count - 1);
    }
    sizes[member] = own;
  });
  double sum = 0;
  for (const double own : sizes) sum += own;
  return sum;
}

/** Makes room for gradients and hessians that aren't packed. */
void RowDerivatives::makeRoom() {
  const size_t size = static_cast<size_t>(data_.bins.rows) * classes_;
  gradients_.resize(size);
  if (data_.weights != nullptr || curves_) hessians_.resize(size);
}

void RowDerivatives::findSoftmax(const RowScores& scores) {
  // The diagonal of the hessian as it is, as in scikit-learn; Friedman (2001) and LightGBM count it C / (C - 1) times.
  findGrids([&](int32_t row, double weight, double* out) {
    double most = scores.of(0)[row], total = 0;
    for (int k = 1; k < classes_; k++) most = std::max(most, scores.of(k)[row]);
    for (int k = 0; k < classes_; k++) total += out[2 * k] = exponential(scores.of(k)[row] - most);
    for (int k = 0; k < classes_; k++) {
      const double p = out[2 * k] / total;
      out[2 * k] = weight * (p - (y_[row] == k ? 1 : 0));
      out[2 * k + 1] = weight * p * (1 - p);
    }
  });
}

/** Finds the grids of what `compute(row, weight, out)` gives, a gradient and a hessian for each class, and rounds all to them. */
template <class Compute>
void RowDerivatives::findGrids(Compute&& compute) {
  makeRoom();
  const auto count = static_cast<int64_t>(data_.rows.size());
  const size_t parts = 2 * static_cast<size_t>(classes_);
  std::vector<std::vector<double>> most(team_.size(), std::vector<double>(parts));
  team_.share(count, kLeastRows, [&](int64_t from, int64_t to, int member) {
    std::vector<double> out(parts), own(parts);
    for (int64_t i = from; i < to; i++) {
      compute(data_.rows[i], data_.weight(data_.rows[i]), out.data());
      for (size_t p = 0; p < parts; p++) own[p] = std::max(own[p], std::fabs(out[p]));
    }
    most[member] = own;
  });
  std::vector<double> inverse(parts);
  std::vector<int64_t> fine(team_.size());
  for (size_t p = 0; p < parts; p++) {
    double all = 0;
    for (const auto& own : most) all = std::max(all, own[p]);
    const double step = gridStep(all, kGridBits);
    inverse[p] = 1 / step;
    (p % 2 == 0 ? gradientStep_ : hessianStep_)[p / 2] = step;
  }
  team_.share(count, kLeastRows, [&](int64_t from, int64_t to, int member) {
    std::vector<double> out(parts);
    int64_t blurred = 0;
    for (int64_t i = from; i < to; i++) {
      const int32_t row = data_.rows[i];
      compute(row, data_.weight(row), out.data());
      bool isFine = false;
      for (int k = 0; k < classes_; k++) {
        const size_t at = first(k) + row;
        const double gradient = out[2 * k] * inverse[2 * k], hessian = out[2 * k + 1] * inverse[2 * k + 1];
        isFine |= (std::fabs(gradient) < kFineSteps && gradient != 0) || hessian < kFineSteps;
        gradients_[at] = toGrid(gradient, 1);
        if (!hessians_.empty()) hessians_[at] = toGrid(hessian, 1);
      }
      blurred += isFine;
    }
    fine[member] += blurred;
  });
  int64_t blurred = 0;
  for (const int64_t own : fine) blurred += own;
  // The derivatives of the log loss are at most 1, and what is blurred are those near 0: a leaf needs more of them.
  const bool isBounded = options_.loss == LossKind::kLogistic || options_.loss == LossKind::kSoftmax;
  areBlurred_ = isFar_ || (!isBounded && blurred > 0 && blurred >= count / kFineShare);
  if (areBlurred_) keepExact(compute);
}

template <class Compute>
void RowDerivatives::keepExact(Compute&& compute) {
  const size_t size = static_cast<size_t>(data_.bins.rows) * classes_;
  exactGradients_.resize(size);
  if (curves_) exactHessians_.resize(size);
  team_.share(static_cast<int64_t>(data_.rows.size()), kLeastRows, [&](int64_t from, int64_t to, int) {
    std::vector<double> out(2 * static_cast<size_t>(classes_));
    for (int64_t i = from; i < to; i++) {
      const int32_t row = data_.rows[i];
      compute(row, 1, out.data());
      for (int k = 0; k < classes_; k++) {
        const size_t at = first(k) + row;
        exactGradients_[at] = out[2 * k];
        if (curves_) exactHessians_[at] = out[2 * k + 1];
      }
    }
  });
}

}  // namespace onecopy
