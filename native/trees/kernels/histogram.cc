/** Sums of gradients and counts in the cells of histograms. */

#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

// Everything is a sum of integers, so no order of rows or threads can be told from the result.

typedef int64_t Pair __attribute__((vector_size(16)));

constexpr int kCountBits = 16;

static inline int64_t pack(const HistogramRows& from, int32_t row) {
  const int64_t times = from.times == nullptr ? 1 : from.times[row];
  return (from.gradients[row] * times) * (int64_t{1} << kCountBits) + times;
}

/** Adds `value(row)`, which `ask(row)` has asked memory for, to a cell in every column. */
template <class Cell, class Ask, class Value>
static inline void addAll(const HistogramRows& from, Cell* cells, Ask&& ask, Value&& value) {
  const int columns = from.lastColumn - from.firstColumn;
  // Memory answers while some 320 cells are added to. Asking further ahead takes lines that are needed out of the cache.
  const int distance = columns < 5 ? kRowsAhead : columns > 40 ? 8 : 320 / columns;
  const uint8_t* const first = from.bins + from.firstColumn;
  for (int64_t i = 0; i < from.count; i++) {
    const int32_t row = from.rows[i], ahead = from.rows[i + distance];
    __builtin_prefetch(first + ahead * from.stride);
    if (columns > 4) __builtin_prefetch(first + ahead * from.stride + columns - 1);
    ask(ahead);
    const uint8_t* bins = first + row * from.stride;
    const Cell added = value(row);
    Cell* to = cells;
    for (int j = 0; j < columns; j += 4, to += 4 * kCells) {
      to[bins[j]] += added;
      to[kCells + bins[j + 1]] += added;
      to[2 * kCells + bins[j + 2]] += added;
      to[3 * kCells + bins[j + 3]] += added;
    }
  }
}

void addRows(const HistogramRows& rows, int64_t* cells) {
  const size_t first = static_cast<size_t>(rows.firstColumn) * kCells;
  if (rows.packed != nullptr) {
    addAll(
        rows, cells + first, [&](int32_t row) { __builtin_prefetch(rows.packed + row); },
        [&](int32_t row) { return rows.packed[row]; });
    return;
  }
  if (rows.hessians == nullptr) {
    addAll(
        rows, cells + first, [&](int32_t row) { __builtin_prefetch(rows.gradients + row); },
        [&](int32_t row) { return pack(rows, row); });
    return;
  }
  // One addition of 128 bits takes half the time of two of 64.
  addAll(
      rows, reinterpret_cast<Pair*>(cells) + first,
      [&](int32_t row) {
        __builtin_prefetch(rows.gradients + row);
        __builtin_prefetch(rows.hessians + row);
      },
      [&](int32_t row) {
        const int64_t times = rows.times == nullptr ? 1 : rows.times[row];
        return Pair{pack(rows, row), rows.hessians[row] * times};
      });
}

void unpack(int64_t* packed, size_t cells, const HistogramSums& sums) {
  constexpr int64_t kCountMask = (int64_t{1} << kCountBits) - 1;
  const size_t parts = sums.hessians == nullptr ? 1 : 2;
  if (parts == 1) {
    for (size_t i = 0; i < cells; i++) {
      sums.gradients[i] += packed[i] >> kCountBits;
      sums.counts[i] += static_cast<int32_t>(packed[i] & kCountMask);
    }
  } else {
    for (size_t i = 0; i < cells; i++) {
      sums.gradients[i] += packed[2 * i] >> kCountBits;
      sums.counts[i] += static_cast<int32_t>(packed[2 * i] & kCountMask);
      sums.hessians[i] += packed[2 * i + 1];
    }
  }
  for (size_t i = 0; i < cells * parts; i++) packed[i] = 0;
}

void unpackRows(int64_t* packed, size_t cells, const HistogramSums& sums) {
  for (size_t i = 0; i < cells; i++) {
    sums.gradients[i] += PackedRow::gradient(packed[i]);
    sums.hessians[i] += PackedRow::hessian(packed[i]);
    sums.counts[i] += static_cast<int32_t>(PackedRow::count(packed[i]));
    packed[i] = 0;
  }
}

void addSums(const HistogramSums& sums, const HistogramSums& other, size_t cells) {
  for (size_t i = 0; i < cells; i++) sums.gradients[i] += other.gradients[i];
  for (size_t i = 0; i < cells; i++) sums.counts[i] += other.counts[i];
  if (sums.hessians == nullptr) return;
  for (size_t i = 0; i < cells; i++) sums.hessians[i] += other.hessians[i];
}

void subtractSums(const HistogramSums& sums, const HistogramSums& other, size_t cells) {
  for (size_t i = 0; i < cells; i++) sums.gradients[i] -= other.gradients[i];
  for (size_t i = 0; i < cells; i++) sums.counts[i] -= other.counts[i];
  if (sums.hessians == nullptr) return;
  for (size_t i = 0; i < cells; i++) sums.hessians[i] -= other.hessians[i];
}

void addStep(int64_t* gradients, const int32_t* counts, int32_t step, size_t cells) {
  for (size_t i = 0; i < cells; i++) gradients[i] += static_cast<int64_t>(step) * counts[i];
}

}  // namespace onecopy::ONECOPY_LEVEL
