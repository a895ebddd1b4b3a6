/** The logistic kernels of one instruction set. */

#pragma once

#include "logistic/kernels/logistic_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

// Each is described where the table is: in `logistic_kernels.h`.
void packColumns(const RowBlock& source, const double* shift, const Columns& into);
void columnRanges(const Columns& block, int rows, double* minimum, double* maximum, double* nonFinite);
void scoreRows(const Columns& block, const double* coefficients, const Columns& scores);
void scoreDistances(const Columns& block, const double* factors, const double* means, const Columns& scores);
void linkTwo(const LinkRows& rows, double* curvature);
void linkSeveral(const LinkRows& rows);
void weighRows(const Columns& block, const double* factors, const Columns& into);
void pairCurvature(const double* weight, const double* p, const double* q, double same, int rows, double* out);
void products(const Columns& left, const Columns& right, double* sums);
void lowerProducts(const Columns& left, const Columns& right, double* sums);

}  // namespace onecopy::ONECOPY_LEVEL
