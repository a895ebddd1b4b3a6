/** Finds for each row of a table the row of another one with the same key. */

#include <cmath>

#include "tables/cells.h"
#include "tables/tables.h"

namespace onecopy {
namespace {

/** A value without its type: equal numbers of all types have equal ones. */
struct Plain {
  uint64_t bits;
  int kind;  // 0: a whole number of 64 bits with a sign; 1: one above; 2: any other number
};

template <class T>
Plain plainOf(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    const double number = static_cast<double>(value);
    if (number == std::floor(number) && number >= -0x1p63 && number < 0x1p63)
      return {static_cast<uint64_t>(static_cast<int64_t>(number)), 0};
    if (number == std::floor(number) && number >= 0x1p63 && number < 0x1p64) return {static_cast<uint64_t>(number), 1};
    return {std::bit_cast<uint64_t>(number), 2};
  } else if constexpr (std::is_same_v<T, uint64_t>) {
    return {value, value >> 63 ? 1 : 0};
  } else {
    return {static_cast<uint64_t>(static_cast<int64_t>(value)), 0};
  }
}

/** Numbers of the distinct values of a column. */
class ValueNumbers {
 public:
  uint64_t add(Plain value) { return static_cast<uint64_t>(tables_[value.kind].add(value.bits)) * 3 + static_cast<uint64_t>(value.kind); }
  /** -1 for a value that there is none of. */
  int64_t find(Plain value) const {
    const int32_t number = tables_[value.kind].find(value.bits);
    return number < 0 ? -1 : int64_t{number} * 3 + value.kind;
  }

 private:
  KeyTable tables_[3];
};

class MatchRows : public Job {
 public:
  MatchRows(const Arguments& arguments, Held& held)
      : leftRows_(arguments.at(1, "leftRows").integer(0, INT32_MAX)),
        rightRows_(arguments.at(3, "rightRows").integer(0, INT32_MAX)),
        left_(readCellsList(arguments.at(0, "left"), leftRows_, held)),
        right_(readCellsList(arguments.at(2, "right"), rightRows_, held)) {
    const Value codes = arguments.at(4, "codes");
    if (left_.size() != right_.size() || codes.length() != left_.size() || left_.empty())
      throw Error("ERR_SHAPE", "Expected as many columns on the left as on the right.");
    for (uint32_t i = 0; i < codes.length(); i++) {
      const Value list = codes.element(i);
      codes_.emplace_back();
      hasCodes_.push_back(!list.isNullish());
      if (list.isNullish()) continue;
      const TypedArray array = list.typedArray(napi_int32_array, "an Int32Array");
      const auto* data = static_cast<const int32_t*>(array.data);
      codes_.back().assign(data, data + array.length);
    }
    out_ = readVector<int32_t>(arguments.at(5, "out"), leftRows_, held, Use::kChange);
    threads_ = readThreads(arguments.at(6, "threads"));
  }

  void run() override {
    std::vector<int64_t> ids(static_cast<size_t>(rightRows_), 0);
    const size_t columns = right_.size();
    numbers_.resize(columns);
    pairs_.resize(columns);
    for (size_t c = 0; c < columns && !stop(); c++)
      withElementType(right_[c].values.dtype, [&](auto zero) { addColumn(TypedCells<decltype(zero)>(right_[c]), c, ids); });
    // The last numbers are 0, 1, … in order of appearance, so a number that isn't new is a key's second row.
    std::vector<int32_t> rowOf;
    for (int64_t row = 0; row < rightRows_; row++) {
      const int64_t id = ids[static_cast<size_t>(row)];
      if (id < 0) continue;
      if (id < static_cast<int64_t>(rowOf.size())) {
        twice_[0] = rowOf[static_cast<size_t>(id)];
        twice_[1] = static_cast<int32_t>(row);
        return;
      }
      rowOf.push_back(static_cast<int32_t>(row));
    }
    eachPiece(leftRows_, threads_, stop(), [&](int64_t from, int64_t to) {
      std::vector<int64_t> found(static_cast<size_t>(to - from), 0);
      for (size_t c = 0; c < columns; c++)
        withElementType(left_[c].values.dtype, [&](auto zero) { findColumn(TypedCells<decltype(zero)>(left_[c]), c, from, found); });
      for (int64_t row = from; row < to; row++) {
        const int64_t id = found[static_cast<size_t>(row - from)];
        out_[row] = id < 0 ? -1 : rowOf[static_cast<size_t>(id)];
      }
    });
  }

  napi_value settle(napi_env env) override {
    return makeObject(env, {{"first", toValue(env, static_cast<double>(twice_[0]))}, {"second", toValue(env, static_cast<double>(twice_[1]))}});
  }

 private:
  template <class T>
  void addColumn(const TypedCells<T>& cells, size_t c, std::vector<int64_t>& ids) {
    for (int64_t row = 0; row < rightRows_; row++) {
      int64_t& id = ids[static_cast<size_t>(row)];
      const T value = cells.at(row);
      if (id < 0) continue;
      if (cells.isMissing(row, value)) {
        id = -1;
        continue;
      }
      const uint64_t number = numbers_[c].add(plainOf(value));
      id = pairs_[c].add(static_cast<uint64_t>(id) << 33 | number);
    }
  }

  template <class T>
  void findColumn(const TypedCells<T>& cells, size_t c, int64_t from, std::vector<int64_t>& found) const {
    for (size_t i = 0; i < found.size(); i++) {
      int64_t& id = found[i];
      const int64_t row = from + static_cast<int64_t>(i);
      const T value = cells.at(row);
      if (id < 0) continue;
      if (cells.isMissing(row, value)) {
        id = -1;
        continue;
      }
      Plain plain = plainOf(value);
      if (hasCodes_[c]) {
        // A code of the left becomes that of the right for the same text.
        if (plain.kind != 0 || plain.bits >= codes_[c].size())
          throw Error("ERR_FORMAT", "Expected codes below " + std::to_string(codes_[c].size()) + ", the number of categories, got " +
                                        std::to_string(plain.bits) + " in row " + std::to_string(row) +
                                        " of the left table. Its codes or its categories are damaged.");
        const int32_t code = codes_[c][static_cast<size_t>(plain.bits)];
        if (code < 0) {
          id = -1;
          continue;
        }
        plain.bits = static_cast<uint64_t>(code);
      }
      const int64_t number = numbers_[c].find(plain);
      id = number < 0 ? -1 : pairs_[c].find(static_cast<uint64_t>(id) << 33 | static_cast<uint64_t>(number));
    }
  }

  const int64_t leftRows_, rightRows_;
  std::vector<Cells> left_, right_;
  std::vector<std::vector<int32_t>> codes_;
  std::vector<bool> hasCodes_;
  std::vector<ValueNumbers> numbers_;
  std::vector<KeyTable> pairs_;
  int32_t* out_;
  int threads_;
  int32_t twice_[2] = {-1, -1};
};

}  // namespace

void registerMatchRows(napi_env env, napi_value exports) { exportFunction<startWith<MatchRows>>(env, exports, "matchTableRows"); }

}  // namespace onecopy
