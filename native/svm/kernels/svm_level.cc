/** The table of one instruction set. */

#include "svm/kernels/svm_level.h"

namespace onecopy::ONECOPY_LEVEL {

extern const SvmKernels svmKernels = {
    rowProducts, rowSquares, exponentials, addMultiple, moveSlopes, findPartner,
};

}  // namespace onecopy::ONECOPY_LEVEL
