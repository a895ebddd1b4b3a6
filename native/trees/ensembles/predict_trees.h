/** Predictions of trees. */

#pragma once

#include <atomic>
#include <vector>

#include "matrix/matrix.h"
#include "trees/bins/bins.h"

namespace onecopy {

/** How a row's scores become what is written; the mean is that of scores of a forest of classes. */
enum class ScoreMap { kScore, kMean, kExp, kLogistic, kSoftmax, kLabel };

/** Grown trees, as they stand in a model. */
struct TreeModel {
  const uint64_t* slots;
  std::vector<int64_t> starts;     // where each tree begins, and where the last one ends
  std::vector<double> baselines;   // one for each score; tree t adds to score t % scores
  const double* shares = nullptr;  // of class trees, which add to all scores; see `forest.h`
  std::vector<double> shareStarts; // where those of each tree begin, and where the last one's end
  double factor;                   // what values of leaves are multiplied by
  ScoreMap map;
  std::vector<double> labels;      // of the classes, for the map to labels; of two there may be one score

  int scores() const { return static_cast<int>(baselines.size()); }
  /** Numbers that are written for each row: the logistic map gives the probabilities of both classes. */
  int outputs() const { return map == ScoreMap::kLogistic ? 2 : map == ScoreMap::kLabel ? 1 : scores(); }
};

/**
 * Writes the predictions of rows to the same rows of `out`, from its column 0 on. A row's are the same whatever
 * other rows are predicted.
 *
 * @throws Error `ERR_FORMAT` when the trees are damaged
 */
void predictTrees(const TreeModel& model, const Edges& edges, const Matrix& x, const Rows& rows, const Matrix& out,
                  int threads, const std::atomic<bool>& stop);

}  // namespace onecopy
