/** Options of growing trees, read from JavaScript. */

#pragma once

#include <vector>

#include "matrix/matrix.h"
#include "trees/bins/bins.h"
#include "trees/grow/grown_tree.h"
#include "trees/grow/row_vector.h"

namespace onecopy {

/** What every way of growing trees is told. */
struct Common {
  Bins bins;
  Edges edges;
  Matrix y;
  const double* weights;
  GrowthOptions growth;
  std::vector<int8_t> monotone;  // empty: no column is bound
  uint64_t seed;
  SplitRules rules;  // without what binds columns
  int threads;

  const int8_t* bounds() const { return monotone.empty() ? nullptr : monotone.data(); }
};

/** @throws Error naming the option that is wrong */
Common readCommon(const Arguments& arguments, Held& held);

/** The rows to learn from. @throws Error `ERR_VALUE`, `ERR_ROWS` when there are none */
RowNumbers requireRows(const Arguments& arguments, const Common& common, Held& held);

/** The numbers of rows that count, those of weight 0 left out. @throws Error `ERR_VALUE`, `ERR_ROWS` */
RowNumbers listRows(const Value& value, const Bins& bins, const double* weights, Held& held);

/** A number of at least `low`; NaN is refused. */
double readAtLeast(const Value& value, double low);

/** Where each of some parts begins, whole numbers that ascend from 0 to at most `end`, and where the last one ends. */
std::vector<int64_t> readStarts(const Value& value, size_t end);

}  // namespace onecopy
