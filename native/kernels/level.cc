/** The table of one instruction set. */

#include "kernels/level.h"

#include "kernels/simd.h"

#define ONECOPY_TEXT_(name) #name
#define ONECOPY_TEXT(name) ONECOPY_TEXT_(name)

namespace onecopy::ONECOPY_LEVEL {

extern const Kernels kernels = {
    ONECOPY_TEXT(ONECOPY_LEVEL),
    kPanel,
    pack,
    summarise,
    countNonFinite,
    gram,
    standardise,
    absorb,
    predict,
    gradient,
    addPairs,
};

}  // namespace onecopy::ONECOPY_LEVEL
