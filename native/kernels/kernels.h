/** The vector kernels: what each does, and the table of one instruction set. */

#pragma once

#include <cstddef>
#include <cstdint>

namespace onecopy {

/** Element types of a matrix; `kBool` is a byte that holds 0 or 1. */
enum class DType : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat32,
  kFloat64
};

/** Some rows of a strided matrix. Strides and offsets count elements. */
struct RowBlock {
  const void* data;  // element (0, 0)
  DType dtype;
  int64_t columns;
  int64_t columnStride;
  const int64_t* rows;  // offset of each row's first element
  int count;
};

/**
 * Doubles in panels: value (r, c) is `data[(c / panel) * stride + r * panel + c % panel]`, where
 * `panel` is `Kernels::panel`. A tile of products then reads a few streams without gaps.
 */
struct Block {
  double* data;
  size_t stride;  // doubles from a panel to the next
  int panels;
  int rows;
};

/** Memory that the next block will come from, to be asked for while this one is computed. */
struct Ahead {
  const char* const* pieces;
  int count;
  int64_t bytes;  // of each piece
};

/** Running sums over rows: a value for each column of a block, those that fill its last panel too. */
struct ColumnSums {
  double* sums;
  double* minimum;
  double* maximum;
};

/**
 * All kernels of one instruction set. They trust their arguments: the border (`matrix.h`) has
 * checked every bound, and blocks have room for `panels * stride` doubles.
 */
struct Kernels {
  const char* name;
  /** Columns in a panel: 4, or 8 with AVX-512. */
  int panel;

  /** Copies all columns of `source` as doubles to columns `first`, `first + 1`, … of `block`. */
  void (*pack)(const RowBlock& source, int first, const Block& block);

  /**
   * Packs the columns of x, then those of y (may be null), takes `shift` from every value, and adds the
   * block to `into.sums`, `minimum` (of the unshifted values; NaN is left out) and `maximum`.
   * With `weights` (a row each) the sums are weighted, and `weighted` receives weight x value.
   */
  void (*summarise)(const RowBlock& x, const RowBlock* y, const Block& block, const double* shift,
                    const double* weights, double* weighted, const ColumnSums& into);

  /** How many rows hold a NaN or an infinity. */
  int (*countNonFinite)(const Block& block);

  /**
   * cross += left' right, lower half only, in a square of `panels * panel` columns, row by row. The two
   * blocks have one shape.
   */
  void (*gram)(const Block& left, const Block& right, double* cross, const Ahead& ahead);

  /** value = (value - shift) * scale * rowFactor, in place; `rowFactors` may be null (all 1). */
  void (*standardise)(const Block& block, const double* shift, const double* scale,
                      const double* rowFactors);

  /**
   * Householder: `triangle` becomes the triangle R of [triangle; block]. It is a square of `panels * panel`
   * columns, row by row, of which the upper half counts. Destroys the block. `work` holds
   * `panels * panel * panel` doubles.
   */
  void (*absorb)(const Block& block, double* triangle, double* work, const Ahead& ahead);

  /**
   * out[r * models + l] = intercepts[l] + row r . coefficients[l]. Coefficients have a row of
   * `panels * panel` values a model, zero where the block has no column. A row's sum does not depend
   * on its neighbours.
   */
  void (*predict)(const Block& block, const double* coefficients, const double* intercepts,
                  int models, double* out, const Ahead& ahead);

  /**
   * Residuals in twice the working precision: with z = (value - shift) * scale and residual = target -
   * z . coefficients, adds weight x residual x z of every column to a sum of two parts, `high[c] + low[c]`,
   * and after those, at `panels * panel`, weight x residual^2. `target` is a column of the
   * block, where coefficients must be 0; `weights` may be null (all 1).
   */
  void (*gradient)(const Block& block, const double* shift, const double* scale,
                   const double* weights, const double* coefficients, int target, double* high,
                   double* low);

  /** Adds sums of two parts to others: (high, low) += (otherHigh, otherLow), `count` times. */
  void (*addPairs)(int count, const double* otherHigh, const double* otherLow, double* high,
                   double* low);
};

namespace baseline {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}

/** The kernels that were chosen at load, by the CPU and `ONECOPY_SIMD`; see `level.cc`. */
const Kernels& kernels();

/** The table `name` of the instruction set of `kernels()`; there is one in each of the namespaces of levels. */
#if defined(__x86_64__)
#define ONECOPY_TABLE(name)                             \
  (&kernels() == &avx512::kernels ? avx512::name        \
   : &kernels() == &avx2::kernels ? avx2::name          \
                                  : baseline::name)
#else
#define ONECOPY_TABLE(name) (baseline::name)
#endif

}  // namespace onecopy
