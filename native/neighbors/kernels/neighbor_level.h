/** The neighbour kernels of the instruction set that this file is compiled for. */

#pragma once

#include "neighbors/kernels/neighbor_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

// Each is described where the table is: in `neighbors.h`.
void screen(const Screen& screen);
void boxDistances(const Group& group, const double* low, const double* high, double* squares);
uint64_t leafDistances(const Group& group, int query, const double* points, int count, double limit,
                       double* squares);
uint64_t leastOf(const double* squares, int count, int most);

}  // namespace onecopy::ONECOPY_LEVEL
