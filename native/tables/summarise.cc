/** Sums, extremes and quartiles of columns, for groups of rows. */

#include <cmath>

#include "tables/cells.h"
#include "tables/tables.h"

namespace onecopy {
namespace {

/** Rows whose values are in the second cache together; groups are summed within them, one after the other. */
constexpr int64_t kLeastBlock = 1 << 16;

/** Distinct values are counted up to so many. */
constexpr size_t kMostDistinct = 10000;

/** What is known of one group's values of one column. */
struct Summary {
  double count = 0, sum = 0, squares = 0;  // squares: of distances from the mean
  int32_t leastRow = -1, mostRow = -1;
};

/** Sums of integers are exact; a sum of floats is that of blocks. */
template <class T>
using SumOf = std::conditional_t<std::is_floating_point_v<T>, double, __int128>;

template <class T>
struct Running {
  int64_t count = 0;
  SumOf<T> sum = 0;
  double mean = 0, squares = 0;
  T least{}, most{};
  int32_t leastRow = -1, mostRow = -1;
};

/**
 * Summarises columns by group. Rows of a group ascend. A group's blocks are summed in order by one thread, and their borders
 * depend on the number of rows and groups only, so the bytes are the same for any number of threads.
 */
class Summarise : public Job {
 public:
  Summarise(const Arguments& arguments, Held& held)
      : rows_(arguments.at(1, "rows").integer(0, INT32_MAX)), cells_(readCellsList(arguments.at(0, "columns"), rows_, held)) {
    const Value order = arguments.at(2, "order"), starts = arguments.at(3, "starts");
    isRanges_ = arguments.at(4, "isRanges").boolean();
    const TypedArray list = order.typedArray(napi_int32_array, "an Int32Array"), places = starts.typedArray(napi_float64_array, "a Float64Array");
    order_ = static_cast<const int32_t*>(held.take(order, list, Use::kRead, 0, list.length));
    const auto* data = static_cast<const double*>(places.data);
    const double most = static_cast<double>(list.length / (isRanges_ ? 2 : 1));
    for (size_t i = 0; i < places.length; i++) {
      if (!(data[i] >= (i > 0 ? data[i - 1] : 0) && data[i] <= most)) throw Error("ERR_INDEX", "Expected `starts` to ascend within `order`.");
      starts_.push_back(static_cast<int64_t>(data[i]));
    }
    if (starts_.empty()) throw Error("ERR_SHAPE", "Expected one start more than there are groups.");
    groups_ = static_cast<int64_t>(starts_.size()) - 1;
    hasSquares_ = arguments.at(5, "hasSquares").boolean();
    hasExtremes_ = arguments.at(6, "hasExtremes").boolean();
    threads_ = readThreads(arguments.at(7, "threads"));
    results_.resize(cells_.size() * static_cast<size_t>(groups_));
  }

  void run() override {
    if (groups_ == 0 || cells_.empty()) return;
    const auto columns = static_cast<int64_t>(cells_.size());
    const int64_t parts = std::min(groups_, columns >= threads_ ? 1 : (threads_ + columns - 1) / columns);
    Tasks tasks(columns * parts, stop());
    onThreads(static_cast<int>(std::min<int64_t>(threads_, columns * parts)), [&] {
      tasks.each([&](int64_t task) {
        const int64_t column = task / parts, part = task % parts;
        const Cells& cells = cells_[static_cast<size_t>(column)];
        withElementType(cells.values.dtype, [&](auto zero) {
          summarise(TypedCells<decltype(zero)>(cells), groups_ * part / parts, groups_ * (part + 1) / parts,
                    results_.data() + column * groups_);
        });
      });
    });
  }

  napi_value settle(napi_env env) override {
    const size_t all = results_.size();
    double *count, *sum, *squares;
    int32_t *least, *most;
    const napi_value result = makeObject(env, {{"count", makeFloat64Array(env, all, &count)},
                                               {"sum", makeFloat64Array(env, all, &sum)},
                                               {"squares", makeFloat64Array(env, all, &squares)},
                                               {"leastRow", makeInt32Array(env, all, &least)},
                                               {"mostRow", makeInt32Array(env, all, &most)}});
    for (size_t i = 0; i < all; i++) {
      count[i] = results_[i].count;
      sum[i] = results_[i].sum;
      squares[i] = results_[i].squares;
      least[i] = results_[i].leastRow;
      most[i] = results_[i].mostRow;
    }
    return result;
  }

 private:
  template <class T>
  void summarise(const TypedCells<T>& cells, int64_t from, int64_t to, Summary* results) const {
    const int64_t block = std::max<int64_t>(kLeastBlock, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(groups_) * 16)));
    std::vector<Running<T>> running(static_cast<size_t>(to - from));
    std::vector<int64_t> places(starts_.begin() + from, starts_.begin() + to);
    for (int64_t start = 0; start < rows_ && !stop(); start += block) {
      const int64_t end = std::min(rows_, start + block);
      for (int64_t g = from; g < to; g++) {
        int64_t& place = places[static_cast<size_t>(g - from)];
        const int64_t last = starts_[static_cast<size_t>(g) + 1];
        Running<T>& sums = running[static_cast<size_t>(g - from)];
        if (isRanges_) {
          for (; place < last && order_[2 * place] < end; place++) {
            const int64_t low = std::max<int64_t>(start, order_[2 * place]), high = std::min<int64_t>(end, order_[2 * place + 1]);
            if (low < high) add(cells, sums, high - low, [&](int64_t i) { return low + i; });
            if (order_[2 * place + 1] > end) break;
          }
        } else {
          int64_t next = place;
          while (next < last && order_[next] < end) next++;
          const int32_t* rows = order_ + place;
          if (next > place) addRuns(cells, sums, rows, next - place);
          place = next;
        }
      }
    }
    for (int64_t g = from; g < to; g++) {
      const Running<T>& sums = running[static_cast<size_t>(g - from)];
      results[g] = {static_cast<double>(sums.count), static_cast<double>(sums.sum), sums.squares, sums.leastRow, sums.mostRow};
    }
  }

  /** Adds rows of a block. SAFETY: another thread may write to the list meanwhile, so each number is brought into range where it is used. */
  template <class T>
  void addRuns(const TypedCells<T>& cells, Running<T>& sums, const int32_t* rows, int64_t count) const {
    add(cells, sums, count, [&](int64_t i) { return static_cast<int64_t>(std::min(static_cast<uint32_t>(rows[i]), static_cast<uint32_t>(rows_ - 1))); });
  }

  template <class T, class RowAt>
  void add(const TypedCells<T>& cells, Running<T>& sums, int64_t count, RowAt&& rowAt) const {
    if (cells.isWhole()) addBlock<T, false>(cells, sums, count, rowAt);
    else addBlock<T, true>(cells, sums, count, rowAt);
  }

  template <class T, bool kMayMiss, class RowAt>
  void addBlock(const TypedCells<T>& cells, Running<T>& sums, int64_t count, RowAt& rowAt) const {
    using Part = std::conditional_t<std::is_floating_point_v<T>, double, std::conditional_t<sizeof(T) == 8, __int128, int64_t>>;
    Part lanes[4] = {};
    int64_t present = 0;
    for (int64_t i = 0; i < count; i++) {
      const int64_t row = rowAt(i);
      const T value = cells.at(row);
      if (kMayMiss && cells.isMissing(row, value)) continue;
      lanes[i & 3] += static_cast<Part>(value);
      present++;
    }
    if (present == 0) return;
    const Part sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    if (hasSquares_) {
      const double mean = static_cast<double>(sum) / static_cast<double>(present);
      double squares[4] = {};
      for (int64_t i = 0; i < count; i++) {
        const int64_t row = rowAt(i);
        const T value = cells.at(row);
        if (kMayMiss && cells.isMissing(row, value)) continue;
        const double distance = static_cast<double>(value) - mean;
        squares[i & 3] += distance * distance;
      }
      // Two parts' sums of squares differ from those of all by the distance of their means.
      const double before = static_cast<double>(sums.count), now = static_cast<double>(present), all = before + now;
      const double distance = mean - sums.mean;
      sums.squares += (squares[0] + squares[1]) + (squares[2] + squares[3]);
      if (before > 0) sums.squares += distance * distance * (before * now / all);
      sums.mean = before > 0 ? sums.mean + distance * (now / all) : mean;
    }
    sums.sum += static_cast<SumOf<T>>(sum);
    sums.count += present;
    if (!hasExtremes_) return;
    for (int64_t i = 0; i < count; i++) {
      const int64_t row = rowAt(i);
      const T value = cells.at(row);
      if (kMayMiss && cells.isMissing(row, value)) continue;
      if (sums.leastRow < 0 || value < sums.least) sums.least = value, sums.leastRow = static_cast<int32_t>(row);
      if (sums.mostRow < 0 || value > sums.most) sums.most = value, sums.mostRow = static_cast<int32_t>(row);
    }
  }

  const int64_t rows_;
  std::vector<Cells> cells_;
  const int32_t* order_;
  std::vector<int64_t> starts_;
  bool isRanges_, hasSquares_, hasExtremes_;
  int64_t groups_;
  int threads_;
  std::vector<Summary> results_;
};

/** Quartiles of columns, exact: bins of the first 16 bits of the ordered values, then those values that share a bin. */
class Quartiles : public Job {
 public:
  Quartiles(const Arguments& arguments, Held& held)
      : rows_(arguments.at(1, "rows").integer(0, INT32_MAX)), cells_(readCellsList(arguments.at(0, "columns"), rows_, held)) {
    threads_ = readThreads(arguments.at(2, "threads"));
    values_.assign(6 * cells_.size(), NAN);
    distinct_.assign(cells_.size(), 0);
  }

  void run() override {
    Tasks tasks(static_cast<int64_t>(cells_.size()), stop());
    onThreads(static_cast<int>(std::min<int64_t>(threads_, static_cast<int64_t>(std::max<size_t>(cells_.size(), 1)))), [&] {
      tasks.each([&](int64_t column) {
        const Cells& cells = cells_[static_cast<size_t>(column)];
        withElementType(cells.values.dtype, [&](auto zero) {
          const TypedCells<decltype(zero)> typed(cells);
          distinct_[static_cast<size_t>(column)] = countDistinct(typed);
          select(typed, values_.data() + 6 * column);
        });
      });
    });
  }

  napi_value settle(napi_env env) override {
    return makeObject(env, {{"values", toFloat64Array(env, values_)}, {"distinct", toFloat64Array(env, distinct_)}});
  }

 private:
  /** -1 for more than are counted. */
  template <class T>
  double countDistinct(const TypedCells<T>& cells) const {
    KeyTable table;
    for (int64_t row = 0; row < rows_ && !stop(); row++) {
      const T value = cells.at(row);
      if (cells.isMissing(row, value)) continue;
      table.add(orderedKey(value));
      if (table.keys().size() > kMostDistinct) return -1;
    }
    return static_cast<double>(table.keys().size());
  }

  /** The values around each quartile: ranks floor and floor + 1 of (count - 1) × q / 4. */
  template <class T>
  void select(const TypedCells<T>& cells, double* out) const {
    constexpr int shift = sizeof(T) > 2 ? 8 * static_cast<int>(sizeof(T)) - 16 : 0;
    std::vector<int64_t> counts(1 << 16, 0);
    int64_t count = 0;
    for (int64_t row = 0; row < rows_ && !stop(); row++) {
      const T value = cells.at(row);
      if (cells.isMissing(row, value)) continue;
      counts[orderedKey(value) >> shift]++;
      count++;
    }
    if (count == 0 || stop()) return;
    struct Wanted {
      size_t bin;
      int64_t rank;  // within the bin
    };
    Wanted wanted[6];
    for (int k = 0; k < 6; k++) {
      const int64_t rank = std::min(count - 1, (count - 1) * (k / 2 + 1) / 4 + k % 2);
      int64_t before = 0;
      size_t bin = 0;
      while (before + counts[bin] <= rank) before += counts[bin++];
      wanted[k] = {bin, rank - before};
    }
    std::vector<uint8_t> places(1 << 16, 0);
    std::vector<std::vector<T>> lists(6);
    for (int k = 0; k < 6; k++) {
      if (places[wanted[k].bin] != 0) continue;
      places[wanted[k].bin] = static_cast<uint8_t>(k + 1);
      lists[static_cast<size_t>(k)].reserve(static_cast<size_t>(counts[wanted[k].bin]));
    }
    for (int64_t row = 0; row < rows_ && !stop(); row++) {
      const T value = cells.at(row);
      if (cells.isMissing(row, value)) continue;
      if (const uint8_t place = places[orderedKey(value) >> shift]; place != 0) lists[place - 1u].push_back(value);
    }
    if (stop()) return;
    for (int k = 0; k < 6; k++) {
      auto& list = lists[places[wanted[k].bin] - 1u];
      // Memory that is changed meanwhile may have given fewer.
      if (list.empty()) return;
      const auto rank = std::min<int64_t>(wanted[k].rank, static_cast<int64_t>(list.size()) - 1);
      std::nth_element(list.begin(), list.begin() + rank, list.end());
      out[k] = static_cast<double>(list[static_cast<size_t>(rank)]);
    }
  }

  const int64_t rows_;
  std::vector<Cells> cells_;
  int threads_;
  std::vector<double> values_, distinct_;
};

}  // namespace

void registerSummarise(napi_env env, napi_value exports) {
  exportFunction<startWith<Summarise>>(env, exports, "summariseGroups");
  exportFunction<startWith<Quartiles>>(env, exports, "tableQuartiles");
}

}  // namespace onecopy
