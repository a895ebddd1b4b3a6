/** Asks the memory for what comes next. */

#pragma once

#include "kernels.h"

namespace onecopy::ONECOPY_LEVEL {

/** Starts loading the pieces [from, to) to the second cache; small shares never fill its queue. */
inline void fetch(const Ahead& ahead, int from, int to) {
  for (int i = from; i < to && i < ahead.count; i++) {
    const char* piece = ahead.pieces[i];
    for (int byte = 0; byte < ahead.bytes + 63; byte += 64) __builtin_prefetch(piece + byte, 0, 2);
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
