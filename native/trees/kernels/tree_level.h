/** The tree kernels of the instruction set that this file is compiled for. */

#pragma once

#include "trees/kernels/tree_kernels.h"

namespace onecopy::ONECOPY_LEVEL {

// Each is described where the table is: in `tree_kernels.h`.
void countLess(const Block& block, const Bounds& bounds, uint16_t* found);
bool walkRows(const TreeWalk& walk, int32_t* leaves);
int64_t partRows(const RowParts& parts);
void addRows(const HistogramRows& rows, int64_t* cells);
void unpack(int64_t* packed, size_t cells, const HistogramSums& sums);
void unpackRows(int64_t* packed, size_t cells, const HistogramSums& sums);
void addSums(const HistogramSums& sums, const HistogramSums& other, size_t cells);
void subtractSums(const HistogramSums& sums, const HistogramSums& other, size_t cells);
double findLogistic(const LogisticRows& rows);
void addStep(int64_t* gradients, const int32_t* counts, int32_t step, size_t cells);

}  // namespace onecopy::ONECOPY_LEVEL
