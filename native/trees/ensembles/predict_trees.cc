/** Predictions of trees. */

#include "trees/ensembles/predict_trees.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "matrix/threads.h"
#include "trees/ensembles/loss.h"
#include "trees/grow/slots.h"

namespace onecopy {
namespace {

/** Rows that pass through one tree after the other, so that a tree's nodes are near: as many at least, and at most. */
constexpr int64_t kLeastBatch = 2048, kMostBatch = 32768;
/** A tree of more nodes fills a core's cache; rows whose bins take at most so many bytes then share what is read of it. */
constexpr int64_t kManyNodes = 1 << 14;
constexpr int64_t kBatchBytes = 1 << 21;
/** Trees of so many nodes are worth a copy that needs no checks. */
constexpr int64_t kLeastCopied = 256;
/** Bins are turned for trees of fewer nodes, for at least so many rows of at most so many columns. */
constexpr int64_t kFewNodes = 64;
constexpr int64_t kLeastTurned = 16;
constexpr int64_t kMostTurned = 1024;
/** The values of so few rows are searched for among the edges themselves. */
constexpr int64_t kFewRows = 64;

/** What finds the bins of many rows. */
struct ManyRows {
  ManyRows(const Matrix& x, const Edges& edges) : searched(edges), binner(x, searched) {}
  const SearchEdges searched;
  RowBinner binner;
};

/** Predicts rows on one thread. */
class Walker {
 public:
  Walker(const TreeModel& model, const Edges& edges, const Matrix& x, int64_t batch)
      : model_(model),
        batch_(batch),
        columns_(x.columns),
        stride_((x.columns + 3) / 4 * 4),
        x_(x),
        edges_(edges),
        bins_(batch * stride_ + 4),
        byColumn_(isTurned(model, x) ? batch * x.columns : 0),
        scores_(batch * model.scores()),
        leaves_(batch) {
    if (batch > kFewRows) many_.emplace(x, edges);
  }

  /** Computes the scores of rows at positions [from, to), at most as many as a batch. */
  void score(const Rows& rows, int64_t from, int64_t to) {
    bin(rows, from, to);
    const uint8_t* const turned = turn();
    const int scores = model_.scores();
    const bool hasSets = !edges_.categorical.empty();
    for (int64_t i = 0; i < count_; i++) std::copy_n(model_.baselines.begin(), scores, &scores_[i * scores]);
    for (size_t t = 0; t + 1 < model_.starts.size(); t++) {
      const uint64_t* tree = model_.slots + model_.starts[t];
      const int64_t size = model_.starts[t + 1] - model_.starts[t];
      if (!treeKernels().walkRows({tree, size, bins_.data(), stride_, columns_, count_, turned, batch_, hasSets, roomFor(size)}, leaves_.data()))
        throw Error("ERR_FORMAT", "The trees are damaged: a node points outside its tree.");
      if (!model_.shareStarts.empty()) {
        addShares(t, tree);
        continue;
      }
      double* score = scores_.data() + t % scores;
      for (int64_t i = 0; i < count_; i++) score[i * scores] += model_.factor * leafValue(tree[leaves_[i]]);
    }
  }

  /** Adds what a class tree says: the class of a leaf, or its shares. */
  void addShares(size_t t, const uint64_t* tree) {
    const int scores = model_.scores();
    const double* shares = model_.shares + static_cast<size_t>(model_.shareStarts[t]);
    const double end = model_.shareStarts[t + 1] - model_.shareStarts[t];
    for (int64_t i = 0; i < count_; i++) {
      const double leaf = leafValue(tree[leaves_[i]]);
      double* score = &scores_[i * scores];
      // SAFETY: a place that passes is a whole number, so the casts below are exact; NaN and fractions fail.
      const double place = leaf >= 0 ? leaf : -1 - leaf;
      if (!(place >= 0 && place < (leaf >= 0 ? scores : end - scores + 1) && place == std::floor(place)))
        throw Error("ERR_FORMAT", "The trees are damaged: a leaf has no such class.");
      if (leaf >= 0) {
        score[static_cast<int>(leaf)] += 1;
        continue;
      }
      const double* own = shares + static_cast<size_t>(place);
      for (int k = 0; k < scores; k++) score[k] += own[k];
    }
  }

  template <class Value>
  void write(const Matrix& out) {
    const int outputs = model_.outputs(), scores = model_.scores();
    std::vector<double> mapped(outputs);
    for (int64_t i = 0; i < count_; i++) {
      map(&scores_[i * scores], mapped);
      Value* to = static_cast<Value*>(out.data) + numbers_[i] * out.rowStride;
      for (int k = 0; k < outputs; k++) to[k * out.columnStride] = static_cast<Value>(mapped[k]);
    }
  }

 private:
  /** Whether bins are wanted column by column: trees of few nodes are walked so. */
  static bool isTurned(const TreeModel& model, const Matrix& x) {
    if (x.columns > kMostTurned) return false;
    for (size_t t = 0; t + 1 < model.starts.size(); t++)
      if (model.starts[t + 1] - model.starts[t] < kFewNodes) return true;
    return false;
  }

  /** Writes the bins of rows at positions [from, to). */
  void bin(const Rows& rows, int64_t from, int64_t to) {
    count_ = 0;
    if (!many_) {
      count_ = to - from;
      numbers_.resize(count_);
      rows.list(from, count_, numbers_.data());
      binFewRows(x_, numbers_.data(), static_cast<int>(count_), edges_, {bins_.data(), count_, columns_, stride_});
      return;
    }
    RowBinner& binner = many_->binner;
    binner.start(rows, from, to);
    while (binner.next()) {
      numbers_.resize(count_ + binner.count());
      std::copy_n(binner.rows(), binner.count(), numbers_.begin() + count_);
      binner.write([&](int i) { return &bins_[(count_ + i) * stride_]; });
      count_ += binner.count();
    }
  }

  /** Room for a copy of a tree of many nodes. */
  uint64_t* roomFor(int64_t size) {
    if (size < kLeastCopied) return nullptr;
    if (room_.size() < static_cast<size_t>(size)) room_.resize(size);
    return room_.data();
  }

  /** Writes the bins column by column, where they are wanted for so many rows. */
  const uint8_t* turn() {
    if (byColumn_.empty() || count_ < kLeastTurned) return nullptr;
    for (int64_t i = 0; i < count_; i++)
      for (int64_t j = 0; j < columns_; j++) byColumn_[j * batch_ + i] = bins_[i * stride_ + j];
    return byColumn_.data();
  }

  void map(const double* scores, std::vector<double>& mapped) const {
    const int count = model_.scores();
    switch (model_.map) {
      case ScoreMap::kScore: std::copy_n(scores, count, mapped.begin()); return;
      case ScoreMap::kMean:
        for (int k = 0; k < count; k++) mapped[k] = scores[k] * model_.factor;
        return;
      case ScoreMap::kExp:
        for (int k = 0; k < count; k++) mapped[k] = exponential(scores[k]);
        return;
      case ScoreMap::kLogistic:
        mapped[0] = LogisticLoss::probability(-scores[0]);
        mapped[1] = LogisticLoss::probability(scores[0]);
        return;
      case ScoreMap::kLabel: {
        // Of equal scores the first class wins, and a score of 0 is a tie of two classes.
        const int64_t best = count == 1 ? scores[0] > 0 && model_.labels.size() == 2
                                        : std::max_element(scores, scores + count) - scores;
        mapped[0] = model_.labels[best];
        return;
      }
      case ScoreMap::kSoftmax: {
        const double most = *std::max_element(scores, scores + count);
        double total = 0;
        for (int k = 0; k < count; k++) total += mapped[k] = exponential(scores[k] - most);
        for (int k = 0; k < count; k++) mapped[k] /= total;
      }
    }
  }

  const TreeModel& model_;
  const int64_t batch_;
  const int64_t columns_;
  const int64_t stride_;
  const Matrix& x_;
  const Edges& edges_;
  std::optional<ManyRows> many_;  // none where rows are few
  std::vector<uint8_t> bins_;
  std::vector<uint8_t> byColumn_;  // the same, column after column
  std::vector<double> scores_;
  std::vector<int32_t> leaves_;
  std::vector<uint64_t> room_;
  std::vector<int64_t> numbers_;
  int64_t count_ = 0;
};

/** Rows of a batch. Of large trees each batch reads most nodes from far, so it has as many rows as its bins leave near. */
int64_t batchOf(const TreeModel& model, int64_t columns, int64_t rows, int threads) {
  // Always a multiple of what walks in step, which fills the room of whole steps; of few rows no memory for more.
  if (rows < kLeastBatch) return std::max<int64_t>((rows + 31) / 32 * 32, 32);
  const auto trees = static_cast<int64_t>(model.starts.size()) - 1;
  if (trees < 1 || model.starts.back() / trees < kManyNodes) return kLeastBatch;
  const int64_t most = std::clamp(kBatchBytes / std::max<int64_t>(columns, 1) / 32 * 32, kLeastBatch, kMostBatch);
  const int64_t share = (rows / threads + 31) / 32 * 32;
  return std::clamp(share, kLeastBatch, most);
}

}  // namespace

void predictTrees(const TreeModel& model, const Edges& edges, const Matrix& x, const Rows& rows, const Matrix& out,
                  int threads, const std::atomic<bool>& stop) {
  const int64_t size = batchOf(model, x.columns, rows.count(), threads);
  const int64_t batches = (rows.count() + size - 1) / size;
  Tasks tasks(batches, stop);
  onThreads(static_cast<int>(std::min<int64_t>(threads, batches)), [&] {
    Walker walker(model, edges, x, size);
    tasks.each([&](int64_t batch) {
      walker.score(rows, batch * size, std::min(rows.count(), (batch + 1) * size));
      // SAFETY: `out` has the rows of x, which the reader has checked the row numbers against.
      if (out.dtype == DType::kFloat64) walker.write<double>(out);
      else walker.write<float>(out);
    });
  });
}

}  // namespace onecopy
