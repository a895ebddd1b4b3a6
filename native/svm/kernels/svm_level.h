/** The kernels of support vector machines of one instruction set. */

#pragma once

#include "svm/kernels/svm_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

// Each is described where the table is: in `svm_kernels.h`.
void rowProducts(const RowPairs& pairs);
void rowSquares(const RowPairs& pairs);
void exponentials(double factor, int64_t count, double* values);
void addMultiple(double factor, const double* row, int64_t count, double* to);
Chosen moveSlopes(const DualVariables& variables, double step, const float* risen, const float* fallen);
Partner findPartner(const DualVariables& variables, Chosen risen, double diagonal, const float* row);

}  // namespace onecopy::ONECOPY_LEVEL
