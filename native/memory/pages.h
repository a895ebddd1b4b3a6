/** What the kernel knows about single pages of this process. */

#pragma once

#include <cstdint>

namespace onecopy {

/**
 * Tells whether any page in `[start, stop)`, both multiples of the page size inside mapped files,
 * is the process's own and no page of the file. True when the system can't tell.
 */
bool hasAnonymousPages(uint64_t start, uint64_t stop);

/** Page faults of all threads of this process since it began. */
uint64_t countPageFaults();

}  // namespace onecopy
