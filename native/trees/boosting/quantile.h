/** Quantiles of weighed values. */

#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "trees/grow/row_vector.h"

namespace onecopy {

/** A value and what it counts. */
struct Weighed {
  double value;
  double weight;
};

/**
 * The value up to which a share of all weight lies; the mean of two values where the share ends exactly between them.
 * Reorders `values`, of which there must be some, with weights above 0.
 */
inline double weighedQuantile(RowVector<Weighed>& values, double share) {
  std::sort(values.begin(), values.end(), [](const Weighed& a, const Weighed& b) {
    return a.value < b.value || (a.value == b.value && a.weight < b.weight);
  });
  double total = 0;
  for (const Weighed& one : values) total += one.weight;
  const double wanted = share * total;
  double before = 0;
  for (size_t i = 0; i + 1 < values.size(); i++) {
    before += values[i].weight;
    if (before > wanted) return values[i].value;
    if (before == wanted) return 0.5 * values[i].value + 0.5 * values[i + 1].value;
  }
  return values.back().value;
}

/** The same of `value(row)`, weighed by `weight(row)`. */
template <class Value, class Weight>
double weighedQuantile(std::span<const int32_t> rows, Value&& value, Weight&& weight, double share) {
  RowVector<Weighed> values;
  values.reserve(rows.size());
  for (const int32_t row : rows) values.push_back({value(row), weight(row)});
  return weighedQuantile(values, share);
}

}  // namespace onecopy
