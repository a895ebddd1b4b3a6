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
 * Gives the pages of freed memory back to the system, as far as its allocator can. What a job of many rows has freed lies between what other
 * threads use, and would be counted with the memory of the next job.
 */
void returnFreedPages();

/** Jobs of fewer rows free little. */
constexpr int64_t kManyRows = 65536;

/** Page faults of all threads of this process since it began. */
uint64_t countPageFaults();

}  // namespace onecopy
