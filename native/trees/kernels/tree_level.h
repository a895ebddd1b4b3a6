/** The tree kernels of the instruction set that this file is compiled for. */

#pragma once

#include "trees/kernels/tree_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

// Each is described where the table is: in `tree_kernels.h`.
void countLess(const Block& block, const double* bounds, int size, uint16_t* found);

}  // namespace onecopy::ONECOPY_LEVEL
