/** The table of one instruction set. */

#include "neural/kernels/neural_level.h"

namespace onecopy::ONECOPY_LEVEL {

extern const NeuralKernels neuralKernels = {
    multiply, activate, differentiate, logisticOutput, softmaxOutput, adam,
};

}  // namespace onecopy::ONECOPY_LEVEL
