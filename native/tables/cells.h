/** Columns of a table as kernels read them: values, and which rows have one. */

#pragma once

#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "kernels/element_type.h"
#include "matrix/matrix.h"
#include "matrix/results.h"
#include "matrix/threads.h"

namespace onecopy {

/** Rows that a thread takes at once; a multiple of 64. */
constexpr int64_t kTaskRows = 1 << 16;

/** A column of fixed width. */
struct Cells {
  Matrix values;
  const uint8_t* validity;  // one bit a row, lowest first; null: every row has a value
  bool isCode;              // negative values are missing

  int64_t rows() const { return values.rows; }
};

/** Reads a `TableCells`. @throws what readMatrix throws, and Error `ERR_SHAPE` for another number of rows or a short bitmap */
inline Cells readCells(const Value& value, int64_t rows, Held& held) {
  const Value valuesOf = value.member("values"), validityOf = value.member("validity");
  Cells cells{readMatrix(valuesOf, held), nullptr, value.member("isCode").boolean()};
  requireRowsOf(valuesOf, cells.values, rows);
  if (cells.values.columns != 1) throw Error("ERR_SHAPE", "Expected `" + valuesOf.name() + "` to have one column.");
  if (validityOf.isNullish()) return cells;
  const TypedArray bits = validityOf.typedArray(napi_uint8_array, "a Uint8Array");
  const auto bytes = static_cast<size_t>((rows + 7) / 8);
  if (bits.length != bytes)
    throw Error("ERR_SHAPE", "Expected `" + validityOf.name() + "` to have " + std::to_string(bytes) + " bytes, got " +
                                 std::to_string(bits.length) + ".");
  cells.validity = static_cast<const uint8_t*>(held.take(validityOf, bits, Use::kRead, 0, bytes));
  return cells;
}

/** Reads a list of `TableCells`. */
inline std::vector<Cells> readCellsList(const Value& value, int64_t rows, Held& held) {
  std::vector<Cells> list;
  for (uint32_t i = 0; i < value.length(); i++) list.push_back(readCells(value.element(i), rows, held));
  return list;
}

/** Reads row numbers in [0, n); null for null. @throws Error `ERR_INDEX` */
inline const int32_t* readRowList(const Value& value, int64_t n, int64_t* count, Held& held) {
  if (value.isNullish()) {
    *count = n;
    return nullptr;
  }
  const TypedArray array = value.typedArray(napi_int32_array, "an Int32Array");
  *count = static_cast<int64_t>(array.length);
  const auto* rows = static_cast<const int32_t*>(held.take(value, array, Use::kRead, 0, array.length));
  return rows;
}

/** Other threads may write to the list meanwhile, so each number is checked where it is used. */
inline int64_t requireRow(int64_t row, int64_t n) {
  if (row >= 0 && row < n) return row;
  throw Error("ERR_INDEX", "Expected rows in [0, " + std::to_string(n) + "), got row " + std::to_string(row) + ".");
}

inline bool hasBit(const uint8_t* bits, int64_t row) { return (bits[row >> 3] >> (row & 7)) & 1; }

/** The cells of a column whose values are of type T. */
template <class T>
struct TypedCells {
  explicit TypedCells(const Cells& cells)
      : data(static_cast<const T*>(cells.values.data)),
        stride(cells.values.rowStride),
        validity(cells.validity),
        isCode(cells.isCode) {}

  T at(int64_t row) const { return data[row * stride]; }
  bool isMissing(int64_t row, T value) const {
    if (validity != nullptr && !hasBit(validity, row)) return true;
    if constexpr (std::is_floating_point_v<T>) return value != value;
    else return isCode && value < T{0};
  }
  /** Whether no row can be missing. */
  bool isWhole() const { return validity == nullptr && !isCode && !std::is_floating_point_v<T>; }

  const T* data;
  int64_t stride;
  const uint8_t* validity;
  bool isCode;
};

/** The unsigned integer as wide as T. */
template <class T>
using KeyOf = std::conditional_t<sizeof(T) == 8, uint64_t,
                                 std::conditional_t<sizeof(T) == 4, uint32_t, std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>;

/** Bits that are ordered as values are; 0 and -0 have the same. */
template <class T>
KeyOf<T> orderedKey(T value) {
  using Key = KeyOf<T>;
  constexpr Key top = static_cast<Key>(Key{1} << (8 * sizeof(T) - 1));
  if constexpr (std::is_floating_point_v<T>) {
    const Key bits = std::bit_cast<Key>(static_cast<T>(value + T{0}));  // -0 + 0 is 0
    return bits & top ? static_cast<Key>(~bits) : static_cast<Key>(bits | top);
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<Key>(static_cast<Key>(value) ^ top);
  } else {
    return value;
  }
}

/** Calls `work(from, to)` for pieces of [0, count) on threads. */
template <class Work>
void eachPiece(int64_t count, int threads, const std::atomic<bool>& stop, Work&& work, int64_t piece = kTaskRows) {
  const int64_t pieces = (count + piece - 1) / piece;
  Tasks tasks(pieces, stop);
  onThreads(static_cast<int>(std::min<int64_t>(threads, std::max<int64_t>(pieces, 1))), [&] {
    tasks.each([&](int64_t i) { work(i * piece, std::min(count, (i + 1) * piece)); });
  });
}

/** Mixes all bits of a key into the low ones. */
inline uint64_t mixed(uint64_t key) {
  key ^= key >> 32;
  key *= 0xd6e8feb86659fd93ULL;
  key ^= key >> 32;
  key *= 0xd6e8feb86659fd93ULL;
  return key ^ (key >> 32);
}

/** Numbers for keys, in order of insertion. */
class KeyTable {
 public:
  KeyTable() : slots_(64, -1) {}

  /** The number of a key, which is added when it is new. */
  int32_t add(uint64_t key) {
    size_t at = mixed(key) & (slots_.size() - 1);
    for (; slots_[at] >= 0; at = (at + 1) & (slots_.size() - 1))
      if (keys_[static_cast<size_t>(slots_[at])] == key) return slots_[at];
    const auto number = static_cast<int32_t>(keys_.size());
    keys_.push_back(key);
    slots_[at] = number;
    if (keys_.size() * 2 > slots_.size()) grow();
    return number;
  }
  /** The number of a key, or -1. */
  int32_t find(uint64_t key) const {
    for (size_t at = mixed(key) & (slots_.size() - 1); slots_[at] >= 0; at = (at + 1) & (slots_.size() - 1))
      if (keys_[static_cast<size_t>(slots_[at])] == key) return slots_[at];
    return -1;
  }
  const std::vector<uint64_t>& keys() const { return keys_; }

 private:
  void grow() {
    slots_.assign(slots_.size() * 4, -1);
    for (size_t i = 0; i < keys_.size(); i++) {
      size_t at = mixed(keys_[i]) & (slots_.size() - 1);
      while (slots_[at] >= 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = static_cast<int32_t>(i);
    }
  }
  std::vector<int32_t> slots_;
  std::vector<uint64_t> keys_;
};

}  // namespace onecopy
