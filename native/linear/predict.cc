/** Predictions of linear models. */

#include "linear/predict.h"

#include <algorithm>

#include "matrix/blocks.h"
#include "matrix/reduce.h"
#include "matrix/results.h"

namespace onecopy {
namespace {

constexpr int kBlockRows = 128;
constexpr int64_t kFewProducts = 16384;

class PredictJob : public Job {
 public:
  PredictJob(const Arguments& arguments, Held& held) {
    x_ = readMatrix(arguments.at(0, "x"), held);
    rows_ = Rows::read(arguments.at(1, "rows"), x_.rows, held);
    const TypedArray columns = arguments.at(5, "outColumns").typedArray(napi_int32_array, "an Int32Array");
    models_ = static_cast<int>(columns.length);
    const double* coefficients =
        readVector<double>(arguments.at(2, "coefficients"), models_ * x_.columns, held);
    const double* intercepts = readVector<double>(arguments.at(3, "intercepts"), models_, held);
    out_ = readOutput(arguments.at(4, "out"), held);
    requireRowsOf(arguments.at(4, "out"), out_, x_.rows);
    threads_ = readThreads(arguments.at(6, "threads"));
    const auto* numbers = static_cast<const int32_t*>(columns.data);
    outColumns_.assign(numbers, numbers + models_);
    for (const int32_t column : outColumns_) {
      if (column >= 0 && column < out_.columns) continue;
      throw Error("ERR_INDEX", "Column " + std::to_string(column) + " is outside `out`, which has " +
                                   std::to_string(out_.columns) + " columns.");
    }
    const size_t width = source().panels(kernels_) * kernels_.panel;
    coefficients_.assign(models_ * width, 0.0);
    for (int l = 0; l < models_; l++)
      std::copy_n(coefficients + l * x_.columns, x_.columns, coefficients_.begin() + l * width);
    intercepts_.assign(intercepts, intercepts + models_);
  }

  void run() override {
    if (models_ == 0) return;
    const int64_t chunks = (rows_.count() + kChunkRows - 1) / kChunkRows;
    Tasks tasks(chunks, stop());
    onThreads(static_cast<int>(std::min<int64_t>(threads_, chunks)), [&] {
      BlockReader reader(kernels_, source());
      std::vector<double> predictions(static_cast<size_t>(kBlockRows) * models_);
      tasks.each([&](int64_t chunk) {
        const int64_t from = chunk * kChunkRows;
        reader.start(rows_, from, std::min(from + kChunkRows, rows_.count()));
        while (reader.next()) {
          reader.pack();
          kernels_.predict(reader.block(), coefficients_.data(), intercepts_.data(), models_,
                           predictions.data(), reader.ahead());
          if (out_.dtype == DType::kFloat64) write<double>(reader, predictions);
          else write<float>(reader, predictions);
        }
      });
    });
  }

  /** So many products take some microseconds. */
  bool isShort() const override { return rows_.count() * x_.columns * std::max(models_, 1) <= kFewProducts; }

  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  BlockSource source() const { return {x_, nullptr, nullptr, 0, kBlockRows}; }

  template <class T>
  void write(const BlockReader& reader, const std::vector<double>& predictions) const {
    for (int l = 0; l < models_; l++) {
      T* column = static_cast<T*>(out_.data) + outColumns_[l] * out_.columnStride;
      for (int r = 0; r < reader.block().rows; r++) {
        // SAFETY: `out` has the rows of x, which the reader has checked the row number against.
        column[reader.rows()[r] * out_.rowStride] = static_cast<T>(predictions[r * models_ + l]);
      }
    }
  }

  const Kernels& kernels_ = kernels();
  Matrix x_, out_;
  Rows rows_;
  int models_;
  int threads_;
  std::vector<int32_t> outColumns_;
  std::vector<double> coefficients_, intercepts_;
};

}  // namespace

void registerPredict(napi_env env, napi_value exports) {
  exportFunction<startWith<PredictJob>>(env, exports, "affinePredict");
}

}  // namespace onecopy
