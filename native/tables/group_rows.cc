/** Groups rows by the values of columns. */

#include <mutex>
#include <tuple>

#include "tables/cells.h"
#include "tables/tables.h"

namespace onecopy {
namespace {

/** Combinations of values that are counted in a table; more are found by hashing. */
constexpr uint64_t kMostPlaces = 1 << 20;

/** Runs of equal keys that are kept as ranges, at most: one for 32 rows, and not more in all. */
constexpr int64_t kRowsOfRun = 32;
constexpr int64_t kMostRuns = 1 << 16;

class GroupRows : public Job {
 public:
  GroupRows(const Arguments& arguments, Held& held)
      : rows_(arguments.at(1, "rows").integer(0, INT32_MAX)), cells_(readCellsList(arguments.at(0, "columns"), rows_, held)) {
    list_ = readRowList(arguments.at(2, "list"), rows_, &count_, held);
    const Value order = arguments.at(3, "order");
    order_ = order.isNullish() ? nullptr : readVector<int32_t>(order, count_, held, Use::kChange);
    threads_ = readThreads(arguments.at(4, "threads"));
  }

  void run() override {
    if (list_ == nullptr && findRuns()) {
      // Each run takes part as its first row does.
      list_ = runs_.data();
      count_ = static_cast<int64_t>(runs_.size());
      isRuns_ = true;
    }
    numberRows();
    if (stop()) return;
    starts_.assign(static_cast<size_t>(groups_) + 1, 0);
    first_.assign(static_cast<size_t>(groups_), 0);
    sizes_.assign(static_cast<size_t>(groups_), 0);
    if (isRuns_) placeRuns();
    else placeRows();
  }

  napi_value settle(napi_env env) override {
    int32_t *first, *runs;
    const napi_value firstRows = makeInt32Array(env, first_.size(), &first), ranges = makeInt32Array(env, ranges_.size(), &runs);
    std::copy(first_.begin(), first_.end(), first);
    std::copy(ranges_.begin(), ranges_.end(), runs);
    return makeObject(env, {{"isRuns", toValue(env, isRuns_)},
                            {"starts", toFloat64Array(env, starts_)},
                            {"sizes", toFloat64Array(env, sizes_)},
                            {"firstRows", firstRows},
                            {"ranges", ranges}});
  }

 private:
  int64_t rowAt(int64_t i) const { return list_ == nullptr ? i : requireRow(list_[i], rows_); }

  /** Finds the rows whose keys differ from those of the row before; false when there are too many for ranges. */
  bool findRuns() {
    if (rows_ == 0) return false;
    std::vector<std::vector<int32_t>> found(static_cast<size_t>((rows_ + kTaskRows - 1) / kTaskRows));
    std::atomic<bool> isOver{false};
    eachPiece(rows_, threads_, stop(), [&](int64_t from, int64_t to) {
      constexpr int64_t kBlock = 4096;
      uint8_t differs[kBlock];
      auto& starts = found[static_cast<size_t>(from / kTaskRows)];
      for (int64_t start = from; start < to && !isOver; start += kBlock) {
        const int64_t count = std::min(kBlock, to - start);
        std::memset(differs, 0, sizeof differs);
        for (const Cells& cells : cells_)
          withElementType(cells.values.dtype, [&](auto zero) { compare(TypedCells<decltype(zero)>(cells), start, count, differs); });
        if (start == 0) differs[0] = 1;
        for (int64_t i = 0; i < count; i += 8) {
          uint64_t eight;
          std::memcpy(&eight, differs + i, 8);
          if (eight == 0) continue;
          for (int64_t k = i; k < std::min(i + 8, count); k++)
            if (differs[k]) starts.push_back(static_cast<int32_t>(start + k));
        }
        if (static_cast<int64_t>(starts.size()) > 16 + (start + count - from) / kRowsOfRun) isOver = true;
      }
    });
    if (isOver) return false;
    for (const auto& starts : found) runs_.insert(runs_.end(), starts.begin(), starts.end());
    return static_cast<int64_t>(runs_.size()) <= std::min(kMostRuns, 1 + rows_ / kRowsOfRun);
  }

  template <class T>
  static void compare(const TypedCells<T>& cells, int64_t start, int64_t count, uint8_t* differs) {
    const int64_t first = start == 0 ? 1 : 0;
    // Two different codes of missing values begin one run more, which is joined to the one before.
    if (std::is_integral_v<T> && cells.validity == nullptr && cells.stride == 1) {
      const T* values = cells.data + start;
      for (int64_t i = first; i < count; i++) differs[i] |= static_cast<uint8_t>(values[i] != values[i - 1]);
      return;
    }
    for (int64_t i = first; i < count; i++) {
      const T a = cells.at(start + i - 1), b = cells.at(start + i);
      const bool lacksA = cells.isMissing(start + i - 1, a), lacksB = cells.isMissing(start + i, b);
      differs[i] |= static_cast<uint8_t>(lacksA != lacksB || (!lacksA && a != b));
    }
  }

  /** Gives each row the number of its group; groups are ordered by their keys. */
  void numberRows() {
    ids_.assign(static_cast<size_t>(count_), 0);
    groups_ = count_ > 0 ? 1 : 0;
    for (const Cells& cells : cells_) {
      if (stop()) return;
      withElementType(cells.values.dtype, [&](auto zero) { addColumn(TypedCells<decltype(zero)>(cells)); });
    }
  }

  template <class T>
  void addColumn(const TypedCells<T>& cells) {
    const uint64_t groups = static_cast<uint64_t>(groups_);
    uint64_t low = 0, span = kMostPlaces;
    if constexpr (sizeof(T) == 1) {
      low = 0;
      span = 256;
    } else {
      std::tie(low, span) = keySpan(cells);
    }
    if (span < kMostPlaces && (span + 1) * groups <= kMostPlaces) {
      // A key's place is its distance from the least one; missing ones come last.
      return combineCounted(span + 1, [&](int64_t row) -> uint64_t {
        const T value = cells.at(row);
        return cells.isMissing(row, value) ? span : orderedKey(value) - low;
      });
    }
    const std::vector<uint64_t> distinct = distinctKeys([&](int64_t i, uint64_t* key) {
      const int64_t row = rowAt(i);
      const T value = cells.at(row);
      *key = orderedKey(value);
      return !cells.isMissing(row, value);
    });
    const KeyTable table = tableOf(distinct);
    const uint64_t places = distinct.size() + 1;
    const auto placeOf = [&](int64_t row) -> uint64_t {
      const T value = cells.at(row);
      return cells.isMissing(row, value) ? places - 1 : numberOf(table, orderedKey(value));
    };
    if (places * groups <= kMostPlaces) return combineCounted(places, placeOf);
    // Only combinations that occur take memory.
    const std::vector<uint64_t> pairs = distinctKeys([&](int64_t i, uint64_t* key) {
      *key = static_cast<uint64_t>(ids_[static_cast<size_t>(i)]) * places + placeOf(rowAt(i));
      return true;
    });
    const KeyTable pairTable = tableOf(pairs);
    eachPiece(count_, threads_, stop(), [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) {
        int32_t& id = ids_[static_cast<size_t>(i)];
        id = static_cast<int32_t>(numberOf(pairTable, static_cast<uint64_t>(id) * places + placeOf(rowAt(i))));
      }
    });
    groups_ = static_cast<int64_t>(pairs.size());
  }

  /** The least key of rows that have one, and how far the greatest is above it, plus 1. */
  template <class T>
  std::pair<uint64_t, uint64_t> keySpan(const TypedCells<T>& cells) {
    std::mutex mutex;
    uint64_t least = UINT64_MAX, most = 0;
    eachPiece(count_, threads_, stop(), [&](int64_t from, int64_t to) {
      uint64_t low = UINT64_MAX, high = 0;
      for (int64_t i = from; i < to; i++) {
        const int64_t row = rowAt(i);
        const T value = cells.at(row);
        if (cells.isMissing(row, value)) continue;
        const uint64_t key = orderedKey(value);
        low = std::min(low, key);
        high = std::max(high, key);
      }
      const std::lock_guard lock(mutex);
      least = std::min(least, low);
      most = std::max(most, high);
    });
    if (least > most) return {0, 0};
    const uint64_t distance = most - least;
    return {least, distance == UINT64_MAX ? distance : distance + 1};
  }

  template <class Place>
  void combineCounted(uint64_t places, Place&& placeOf) {
    const uint64_t all = places * static_cast<uint64_t>(std::max<int64_t>(groups_, 1));
    std::vector<int32_t> numbers(all, 0);
    std::mutex mutex;
    const int64_t piece = std::max(kTaskRows, static_cast<int64_t>(all) * 4);
    eachPiece(count_, threads_, stop(), [&](int64_t from, int64_t to) {
      std::vector<uint8_t> occurs(all, 0);
      for (int64_t i = from; i < to; i++) {
        int32_t& id = ids_[static_cast<size_t>(i)];
        const uint64_t place = static_cast<uint64_t>(id) * places + placeOf(rowAt(i));
        occurs[place] = 1;
        id = static_cast<int32_t>(place);
      }
      const std::lock_guard lock(mutex);
      for (uint64_t k = 0; k < all; k++) numbers[k] |= occurs[k];
    }, piece);
    int32_t groups = 0;
    for (int32_t& number : numbers) number = number ? groups++ : -1;
    groups_ = groups;
    if (static_cast<uint64_t>(groups) == all) return;
    eachPiece(count_, threads_, stop(), [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) {
        int32_t& id = ids_[static_cast<size_t>(i)];
        id = numbers[static_cast<size_t>(id)];
      }
    });
  }

  /** The keys that occur, ascending. `keyOf` says whether a place has a key, and which. */
  template <class Key>
  std::vector<uint64_t> distinctKeys(Key&& keyOf) {
    std::mutex mutex;
    std::vector<uint64_t> all;
    Tasks tasks((count_ + kTaskRows - 1) / kTaskRows, stop());
    onThreads(threads_, [&] {
      KeyTable table;
      tasks.each([&](int64_t piece) {
        for (int64_t i = piece * kTaskRows, to = std::min(count_, i + kTaskRows); i < to; i++) {
          uint64_t key;
          if (keyOf(i, &key)) table.add(key);
        }
      });
      const std::lock_guard lock(mutex);
      all.insert(all.end(), table.keys().begin(), table.keys().end());
    });
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  static KeyTable tableOf(const std::vector<uint64_t>& keys) {
    KeyTable table;
    for (const uint64_t key : keys) table.add(key);
    return table;
  }

  /** Memory that another thread changes meanwhile may hold a key that wasn't there before. */
  static uint64_t numberOf(const KeyTable& table, uint64_t key) {
    const int32_t number = table.find(key);
    if (number < 0) throw Error("ERR_VALUE", "The values of a column were changed while its rows were grouped.");
    return static_cast<uint64_t>(number);
  }

  /** Counting sort of rows; a piece of rows for each thread, in order. */
  void placeRows() {
    const int pieces = static_cast<int>(std::clamp<int64_t>(count_ / (4 * (groups_ + 4096)), 1, threads_));
    const auto cut = [&](int64_t piece) { return count_ * piece / pieces; };
    std::vector<std::vector<int32_t>> places(static_cast<size_t>(pieces));
    const auto each = [&](auto&& work) {
      Tasks tasks(pieces, stop());
      onThreads(pieces, [&] { tasks.each([&](int64_t piece) { work(piece); }); });
    };
    std::vector<std::vector<int32_t>> firsts(static_cast<size_t>(pieces));
    each([&](int64_t piece) {
      auto& counts = places[static_cast<size_t>(piece)];
      auto& first = firsts[static_cast<size_t>(piece)];
      counts.assign(static_cast<size_t>(groups_), 0);
      if (order_ == nullptr) first.assign(static_cast<size_t>(groups_), -1);
      for (int64_t i = cut(piece); i < cut(piece + 1); i++) {
        const auto id = static_cast<size_t>(ids_[static_cast<size_t>(i)]);
        if (counts[id]++ == 0 && order_ == nullptr) first[id] = static_cast<int32_t>(rowAt(i));
      }
    });
    int64_t at = 0;
    for (size_t g = 0; g < static_cast<size_t>(groups_); g++) {
      starts_[g] = static_cast<double>(at);
      bool isFirst = true;
      for (size_t piece = 0; piece < places.size(); piece++) {
        const int32_t number = places[piece][g];
        if (order_ == nullptr && number > 0 && isFirst) {
          first_[g] = firsts[piece][g];
          isFirst = false;
        }
        places[piece][g] = static_cast<int32_t>(at);
        at += number;
      }
      sizes_[g] = static_cast<double>(at) - starts_[g];
    }
    starts_.back() = static_cast<double>(at);
    if (order_ == nullptr) return;
    each([&](int64_t piece) {
      auto& place = places[static_cast<size_t>(piece)];
      for (int64_t i = cut(piece); i < cut(piece + 1); i++)
        order_[place[static_cast<size_t>(ids_[static_cast<size_t>(i)])]++] = static_cast<int32_t>(rowAt(i));
    });
    for (size_t g = 0; g < first_.size(); g++) first_[g] = order_[static_cast<int64_t>(starts_[g])];
  }

  /** Ranges of each group, those side by side joined; `starts_` counts ranges. */
  void placeRuns() {
    std::vector<int64_t> places(static_cast<size_t>(groups_) + 1, 0);
    for (const int32_t id : ids_) places[static_cast<size_t>(id) + 1]++;
    for (size_t g = 1; g < places.size(); g++) places[g] += places[g - 1];
    std::vector<int32_t> order(ids_.size());
    for (size_t i = 0; i < ids_.size(); i++) order[static_cast<size_t>(places[static_cast<size_t>(ids_[i])]++)] = static_cast<int32_t>(i);
    int32_t last = -1;
    for (const int32_t run : order) {
      const auto i = static_cast<size_t>(run), g = static_cast<size_t>(ids_[i]);
      const int32_t start = runs_[i];
      const auto stop = static_cast<int32_t>(i + 1 < runs_.size() ? runs_[i + 1] : rows_);
      if (static_cast<int32_t>(g) != last) {
        first_[g] = start;
        starts_[g] = static_cast<double>(ranges_.size() / 2);
      }
      if (static_cast<int32_t>(g) == last && ranges_.back() == start) ranges_.back() = stop;
      else ranges_.insert(ranges_.end(), {start, stop});
      last = static_cast<int32_t>(g);
      sizes_[g] += stop - start;
    }
    starts_.back() = static_cast<double>(ranges_.size() / 2);
  }

  const int64_t rows_;
  std::vector<Cells> cells_;
  const int32_t* list_;
  int64_t count_;
  int32_t* order_;
  int threads_;
  bool isRuns_ = false;
  std::vector<int32_t> runs_;  // first rows
  std::vector<int32_t> ids_;
  int64_t groups_ = 0;
  std::vector<double> starts_, sizes_;
  std::vector<int32_t> first_, ranges_;
};

}  // namespace

void registerGroupRows(napi_env env, napi_value exports) { exportFunction<startWith<GroupRows>>(env, exports, "groupTableRows"); }

}  // namespace onecopy
