/** Copies of single columns of bins, made when they are wanted. */

#pragma once

#include <vector>

#include "trees/bins/bins.h"
#include "trees/grow/row_vector.h"
#include "trees/grow/team.h"

namespace onecopy {

/** Where the bins of a column stand, in the form that `partRows` takes. */
struct BinColumn {
  const uint8_t* bins;
  int64_t stride;
};

/**
 * The columns of a matrix of bins. Rows are parted by one column after the other: where its bytes stand side by side,
 * a cache line serves 64 rows instead of one or a few. Copies take a byte a row.
 */
class BinColumns {
 public:
  /** @param mostBytes - what all copies may take */
  BinColumns(const Bins& bins, int64_t mostBytes)
      : bins_(bins), left_(mostBytes / std::max<int64_t>(1, bins.rows)), copies_(bins.columns) {}

  /** A column, copied when `copy` says that it is worth it and there is room. */
  BinColumn get(int64_t column, bool copy, Team& team);

 private:
  const Bins bins_;
  int64_t left_;  // how many more may be copied
  std::vector<RowVector<uint8_t>> copies_;
};

}  // namespace onecopy
