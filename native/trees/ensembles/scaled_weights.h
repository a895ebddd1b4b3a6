/** Weights of rows, in a range in which their products are numbers. */

#pragma once

#include <cstdint>
#include <memory>

#include "trees/grow/row_vector.h"

namespace onecopy {

/** Weights as they are, or a copy scaled by a power of 2 when they are extremely large or small. */
class ScaledWeights {
 public:
  /**
   * @param weights - of all rows; null: all 1
   * @param rows, others - the rows that are used; their weights are above 0
   * @throws Error `ERR_VALUE` when two weights are so far apart that sums lose the smaller one
   */
  ScaledWeights(const double* weights, int64_t count, const RowNumbers& rows,
                const RowNumbers& others = {});

  const double* get() const { return weights_; }
  /** What the weights were multiplied by. */
  double factor() const { return factor_; }

 private:
  const double* weights_;
  double factor_ = 1;
  std::unique_ptr<double[]> own_;
};

}  // namespace onecopy
