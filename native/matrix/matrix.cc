/** Matrices and rows as JavaScript hands them in, every bound checked. */

#include "matrix/matrix.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

namespace onecopy {
namespace {

struct DTypeName {
  const char* name;
  DType dtype;
  napi_typedarray_type array;
  size_t size;
};

constexpr DTypeName kDTypes[] = {
    {"bool", DType::kBool, napi_uint8_array, 1},
    {"int8", DType::kInt8, napi_int8_array, 1},
    {"int16", DType::kInt16, napi_int16_array, 2},
    {"int32", DType::kInt32, napi_int32_array, 4},
    {"int64", DType::kInt64, napi_bigint64_array, 8},
    {"uint8", DType::kUint8, napi_uint8_array, 1},
    {"uint16", DType::kUint16, napi_uint16_array, 2},
    {"uint32", DType::kUint32, napi_uint32_array, 4},
    {"uint64", DType::kUint64, napi_biguint64_array, 8},
    {"float32", DType::kFloat32, napi_float32_array, 4},
    {"float64", DType::kFloat64, napi_float64_array, 8},
};

/** The class of a typed array of T, and how an error calls it. */
template <class T>
struct ArrayClass {
  napi_typedarray_type type;
  const char* name;
};
template <class T>
constexpr ArrayClass<T> kClass{};
template <>
constexpr ArrayClass<double> kClass<double>{napi_float64_array, "a Float64Array"};
template <>
constexpr ArrayClass<int32_t> kClass<int32_t>{napi_int32_array, "an Int32Array"};
template <>
constexpr ArrayClass<uint16_t> kClass<uint16_t>{napi_uint16_array, "a Uint16Array"};
template <>
constexpr ArrayClass<uint8_t> kClass<uint8_t>{napi_uint8_array, "a Uint8Array"};

constexpr int64_t kSafe = (int64_t{1} << 53) - 1;

/** The offset of the far end of an axis, `(count - 1) * stride`; false when it overflows. */
bool reach(int64_t count, int64_t stride, int64_t* offset) {
  return !__builtin_mul_overflow(count - 1, stride, offset);
}

/** A number as JavaScript would show it, nearly: 3, 0.5, 1e+300. */
std::string show(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", number);
  return text;
}

[[noreturn]] void refuseRow(int64_t row, int64_t n) {
  throw Error("ERR_INDEX", "Row " + std::to_string(row) + " is outside the matrix, which has " +
                               std::to_string(n) + " rows.");
}

}  // namespace

size_t sizeOf(DType dtype) {
  for (const DTypeName& known : kDTypes)
    if (known.dtype == dtype) return known.size;
  return 0;
}

Matrix readMatrix(const Value& value, Held& held, Use use) {
  const std::string name = value.member("dtype").text();
  const DTypeName* dtype = std::find_if(std::begin(kDTypes), std::end(kDTypes),
                                        [&](const DTypeName& known) { return name == known.name; });
  if (dtype == std::end(kDTypes)) {
    throw Error("ERR_DTYPE", "Expected `" + value.name() +
                                 "` to hold bool, an integer, float32 or float64, got " + name +
                                 ". Convert it first.");
  }
  const Value data = value.member("data");
  const TypedArray array = data.typedArray();
  if (array.type != dtype->array) {
    throw Error("ERR_DTYPE", "Expected `" + data.name() + "` to be the typed array of " + name + ".");
  }
  const int64_t offset = value.member("offset").integer();
  const int64_t rows = value.member("rows").integer();
  const int64_t columns = value.member("columns").integer();
  const int64_t rowStride = value.member("rowStride").integer(-kSafe, kSafe);
  const int64_t columnStride = value.member("columnStride").integer(-kSafe, kSafe);
  // An empty matrix may start anywhere; its pointer is never used.
  if (rows == 0 || columns == 0) return {nullptr, dtype->dtype, rows, columns, rowStride, columnStride};
  // SAFETY: an element's offset is linear in its row and column, so the corners bound them all.
  int64_t down, across, low = offset, high = offset;
  const bool fits = reach(rows, rowStride, &down) && reach(columns, columnStride, &across) &&
                    !__builtin_add_overflow(low, std::min<int64_t>(down, 0), &low) &&
                    !__builtin_add_overflow(low, std::min<int64_t>(across, 0), &low) &&
                    !__builtin_add_overflow(high, std::max<int64_t>(down, 0), &high) &&
                    !__builtin_add_overflow(high, std::max<int64_t>(across, 0), &high) &&
                    low >= 0 && static_cast<uint64_t>(high) < array.length;
  if (!fits) {
    throw Error("ERR_SHAPE",
                "Expected `" + value.name() + "` to lie in its buffer of " +
                    std::to_string(array.length) + " elements, got " + std::to_string(rows) +
                    " x " + std::to_string(columns) + " elements from " + std::to_string(offset) +
                    " at strides " + std::to_string(rowStride) + " and " +
                    std::to_string(columnStride) + ".");
  }
  char* first = static_cast<char*>(held.take(data, array, use, low, high - low + 1));
  return {first + (offset - low) * static_cast<int64_t>(dtype->size), dtype->dtype, rows, columns, rowStride,
          columnStride};
}

Matrix readFeatures(const Value& value, Held& held) {
  const Value list = value.member("list");
  if (list.isNullish()) return readMatrix(value, held);
  const int64_t rows = value.member("rows").integer();
  auto columns = std::make_shared<std::vector<TableColumn>>();
  for (uint32_t j = 0, count = list.length(); j < count; j++) {
    const Value one = list.element(j), lookup = one.member("lookup");
    const Matrix column = readMatrix(one, held);
    if (column.columns != 1 || column.rows != rows)
      throw Error("ERR_SHAPE", "Expected `" + one.name() + "` to be one column of " + std::to_string(rows) + " rows.");
    TableColumn read{column.data, column.dtype, column.rowStride, nullptr, 0};
    if (!lookup.isNullish()) {
      const TypedArray table = lookup.typedArray(napi_float64_array, "a Float64Array");
      read.codes = static_cast<int64_t>(table.length);
      // SAFETY: of an empty table nothing is read; a pointer tells that there is one.
      static constexpr double kNothing = 0;
      read.lookup = table.length == 0
                        ? &kNothing
                        : static_cast<const double*>(held.take(lookup, table, Use::kRead, 0, table.length));
    }
    columns->push_back(read);
  }
  Matrix matrix{nullptr, DType::kFloat64, rows, static_cast<int64_t>(columns->size()), 1, 0};
  matrix.list = columns->data();
  matrix.owner = std::move(columns);
  return matrix;
}

double lookUp(const TableColumn& column, double code) {
  if (code < 0) return std::numeric_limits<double>::quiet_NaN();
  if (code < static_cast<double>(column.codes)) return column.lookup[static_cast<int64_t>(code)];
  throw Error("ERR_FORMAT", "Expected codes below " + std::to_string(column.codes) +
                                ", the number of categories, in a column of the table, got " + show(code) +
                                ". Its codes or its categories are damaged.");
}

Matrix readOutput(const Value& value, Held& held) {
  const std::string dtype = value.member("dtype").text();
  if (dtype == "float64" || dtype == "float32") return readMatrix(value, held, Use::kFill);
  throw Error("ERR_DTYPE", "Expected `" + value.name() + "` to hold float64 or float32.");
}

template <class T>
T* readVector(const Value& value, int64_t length, Held& held, Use use) {
  const TypedArray array = value.typedArray(kClass<T>.type, kClass<T>.name);
  if (array.length != static_cast<size_t>(length)) {
    throw Error("ERR_SHAPE", "Expected `" + value.name() + "` to have " + std::to_string(length) +
                                 " values, got " + std::to_string(array.length) + ".");
  }
  return static_cast<T*>(held.take(value, array, use, 0, array.length));
}

template double* readVector(const Value&, int64_t, Held&, Use);
template int32_t* readVector(const Value&, int64_t, Held&, Use);
template uint16_t* readVector(const Value&, int64_t, Held&, Use);
template uint8_t* readVector(const Value&, int64_t, Held&, Use);

const double* readWeights(const Value& value, int64_t length, Held& held) {
  return value.isNullish() ? nullptr : readVector<double>(value, length, held);
}

Rows Rows::read(const Value& value, int64_t n, Held& held) {
  Rows rows;
  rows.n_ = n;
  const Value numbers = value.member("numbers"), ranges = value.member("ranges");
  if (numbers.isNullish() == ranges.isNullish())
    throw TypeError("Expected `" + value.name() + "` to have either ranges or numbers.");
  if (!numbers.isNullish()) {
    const TypedArray array = numbers.typedArray(napi_int32_array, "an Int32Array");
    rows.count_ = static_cast<int64_t>(array.length);
    rows.numbers_ = static_cast<const int32_t*>(held.take(numbers, array, Use::kRead, 0, array.length));
    for (int64_t i = 0; i < rows.count_; i++)
      if (rows.numbers_[i] < 0 || rows.numbers_[i] >= n) refuseRow(rows.numbers_[i], n);
    return rows;
  }
  const TypedArray array = ranges.typedArray(napi_float64_array, "a Float64Array");
  const double* bounds = static_cast<const double*>(array.data);
  if (array.length % 2 != 0)
    throw Error("ERR_INDEX", "Expected `" + ranges.name() + "` to hold pairs of start and stop.");
  for (size_t i = 0; i < array.length; i += 2) {
    const double start = bounds[i], stop = bounds[i + 1];
    if (!(start >= 0 && start <= stop && stop <= static_cast<double>(n)) ||
        start != std::floor(start) || stop != std::floor(stop)) {
      throw Error("ERR_INDEX", "Expected row ranges 0 <= start <= stop <= " + std::to_string(n) +
                                   ", got [" + show(start) + ", " + show(stop) + ").");
    }
    if (start == stop) continue;
    rows.ranges_.push_back({rows.count_, static_cast<int64_t>(start)});
    rows.count_ += static_cast<int64_t>(stop) - static_cast<int64_t>(start);
  }
  return rows;
}

void Rows::list(int64_t from, int64_t count, int64_t* out) const {
  if (numbers_ != nullptr) {
    for (int64_t i = 0; i < count; i++) {
      // JavaScript can write to the numbers while the job runs: what is checked here is what is used.
      const int32_t row = __atomic_load_n(&numbers_[from + i], __ATOMIC_RELAXED);
      if (row < 0 || row >= n_) refuseRow(row, n_);
      out[i] = row;
    }
    return;
  }
  if (count == 0) return;
  auto range = std::upper_bound(ranges_.begin(), ranges_.end(), from,
                                [](int64_t at, const Range& range) { return at < range.position; });
  --range;
  for (int64_t i = 0; i < count; ++range) {
    const int64_t stop = range + 1 == ranges_.end() ? count_ : (range + 1)->position;
    const int64_t shift = range->start - range->position;
    for (; i < count && from + i < stop; i++) out[i] = from + i + shift;
  }
}

std::vector<int32_t> listRows(const Rows& rows) {
  constexpr int64_t kPart = 4096;
  int64_t listed[kPart];
  std::vector<int32_t> numbers;
  numbers.reserve(rows.count());
  for (int64_t at = 0; at < rows.count(); at += kPart) {
    const int64_t count = std::min(kPart, rows.count() - at);
    rows.list(at, count, listed);
    numbers.insert(numbers.end(), listed, listed + count);
  }
  return numbers;
}

std::vector<Rows> readGroups(const Value& value, int64_t n, Held& held) {
  std::vector<Rows> groups;
  for (uint32_t k = 0, count = value.length(); k < count; k++)
    groups.push_back(Rows::read(value.element(k), n, held));
  return groups;
}

}  // namespace onecopy
