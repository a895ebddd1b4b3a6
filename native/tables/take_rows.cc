/** Copies rows of columns to other memory. */

#include "tables/cells.h"
#include "tables/tables.h"

namespace onecopy {
namespace {

class TakeRows : public Job {
 public:
  TakeRows(const Arguments& arguments, Held& held)
      : n_(arguments.at(1, "rows").integer(0, INT32_MAX)), rows_(Rows::read(arguments.at(2, "chosen"), n_, held)) {
    const Value list = arguments.at(0, "columns");
    for (uint32_t i = 0; i < list.length(); i++) {
      const Value column = list.element(i), out = column.member("out"), bits = column.member("outValidity");
      Copy copy{readCells(column, n_, held), readMatrix(out, held, Use::kChange), nullptr};
      requireRowsOf(out, copy.out, rows_.count());
      if (copy.out.dtype != copy.cells.values.dtype || copy.out.rowStride != 1)
        throw Error("ERR_DTYPE", "Expected `" + out.name() + "` side by side and of the dtype of its column.");
      if (copy.cells.validity != nullptr) {
        const TypedArray array = bits.typedArray(napi_uint8_array, "a Uint8Array");
        const auto bytes = static_cast<size_t>((rows_.count() + 7) / 8);
        if (array.length != bytes) throw Error("ERR_SHAPE", "Expected `" + bits.name() + "` to have " + std::to_string(bytes) + " bytes.");
        copy.bits = static_cast<uint8_t*>(held.take(bits, array, Use::kChange, 0, bytes));
      }
      copies_.push_back(copy);
    }
    threads_ = readThreads(arguments.at(3, "threads"));
  }

  void run() override {
    constexpr int64_t kPiece = 1 << 13;
    eachPiece(rows_.count(), threads_, stop(), [&](int64_t from, int64_t to) {
      int64_t rows[kPiece];
      rows_.list(from, to - from, rows);
      for (const Copy& copy : copies_) {
        withElementType(copy.out.dtype, [&](auto zero) {
          using T = decltype(zero);
          const TypedCells<T> cells(copy.cells);
          T* out = static_cast<T*>(copy.out.data) + from;
          for (int64_t i = 0; i < to - from; i++) out[i] = cells.at(rows[i]);
        });
        if (copy.bits == nullptr) continue;
        for (int64_t i = 0; i < to - from; i += 8) {
          uint8_t byte = 0;
          for (int64_t k = i; k < std::min(i + 8, to - from); k++) byte = static_cast<uint8_t>(byte | hasBit(copy.cells.validity, rows[k]) << (k - i));
          copy.bits[(from + i) / 8] = byte;
        }
      }
    }, kPiece);
  }

  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  struct Copy {
    Cells cells;
    Matrix out;
    uint8_t* bits;
  };

  const int64_t n_;
  Rows rows_;
  std::vector<Copy> copies_;
  int threads_;
};

}  // namespace

void registerTakeRows(napi_env env, napi_value exports) { exportFunction<startWith<TakeRows>>(env, exports, "takeTableRows"); }

}  // namespace onecopy
