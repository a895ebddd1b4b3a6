/** Decisions of support vector machines about rows. */

#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "border/job.h"
#include "matrix/blocks.h"
#include "matrix/gather.h"
#include "matrix/results.h"
#include "matrix/threads.h"
#include "svm/kernel_function.h"
#include "matrix/row_reader.h"

namespace onecopy {

/** The job of `svmPredict`. A row's answer depends on that row alone. */
class PredictSvmJob : public Job {
 public:
  PredictSvmJob(const Arguments& arguments, Held& held) {
    x_ = readMatrix(arguments.at(0, "x"), held);
    rows_ = Rows::read(arguments.at(1, "rows"), x_.rows, held);
    const Value model = arguments.at(2, "model");
    function_ = KernelFunction::read(model.member("kernel"));
    readSupport(model, held);
    readAnswer(model, held);
    const Value out = arguments.at(3, "out");
    out_ = readOutput(out, held);
    requireRowsOf(out, out_, x_.rows);
    const int64_t width = answer_ == Answer::kLabel ? 1 : answer_ == Answer::kClasses ? classes_ : pairCount();
    if (out_.columns != width) {
      throw Error("ERR_SHAPE", "Expected `out` to have " + std::to_string(width) + " columns, got " +
                                   std::to_string(out_.columns) + ".");
    }
    threads_ = readThreads(arguments.at(4, "threads"));
  }

  void run() override {
    constexpr int64_t kChunk = 64;
    const int64_t chunks = (rows_.count() + kChunk - 1) / kChunk;
    Tasks tasks(chunks, stop());
    onThreads(static_cast<int>(std::min<int64_t>(threads_, chunks)), [&] {
      RowReader reader(x_);
      const Doubles kernels(static_cast<size_t>(kTile) * vectors_);
      std::vector<double> decisions(pairCount()), scores(classes_);
      int64_t listed[kTile];
      tasks.each([&](int64_t chunk) {
        const int64_t end = std::min((chunk + 1) * kChunk, rows_.count());
        for (int64_t at = chunk * kChunk; at < end; at += kTile) {
          const int count = static_cast<int>(std::min<int64_t>(kTile, end - at));
          rows_.list(at, count, listed);
          int32_t numbers[kTile];
          std::copy_n(listed, count, numbers);
          const double* const* found = reader.read(numbers, count);
          for (int r = 0; r < count; r++) requireFiniteRow("X", found[r], x_.columns, numbers[r]);
          function_.evaluate({found, count, support_, vectors_, x_.columns, kernels.get(),
                              static_cast<size_t>(vectors_)});
          for (int r = 0; r < count; r++) {
            decide(kernels.get() + r * vectors_, decisions.data());
            write(listed[r], decisions, scores);
          }
        }
      });
    });
  }

  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  enum class Answer { kLabel, kPairs, kClasses };
  static constexpr int kTile = 4;

  int64_t pairCount() const { return classes_ * (classes_ - 1) / 2; }

  void readSupport(const Value& model, Held& held) {
    const Value starts = model.member("starts");
    const int64_t length = static_cast<int64_t>(starts.typedArray().length);
    if (length < 3) throw Error("ERR_SHAPE", "Expected `" + starts.name() + "` to have at least 3 values.");
    classes_ = length - 1;
    const int32_t* given = readVector<int32_t>(starts, length, held);
    starts_.assign(given, given + length);
    vectors_ = starts_.back();
    if (starts_[0] != 0 || !std::is_sorted(starts_.begin(), starts_.end()))
      throw Error("ERR_INDEX", "Expected `" + starts.name() + "` to ascend from 0.");
    // SAFETY: the lists stay in JavaScript's memory, which others may write to: their values are data, not places.
    support_ = readVector<double>(model.member("vectors"), vectors_ * x_.columns, held);
    coefficients_ = readVector<double>(model.member("coefficients"), (classes_ - 1) * vectors_, held);
    const double* intercepts = readVector<double>(model.member("intercepts"), pairCount(), held);
    intercepts_.assign(intercepts, intercepts + pairCount());
  }

  void readAnswer(const Value& model, Held& held) {
    const std::string answer = model.member("answer").text();
    answer_ = answer == "label" ? Answer::kLabel : answer == "classes" ? Answer::kClasses : Answer::kPairs;
    if (answer_ == Answer::kPairs && answer != "pairs")
      throw TypeError("Expected `" + model.name() + ".answer` to be 'label', 'pairs' or 'classes'.");
    if (answer_ != Answer::kLabel) return;
    const double* labels = readVector<double>(model.member("labels"), classes_, held);
    labels_.assign(labels, labels + classes_);
  }

  /** The decision of each pair of classes; above 0 for the first one. */
  void decide(const double* kernels, double* decisions) const {
    const auto sumOf = [&](int64_t rank, int64_t code) {
      double sum;
      const double* own = kernels + starts_[code];
      const double* factors = coefficients_ + rank * vectors_ + starts_[code];
      svmKernels().products({&own, 1, factors, 1, starts_[code + 1] - starts_[code], &sum, 1});
      return sum;
    };
    int64_t pair = 0;
    for (int64_t a = 0; a < classes_; a++)
      for (int64_t b = a + 1; b < classes_; b++, pair++)
        decisions[pair] = (sumOf(b - 1, a) + sumOf(a, b)) + intercepts_[pair];
  }

  /** Counts the votes of the pairs, and adds the decisions for each class to `sums`, unless that is null. */
  void count(const std::vector<double>& decisions, std::vector<double>& votes, double* sums) const {
    std::fill(votes.begin(), votes.end(), 0.0);
    int64_t pair = 0;
    for (int64_t a = 0; a < classes_; a++) {
      for (int64_t b = a + 1; b < classes_; b++, pair++) {
        votes[decisions[pair] > 0 ? a : b]++;
        if (sums == nullptr) continue;
        sums[a] += decisions[pair];
        sums[b] -= decisions[pair];
      }
    }
  }

  void write(int64_t row, const std::vector<double>& decisions, std::vector<double>& votes) const {
    if (answer_ == Answer::kPairs) {
      for (size_t p = 0; p < decisions.size(); p++) put(row, static_cast<int64_t>(p), decisions[p]);
      return;
    }
    if (answer_ == Answer::kLabel) {
      count(decisions, votes, nullptr);
      const auto most = std::max_element(votes.begin(), votes.end());
      return put(row, 0, labels_[most - votes.begin()]);
    }
    std::vector<double> sums(classes_, 0.0);
    count(decisions, votes, sums.data());
    for (int64_t a = 0; a < classes_; a++)
      put(row, a, votes[a] + sums[a] / (3 * (std::abs(sums[a]) + 1)));
  }

  void put(int64_t row, int64_t column, double value) const {
    // SAFETY: `out` has the rows of x, which the list of rows was checked against, and the columns that were checked.
    putValue(out_, row, column, value);
  }

  Matrix x_, out_;
  Rows rows_;
  KernelFunction function_;
  std::vector<int32_t> starts_;  // of the vectors of each class
  int64_t classes_ = 0, vectors_ = 0;
  const double* support_ = nullptr;
  const double* coefficients_ = nullptr;
  std::vector<double> intercepts_, labels_;
  Answer answer_ = Answer::kPairs;
  int threads_ = 1;
};

}  // namespace onecopy
