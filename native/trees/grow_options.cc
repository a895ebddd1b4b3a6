/** Options of growing trees, read from JavaScript. */

#include "trees/grow_options.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "matrix/results.h"

namespace onecopy {
namespace {

constexpr int64_t kMostCount = int64_t{1} << 31;

}  // namespace

double readAtLeast(const Value& value, double low) {
  const double number = value.number();
  if (number >= low) return number;
  throw Error("ERR_INDEX", "Expected `" + value.name() + "` to be at least " + std::to_string(low) + ", got " +
                               std::to_string(number) + ".");
}

RowNumbers listRows(const Value& value, const Bins& bins, const double* weights, Held& held) {
  const Rows rows = Rows::read(value, bins.rows, held);
  RowNumbers listed;
  listed.reserve(rows.count());
  int64_t block[1024];
  for (int64_t at = 0; at < rows.count(); at += 1024) {
    const int64_t count = std::min<int64_t>(1024, rows.count() - at);
    rows.list(at, count, block);
    for (int64_t i = 0; i < count; i++) {
      const double weight = weights == nullptr ? 1 : weights[block[i]];
      if (!(weight >= 0 && std::isfinite(weight))) {
        throw Error("ERR_VALUE", "Expected finite weights >= 0, got " + std::to_string(weight) + " for row " +
                                     std::to_string(block[i]) + ".");
      }
      if (weight > 0) listed.push_back(static_cast<int32_t>(block[i]));
    }
  }
  return listed;
}

namespace {

std::vector<int8_t> readMonotone(const Value& value, int64_t columns) {
  if (value.isNullish()) return {};
  const TypedArray array = value.typedArray(napi_int8_array, "an Int8Array");
  const auto* signs = static_cast<const int8_t*>(array.data);
  std::vector<int8_t> monotone(signs, signs + array.length);
  if (static_cast<int64_t>(monotone.size()) != columns) {
    throw Error("ERR_SHAPE", "Expected `" + value.name() + "` to have " + std::to_string(columns) + " values, got " +
                                 std::to_string(monotone.size()) + ".");
  }
  return monotone;
}

/** Sets of columns, given one after the other and by where each begins. */
ColumnSets readSets(const Value& value, int64_t columns) {
  if (value.isNullish()) return {};
  const Value list = value.member("columns");
  const TypedArray array = list.typedArray(napi_int32_array, "an Int32Array");
  const auto* numbers = static_cast<const int32_t*>(array.data);
  const std::vector<int64_t> starts = readStarts(value.member("starts"), array.length);
  ColumnSets sets;
  std::vector<uint8_t> isIn(columns);
  for (size_t s = 0; s + 1 < starts.size(); s++) {
    sets.emplace_back(numbers + starts[s], numbers + starts[s + 1]);
    int32_t before = -1;
    for (const int32_t j : sets.back()) {
      if (j <= before || j >= columns) throw Error("ERR_INDEX", "Expected sets of columns that ascend in `" + list.name() + "`.");
      isIn[before = j] = 1;
    }
  }
  if (std::find(isIn.begin(), isIn.end(), 0) != isIn.end())
    throw Error("ERR_INDEX", "Expected every column to be in a set of `" + list.name() + "`.");
  return sets;
}

}  // namespace

std::vector<int64_t> readStarts(const Value& value, size_t end) {
  const TypedArray list = value.typedArray(napi_float64_array, "a Float64Array");
  const auto* from = static_cast<const double*>(list.data);
  std::vector<int64_t> starts;
  for (size_t t = 0; t < list.length; t++) {
    const double before = t == 0 ? 0 : from[t - 1];
    if (!(from[t] >= before && from[t] <= static_cast<double>(end) && from[t] == std::floor(from[t])) || (t == 0 && from[t] != 0)) {
      throw Error("ERR_FORMAT", "Expected `" + value.name() + "` to begin with 0 and to ascend to at most " +
                                    std::to_string(end) + ".");
    }
    starts.push_back(static_cast<int64_t>(from[t]));
  }
  return starts;
}

Common readCommon(const Arguments& arguments, Held& held) {
  const Value options = arguments.at(0, "options");
  Common common{};
  common.bins = readBins(options.member("binned"), held, Use::kRead);
  common.edges = readEdges(options.member("edges"), common.bins.columns, held);
  common.y = readMatrix(options.member("y"), held);
  if (common.y.rows != common.bins.rows || common.y.columns != 1 || common.bins.columns >= kMostColumns) {
    throw Error("ERR_SHAPE", "Expected one target for each of " + std::to_string(common.bins.rows) +
                                 " rows of fewer than 2^23 columns, got " + std::to_string(common.y.rows) + " x " +
                                 std::to_string(common.y.columns) + " for " + std::to_string(common.bins.columns) +
                                 " columns.");
  }
  common.weights = readWeights(options.member("weights"), common.bins.rows, held);
  common.growth.maxLeaves = options.member("maxLeaves").integer(0, kMostCount);
  common.growth.maxDepth = static_cast<int>(options.member("maxDepth").integer(0, INT32_MAX));
  common.growth.byLevel = options.member("byLevel").boolean();
  common.growth.columnsPerNode = options.member("columnsPerNode").integer(1, common.bins.columns);
  common.growth.histogramBytes = options.member("histogramBytes").integer();
  common.growth.columnBytes = options.member("columnBytes").integer();
  common.monotone = readMonotone(options.member("monotone"), common.bins.columns);
  common.seed = static_cast<uint64_t>(options.member("seed").integer());
  common.rules.leastCount = options.member("leastCount").integer(1, kMostCount);
  common.rules.leastGain = readAtLeast(options.member("leastGain"), 0);
  common.rules.smoothing = readAtLeast(options.member("categorySmoothing"), 0);
  common.rules.leastOfCategory = static_cast<int64_t>(std::ceil(std::min(common.rules.smoothing, 1e15)));
  common.growth.together = readSets(options.member("together"), common.bins.columns);
  common.growth.randomCuts = options.member("randomCuts").boolean();
  common.threads = readThreads(arguments.at(1, "threads"));
  return common;
}

RowNumbers requireRows(const Arguments& arguments, const Common& common, Held& held) {
  auto rows = listRows(arguments.at(0, "options").member("rows"), common.bins, common.weights, held);
  if (!rows.empty()) return rows;
  throw Error("ERR_ROWS", "Expected at least one row with a weight above 0 to grow trees on, got none.");
}

}  // namespace onecopy
