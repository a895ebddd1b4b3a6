/** What the kernel knows about single pages of this process. */

#pragma once

#include <cstdint>

namespace onecopy {

/**
 * Tells whether any page in `[start, stop)`, both multiples of the page size inside mapped files,
 * is the process's own and no page of the file. True when the system can't tell.
 */
bool hasAnonymousPages(uint64_t start, uint64_t stop);

/**
 * Gives the pages of freed memory back to the system, as far as its allocator can, after a job of so many rows; one of few rows frees little. What
 * was freed lies between what other threads use, and would be counted with the memory of the next job.
 */
void returnFreedPages(int64_t rows);

/** Page faults of all threads of this process since it began. */
uint64_t countPageFaults();

}  // namespace onecopy
