/** The table of tree kernels of one instruction set. */

#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

extern const TreeKernels treeKernels = {countLess,  walkRows, partRows,     addRows,      unpack,
                                        unpackRows, addSums,  subtractSums, findLogistic, addStep};

}  // namespace onecopy::ONECOPY_LEVEL
