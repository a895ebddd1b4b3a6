/** Targets of rows, read and checked. */

#include "trees/ensembles/targets.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "matrix/gather.h"

namespace onecopy {
namespace {

constexpr int kBlockRows = 512;
constexpr double kMost = 1e100;
/** Of 30 bits of a grid so many may be lost to others: in targets, and in weights. */
constexpr int kFineBits = 20;
constexpr int kFineWeightBits = 10;
/** One row in so many, that is blurred, is too many. */
constexpr size_t kFineShare = 256;
/** Of so few rows every difference counts. */
constexpr size_t kFewRows = 512;

/** Whether two values, a <= b, differ by more than rounding errors. */
bool differ(double a, double b) { return b - a > std::ldexp(std::max(std::fabs(a), std::fabs(b)), -50); }

/** Whether neighbours among few sorted values are near to each other. */
bool haveFineGaps(const RowNumbers& rows, const double* y) {
  std::vector<double> values;
  for (const int32_t row : rows) values.push_back(y[row]);
  std::sort(values.begin(), values.end());
  const double near = std::ldexp(values.back() - values.front(), -kFineBits);
  for (size_t i = 1; i < values.size(); i++)
    if (values[i] - values[i - 1] < near && differ(values[i - 1], values[i])) return true;
  return false;
}

/** Whether many values that differ lie within a small part of the range: in one of 2^20 parts of it. */
bool haveFineGroups(const RowNumbers& rows, const double* y) {
  if (rows.size() <= kFewRows) return haveFineGaps(rows, y);
  constexpr int kParts = 1 << (kFineBits / 2);
  const auto [low, high] = std::minmax_element(rows.begin(), rows.end(), [&](int32_t a, int32_t b) { return y[a] < y[b]; });
  const double from = y[*low], perUnit = kParts / (y[*high] - from);
  if (!std::isfinite(perUnit)) return false;  // all are equal
  const size_t many = rows.size() / kFineShare;
  std::vector<size_t> counts(kParts);
  const auto partOf = [&](int32_t row) { return std::min(kParts - 1, static_cast<int>((y[row] - from) * perUnit)); };
  for (const int32_t row : rows) counts[partOf(row)]++;
  struct Part {
    size_t count = 0;
    double least = std::numeric_limits<double>::infinity(), most = -least;
  };
  std::vector<std::vector<Part>> parts(kParts);
  for (int i = 0; i < kParts; i++)
    if (counts[i] >= many) parts[i].resize(kParts);
  for (const int32_t row : rows) {
    const int i = partOf(row);
    if (parts[i].empty()) continue;
    const auto within = static_cast<int>(((y[row] - from) * perUnit - i) * kParts);
    Part& part = parts[i][std::clamp(within, 0, kParts - 1)];
    part.count++;
    part.least = std::min(part.least, y[row]);
    part.most = std::max(part.most, y[row]);
  }
  for (const auto& list : parts)
    for (const Part& part : list)
      if (part.count >= many && differ(part.least, part.most)) return true;
  return false;
}

/** Calls `visit(row, target)` for these rows, all of whose targets must be finite. */
template <class Visit>
void eachTarget(const Matrix& y, const RowNumbers& rows, Visit&& visit) {
  double block[kBlockRows];
  for (size_t at = 0; at < rows.size(); at += kBlockRows) {
    const int count = static_cast<int>(std::min<size_t>(kBlockRows, rows.size() - at));
    const int32_t* numbers = rows.data() + at;
    gatherColumn(y, 0, numbers, count, block);
    requireFinite("y", block, 1, kBlockRows, numbers, count);
    for (int i = 0; i < count; i++) visit(numbers[i], block[i]);
  }
}

}  // namespace

void NumberTargets::read(const RowNumbers& rows) {
  eachTarget(y_, rows, [&](int32_t row, double value) {
    if (std::fabs(value) > kMost) {
      throw Error("ERR_VALUE", "Expected targets of at most 1e100 in size, got a larger one in `y` at row " +
                                   std::to_string(row) + " (counted from 0). Rescale them first.");
    }
    if (!copy_.empty()) copy_[row] = value;
  });
}

void readClasses(const Matrix& y, const RowNumbers& rows, int classes, uint16_t* out) {
  eachTarget(y, rows, [&](int32_t row, double value) {
    if (!(value >= 0 && value < classes && value == std::floor(value)))
      throw Error("ERR_VALUE", "Expected classes numbered from 0.");
    out[row] = static_cast<uint16_t>(value);
  });
}

bool areFarApart(const RowNumbers& rows, const double* y, const double* weights) {
  if (weights != nullptr) {
    const auto [least, most] = std::minmax_element(rows.begin(), rows.end(),
                                                   [&](int32_t a, int32_t b) { return weights[a] < weights[b]; });
    if (weights[*least] < std::ldexp(weights[*most], -kFineWeightBits)) return true;
  }
  return y != nullptr && haveFineGroups(rows, y);
}

double gridStep(double most, int bits) {
  if (!(most > 0)) return 1;
  int exponent;
  std::frexp(most, &exponent);
  return std::ldexp(1.0, std::max(exponent - bits, -1000));
}

int32_t toGrid(double value, double inverseStep) { return static_cast<int32_t>(std::llrint(value * inverseStep)); }

}  // namespace onecopy
