/** Finds written pages of private mappings by /proc/self/pagemap, and gives freed ones back. */

#include "memory/pages.h"

#include <sys/resource.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace onecopy {

void returnFreedPages(int64_t rows) {
#if defined(__GLIBC__)
  if (rows >= 65536) malloc_trim(0);
#else
  static_cast<void>(rows);
#endif
}

uint64_t countPageFaults() {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_minflt) + static_cast<uint64_t>(usage.ru_majflt);
}

}  // namespace onecopy

#ifdef __linux__

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace onecopy {
namespace {

// The ioctl PAGEMAP_SCAN (Linux 6.7), declared here since Debian 12's headers are older.
// See docs.kernel.org/admin-guide/mm/pagemap.html
struct PageRegion {
  uint64_t start, end, categories;
};
struct PageScan {
  uint64_t size, flags, start, end, walkEnd, regions, regionCount, maxPages;
  uint64_t inverted, mask, anyOf, returned;
};
constexpr uint64_t kFile = 1 << 2, kPresent = 1 << 3, kSwapped = 1 << 4;

/** 1 or 0, or -1 on a kernel without the ioctl. It skips untouched parts, so 1 TiB is no effort. */
int scanPages(int pagemap, uint64_t start, uint64_t stop) {
  PageRegion found{};
  PageScan scan{};
  scan.size = sizeof scan;
  scan.start = start;
  scan.end = stop;
  scan.regions = reinterpret_cast<uint64_t>(&found);
  scan.regionCount = 1;
  scan.maxPages = 1;
  scan.inverted = kFile;
  scan.mask = kFile;
  scan.anyOf = kPresent | kSwapped;
  scan.returned = kPresent;
  const int count = ioctl(pagemap, _IOWR('f', 16, PageScan), &scan);
  return count < 0 ? -1 : count > 0;
}

/** The same by reading 8 bytes a page: bit 63 present, 62 swapped, 61 page of a file. */
bool readPages(int pagemap, uint64_t start, uint64_t stop) {
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<uint64_t> entries(8192);
  for (uint64_t at = start / page; at < stop / page;) {
    const uint64_t wanted = std::min<uint64_t>(entries.size(), stop / page - at);
    const ssize_t got = pread(pagemap, entries.data(), wanted * 8, static_cast<off_t>(at * 8));
    if (got <= 0) return true;
    for (ssize_t i = 0; i < got / 8; i++)
      if ((entries[i] >> 62) != 0 && (entries[i] >> 61 & 1) == 0) return true;
    at += static_cast<uint64_t>(got / 8);
  }
  return false;
}

}  // namespace

bool hasAnonymousPages(uint64_t start, uint64_t stop) {
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap < 0) return true;
  const int scanned = scanPages(pagemap, start, stop);
  const bool answer = scanned >= 0 ? scanned == 1 : readPages(pagemap, start, stop);
  close(pagemap);
  return answer;
}

}  // namespace onecopy

#else

namespace onecopy {

bool hasAnonymousPages(uint64_t, uint64_t) { return true; }

}  // namespace onecopy

#endif
