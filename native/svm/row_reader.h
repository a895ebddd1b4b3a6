/** A few rows of a matrix as doubles without gaps. */

#pragma once

#include <vector>

#include "matrix/matrix.h"

namespace onecopy {

/** Rows that are read at a time. */
constexpr int kRowsAtATime = 16;

/** Reads rows of float64 without gaps where they are; converts others, `kRowsAtATime` at most. One reader serves one thread. */
class RowReader {
 public:
  explicit RowReader(const Matrix& x)
      : x_(x), isPlain_(x.dtype == DType::kFloat64 && (x.columnStride == 1 || x.columns == 1)) {
    if (!isPlain_) scratch_.resize(static_cast<size_t>(kRowsAtATime) * x.columns);
  }

  /** Pointers to these rows, until the next call. Row numbers are those of the matrix, checked by the caller. */
  const double* const* read(const int32_t* rows, int count) {
    if (isPlain_) {
      for (int r = 0; r < count; r++) rows_[r] = static_cast<const double*>(x_.data) + rows[r] * x_.rowStride;
      return rows_;
    }
    for (int r = 0; r < count; r++) rows_[r] = scratch_.data() + r * x_.columns;
    convert(rows, count);
    return rows_;
  }

  const double* read(int32_t row) { return read(&row, 1)[0]; }

 private:
  void convert(const int32_t* rows, int count) {
    const auto as = [&]<class T>(T) { convertAs<T>(rows, count); };
    switch (x_.dtype) {
      case DType::kBool:
      case DType::kUint8: return as(uint8_t{});
      case DType::kInt8: return as(int8_t{});
      case DType::kInt16: return as(int16_t{});
      case DType::kUint16: return as(uint16_t{});
      case DType::kInt32: return as(int32_t{});
      case DType::kUint32: return as(uint32_t{});
      case DType::kInt64: return as(int64_t{});
      case DType::kUint64: return as(uint64_t{});
      case DType::kFloat32: return as(float{});
      case DType::kFloat64: return as(double{});
    }
  }

  template <class T>
  void convertAs(const int32_t* rows, int count) {
    const T* data = static_cast<const T*>(x_.data);
    const int64_t columns = x_.columns, step = x_.columnStride;
    double* to = scratch_.data();
    if (step == 1) {
      for (int r = 0; r < count; r++) {
        const T* from = data + rows[r] * x_.rowStride;
        for (int64_t c = 0; c < columns; c++) to[r * columns + c] = static_cast<double>(from[c]);
      }
      return;
    }
    // Neighbouring rows of a column share cache lines.
    for (int64_t c = 0; c < columns; c++)
      for (int r = 0; r < count; r++)
        to[r * columns + c] = static_cast<double>(data[rows[r] * x_.rowStride + c * step]);
  }

  const Matrix x_;
  const bool isPlain_;
  std::vector<double> scratch_;
  const double* rows_[kRowsAtATime];
};

}  // namespace onecopy
