/** Categories of a column: its most frequent values. */

#include "trees/bins/categories.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <string>
#include <unordered_map>

#include "border/napi.h"
#include "matrix/gather.h"
#include "matrix/threads.h"

namespace onecopy {
namespace {

constexpr int64_t kChunk = 8192;
/** More different values are hardly meant as categories. */
constexpr size_t kMostDistinct = size_t{1} << 20;

using Counts = std::unordered_map<double, int64_t>;

void requireFew(const Counts& counts, int64_t column) {
  if (counts.size() <= kMostDistinct) return;
  throw Error("ERR_VALUE", "Expected at most 1048576 categories in column " + std::to_string(column) +
                               " (counted from 0), got more. A column of measurements is no column of categories.");
}

}  // namespace

std::vector<double> findCategories(const EdgeSource& source, int64_t column, int threads, const std::atomic<bool>& stop) {
  const int64_t rows = source.rows.count(), chunks = (rows + kChunk - 1) / kChunk;
  Counts all;
  std::mutex mutex;
  Tasks tasks(chunks, stop);
  onThreads(static_cast<int>(std::min<int64_t>(threads, chunks)), [&] {
    Counts own;
    std::vector<int64_t> listed(kChunk);
    std::vector<int32_t> counted;
    std::vector<double> values(kChunk);
    tasks.each([&](int64_t chunk) {
      const int64_t from = chunk * kChunk, count = std::min(kChunk, rows - from);
      source.rows.list(from, count, listed.data());
      counted.clear();
      for (int64_t i = 0; i < count; i++)
        if (source.weights == nullptr || source.weights[listed[i]] != 0) counted.push_back(static_cast<int32_t>(listed[i]));
      gatherColumn(source.x, column, counted.data(), static_cast<int>(counted.size()), values.data());
      for (size_t i = 0; i < counted.size(); i++)
        if (!std::isnan(values[i])) own[values[i] + 0.0]++;
      requireFew(own, column);
    });
    const std::lock_guard lock(mutex);
    for (const auto& [value, count] : own) all[value] += count;
    requireFew(all, column);
  });
  std::vector<std::pair<double, int64_t>> frequent(all.begin(), all.end());
  std::sort(frequent.begin(), frequent.end(), [](const auto& a, const auto& b) {
    return a.second > b.second || (a.second == b.second && a.first < b.first);
  });
  std::vector<double> categories;
  for (const auto& [value, count] : frequent)
    if (categories.size() < static_cast<size_t>(std::min(source.maxBins, kMostCategories))) categories.push_back(value);
  std::sort(categories.begin(), categories.end());
  return categories;
}

}  // namespace onecopy
