/** The table of logistic kernels of one instruction set. */

#include "logistic/kernels/logistic_level.h"

namespace onecopy::ONECOPY_LEVEL {

extern const LogisticKernels logisticKernels = {
    packColumns, columnRanges,  scoreRows, scoreDistances, linkTwo,
    linkSeveral, weighRows,     pairCurvature, products,   lowerProducts,
};

}  // namespace onecopy::ONECOPY_LEVEL
