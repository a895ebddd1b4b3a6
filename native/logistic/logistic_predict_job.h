/** Scores, probabilities and labels of rows. */

#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "border/job.h"
#include "logistic/column_blocks.h"
#include "matrix/gather.h"
#include "matrix/results.h"

namespace onecopy {

/** The job of `logisticPredict`. A row's answer depends on that row alone. */
class LogisticPredictJob : public Job {
 public:
  LogisticPredictJob(const Arguments& arguments, Held& held) {
    x_ = readMatrix(arguments.at(0, "x"), held);
    rows_ = Rows::read(arguments.at(1, "rows"), x_.rows, held);
    const Value model = arguments.at(2, "model");
    scores_ = static_cast<int>(model.member("scores").integer(1, 1 << 20));
    const int64_t terms = scores_ * (x_.columns + 1);
    const double* coefficients = readVector<double>(model.member("coefficients"), terms, held);
    coefficients_.assign(coefficients, coefficients + terms);
    const double* means = readWeights(model.member("means"), scores_ * x_.columns, held);
    if (means != nullptr) means_.assign(means, means + scores_ * x_.columns);
    const std::string answer = model.member("answer").text();
    answer_ = answer == "label" ? Answer::kLabel : answer == "probability" ? Answer::kProbability : Answer::kScore;
    if (answer_ == Answer::kScore && answer != "score")
      throw TypeError("Expected `" + model.name() + ".answer` to be 'label', 'probability' or 'score'.");
    const int classes = scores_ == 1 ? 2 : scores_;
    const double* labels = readVector<double>(model.member("labels"), classes, held);
    labels_.assign(labels, labels + classes);
    const Value out = arguments.at(3, "out");
    out_ = readOutput(out, held);
    requireRowsOf(out, out_, x_.rows);
    const int64_t width = answer_ == Answer::kLabel ? 1 : answer_ == Answer::kProbability ? classes : scores_;
    if (out_.columns != width) {
      throw Error("ERR_SHAPE", "Expected `out` to have " + std::to_string(width) + " columns, got " +
                                   std::to_string(out_.columns) + ".");
    }
    threads_ = readThreads(arguments.at(4, "threads"));
  }

  void run() override {
    readColumns({x_, nullptr, rows_, threads_}, stop(), [&](const auto& eachBlock) {
      const int blockRows = columnBlockRows(x_.columns);
      const ColumnMemory scores(scores_, blockRows), residuals(scores_, blockRows), rest(3, blockRows);
      eachBlock([&](const ColumnReader& reader) {
        const Columns block = scores.view(reader.count());
        score(reader.columns(), block);
        recomputeOverflows(reader, block);
        if (answer_ == Answer::kProbability) link(block, residuals.view(reader.count()), rest.view(reader.count()));
        const double* first = residuals.view(reader.count()).data;
        if (out_.dtype == DType::kFloat64) write<double>(reader, block, first);
        else write<float>(reader, block, first);
      });
    });
  }

  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  enum class Answer { kLabel, kProbability, kScore };

  void score(const Columns& columns, const Columns& scores) const {
    if (means_.empty()) logisticKernels().scoreRows(columns, coefficients_.data(), scores);
    else logisticKernels().scoreDistances(columns, coefficients_.data(), means_.data(), scores);
  }

  /**
   * Computes scores whose products leave the range of float64 again, in long double. With several classes the greatest score of such
   * a row is subtracted, so that the others stay within float64 and their order remains. Every row that holds NaN or infinity has
   * such scores, so that rows with finite scores need no look.
   *
   * @throws Error `ERR_VALUE` for a row that holds NaN or infinity
   */
  void recomputeOverflows(const ColumnReader& reader, const Columns& scores) const {
    const Columns columns = reader.columns();
    constexpr long double kMost = std::numeric_limits<double>::max();
    std::vector<long double> wide(scores_);
    for (int r = 0; r < reader.count(); r++) {
      bool isFinite = true;
      for (int s = 0; s < scores_; s++) isFinite &= std::isfinite(scores.at(s)[r]);
      if (isFinite) continue;
      const int32_t row = static_cast<int32_t>(reader.rows()[r]);
      // The first of the columns holds ones.
      requireFinite("X", columns.at(1) + r, x_.columns, columns.stride, &row, 1);
      for (int s = 0; s < scores_; s++) wide[s] = wideScore(columns, r, s);
      const long double top =
          scores_ == 1 || answer_ == Answer::kScore ? 0 : *std::max_element(wide.begin(), wide.end());
      for (int s = 0; s < scores_; s++)
        scores.at(s)[r] = static_cast<double>(std::clamp(wide[s] - top, -kMost, kMost));
    }
  }

  long double wideScore(const Columns& columns, int row, int s) const {
    const double* own = &coefficients_[s * (x_.columns + 1)];
    long double score = own[0];
    for (int64_t j = 0; j < x_.columns; j++) {
      const long double value = columns.at(j + 1)[row];
      if (means_.empty()) {
        score += own[j + 1] * value;
      } else {
        const long double difference = value - means_[s * x_.columns + j];
        score -= own[j + 1] * difference * difference;
      }
    }
    return score;
  }

  /**
   * Scores become probabilities. Rows count as rows of the second class and weigh 1, so that the residual of two classes is
   * the negative probability of the first one, to full precision. All else that the link functions give is of no use here.
   */
  void link(const Columns& scores, const Columns& residuals, const Columns& rest) const {
    std::fill_n(rest.at(0), 2 * rest.stride, 1.0);
    double sums[3 * kEight] = {};
    const LinkRows rows{rest.at(0), rest.at(1), scores, residuals, sums, sums + kEight, sums + 2 * kEight};
    if (scores_ == 1) logisticKernels().linkTwo(rows, rest.at(2));
    else logisticKernels().linkSeveral(rows);
  }

  /** @param first - of two classes, the negative probabilities of the first one */
  template <class T>
  void write(const ColumnReader& reader, const Columns& block, const double* first) const {
    for (int r = 0; r < reader.count(); r++) {
      // SAFETY: `out` has the rows of x, which the reader has checked the row number against.
      T* to = static_cast<T*>(out_.data) + reader.rows()[r] * out_.rowStride;
      if (answer_ == Answer::kLabel) {
        *to = static_cast<T>(labels_[likeliest(block, r)]);
      } else if (answer_ == Answer::kProbability && scores_ == 1) {
        to[0] = static_cast<T>(-first[r]);
        to[out_.columnStride] = static_cast<T>(block.data[r]);
      } else {
        for (int s = 0; s < scores_; s++) to[s * out_.columnStride] = static_cast<T>(block.at(s)[r]);
      }
    }
  }

  /** The first of the classes with the greatest score. */
  int likeliest(const Columns& scores, int row) const {
    if (scores_ == 1) return scores.data[row] > 0 ? 1 : 0;
    int best = 0;
    for (int s = 1; s < scores_; s++)
      if (scores.at(s)[row] > scores.at(best)[row]) best = s;
    return best;
  }

  Matrix x_, out_;
  Rows rows_;
  int scores_;
  Answer answer_;
  int threads_;
  std::vector<double> coefficients_, labels_;
  std::vector<double> means_;  // empty: scores are linear functions
};

}  // namespace onecopy
