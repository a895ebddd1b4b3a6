/** Finds the rows that fulfil a condition. */

#include <string>

#include "tables/cells.h"
#include "tables/tables.h"

namespace onecopy {
namespace {

/** Rows whose marks are in the first cache together. */
constexpr int64_t kBlock = 4096;

enum class Test { kRange, kValues, kCodes, kMissing, kAnd, kOr, kNot, kAll };

/** A value, or a step that combines what stands on the stack. Bounds are in the widest type of the column's kind. */
struct Step {
  Test test;
  int column = 0;
  std::vector<double> floats{};
  std::vector<int64_t> integers{};
  std::vector<uint64_t> naturals{};
  std::vector<uint8_t> codes{};  // whether each code counts
};

template <class T>
auto& boundsOf(const Step& step) {
  if constexpr (std::is_floating_point_v<T>) return step.floats;
  else if constexpr (std::is_same_v<T, uint64_t>) return step.naturals;
  else return step.integers;
}

/** Whether T holds a value of the widest type of its kind. */
template <class T, class Wide>
bool fits(Wide value) {
  if constexpr (sizeof(T) == sizeof(Wide)) return true;
  else return value >= static_cast<Wide>(std::numeric_limits<T>::lowest()) && value <= static_cast<Wide>(std::numeric_limits<T>::max());
}

class FindRows : public Job {
 public:
  FindRows(const Arguments& arguments, Held& held)
      : rows_(arguments.at(2, "rows").integer(0, INT32_MAX)), cells_(readCellsList(arguments.at(0, "columns"), rows_, held)) {
    const Value steps = arguments.at(1, "steps");
    int depth = 0;
    for (uint32_t i = 0; i < steps.length(); i++) {
      const Value value = steps.element(i);
      steps_.push_back(readStep(value));
      const Test test = steps_.back().test;
      const int taken = test == Test::kAnd || test == Test::kOr ? 2 : test == Test::kNot ? 1 : 0;
      depth += 1 - taken;
      if (depth < 1) throw Error("ERR_INDEX", "Expected values before `" + value.name() + "`.");
      depth_ = std::max(depth_, depth);
    }
    if (depth != 1) throw Error("ERR_INDEX", "Expected `steps` to result in one value.");
    bits_ = readBits(arguments.at(3, "bits"), held);
    threads_ = readThreads(arguments.at(4, "threads"));
  }

  void run() override {
    blocks_.resize(static_cast<size_t>((rows_ + kTaskRows - 1) / kTaskRows));
    eachPiece(rows_, threads_, stop(), [&](int64_t from, int64_t to) {
      std::vector<uint8_t> stack(static_cast<size_t>(depth_) * kBlock);
      Counts counts{};
      bool before = false;
      for (int64_t start = from; start < to && !stop(); start += kBlock) {
        const int64_t count = std::min(kBlock, to - start);
        evaluate(start, count, stack.data());
        std::fill(stack.begin() + count, stack.begin() + (count + 63) / 64 * 64, uint8_t{0});
        for (int64_t i = 0; i < count; i += 64) {
          uint64_t word = 0;
          for (int k = 0; k < 8; k++) {
            uint64_t bytes;
            std::memcpy(&bytes, stack.data() + i + 8 * k, 8);
            word |= (bytes * 0x0102040810204080ULL) >> 56 << (8 * k);
          }
          if (start == from && i == 0) counts.first = word & 1;
          counts.hits += std::popcount(word);
          counts.runs += std::popcount(word & ~(word << 1 | static_cast<uint64_t>(before)));
          before = word >> 63;
          const int64_t bytes = std::min<int64_t>(8, (rows_ - start - i + 7) / 8);
          std::memcpy(bits_ + (start + i) / 8, &word, static_cast<size_t>(bytes));
        }
      }
      counts.last = before;
      blocks_[static_cast<size_t>(from / kTaskRows)] = counts;
    });
  }

  napi_value settle(napi_env env) override {
    int64_t hits = 0, runs = 0;
    for (size_t i = 0; i < blocks_.size(); i++) {
      hits += blocks_[i].hits;
      runs += blocks_[i].runs - (i > 0 && blocks_[i - 1].last && blocks_[i].first ? 1 : 0);
    }
    return makeObject(env, {{"hits", toValue(env, static_cast<double>(hits))}, {"runs", toValue(env, static_cast<double>(runs))}});
  }

 private:
  struct Counts {
    int64_t hits, runs;
    bool first, last;
  };

  uint8_t* readBits(const Value& value, Held& held) const {
    const TypedArray bits = value.typedArray(napi_uint8_array, "a Uint8Array");
    const auto bytes = static_cast<size_t>((rows_ + 7) / 8);
    if (bits.length < bytes) throw Error("ERR_SHAPE", "Expected `bits` to have " + std::to_string(bytes) + " bytes.");
    return static_cast<uint8_t*>(held.take(value, bits, Use::kChange, 0, bytes));
  }

  Step readStep(const Value& value) const {
    const std::string name = value.member("test").text();
    if (name == "and") return {Test::kAnd};
    if (name == "or") return {Test::kOr};
    if (name == "not") return {Test::kNot};
    if (name == "all") return {Test::kAll};
    Step step{name == "range" ? Test::kRange : name == "values" ? Test::kValues : name == "codes" ? Test::kCodes : Test::kMissing};
    step.column = static_cast<int>(value.member("column").integer(0, static_cast<int64_t>(cells_.size()) - 1));
    if (step.test == Test::kMissing) return step;
    const TypedArray list = value.member("values").typedArray();
    const DType dtype = cells_[static_cast<size_t>(step.column)].values.dtype;
    const bool isFloat = dtype == DType::kFloat32 || dtype == DType::kFloat64;
    const auto expected = step.test == Test::kCodes    ? napi_uint8_array
                          : isFloat                    ? napi_float64_array
                          : dtype == DType::kUint64    ? napi_biguint64_array
                                                       : napi_bigint64_array;
    if (list.type != expected || (step.test == Test::kCodes && isFloat))
      throw TypeError("Expected `" + value.name() + ".values` to be of the class that belongs to the column.");
    if (step.test == Test::kRange && list.length != 2) throw Error("ERR_SHAPE", "Expected two bounds.");
    if (step.test == Test::kCodes) step.codes.assign(static_cast<uint8_t*>(list.data), static_cast<uint8_t*>(list.data) + list.length);
    else if (isFloat) copyTo(step.floats, list);
    else if (dtype == DType::kUint64) copyTo(step.naturals, list);
    else copyTo(step.integers, list);
    return step;
  }

  template <class T>
  static void copyTo(std::vector<T>& to, const TypedArray& list) {
    const T* data = static_cast<const T*>(list.data);
    to.assign(data, data + list.length);
  }

  /** Leaves a mark of 0 or 1 for each of the rows at the bottom of the stack. */
  void evaluate(int64_t start, int64_t count, uint8_t* stack) const {
    uint8_t* top = stack;  // behind the last value
    for (const Step& step : steps_) {
      uint8_t* last = top - kBlock;
      switch (step.test) {
        case Test::kAnd:
          for (int64_t i = 0; i < count; i++) last[i - kBlock] &= last[i];
          top = last;
          break;
        case Test::kOr:
          for (int64_t i = 0; i < count; i++) last[i - kBlock] |= last[i];
          top = last;
          break;
        case Test::kNot:
          for (int64_t i = 0; i < count; i++) last[i] ^= 1;
          break;
        case Test::kAll:
          std::memset(top, 1, static_cast<size_t>(count));
          top += kBlock;
          break;
        default: {
          const Cells& cells = cells_[static_cast<size_t>(step.column)];
          withElementType(cells.values.dtype, [&](auto zero) {
            using T = decltype(zero);
            const TypedCells<T> typed(cells);
            if (typed.stride == 1) return testBlock(step, typed, typed.data + start, start, count, top);
            T copy[kBlock];
            for (int64_t i = 0; i < count; i++) copy[i] = typed.at(start + i);
            testBlock(step, typed, copy, start, count, top);
          });
          top += kBlock;
        }
      }
    }
  }

  template <class T>
  static void testBlock(const Step& step, const TypedCells<T>& cells, const T* values, int64_t start, int64_t count, uint8_t* out) {
    if (step.test == Test::kMissing) {
      for (int64_t i = 0; i < count; i++) out[i] = cells.isMissing(start + i, values[i]);
      return;
    }
    if (step.test == Test::kRange) testRange(step, values, count, out);
    else if (step.test == Test::kValues) testValues(step, values, count, out);
    else testCodes(step, values, count, out);
    // What a row without a value holds means nothing; blocks start at whole bytes.
    if (cells.validity != nullptr)
      for (int64_t i = 0; i < count; i++) out[i] &= static_cast<uint8_t>(-(hasBit(cells.validity, start + i) ? 1 : 0));
    if (step.test != Test::kCodes) return;
    uint8_t all = 0;
    for (int64_t i = 0; i < count; i++) all |= out[i];
    if (all & 2) throw Error("ERR_FORMAT", "Expected codes below " + std::to_string(step.codes.size()) + ", the number of categories, in column " + std::to_string(step.column) + " of the condition. Its codes or its categories are damaged.");
  }

  template <class T>
  static void testRange(const Step& step, const T* values, int64_t count, uint8_t* out) {
    const auto wideLow = boundsOf<T>(step)[0], wideHigh = boundsOf<T>(step)[1];
    using Wide = std::remove_cv_t<decltype(wideLow)>;
    if constexpr (std::is_floating_point_v<T>) {
      for (int64_t i = 0; i < count; i++)
        out[i] = static_cast<uint8_t>((static_cast<double>(values[i]) >= wideLow) & (static_cast<double>(values[i]) <= wideHigh));
    } else {
      constexpr auto least = static_cast<Wide>(std::numeric_limits<T>::lowest()), most = static_cast<Wide>(std::numeric_limits<T>::max());
      if (wideLow > wideHigh || wideLow > most || wideHigh < least) {
        std::memset(out, 0, static_cast<size_t>(count));
        return;
      }
      const T low = static_cast<T>(std::max(wideLow, least)), high = static_cast<T>(std::min(wideHigh, most));
      for (int64_t i = 0; i < count; i++) out[i] = static_cast<uint8_t>((values[i] >= low) & (values[i] <= high));
    }
  }

  template <class T>
  static void testValues(const Step& step, const T* values, int64_t count, uint8_t* out) {
    const auto& list = boundsOf<T>(step);
    std::memset(out, 0, static_cast<size_t>(count));
    using Wide = typename std::remove_cvref_t<decltype(list)>::value_type;
    if (list.size() > 8) {
      for (int64_t i = 0; i < count; i++) out[i] = std::binary_search(list.begin(), list.end(), static_cast<Wide>(values[i]));
      return;
    }
    for (const Wide wanted : list) {
      if constexpr (std::is_floating_point_v<T>) {
        for (int64_t i = 0; i < count; i++) out[i] |= static_cast<uint8_t>(static_cast<double>(values[i]) == wanted);
      } else if (fits<T>(wanted)) {
        const T exact = static_cast<T>(wanted);
        for (int64_t i = 0; i < count; i++) out[i] |= static_cast<uint8_t>(values[i] == exact);
      }
    }
  }

  /** Marks 2 for a code that stands for nothing. */
  template <class T>
  static void testCodes(const Step& step, const T* values, int64_t count, uint8_t* out) {
    if constexpr (std::is_integral_v<T>) {
      const std::vector<uint8_t>& codes = step.codes;
      if constexpr (sizeof(T) == 1) {
        uint8_t marks[256];
        for (int i = 0; i < 256; i++)
          marks[i] = static_cast<size_t>(i) < codes.size() && !(std::is_signed_v<T> && i > 127) ? codes[static_cast<size_t>(i)]
                     : std::is_signed_v<T> && i > 127                                          ? 0
                                                                                                : 2;
        for (int64_t i = 0; i < count; i++) out[i] = marks[static_cast<uint8_t>(values[i])];
      } else {
        for (int64_t i = 0; i < count; i++) {
          if (values[i] < T{0}) out[i] = 0;
          else out[i] = static_cast<uint64_t>(values[i]) < codes.size() ? codes[static_cast<size_t>(values[i])] : uint8_t{2};
        }
      }
    }
  }

  const int64_t rows_;
  std::vector<Cells> cells_;
  std::vector<Step> steps_;
  int depth_ = 1;
  uint8_t* bits_;
  int threads_;
  std::vector<Counts> blocks_;
};

/** Lists the bits that are 1, as numbers or as ranges. */
class ListBits : public Job {
 public:
  ListBits(const Arguments& arguments, Held& held) : rows_(arguments.at(1, "rows").integer(0, INT32_MAX)) {
    const Value bitsOf = arguments.at(0, "bits"), out = arguments.at(2, "out");
    const TypedArray bits = bitsOf.typedArray(napi_uint8_array, "a Uint8Array"), array = out.typedArray(napi_int32_array, "an Int32Array");
    const auto bytes = static_cast<size_t>((rows_ + 7) / 8);
    if (bits.length < bytes) throw Error("ERR_SHAPE", "Expected `bits` to have " + std::to_string(bytes) + " bytes.");
    bits_ = static_cast<const uint8_t*>(held.take(bitsOf, bits, Use::kRead, 0, bytes));
    room_ = static_cast<int64_t>(array.length);
    out_ = static_cast<int32_t*>(held.take(out, array, Use::kChange, 0, array.length));
    isRanges_ = arguments.at(3, "isRanges").boolean();
    threads_ = readThreads(arguments.at(4, "threads"));
  }

  void run() override {
    if (isRanges_) return listRanges();
    std::vector<int64_t> starts(static_cast<size_t>((rows_ + kTaskRows - 1) / kTaskRows) + 1);
    eachPiece(rows_, threads_, stop(), [&](int64_t from, int64_t to) {
      int64_t count = 0;
      eachWord(from, to, [&](int64_t, uint64_t word) { count += std::popcount(word); });
      starts[static_cast<size_t>(from / kTaskRows) + 1] = count;
    });
    for (size_t i = 1; i < starts.size(); i++) starts[i] += starts[i - 1];
    if (starts.back() > room_) throw tooSmall();
    eachPiece(rows_, threads_, stop(), [&](int64_t from, int64_t to) {
      int64_t at = starts[static_cast<size_t>(from / kTaskRows)];
      const int64_t end = starts[static_cast<size_t>(from / kTaskRows) + 1];
      eachWord(from, to, [&](int64_t row, uint64_t word) {
        for (; word != 0 && at < end; word &= word - 1) out_[at++] = static_cast<int32_t>(row + std::countr_zero(word));
      });
    });
  }

  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  template <class Work>
  void eachWord(int64_t from, int64_t to, Work&& work) const {
    for (int64_t row = from; row < to; row += 64) {
      uint64_t word = 0;
      std::memcpy(&word, bits_ + row / 8, static_cast<size_t>(std::min<int64_t>(8, (rows_ - row + 7) / 8)));
      if (rows_ - row < 64) word &= (uint64_t{1} << (rows_ - row)) - 1;
      work(row, word);
    }
  }

  /** Pairs of a start and a stop. Starts and stops are where a bit differs from the one before it. */
  void listRanges() {
    int64_t at = 0;
    uint64_t before = 0;
    const auto put = [&](int64_t row) {
      if (at == room_) throw tooSmall();
      out_[at++] = static_cast<int32_t>(row);
    };
    eachWord(0, rows_, [&](int64_t row, uint64_t word) {
      for (uint64_t edges = word ^ (word << 1 | before); edges != 0; edges &= edges - 1) {
        const int64_t edge = row + std::countr_zero(edges);
        if (edge < rows_) put(edge);
      }
      before = word >> 63;
    });
    if (at % 2 == 1) put(rows_);
  }

  static Error tooSmall() { return Error("ERR_SHAPE", "Expected `out` to have room for all rows."); }

  const int64_t rows_;
  const uint8_t* bits_;
  int32_t* out_;
  int64_t room_;
  bool isRanges_;
  int threads_;
};

}  // namespace

void registerFindRows(napi_env env, napi_value exports) {
  exportFunction<startWith<FindRows>>(env, exports, "findTableRows");
  exportFunction<startWith<ListBits>>(env, exports, "listBits");
}

}  // namespace onecopy
