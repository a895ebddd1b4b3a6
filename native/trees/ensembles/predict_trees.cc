/** Predictions of trees. */

#include "trees/ensembles/predict_trees.h"

#include <algorithm>

#include "matrix/threads.h"
#include "trees/ensembles/loss.h"
#include "trees/grow/slots.h"

namespace onecopy {
namespace {

/** Rows that pass through one tree after the other, so that a tree's nodes are near. */
constexpr int64_t kBatch = 2048;
/** Rows that walk a tree in step, so that their look-ups overlap. */
constexpr int kInStep = 8;

/** Predicts rows on one thread. */
class Walker {
 public:
  Walker(const TreeModel& model, const Edges& edges, const Matrix& x)
      : model_(model),
        columns_(x.columns),
        stride_((x.columns + 3) / 4 * 4),
        searched_(edges),
        binner_(x, searched_),
        bins_(kBatch * stride_),
        scores_(kBatch * model.scores()) {}

  /** Computes the scores of rows at positions [from, to), at most `kBatch`. */
  void score(const Rows& rows, int64_t from, int64_t to) {
    count_ = 0;
    binner_.start(rows, from, to);
    while (binner_.next()) {
      numbers_.resize(count_ + binner_.count());
      std::copy_n(binner_.rows(), binner_.count(), numbers_.begin() + count_);
      binner_.write([&](int i) { return &bins_[(count_ + i) * stride_]; });
      count_ += binner_.count();
    }
    const int scores = model_.scores();
    for (int64_t i = 0; i < count_; i++) std::copy_n(model_.baselines.begin(), scores, &scores_[i * scores]);
    for (size_t t = 0; t + 1 < model_.starts.size(); t++) {
      const uint64_t* tree = model_.slots + model_.starts[t];
      const int64_t size = model_.starts[t + 1] - model_.starts[t];
      int64_t i = 0;
      for (; i + kInStep <= count_; i += kInStep) addTree<kInStep>(tree, size, i, static_cast<int>(t % scores));
      for (; i < count_; i++) addTree<1>(tree, size, i, static_cast<int>(t % scores));
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
  /** Adds a tree's values to `Count` rows from row i on. A row that has come to its leaf waits there for the others. */
  template <int Count>
  void addTree(const uint64_t* tree, int64_t size, int64_t i, int score) {
    int64_t at[Count] = {};
    if (size > 1) {
      bool isOpen[Count], some = true, isDamaged = false;
      std::fill_n(isOpen, Count, true);
      while (some) {
        some = false;
        for (int k = 0; k < Count; k++) {
          const uint64_t slot = isOpen[k] ? tree[at[k]] : 0;
          const int64_t column = std::min(columnOf(slot), columns_ - 1);
          const bool left = goesLeft(slot, bins_[(i + k) * stride_ + column]);
          const int64_t next = at[k] + (isOpen[k] ? left ? 1 : static_cast<int64_t>(slot & kRightMask) : 0);
          const bool isLeaf = (slot & (left ? kLeftIsLeaf : kRightIsLeaf)) != 0;
          isDamaged |= next >= size || (isOpen[k] && (next == at[k] || column != columnOf(slot)));
          at[k] = isDamaged ? 0 : next;
          isOpen[k] = isOpen[k] && !isLeaf;
          some |= isOpen[k];
        }
        if (isDamaged) throw Error("ERR_FORMAT", "The trees are damaged: a node points outside its tree.");
      }
    }
    for (int k = 0; k < Count; k++)
      scores_[(i + k) * model_.scores() + score] += model_.factor * leafValue(tree[at[k]]);
  }

  void map(const double* scores, std::vector<double>& mapped) const {
    const int count = model_.scores();
    switch (model_.map) {
      case ScoreMap::kScore: std::copy_n(scores, count, mapped.begin()); return;
      case ScoreMap::kExp:
        for (int k = 0; k < count; k++) mapped[k] = exponential(scores[k]);
        return;
      case ScoreMap::kLogistic:
        mapped[0] = LogisticLoss::probability(-scores[0]);
        mapped[1] = LogisticLoss::probability(scores[0]);
        return;
      case ScoreMap::kSoftmax: {
        const double most = *std::max_element(scores, scores + count);
        double total = 0;
        for (int k = 0; k < count; k++) total += mapped[k] = exponential(scores[k] - most);
        for (int k = 0; k < count; k++) mapped[k] /= total;
      }
    }
  }

  const TreeModel& model_;
  const int64_t columns_;
  const int64_t stride_;
  const SearchEdges searched_;
  RowBinner binner_;
  std::vector<uint8_t> bins_;
  std::vector<double> scores_;
  std::vector<int64_t> numbers_;
  int64_t count_ = 0;
};

}  // namespace

void predictTrees(const TreeModel& model, const Edges& edges, const Matrix& x, const Rows& rows, const Matrix& out,
                  int threads, const std::atomic<bool>& stop) {
  const int64_t batches = (rows.count() + kBatch - 1) / kBatch;
  Tasks tasks(batches, stop);
  onThreads(static_cast<int>(std::min<int64_t>(threads, batches)), [&] {
    Walker walker(model, edges, x);
    tasks.each([&](int64_t batch) {
      walker.score(rows, batch * kBatch, std::min(rows.count(), (batch + 1) * kBatch));
      // SAFETY: `out` has the rows of x, which the reader has checked the row numbers against.
      if (out.dtype == DType::kFloat64) walker.write<double>(out);
      else walker.write<float>(out);
    });
  });
}

}  // namespace onecopy
