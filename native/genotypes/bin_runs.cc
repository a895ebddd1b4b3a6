/** Which bytes of a file belong to which bins of its index. */

#include "genotypes/bin_runs.h"

namespace onecopy {
namespace {

/** Number of the smallest bin that holds [start, stop). */
int32_t binOf(int64_t start, int64_t stop, int minShift, int depth) {
  int shift = minShift;
  int64_t first = ((int64_t{1} << 3 * depth) - 1) / 7;
  const int64_t last = stop - 1;
  for (int level = depth; level > 0; level--) {
    if (start >> shift == last >> shift) return static_cast<int32_t>(first + (start >> shift));
    shift += 3;
    first -= int64_t{1} << 3 * (level - 1);
  }
  return 0;
}

}  // namespace

void BinRuns::add(int32_t contig, int64_t start, int64_t stop, uint64_t from, uint64_t to, int minShift, int depth) {
  addRun({contig, binOf(start, stop, minShift, depth), from, to, 1});
  for (int64_t window = start >> minShift; window <= (stop - 1) >> minShift; window++)
    addWindow({contig, static_cast<int32_t>(window), from});
}

void BinRuns::addRun(const BinRun& run) {
  if (!runs_.empty()) {
    BinRun& last = runs_.back();
    if (last.contig == run.contig && last.bin == run.bin && last.to == run.from) {
      last.to = run.to;
      last.rows += run.rows;
      return;
    }
  }
  runs_.push_back(run);
}

/** Lines come in the order of their starts, so a window beyond the last one is new, and others are known. */
void BinRuns::addWindow(const WindowStart& start) {
  if (!windows_.empty()) {
    const WindowStart& last = windows_.back();
    if (last.contig == start.contig && last.window >= start.window) return;
  }
  windows_.push_back(start);
}

}  // namespace onecopy
