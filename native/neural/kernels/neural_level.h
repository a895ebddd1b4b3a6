/** The kernels of neural networks of one instruction set. */

#pragma once

#include "neural/kernels/neural_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

// Each is described where the table is: in `neural_kernels.h`.
void multiply(const Product& product);
void activate(Activation activation, int64_t count, double* values);
void differentiate(Activation activation, int64_t count, const double* values, double* derivatives);
void logisticOutput(const OutputRows& rows);
void softmaxOutput(const OutputRows& rows);
double adam(const AdamStep& step, int64_t count, const double* gradients, double* first, double* second,
            double* coefficients);

}  // namespace onecopy::ONECOPY_LEVEL
