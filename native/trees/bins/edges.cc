/** Edges between bins: exact quantiles of the values of each column. */

#include "trees/bins/edges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "matrix/blocks.h"
#include "matrix/gather.h"
#include "matrix/threads.h"
#include "trees/bins/categories.h"
#include "trees/bins/search_bounds.h"
#include "trees/kernels/tree_kernels.h"

namespace onecopy {
namespace {

/** Up to so many rows a column is sorted. */
constexpr int64_t kSortedRows = 32768;
constexpr int64_t kSampledRows = 16384;
/** Room for the splitters of a column; the last place is not used. */
constexpr int kSplitters = 4096;
/** Columns that are read in one pass; those of a cache line of doubles. */
constexpr int64_t kGroupColumns = 8;
constexpr int64_t kChunk = 16384;
constexpr int kBlockRows = 128;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/** A value and how many rows have it. */
struct Run {
  double value;
  int64_t count;
};

/** The middle of two values, a < b: at least a, less than b. */
double middle(double a, double b) {
  const double mid = 0.5 * a + 0.5 * b;
  return mid >= a && mid < b ? mid : a;
}

/** Where quantile k of `count` values lies: between the sorted values of this number and the one before. */
int64_t quantileRank(int k, int64_t count, int maxBins) { return count * k / maxBins; }

/** The edge between two neighbours in the sorted column. */
void addEdge(double before, double value, std::vector<double>& edges) {
  const double edge = before < value ? middle(before, value) : before;
  if (edges.empty() || edge > edges.back()) edges.push_back(edge);
}

/** The edges of a column whose values are known, ascending. */
std::vector<double> edgesOfRuns(const std::vector<Run>& runs, int maxBins) {
  std::vector<double> edges;
  if (runs.size() <= static_cast<size_t>(maxBins)) {
    for (size_t i = 1; i < runs.size(); i++) edges.push_back(middle(runs[i - 1].value, runs[i].value));
    return edges;
  }
  int64_t count = 0, before = 0;
  for (const Run& run : runs) count += run.count;
  size_t at = 0;  // `before` values stand before run `at`
  for (int k = 1; k < maxBins; k++) {
    const int64_t rank = quantileRank(k, count, maxBins);
    if (rank == 0) continue;
    while (before + runs[at].count < rank) before += runs[at++].count;
    const bool isLast = before + runs[at].count == rank;  // of its run
    addEdge(runs[at].value, isLast ? runs[at + 1].value : runs[at].value, edges);
  }
  // An edge at the greatest value would part nothing.
  if (!edges.empty() && edges.back() == runs.back().value) edges.pop_back();
  return edges;
}

/** Sorts values and counts equal ones; -0 is 0. */
std::vector<Run> toRuns(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  std::vector<Run> runs;
  for (const double value : values) {
    if (runs.empty() || runs.back().value != value) runs.push_back({value + 0.0, 0});
    runs.back().count++;
  }
  return runs;
}

/** The same rows, a few columns. */
Matrix columnsOf(const Matrix& x, int64_t first, int64_t count) {
  Matrix part = x;
  part.columns = count;
  if (x.list != nullptr) {
    part.list += first;
    return part;
  }
  const auto shift = first * x.columnStride * static_cast<int64_t>(sizeOf(x.dtype));
  if (x.data != nullptr) part.data = static_cast<char*>(x.data) + shift;
  return part;
}

/** The splitters of a column, and what is counted between them. */
struct Column {
  std::vector<double> splitters;  // ascending, distinct, fewer than kSplitters
  bool allDistinct = true;        // the sample has no more distinct values than bins
  // Of place 2i the values between splitters i - 1 and i, of 2i + 1 those equal to splitter i.
  std::vector<int64_t> counts;
  std::vector<uint8_t> isWanted;  // of each even place: its values are collected
  std::vector<double> collected;
};

/** Finds the edges of a group of columns of many rows. */
class ManyRows {
 public:
  ManyRows(const EdgeSource& source, int64_t first, int64_t count, int threads, const std::atomic<bool>& stop)
      : source_(source),
        x_(columnsOf(source.x, first, count)),
        threads_(threads),
        stop_(stop),
        columns_(count),
        bounds_(count, kSplitters) {}

  std::vector<std::vector<double>> find() {
    sample();
    count();
    for (Column& column : columns_) want(column);
    collect();
    std::vector<std::vector<double>> edges;
    for (Column& column : columns_) edges.push_back(stop_ ? std::vector<double>() : edgesOf(column));
    return edges;
  }

 private:
  /** Chooses splitters among the values of some rows, spread evenly; the edges don't depend on which. */
  void sample() {
    std::vector<std::vector<double>> values(columns_.size());
    const int64_t rows = source_.rows.count(), step = std::max<int64_t>(1, rows / kSampledRows);
    for (int64_t at = 0; at < rows; at += step) {
      int64_t row;
      source_.rows.list(at, 1, &row);
      for (size_t j = 0; j < columns_.size(); j++) {
        const double value = valueAt(x_, static_cast<int32_t>(row), static_cast<int64_t>(j));
        if (!std::isnan(value)) values[j].push_back(value);
      }
    }
    for (size_t j = 0; j < columns_.size(); j++) {
      Column& column = columns_[j];
      std::vector<Run> runs = toRuns(values[j]);
      column.allDistinct = runs.size() <= static_cast<size_t>(source_.maxBins);
      const size_t most = kSplitters - 1, thin = (runs.size() + most - 1) / most;
      for (size_t i = 0; i < runs.size(); i += thin) column.splitters.push_back(runs[i].value);
      bounds_.set(static_cast<int64_t>(j), column.splitters);
      column.counts.assign(2 * column.splitters.size() + 1, 0);
    }
  }

  size_t panelColumns() const {
    return static_cast<size_t>(blocks().panels(kernels_)) * kernels_.panel;
  }
  BlockSource blocks() const { return {x_, nullptr, source_.weights, 0, kBlockRows}; }

  /** Hands every value that isn't NaN to `take(state, column, place, value)`, on threads with a state each. */
  template <class MakeState, class Take, class Merge>
  void pass(MakeState&& makeState, Take&& take, Merge&& merge) const {
    const int64_t rows = source_.rows.count(), chunks = (rows + kChunk - 1) / kChunk;
    Tasks tasks(chunks, stop_);
    std::mutex mutex;
    onThreads(static_cast<int>(std::min<int64_t>(threads_, chunks)), [&] {
      auto state = makeState();
      BlockReader reader(kernels_, blocks());
      std::vector<uint16_t> found(panelColumns() * kBlockRows);
      tasks.each([&](int64_t chunk) {
        reader.start(source_.rows, chunk * kChunk, std::min(rows, (chunk + 1) * kChunk));
        while (reader.next()) {
          reader.pack();
          treeKernels().countLess(reader.block(), bounds_.bounds(), found.data());
          visit(reader.block(), found.data(), [&](size_t j, int place, double value) { take(state, j, place, value); });
        }
      });
      const std::lock_guard lock(mutex);
      merge(state);
    });
  }

  template <class Take>
  void visit(const Block& block, const uint16_t* found, Take&& take) const {
    const int panel = kernels_.panel;
    for (size_t j = 0; j < columns_.size(); j++) {
      const size_t lane = j % panel;
      const double* values = block.data + j / panel * block.stride + lane;
      const uint16_t* less = found + j / panel * panel * block.rows + lane;
      const double* bounds = bounds_.of(static_cast<int64_t>(j));
      for (int r = 0; r < block.rows; r++) {
        const double value = values[r * panel];
        if (std::isnan(value)) continue;
        const int splitter = less[r * panel];
        // Beyond the last splitter there are infinities; an infinite value is at most equal to one of them.
        const bool isEqual =
            static_cast<size_t>(splitter) < columns_[j].splitters.size() && bounds[splitter] == value;
        take(j, 2 * splitter + isEqual, value);
      }
    }
  }

  void count() {
    using Counts = std::vector<uint32_t>;
    constexpr size_t kPlaces = 2 * kSplitters;
    pass([&] { return Counts(columns_.size() * kPlaces); },
         [](Counts& counts, size_t j, int place, double) { counts[j * kPlaces + place]++; },
         [&](const Counts& counts) {
           for (size_t j = 0; j < columns_.size(); j++)
             for (size_t place = 0; place < columns_[j].counts.size(); place++)
               columns_[j].counts[place] += counts[j * kPlaces + place];
         });
  }

  /** Marks the places whose values must be known one by one. */
  void want(Column& column) const {
    column.isWanted.assign(column.splitters.size() + 1, column.allDistinct);
    if (column.allDistinct) return;
    int64_t count = 0, before = 0;
    for (const int64_t part : column.counts) count += part;
    size_t place = 0;
    const auto find = [&](int64_t position) {
      while (before + column.counts[place] <= position) before += column.counts[place++];
      if (place % 2 == 0) column.isWanted[place / 2] = 1;
    };
    for (int k = 1; k < source_.maxBins; k++) {
      const int64_t rank = quantileRank(k, count, source_.maxBins);
      if (rank == 0) continue;
      find(rank - 1);
      find(rank);
    }
    find(count - 1);
  }

  void collect() {
    using Values = std::vector<std::vector<double>>;
    pass([&] { return Values(columns_.size()); },
         [&](Values& values, size_t j, int place, double value) {
           if (place % 2 == 0 && columns_[j].isWanted[place / 2]) values[j].push_back(value);
         },
         [&](const Values& values) {
           for (size_t j = 0; j < columns_.size(); j++)
             columns_[j].collected.insert(columns_[j].collected.end(), values[j].begin(), values[j].end());
         });
  }

  /** The edges, from a list of runs in which values that nobody asks for stand for each other. */
  std::vector<double> edgesOf(Column& column) const {
    std::vector<Run> collected = toRuns(column.collected), runs;
    size_t next = 0;
    for (size_t place = 0; place < column.counts.size(); place++) {
      const size_t splitter = place / 2;
      if (place % 2 == 1) {
        if (column.counts[place] > 0) runs.push_back({column.splitters[splitter], column.counts[place]});
      } else if (column.isWanted[splitter]) {
        const double end = splitter < column.splitters.size() ? column.splitters[splitter] : kInfinity;
        const bool isLast = splitter == column.splitters.size();
        while (next < collected.size() && (isLast || collected[next].value < end)) runs.push_back(collected[next++]);
      } else if (column.counts[place] > 0) {
        // No quantile looks at these values: any that lies between the splitters stands for them.
        runs.push_back({column.splitters[splitter], column.counts[place]});
      }
    }
    return edgesOfRuns(runs, source_.maxBins);
  }

  const EdgeSource& source_;
  const Matrix x_;
  const int threads_;
  const std::atomic<bool>& stop_;
  const Kernels& kernels_ = kernels();
  std::vector<Column> columns_;
  SearchBounds bounds_;  // the splitters of each column
};

/** Finds the edges of columns of few rows, which are sorted. */
std::vector<std::vector<double>> sortColumns(const EdgeSource& source, int threads, const std::atomic<bool>& stop) {
  std::vector<int32_t> rows;
  std::vector<int64_t> listed(source.rows.count());
  source.rows.list(0, source.rows.count(), listed.data());
  for (const int64_t row : listed)
    if (source.weights == nullptr || source.weights[row] != 0) rows.push_back(static_cast<int32_t>(row));
  std::vector<std::vector<double>> edges(source.x.columns);
  Tasks tasks(source.x.columns, stop);
  onThreads(static_cast<int>(std::min<int64_t>(threads, source.x.columns)), [&] {
    std::vector<double> values;
    tasks.each([&](int64_t j) {
      values.resize(rows.size());
      gatherColumn(source.x, j, rows.data(), static_cast<int>(rows.size()), values.data());
      std::erase_if(values, [](double value) { return std::isnan(value); });
      edges[j] = edgesOfRuns(toRuns(values), source.maxBins);
    });
  });
  return edges;
}

std::vector<std::vector<double>> findAll(const EdgeSource& source, int threads, const std::atomic<bool>& stop) {
  if (source.rows.count() <= kSortedRows) return sortColumns(source, threads, stop);
  std::vector<std::vector<double>> edges;
  for (int64_t first = 0; first < source.x.columns && !stop; first += kGroupColumns) {
    const int64_t count = std::min(kGroupColumns, source.x.columns - first);
    for (auto& column : ManyRows(source, first, count, threads, stop).find()) edges.push_back(std::move(column));
  }
  return edges;
}

}  // namespace

std::vector<std::vector<double>> findEdges(const EdgeSource& source, int threads, const std::atomic<bool>& stop) {
  auto edges = findAll(source, threads, stop);
  for (const int32_t j : source.categorical)
    if (!stop) edges[j] = findCategories(source, j, threads, stop);
  return edges;
}

}  // namespace onecopy
