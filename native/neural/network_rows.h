/** Rows that networks read: scaled values, targets, weights. */

#pragma once

#include <algorithm>
#include <vector>

#include "matrix/results.h"
#include "matrix/row_reader.h"
#include "neural/network.h"

namespace onecopy {

/** Values of rows of a matrix as doubles; those of X may be shifted and scaled. One serves one thread. */
class ValueReader {
 public:
  ValueReader(const Matrix& matrix, const double* shift, const double* scale)
      : reader_(matrix), columns_(matrix.columns), shift_(shift), scale_(scale) {}

  /** Copies `count` rows to `out`, one after the other. */
  void read(const int32_t* rows, int64_t count, double* out) {
    for (int64_t at = 0; at < count; at += kRowsAtATime) {
      const int some = static_cast<int>(std::min<int64_t>(kRowsAtATime, count - at));
      const double* const* found = reader_.read(rows + at, some);
      for (int r = 0; r < some; r++, out += columns_) {
        if (scale_ == nullptr) std::copy_n(found[r], columns_, out);
        else
          for (int64_t j = 0; j < columns_; j++) out[j] = (found[r][j] - shift_[j]) / scale_[j];
      }
    }
  }

 private:
  RowReader reader_;
  const int64_t columns_;
  const double* shift_;
  const double* scale_;
};

/** What a network learns from: `NetworkRows`. */
struct NetworkRows {
  Matrix x, targets{};
  const double* shift = nullptr;
  const double* scale = nullptr;
  std::vector<int32_t> training, validation;
  /** 0: numbers are learned. */
  int64_t classes;

  NetworkRows(const Value& value, Held& held) {
    x = readMatrix(value.member("x"), held);
    if (!(x.rows < int64_t{1} << 31)) throw Error("ERR_SHAPE", "Expected `x` to have fewer than 2^31 rows, got " + std::to_string(x.rows) + ".");
    if (!value.member("scale").isNullish()) {
      shift = readVector<double>(value.member("shift"), x.columns, held);
      scale = readVector<double>(value.member("scale"), x.columns, held);
    }
    training = listRows(Rows::read(value.member("rows"), x.rows, held));
    validation = listRows(Rows::read(value.member("validation"), x.rows, held));
    if (training.empty()) throw Error("ERR_SHAPE", "Expected at least one row to learn from, got none.");
    classes = value.member("classes").integer(0, 1000);
    factors_ = readWeights(value.member("factors"), x.rows, held);
    if (classes > 0) {
      codes_ = readVector<uint16_t>(value.member("codes"), x.rows, held);
      return;
    }
    targets = readMatrix(value.member("targets"), held);
    requireRowsOf(value.member("targets"), targets, x.rows);
    if (targets.columns == 0) throw Error("ERR_SHAPE", "Expected `targets` to have at least one column, got none.");
  }

  /** Scores of a network that learns from these rows. */
  int64_t outputs() const { return classes == 0 ? targets.columns : classes == 2 ? 1 : classes; }
  Output output() const { return classes == 0 ? Output::kValues : classes == 2 ? Output::kLogistic : Output::kSoftmax; }
  double factor(int32_t row) const { return factors_ == nullptr ? 1 : factors_[row]; }
  /** Compared only, as JavaScript could change it meanwhile. */
  double code(int32_t row) const { return codes_[row]; }

 private:
  const double* factors_ = nullptr;
  const uint16_t* codes_ = nullptr;
};

}  // namespace onecopy
