/** Orders rows by columns, stably. */

#include <array>

#include "tables/cells.h"
#include "tables/tables.h"

namespace onecopy {
namespace {

/** Keys of 64 bits and row numbers are moved together. */
template <class Key>
struct Entry {
  Key key;
  int32_t row;
};

class SortRows : public Job {
 public:
  SortRows(const Arguments& arguments, Held& held)
      : rows_(arguments.at(2, "rows").integer(0, INT32_MAX)), cells_(readCellsList(arguments.at(0, "columns"), rows_, held)) {
    const Value descending = arguments.at(1, "descending"), order = arguments.at(4, "order");
    for (uint32_t i = 0; i < cells_.size(); i++) descending_.push_back(descending.element(i).boolean());
    list_ = readRowList(arguments.at(3, "list"), rows_, &count_, held);
    order_ = readVector<int32_t>(order, count_, held, Use::kChange);
    threads_ = readThreads(arguments.at(5, "threads"));
  }

  void run() override {
    for (int64_t i = 0; i < count_; i++) order_[i] = static_cast<int32_t>(list_ == nullptr ? i : requireRow(list_[i], rows_));
    for (size_t c = cells_.size(); c-- > 0 && !stop();)
      withElementType(cells_[c].values.dtype, [&](auto zero) { sortBy(TypedCells<decltype(zero)>(cells_[c]), descending_[c]); });
  }

  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  /** A stable sort has one result, whichever the number of pieces. */
  template <class T>
  void sortBy(const TypedCells<T>& cells, bool isDescending) {
    using Key = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    using Narrow = KeyOf<T>;
    std::unique_ptr<Entry<Key>[]> from(new Entry<Key>[static_cast<size_t>(count_)]), to(new Entry<Key>[static_cast<size_t>(count_)]);
    // Missing ones come last, in their order.
    int64_t present = 0;
    std::vector<int32_t> missing;
    Key any = 0, every = static_cast<Key>(~Key{0});
    for (int64_t i = 0; i < count_; i++) {
      const int32_t row = order_[i];
      const T value = cells.at(row);
      if (cells.isMissing(row, value)) {
        missing.push_back(row);
        continue;
      }
      Narrow narrow = orderedKey(value);
      if (isDescending) narrow = static_cast<Narrow>(~narrow);
      const Key key = narrow;
      any |= key;
      every &= key;
      from[static_cast<size_t>(present++)] = {key, row};
    }
    const Key differing = any & ~every;
    for (int shift = 0; shift < static_cast<int>(8 * sizeof(Key)) && !stop(); shift += 8) {
      if (((differing >> shift) & 255) == 0) continue;
      pass(from.get(), to.get(), present, shift);
      std::swap(from, to);
    }
    for (int64_t i = 0; i < present; i++) order_[i] = from[static_cast<size_t>(i)].row;
    std::copy(missing.begin(), missing.end(), order_ + present);
  }

  template <class Key>
  void pass(const Entry<Key>* from, Entry<Key>* to, int64_t count, int shift) const {
    const int pieces = count < (1 << 15) ? 1 : threads_;
    std::vector<std::array<int64_t, 256>> places(static_cast<size_t>(pieces));
    const auto cut = [&](int64_t piece) { return count * piece / pieces; };
    const auto each = [&](auto&& work) {
      Tasks tasks(pieces, stop());
      onThreads(pieces, [&] { tasks.each([&](int64_t piece) { work(piece); }); });
    };
    each([&](int64_t piece) {
      auto& counts = places[static_cast<size_t>(piece)];
      counts.fill(0);
      for (int64_t i = cut(piece); i < cut(piece + 1); i++) counts[(from[i].key >> shift) & 255]++;
    });
    int64_t at = 0;
    for (size_t digit = 0; digit < 256; digit++)
      for (auto& counts : places) {
        const int64_t number = counts[digit];
        counts[digit] = at;
        at += number;
      }
    each([&](int64_t piece) {
      auto& place = places[static_cast<size_t>(piece)];
      for (int64_t i = cut(piece); i < cut(piece + 1); i++) to[place[(from[i].key >> shift) & 255]++] = from[i];
    });
  }

  const int64_t rows_;
  std::vector<Cells> cells_;
  std::vector<bool> descending_;
  const int32_t* list_;
  int64_t count_;
  int32_t* order_;
  int threads_;
};

}  // namespace

void registerSortRows(napi_env env, napi_value exports) { exportFunction<startWith<SortRows>>(env, exports, "sortTableRows"); }

}  // namespace onecopy
