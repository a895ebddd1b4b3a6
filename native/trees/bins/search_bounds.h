/** Ascending bounds of columns, in the form that the kernels search. */

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trees/kernels/tree_kernels.h"

namespace onecopy {

/** Bounds of columns, and a table that tells for each part of a column's range which of them lie there. */
class SearchBounds {
 public:
  /** @param size - room for the bounds of a column, a power of 2 from 2 to 2^16; one less can be set */
  SearchBounds(int64_t columns, int size);

  /** Sets the bounds of column j, ascending, of which there are none at first. */
  void set(int64_t j, std::span<const double> bounds);

  /** The bounds of column j, filled up with infinity. */
  const double* of(int64_t j) const { return values_.data() + j * size_; }
  Bounds bounds() const { return {values_.data(), size_, firsts_.data(), parts_, lows_.data(), scales_.data(), most_.data()}; }

 private:
  const int size_, parts_;
  std::vector<double> values_, lows_, scales_;
  std::vector<uint16_t> firsts_, most_;
};

}  // namespace onecopy
