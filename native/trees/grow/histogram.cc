/** Histograms of nodes: made of rows, kept in a bounded pool. */

#include "trees/grow/histogram.h"

#include <algorithm>

namespace onecopy {
namespace {

/** Most rows that are added before packed cells are emptied: their counts fit, with at most 255 times a row. */
constexpr int64_t kBlock = 32768;
/** Fewer rows than this for each thread are not shared. */
constexpr int64_t kLeastRows = 2048;
/** Columns whose cells stay in the cache together, and rows of a tile of them. */
constexpr int kTileColumns = 64;
constexpr int64_t kTileRows = 1024;

/** How many of these rows may be added before packed cells are emptied. */
int64_t fitting(const int32_t* rows, int64_t count, const RowValues& values) {
  if (values.packed != nullptr) return std::min(count, PackedRow::kMostRows);
  if (values.times == nullptr) return std::min(count, kBlock);
  int64_t total = 0;
  for (int64_t i = 0; i < std::min(count, kBlock); i++) {
    total += values.times[rows[i]];
    if (total > kMostInCells) return i;
  }
  return std::min(count, kBlock);
}

}  // namespace

void Histogram::clear() {
  std::fill_n(gradients_, cells_, 0);
  std::fill_n(counts_, cells_, 0);
  if (hessians_ != nullptr) std::fill_n(hessians_, cells_, 0);
}

HistogramMaker::HistogramMaker(const Bins& bins, bool hasHessians, Team& team)
    : bins_(bins), hasHessians_(hasHessians), team_(team), parts_(team.size()) {}

void HistogramMaker::fill(const int32_t* rows, int64_t count, const RowValues& values, Histogram& histogram) {
  const int parts = team_.partsOf(count, kLeastRows);
  team_.share(count, kLeastRows, [&](int64_t from, int64_t to, int member) {
    Part& part = parts_[member];
    const size_t words = cells() * (hasHessians_ && values.packed == nullptr ? 2 : 1);
    if (part.packed.size() < words) part.packed.assign(words, 0);
    if (member > 0 && part.sums == nullptr) part.sums = make();
    Histogram& sums = member == 0 ? histogram : *part.sums;
    sums.clear();
    add(rows + from, to - from, values, part, sums);
  });
  for (int member = 1; member < parts; member++)
    treeKernels().add(histogram.sums(), parts_[member].sums->sums(), cells());
}

void HistogramMaker::add(const int32_t* rows, int64_t count, const RowValues& values, Part& part,
                         const Histogram& to) {
  const int columns = static_cast<int>(bins_.stride);
  for (int64_t block; count > 0; rows += block, count -= block) {
    block = fitting(rows, count, values);
    const int64_t tile = columns <= kTileColumns ? block : kTileRows;
    for (int64_t at = 0; at < block; at += tile) {
      for (int j = 0; j < columns; j += kTileColumns) {
        treeKernels().addRows({bins_.data, bins_.stride, j, std::min(columns, j + kTileColumns), rows + at,
                               std::min(tile, block - at), values.gradients, values.hessians, values.times,
                               values.packed},
                              part.packed.data());
      }
    }
    const auto unpack = values.packed == nullptr ? treeKernels().unpack : treeKernels().unpackRows;
    unpack(part.packed.data(), cells(), to.sums());
  }
}

}  // namespace onecopy
