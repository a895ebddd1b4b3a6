/**
 * Scratch memory that its holders have left, kept warm for its next use.
 *
 * Fresh pages cost far more than the work on them: the kernel takes some 15 ms to hand out 16 MB, a copy
 * into pages that are there takes 2. So the last holder of a segment in the process that made it parks it
 * here. It is used again only when no other process has it open or mapped any more, which the kernel is
 * asked. Every function may run on any thread.
 */

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace onecopy {

/** Permissions of scratch memory, and what they become when the process that it was given to has left it. */
constexpr mode_t kOwnMode = 0600, kLeftMode = 0400;

/** One segment, mapped and open. */
struct Segment {
  std::byte* address;
  uint64_t length;
  int fd;
  /** Its pages are in the page tables of this map, so that writing to them costs no faults. */
  bool isPopulated = false;
};

/** Makes a descriptor of scratch memory one whose other openings {@link isAlone} can see; -1 if it can't. */
int countOpenings(int fd);

/**
 * Whether `fd`, a result of countOpenings, is the only opening of its memory: then no other process, and
 * nothing in this one that opened it by its path, can see it.
 */
bool isAlone(int fd);

/** Takes a segment over; those that have lain longest are freed to make room. */
void parkSegment(const Segment& segment);

/** Takes a parked segment of exactly this length that nobody else can see, populated; false when there is none. */
bool takeSegment(uint64_t length, Segment* segment);

/** Frees what has lain for `idleMs`. Returns how many segments stay. */
uint64_t trimSegments(uint64_t idleMs);

}  // namespace onecopy
