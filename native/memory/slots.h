/**
 * Small scratch memory: many pages in one file, so that thousands of small arrays take few descriptors.
 *
 * Each is a slot, one page that is mapped by itself. A slot is used once. Its file, with all pages, lives as long as any
 * of its slots, in whatever process.
 */

#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>

#include "memory/handles.h"
#include "memory/mapping.h"

namespace onecopy {

/** Whether scratch memory of this length fits a slot. */
bool fitsSlot(uint64_t length);

/** New scratch memory of zeros, in a slot. */
MappingPointer createSlot(uint64_t length);

/** This process's own descriptor of a file of slots that another process made; one for all of its slots. */
std::shared_ptr<const File> fileOfSlots(int fd, const struct stat& status);

}  // namespace onecopy
