/** The table of neighbour kernels of one instruction set. */

#include "neighbors/kernels/neighbor_level.h"

namespace onecopy::ONECOPY_LEVEL {

extern const NeighborKernels neighborKernels = {screen, boxDistances, leafDistances, leastOf};

}  // namespace onecopy::ONECOPY_LEVEL
