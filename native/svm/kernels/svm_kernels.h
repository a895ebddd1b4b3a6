/** The vector kernels of support vector machines, and their table. */

#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.h"

namespace onecopy {

/** Rows that are compared with others; all of them are doubles without gaps. */
struct RowPairs {
  const double* const* rows;
  int count;
  /** Rows of `columns` doubles, one after the other. */
  const double* others;
  int64_t otherCount;
  int64_t columns;
  /** The result of row r and other o goes to `out[r * outStride + o]`. */
  double* out;
  size_t outStride;
};

/**
 * The variables of a dual problem. The lists have a multiple of 8 elements; those that only fill the last eight can't be chosen.
 * A variable can rise when `rise` is finite and fall when `fall` is.
 */
struct DualVariables {
  int64_t count;
  /** Negative gradient. */
  double* slope;
  /** Taken from the slope of a variable that rises; Infinity: it can't. */
  const double* rise;
  /** Taken from the slope of a variable that falls; -Infinity: it can't. */
  const double* fall;
  /** Kernel of each row with itself. */
  const double* diagonal;
};

/** A variable that was chosen. */
struct Chosen {
  int64_t index;  // -1: none
  double value;
};

/** The variable to change with another one. */
struct Partner {
  int64_t index;  // -1: none
  /** The least slope of a variable that can fall. */
  double least;
};

/** Curvatures below this are rounding errors; LIBSVM's constant. */
constexpr double kLeastCurvature = 1e-12;

/**
 * All kernels of one instruction set. They trust their arguments like those of `kernels.h`, and give the same bits at every
 * level: they use no fused operations, and no sum's order depends on the width of a vector. Of equals the last is chosen, as LIBSVM
 * does: then both take the same steps.
 */
struct SvmKernels {
  /** Sums of products of rows with others, in eight sums and then the rest of the columns. */
  void (*products)(const RowPairs& pairs);
  /** Sums of squares of differences, likewise. */
  void (*squares)(const RowPairs& pairs);
  /** values = e^(factor * values), where no factor * value is above 0. NaN stays NaN. */
  void (*exponentials)(double factor, int64_t count, double* values);
  /** to += factor * row. */
  void (*addMultiple)(double factor, const double* row, int64_t count, double* to);
  /** slope -= step * (risen - fallen), then finds the greatest slope of a variable that can rise. */
  Chosen (*moveSlopes)(const DualVariables& variables, double step, const float* risen, const float* fallen);
  /**
   * Finds the variable to lower by as much as the chosen one rises: the one that promises the greatest gain, by second
   * derivatives (Fan, Chen and Lin 2005).
   *
   * @param row - kernel of the chosen one with all
   */
  Partner (*findPartner)(const DualVariables& variables, Chosen risen, double diagonal, const float* row);
};

namespace baseline {
extern const SvmKernels svmKernels;
}
namespace avx2 {
extern const SvmKernels svmKernels;
}
namespace avx512 {
extern const SvmKernels svmKernels;
}

/** The kernels of the same instruction set as `kernels()`. */
const SvmKernels& svmKernels();

}  // namespace onecopy
