/** Scores of rows: what boosting predicts before it is mapped. */

#pragma once

#include <cstdint>

#include "trees/grow/row_vector.h"

namespace onecopy {

/** A number for each row and class; those of one class stand together. */
class RowScores {
 public:
  RowScores(int64_t rows, int classes) : values_(static_cast<size_t>(rows) * classes), rows_(rows) {}

  double* of(int k) { return values_.data() + static_cast<size_t>(k) * rows_; }
  const double* of(int k) const { return values_.data() + static_cast<size_t>(k) * rows_; }

 private:
  RowVector<double> values_;
  int64_t rows_;
};

}  // namespace onecopy
