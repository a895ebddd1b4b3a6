/** The kernels of the instruction set that this file is compiled for. */

#pragma once

#include "kernels/kernels.h"

namespace onecopy::ONECOPY_LEVEL {

// Each is described where the table is: in `kernels.h`.
void pack(const RowBlock& source, int first, const Block& block);
void summarise(const RowBlock& x, const RowBlock* y, const Block& block, const double* shift,
               const double* weights, double* weighted, const ColumnSums& into);
int countNonFinite(const Block& block);
void gram(const Block& left, const Block& right, double* cross, const Ahead& ahead);
void standardise(const Block& block, const double* shift, const double* scale,
                 const double* rowFactors);
void absorb(const Block& block, double* triangle, double* work, const Ahead& ahead);
void predict(const Block& block, const double* coefficients, const double* intercepts, int models,
             double* out, const Ahead& ahead);
void gradient(const Block& block, const double* shift, const double* scale, const double* weights,
              const double* coefficients, int target, double* high, double* low);
void addPairs(int count, const double* otherHigh, const double* otherLow, double* high,
              double* low);

}  // namespace onecopy::ONECOPY_LEVEL
