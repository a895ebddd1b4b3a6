/** Targets of rows, read and checked. */

#pragma once

#include "matrix/matrix.h"
#include "trees/grow/row_vector.h"

namespace onecopy {

/**
 * Copies the targets of these rows to `out`, which has a place for every row of the matrix.
 *
 * @throws Error `ERR_VALUE` naming the first row whose target isn't finite, or too large for sums of squares
 */
void readTargets(const Matrix& y, const RowNumbers& rows, double* out);

/**
 * Does the same with the numbers of classes.
 *
 * @throws Error `ERR_VALUE` for others than 0 to `classes` - 1
 */
void readClasses(const Matrix& y, const RowNumbers& rows, int classes, uint16_t* out);

/**
 * Whether targets or weights are so far apart that grids for all rows would blur some of them. Doesn't depend on the order of
 * rows.
 *
 * @param y - null: only weights are looked at
 * @param weights - null: all 1
 */
bool areFarApart(const RowNumbers& rows, const double* y, const double* weights);

/** The step of a grid, a power of 2, on which values up to `most` have so many bits. */
double gridStep(double most, int bits);

/** A value in steps of a grid, rounded to the nearest. */
int32_t toGrid(double value, double inverseStep);

}  // namespace onecopy
