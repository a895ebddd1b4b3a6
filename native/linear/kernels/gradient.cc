/** Residuals and their products with the columns, in twice the working precision. */

#include "kernels/level.h"
#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

/** (value - shift) * scale. */
template <class T>
static inline Pair<T> standard(T value, T shift, T scale) {
  const Pair<T> centred = twoSum(value, -shift);
  const Pair<T> product = twoProduct(centred.high, scale);
  return twoSum(product.high, product.low + centred.low * scale);
}

void gradient(const Block& block, const double* shift, const double* scale, const double* weights,
              const double* coefficients, int target, double* high, double* low) {
  const auto at = [&](int row, int column) {
    return standard(
        load(block.data + (column / kPanel) * block.stride + row * kPanel + column % kPanel),
        load(shift + column), load(scale + column));
  };
  const int columns = block.panels * kPanel;
  const double* targets = block.data + (target / kPanel) * block.stride + target % kPanel;
  for (int r = 0; r < block.rows; r++) {
    Pair<Vector> lanes{};
    for (int c = 0; c < columns; c += kWidth)
      lanes = add(lanes, multiply(at(r, c), Pair<Vector>{load(coefficients + c), Vector{}}));
    Pair<double> residual = standard(targets[r * kPanel], shift[target], scale[target]);
    for (int i = 0; i < kWidth; i++)
      residual = add(residual, Pair<double>{-lanes.high[i], -lanes.low[i]});
    Pair<double> weighted = residual;
    if (weights != nullptr) weighted = multiply(residual, Pair<double>{weights[r], 0});
    const Pair<double> square =
        add(Pair<double>{high[columns], low[columns]}, multiply(residual, weighted));
    high[columns] = square.high;
    low[columns] = square.low;
    const Pair<Vector> by{broadcast(weighted.high), broadcast(weighted.low)};
    for (int c = 0; c < columns; c += kWidth) {
      const Pair<Vector> total =
          add(Pair<Vector>{load(high + c), load(low + c)}, multiply(at(r, c), by));
      store(high + c, total.high);
      store(low + c, total.low);
    }
  }
}

void addPairs(int count, const double* otherHigh, const double* otherLow, double* high,
              double* low) {
  for (int i = 0; i < count; i++) {
    const Pair<double> total =
        add(Pair<double>{high[i], low[i]}, Pair<double>{otherHigh[i], otherLow[i]});
    high[i] = total.high;
    low[i] = total.low;
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
