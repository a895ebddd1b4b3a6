/**
 * Scratch memory of this process that other processes own now: results of its tasks.
 *
 * Their owner leaves such memory when it disposes of the array; from then on only a few words in this process keep
 * the pages. Without this list they would stay until the garbage collector finds those words.
 */

#pragma once

#include <cstdint>

#include "memory/mapping.h"

namespace onecopy {

/** Remembers a mapping weakly. */
void listGiven(const MappingPointer& mapping);

/** Takes back (`takeBack`) what its owners have left; of exactly `length` bytes, unless that is 0. */
void takeBackGiven(uint64_t length);

}  // namespace onecopy
