/** Columns of sites and calls as JavaScript hands them in, every bound checked. */

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "border/held.h"
#include "border/napi.h"

namespace onecopy {

/** Texts one after the other; text i lies from starts[i] to starts[i + 1]. */
class Texts {
 public:
  Texts() = default;
  /** Reads a `KernelTexts`. @throws Error `ERR_SHAPE` unless all of them lie in the bytes; TypeError */
  Texts(const Value& value, Held& held);

  int64_t count() const { return count_; }
  /** The caller has checked `index`. */
  std::string_view at(int64_t index) const {
    const auto from = static_cast<size_t>(starts_[index]);
    return {bytes_ + from, static_cast<size_t>(starts_[index + 1]) - from};
  }
  size_t longest() const { return longest_; }

 private:
  const char* bytes_ = nullptr;
  const double* starts_ = nullptr;
  int64_t count_ = 0;
  size_t longest_ = 0;
};

/** Whole numbers of 1, 2 or 4 bytes, one a row. */
class Codes {
 public:
  Codes() = default;
  /** @throws Error `ERR_SHAPE` unless there are `rows` of them; TypeError for another class of array */
  Codes(const Value& value, int64_t rows, Held& held);

  bool isThere() const { return data_ != nullptr; }

  /** The code of a row; the caller has checked the row. */
  int64_t at(int64_t row) const {
    switch (type_) {
      case napi_int8_array: return static_cast<const int8_t*>(data_)[row];
      case napi_int16_array: return static_cast<const int16_t*>(data_)[row];
      case napi_uint8_array: return static_cast<const uint8_t*>(data_)[row];
      case napi_uint16_array: return static_cast<const uint16_t*>(data_)[row];
      default: return static_cast<const int32_t*>(data_)[row];
    }
  }

  /** Hands the codes in their own type to `use`. */
  template <class Function>
  void visit(Function&& use) const {
    switch (type_) {
      case napi_int8_array: return use(static_cast<const int8_t*>(data_));
      case napi_int16_array: return use(static_cast<const int16_t*>(data_));
      case napi_uint8_array: return use(static_cast<const uint8_t*>(data_));
      case napi_uint16_array: return use(static_cast<const uint16_t*>(data_));
      default: return use(static_cast<const int32_t*>(data_));
    }
  }

 private:
  const void* data_ = nullptr;
  napi_typedarray_type type_ = napi_int8_array;
};

/** A column of texts: a code for each row, and what each code stands for. */
struct TextColumn {
  Codes codes;
  Texts texts;

  TextColumn() = default;
  /** Reads a `KernelTextColumn`; nothing for null. */
  TextColumn(const Value& value, int64_t rows, Held& held);

  bool isThere() const { return codes.isThere(); }
  /** The code of a row, or -1 for none. @throws Error `ERR_FORMAT` for a code that stands for nothing */
  int64_t codeOf(int64_t row) const {
    const int64_t code = codes.at(row);
    if (code >= texts.count()) refuse(code, row);
    return code < 0 ? -1 : code;
  }

 private:
  [[noreturn]] void refuse(int64_t code, int64_t row) const;
};

/** Where rows of a genotype table lie on the genome, and what stands there. */
struct Sites {
  int64_t rows;
  TextColumn chromosome, id, reference, alternate;
  const int32_t* intPositions = nullptr;
  const double* doublePositions = nullptr;
  const uint8_t* defects = nullptr;  // of each row: 0, or why it can't be written
  const uint8_t* swaps = nullptr;    // of each row: which of its alleles is the reference

  Sites(const Value& value, Held& held);

  /** Position of a row; 0 for none that VCF can express. */
  int64_t positionOf(int64_t row) const {
    if (intPositions != nullptr) return intPositions[row] < 1 ? 0 : intPositions[row];
    const double position = doublePositions[row];
    if (!(position >= 1 && position <= 2147483647)) return 0;
    const auto whole = static_cast<int64_t>(position);
    return static_cast<double>(whole) == position ? whole : 0;
  }
};

/** Alleles of one call: bases 0 to 3, or allele numbers; or one of these. */
constexpr uint8_t kMissingAllele = 126, kNoAllele = 127;

/** A genotype as VCF writes it. */
struct Call {
  uint8_t first, second;  // second is kNoAllele in a haploid call
  bool isPhased;
  bool isBad;  // what VCF can't express
};

/** The calls of some individuals. */
struct Calls {
  struct Individual {
    Codes codes;
    const uint16_t* calls;  // of each code; the last one is that of negative codes
    int64_t count;
  };
  std::vector<Call> distinct;
  std::vector<Individual> individuals;

  /** Reads `GenotypeCalls`. @throws Error `ERR_INDEX` for the number of a call that isn't there */
  Calls(const Value& value, int64_t rows, Held& held);
};

}  // namespace onecopy
