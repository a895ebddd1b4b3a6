/** Matrices and rows as JavaScript hands them in, every bound checked. */

#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "border/job.h"
#include "kernels/kernels.h"
#include "border/napi.h"

namespace onecopy {

/** A column of a table: numbers, or codes that stand for numbers. */
struct TableColumn {
  const void* data;  // of row 0
  DType dtype;
  int64_t rowStride;     // elements from a row to the next
  const double* lookup;  // what each code stands for; null: values are numbers as they are
  int64_t codes;         // how many there are
};

/** A strided view of typed memory; strides count elements and may be 0 or negative. Or columns that lie apart. */
struct Matrix {
  void* data;  // element (0, 0)
  DType dtype;
  int64_t rows;
  int64_t columns;
  int64_t rowStride;
  int64_t columnStride;
  const TableColumn* list = nullptr;  // the columns, when they lie apart: then data, dtype and strides mean nothing
  std::shared_ptr<const std::vector<TableColumn>> owner = nullptr;  // of the list
};

/** Bytes of one element. */
size_t sizeOf(DType dtype);

/**
 * Reads a `KernelMatrix`. Every element that the result can name lies in its typed array, which is added to
 * `held`.
 *
 * @throws TypeError for members of a wrong type
 * @throws Error `ERR_DTYPE` for a dtype that kernels don't read or whose array has another class,
 *   `ERR_SHAPE` when an element would lie outside the array, `ERR_DETACHED`
 */
Matrix readMatrix(const Value& value, Held& held, Use use = Use::kRead);

/**
 * Reads a `KernelMatrix` or a `KernelColumns`. Only `BlockReader` and `gatherColumns` read columns that lie apart.
 *
 * @throws what readMatrix throws
 */
Matrix readFeatures(const Value& value, Held& held);

/**
 * What a code stands for; NaN, a missing value, for a negative one.
 *
 * @throws Error `ERR_FORMAT` for a code that stands for nothing
 */
double lookUp(const TableColumn& column, double code);

/** Reads a matrix that results are written to. @throws Error `ERR_DTYPE` unless it holds float64 or float32 */
Matrix readOutput(const Value& value, Held& held);

/**
 * Reads a typed array of T, an int32_t, a uint16_t or a double, and adds it to `held`.
 *
 * @throws TypeError for an array of another class
 * @throws Error `ERR_SHAPE` unless it has `length` elements, `ERR_DETACHED`
 */
template <class T>
T* readVector(const Value& value, int64_t length, Held& held, Use use = Use::kRead);

/** Like readVector, of doubles; null for null or undefined. */
const double* readWeights(const Value& value, int64_t length, Held& held);

/** Row numbers in [0, n), in some order, from ranges or a list. */
class Rows {
 public:
  /** Reads a `KernelRows` and adds its numbers to `held`. @throws Error `ERR_INDEX` */
  static Rows read(const Value& value, int64_t n, Held& held);

  int64_t count() const { return count_; }

  /** Writes the row numbers at positions [from, from + count) to `out`. @throws Error `ERR_INDEX` */
  void list(int64_t from, int64_t count, int64_t* out) const;

 private:
  struct Range {
    int64_t position;  // of its first row among all
    int64_t start;
  };
  std::vector<Range> ranges_;
  const int32_t* numbers_ = nullptr;
  int64_t count_ = 0;
  int64_t n_ = 0;
};

/** The numbers of all these rows, of a matrix with fewer than 2^31 rows. @throws Error `ERR_INDEX` */
std::vector<int32_t> listRows(const Rows& rows);

/** Reads an array of `KernelRows`. @throws Error `ERR_INDEX` */
std::vector<Rows> readGroups(const Value& value, int64_t n, Held& held);

}  // namespace onecopy
