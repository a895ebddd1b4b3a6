/** Sums, minima and maxima of a block's columns, and its values about the shift. */

#include "kernels/level.h"
#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

/**
 * One vector of columns, all rows: `read(r)` gives what stands in the data. Rows go in two chains, so that
 * sums don't wait for each other.
 */
template <bool Weighted, class Read>
static inline void summariseColumns(Read&& read, double* data, int rows, Vector shift,
                                    const double* weights, double* weighted, double* sums,
                                    double* minimum, double* maximum) {
  Vector total[2] = {}, low[2], high[2];
  low[0] = low[1] = load(minimum);
  high[0] = high[1] = load(maximum);
  const auto addRow = [&](int r, int chain) {
    Vector value = read(r);
    low[chain] = lesser(value, low[chain]);
    high[chain] = greater(value, high[chain]);
    value -= shift;
    store(data + r * kPanel, value);
    if constexpr (Weighted) {
      value *= broadcast(weights[r]);
      store(weighted + r * kPanel, value);
    }
    total[chain] += value;
  };
  int r = 0;
  for (; r + 2 <= rows; r += 2) {
    addRow(r, 0);
    addRow(r + 1, 1);
  }
  if (r < rows) addRow(r, 0);
  store(sums, load(sums) + (total[0] + total[1]));
  store(minimum, lesser(low[1], low[0]));
  store(maximum, greater(high[1], high[0]));
}

template <bool Weighted>
static void summarisePanels(const RowBlock& x, int direct, const Block& block, const double* shift,
                            const double* weights, double* weighted, const ColumnSums& into) {
  for (int q = 0; q < block.panels; q++) {
    for (int h = 0; h < kVectors; h++) {
      const int column = q * kPanel + h * kWidth;
      const size_t place = q * block.stride + h * kWidth;
      double* data = block.data + place;
      const double* from = static_cast<const double*>(x.data) + column;
      const int64_t* rows = x.rows;
      const auto summariseFrom = [&](auto&& read) {
        summariseColumns<Weighted>(read, data, block.rows, load(shift + column), weights,
                                   weighted + place, into.sums + column, into.minimum + column,
                                   into.maximum + column);
      };
      if (q < direct) summariseFrom([&](int r) { return load(from + rows[r]); });
      else summariseFrom([&](int r) { return load(data + r * kPanel); });
    }
  }
}

void summarise(const RowBlock& x, const RowBlock* y, const Block& block, const double* shift,
               const double* weights, double* weighted, const ColumnSums& into) {
  // Panels of neighbouring doubles are read where they are; the others go through `pack` first.
  const bool plain = x.dtype == DType::kFloat64 && x.columnStride == 1;
  const int direct = plain ? static_cast<int>(x.columns / kPanel) : 0;
  RowBlock rest = x;
  rest.data = static_cast<const double*>(x.data) + direct * kPanel;
  rest.columns -= direct * kPanel;
  pack(rest, direct * kPanel, block);
  if (y != nullptr) pack(*y, static_cast<int>(x.columns), block);
  if (weights == nullptr) summarisePanels<false>(x, direct, block, shift, weights, weighted, into);
  else summarisePanels<true>(x, direct, block, shift, weights, weighted, into);
}

int countNonFinite(const Block& block) {
  int count = 0;
  for (int r = 0; r < block.rows; r++) {
    Vector zeros = {};
    for (int q = 0; q < block.panels; q++) {
      for (int h = 0; h < kVectors; h++) {
        const double* at = block.data + q * block.stride + r * kPanel + h * kWidth;
        zeros = multiplyAdd(load(at), Vector{}, zeros);  // 0, but NaN for what isn't finite
      }
    }
    if (sum(zeros) != 0) count++;
  }
  return count;
}

void standardise(const Block& block, const double* shift, const double* scale,
                 const double* rowFactors) {
  for (int q = 0; q < block.panels; q++) {
    for (int h = 0; h < kVectors; h++) {
      const int column = q * kPanel + h * kWidth;
      const Vector from = load(shift + column), by = load(scale + column);
      double* data = block.data + q * block.stride + h * kWidth;
      for (int r = 0; r < block.rows; r++) {
        Vector value = (load(data + r * kPanel) - from) * by;
        if (rowFactors != nullptr) value *= broadcast(rowFactors[r]);
        store(data + r * kPanel, value);
      }
    }
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
