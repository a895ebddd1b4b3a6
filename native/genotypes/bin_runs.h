/** Which bytes of a file belong to which bins of its index. */

#pragma once

#include <cstdint>
#include <vector>

namespace onecopy {

/** Neighbouring lines in one bin. */
struct BinRun {
  int32_t contig, bin;
  uint64_t from, to;
  int64_t rows;
};

/** Where the first line that overlaps a window starts. */
struct WindowStart {
  int32_t contig, window;
  uint64_t from;
};

/**
 * Collects the bins of lines in their order.
 *
 * @see the UCSC binning scheme in the specifications of tabix and CSI, samtools.github.io/hts-specs
 */
class BinRuns {
 public:
  /** Adds a line over the bases [start, stop), which lies in the bytes [from, to). */
  void add(int32_t contig, int64_t start, int64_t stop, uint64_t from, uint64_t to, int minShift, int depth);

  /** Adds what was collected elsewhere, with each place turned into another by `place`. */
  template <class Place>
  void append(const BinRuns& others, Place&& place) {
    for (const BinRun& run : others.runs_) addRun({run.contig, run.bin, place(run.from), place(run.to), run.rows});
    for (const WindowStart& start : others.windows_) addWindow({start.contig, start.window, place(start.from)});
  }

  void clear() {
    runs_.clear();
    windows_.clear();
  }
  const std::vector<BinRun>& runs() const { return runs_; }
  const std::vector<WindowStart>& windows() const { return windows_; }

 private:
  void addRun(const BinRun& run);
  void addWindow(const WindowStart& start);

  std::vector<BinRun> runs_;
  std::vector<WindowStart> windows_;
};

}  // namespace onecopy
