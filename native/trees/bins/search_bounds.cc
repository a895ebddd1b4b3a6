/** Ascending bounds of columns, in the form that the kernels search. */

#include "trees/bins/search_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace onecopy {
namespace {

/** Columns of whole panels, whatever the instruction set. */
size_t padded(int64_t columns) { return static_cast<size_t>((columns + 7) / 8 * 8); }

/** Parts of a column's range: a few for each bound, as long as the tables of a panel stay in the second cache. */
int partsOf(int size) { return std::min(4 * size, 4096); }

}  // namespace

SearchBounds::SearchBounds(int64_t columns, int size)
    : size_(size),
      parts_(partsOf(size)),
      values_(padded(columns) * size, std::numeric_limits<double>::infinity()),
      lows_(padded(columns)),
      scales_(padded(columns)),
      firsts_(padded(columns) * parts_),
      most_(padded(columns)) {}

void SearchBounds::set(int64_t j, std::span<const double> bounds) {
  std::copy(bounds.begin(), bounds.end(), values_.begin() + j * size_);
  const auto isFinite = [](double bound) { return std::isfinite(bound); };
  const auto first = std::find_if(bounds.begin(), bounds.end(), isFinite);
  if (first != bounds.end()) {
    const double low = *first, high = *std::find_if(bounds.rbegin(), bounds.rend(), isFinite);
    lows_[j] = low;
    scales_[j] = high > low ? parts_ / (high - low) : 0;
  }
  uint16_t* const firsts = firsts_.data() + j * parts_;
  int next = 0, most = 0;
  for (int part = 0, at = 0; part < parts_; part++) {
    firsts[part] = static_cast<uint16_t>(next);
    for (; at < static_cast<int>(bounds.size()); at++) {
      // As the kernels find the part of a value, to the last bit.
      const double place = (bounds[at] - lows_[j]) * scales_[j];
      const double within = std::min(place > 0 ? place : 0.0, static_cast<double>(parts_ - 1));
      if (static_cast<int>(within) > part) break;
    }
    most = std::max(most, at - next);
    next = at;
  }
  most_[j] = static_cast<uint16_t>(most);
}

}  // namespace onecopy
