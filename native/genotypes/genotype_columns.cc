/** Columns of sites and calls as JavaScript hands them in, every bound checked. */

#include "genotypes/genotype_columns.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace onecopy {
namespace {

/** Elements of a typed array that the job reads. */
template <class T>
const T* takeAll(const Value& value, const TypedArray& array, Held& held) {
  return static_cast<const T*>(held.take(value, array, Use::kRead, 0, array.length));
}

void requireLength(const Value& value, size_t length, int64_t expected) {
  if (static_cast<int64_t>(length) == expected) return;
  throw Error("ERR_SHAPE", "Expected `" + value.name() + "` to have " + std::to_string(expected) +
                               " elements, got " + std::to_string(length) + ".");
}

/** One byte for each row, or null. */
const uint8_t* readBytes(const Value& value, int64_t rows, Held& held) {
  if (value.isNullish()) return nullptr;
  const TypedArray array = value.typedArray(napi_uint8_array, "a Uint8Array");
  requireLength(value, array.length, rows);
  return takeAll<uint8_t>(value, array, held);
}

}  // namespace

Texts::Texts(const Value& value, Held& held) {
  const Value bytesValue = value.member("bytes"), startsValue = value.member("starts");
  const TypedArray bytes = bytesValue.typedArray(napi_uint8_array, "a Uint8Array");
  const TypedArray starts = startsValue.typedArray(napi_float64_array, "a Float64Array");
  if (starts.length == 0) requireLength(startsValue, 0, 1);
  bytes_ = takeAll<char>(bytesValue, bytes, held);
  starts_ = takeAll<double>(startsValue, starts, held);
  count_ = static_cast<int64_t>(starts.length) - 1;
  double before = 0;
  for (int64_t i = 0; i <= count_; i++) {
    const double start = starts_[i];
    if (!(start >= before && start <= static_cast<double>(bytes.length)) || start != std::floor(start))
      throw Error("ERR_SHAPE", "Expected `" + startsValue.name() + "` to rise within the bytes, got " +
                                   std::to_string(start) + " at " + std::to_string(i) + ".");
    if (i > 0) longest_ = std::max(longest_, static_cast<size_t>(start - before));
    before = start;
  }
}

Codes::Codes(const Value& value, int64_t rows, Held& held) {
  const TypedArray array = value.typedArray();
  switch (array.type) {
    case napi_int8_array:
    case napi_int16_array:
    case napi_int32_array:
    case napi_uint8_array:
    case napi_uint16_array: break;
    default: throw TypeError("Expected `" + value.name() + "` to be a typed array of int8, int16, int32, uint8 or uint16.");
  }
  requireLength(value, array.length, rows);
  type_ = array.type;
  // Nothing is read of an empty column, which may have no memory.
  static const int32_t empty = 0;
  data_ = array.length == 0 ? &empty : takeAll<void>(value, array, held);
}

TextColumn::TextColumn(const Value& value, int64_t rows, Held& held) {
  if (value.isNullish()) return;
  codes = Codes(value.member("codes"), rows, held);
  texts = Texts(value.member("texts"), held);
}

void TextColumn::refuse(int64_t code, int64_t row) const {
  throw Error("ERR_FORMAT", "Code " + std::to_string(code) + " in row " + std::to_string(row) +
                                " stands for nothing: there are " + std::to_string(texts.count()) + " texts.");
}

Sites::Sites(const Value& value, Held& held) : rows(value.member("rows").integer()) {
  chromosome = TextColumn(value.member("chromosome"), rows, held);
  id = TextColumn(value.member("id"), rows, held);
  reference = TextColumn(value.member("reference"), rows, held);
  alternate = TextColumn(value.member("alternate"), rows, held);
  if (!chromosome.isThere() || !reference.isThere())
    throw TypeError("Expected `sites` to have a chromosome and a reference.");
  const Value positions = value.member("position");
  const TypedArray array = positions.typedArray();
  requireLength(positions, array.length, rows);
  if (array.type == napi_int32_array) intPositions = takeAll<int32_t>(positions, array, held);
  else if (array.type == napi_float64_array) doublePositions = takeAll<double>(positions, array, held);
  else throw TypeError("Expected `" + positions.name() + "` to be an Int32Array or a Float64Array.");
  defects = readBytes(value.member("defects"), rows, held);
  swaps = readBytes(value.member("swaps"), rows, held);
}

Calls::Calls(const Value& value, int64_t rows, Held& held) {
  const Value distinctValue = value.member("distinct");
  const TypedArray codes = distinctValue.typedArray(napi_uint16_array, "a Uint16Array");
  for (size_t i = 0; i < codes.length; i++) {
    const uint16_t code = static_cast<const uint16_t*>(codes.data)[i];
    distinct.push_back({static_cast<uint8_t>(code & 127), static_cast<uint8_t>(code >> 7 & 127),
                        (code >> 14 & 1) != 0, (code >> 15 & 1) != 0});
  }
  const Value list = value.member("individuals");
  for (uint32_t i = 0; i < list.length(); i++) {
    const Value one = list.element(i), callsValue = one.member("calls");
    const TypedArray calls = callsValue.typedArray(napi_uint16_array, "a Uint16Array");
    if (calls.length == 0) requireLength(callsValue, 0, 1);
    const auto* numbers = takeAll<uint16_t>(callsValue, calls, held);
    individuals.push_back({Codes(one.member("codes"), rows, held), numbers, static_cast<int64_t>(calls.length)});
    for (size_t k = 0; k < calls.length; k++) {
      if (numbers[k] < distinct.size()) continue;
      throw Error("ERR_INDEX", "Call " + std::to_string(numbers[k]) + " in `" + callsValue.name() +
                                   "` is none of the " + std::to_string(distinct.size()) + " calls.");
    }
  }
}

}  // namespace onecopy
