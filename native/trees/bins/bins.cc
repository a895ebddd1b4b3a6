/** Rows as bins, one byte a value. */

#include "trees/bins/bins.h"

#include <algorithm>
#include <string>

#include "matrix/gather.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

constexpr int kBlockRows = 128;
constexpr int64_t kChunk = 8192;
constexpr int kMostEdges = kMissingBin - 1;

BlockSource blocksOf(const Matrix& x) { return {x, nullptr, nullptr, 0, kBlockRows}; }

/** Columns of whole panels, whatever the instruction set. */
size_t padded(int64_t columns) { return static_cast<size_t>((columns + 7) / 8 * 8); }

}  // namespace

SearchEdges::SearchEdges(const Edges& edges) : edges_(edges), search_(edges.columns(), kCells) {
  for (int64_t j = 0; j < edges.columns(); j++) search_.set(j, {edges.edges + edges.starts[j], static_cast<size_t>(edges.count(j))});
}

RowBinner::RowBinner(const Matrix& x, const SearchEdges& edges)
    : columns_(x.columns), edges_(edges), reader_(kernels_, blocksOf(x)), found_(padded(x.columns) * kBlockRows) {}

bool RowBinner::next() {
  if (!reader_.next()) return false;
  reader_.pack();
  treeKernels().countLess(reader_.block(), edges_.search().bounds(), found_.data());
  return true;
}

/** How many of ascending edges are less than a value. */
static int countLess(const double* edges, int count, double value) {
  const double* at = edges;
  // Without a branch that depends on a value: half of the guesses would be wrong.
  for (int half; count > 1; count -= half) {
    half = count / 2;
    at += at[half - 1] < value ? half : 0;
  }
  return static_cast<int>(at - edges) + (count == 1 && *at < value);
}

void binFewRows(const Matrix& x, const int64_t* numbers, int count, const Edges& edges, const Bins& bins) {
  const std::vector<int32_t> rows(numbers, numbers + count);
  std::vector<double> values(count);
  for (int64_t j = 0; j < x.columns; j++) {
    gatherColumn(x, j, rows.data(), count, values.data());
    const double* own = edges.edges + edges.starts[j];
    const int size = edges.count(j);
    const bool isCategorical = edges.isCategorical(j);
    for (int i = 0; i < count; i++) {
      const int less = countLess(own, size, values[i]);
      const bool isMissing = isCategorical ? less == size || own[less] != values[i] : std::isnan(values[i]);
      bins.row(i)[j] = isMissing ? kMissingBin : static_cast<uint8_t>(less);
    }
  }
}

void binRows(const Matrix& x, const Rows& rows, const Edges& edges, const Bins& bins, int threads,
             const std::atomic<bool>& stop) {
  const SearchEdges search(edges);
  const int64_t chunks = (rows.count() + kChunk - 1) / kChunk;
  Tasks tasks(chunks, stop);
  onThreads(static_cast<int>(std::min<int64_t>(threads, chunks)), [&] {
    RowBinner binner(x, search);
    tasks.each([&](int64_t chunk) {
      binner.start(rows, chunk * kChunk, std::min(rows.count(), (chunk + 1) * kChunk));
      // SAFETY: the reader has checked the numbers against the rows of x, and `bins` has as many.
      while (binner.next()) binner.write([&](int i) { return bins.row(binner.rows()[i]); });
    });
  });
}

std::vector<int32_t> readCategorical(const Value& value, int64_t columns) {
  if (value.isNullish()) return {};
  const TypedArray list = value.typedArray(napi_int32_array, "an Int32Array");
  const auto* numbers = static_cast<const int32_t*>(list.data);
  for (size_t i = 0; i < list.length; i++) {
    if (numbers[i] > (i == 0 ? -1 : numbers[i - 1]) && numbers[i] < columns) continue;
    throw Error("ERR_INDEX", "Expected `" + value.name() + "` to be numbers of columns that ascend, below " +
                                 std::to_string(columns) + ".");
  }
  return {numbers, numbers + list.length};
}

Edges readEdges(const Value& value, int64_t columns, Held& held) {
  const Value starts = value.member("starts"), edges = value.member("edges");
  const int32_t* from = readVector<int32_t>(starts, columns + 1, held);
  Edges result{nullptr, {from, from + columns + 1}, {}};
  int32_t before = 0;
  for (int64_t j = 0; j <= columns; j++) {
    const int32_t start = result.starts[j];
    if (start < before || start - before > kMostEdges || (j == 0 && start != 0)) {
      throw Error("ERR_INDEX", "Expected `" + starts.name() + "` to begin with 0 and to ascend by at most " +
                                   std::to_string(kMostEdges) + ", got " + std::to_string(start) + " at " +
                                   std::to_string(j) + ".");
    }
    before = start;
  }
  result.edges = readVector<double>(edges, result.starts.back(), held);
  result.categorical = readCategorical(value.member("categorical"), columns);
  return result;
}

Bins readBins(const Value& value, Held& held, Use use) {
  const int64_t columns = value.member("columns").integer(1, INT32_MAX);
  const int64_t stride = (columns + 3) / 4 * 4;
  const Value bytes = value.member("bins");
  const TypedArray array = bytes.typedArray(napi_uint8_array, "a Uint8Array");
  const int64_t rows = static_cast<int64_t>(array.length) / stride;
  if (rows * stride != static_cast<int64_t>(array.length) || rows > INT32_MAX) {
    throw Error("ERR_SHAPE", "Expected `" + bytes.name() + "` to hold " + std::to_string(stride) +
                                 " bytes for each of fewer than 2^31 rows, got " +
                                 std::to_string(array.length) + " bytes.");
  }
  return {static_cast<uint8_t*>(held.take(bytes, array, use, 0, array.length)), rows, columns, stride};
}

}  // namespace onecopy
