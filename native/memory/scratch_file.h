/** Files of scratch memory, which have no name. */

#pragma once

#include <cstdint>

#include "memory/handles.h"

namespace onecopy {

/** Opens a file of `length` zeros in memory. The kernel frees it with its last holder. */
File openScratchFile(uint64_t length);

}  // namespace onecopy
