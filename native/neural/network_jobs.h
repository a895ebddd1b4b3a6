/** The jobs that train networks and predict by them. */

#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "border/job.h"
#include "matrix/gather.h"
#include "matrix/threads.h"
#include "neural/training.h"

namespace onecopy {

inline Activation readActivation(const Value& value) {
  const std::string name = value.text();
  if (name == "identity") return Activation::kIdentity;
  if (name == "logistic") return Activation::kLogistic;
  if (name == "tanh") return Activation::kTanh;
  if (name == "relu") return Activation::kRelu;
  throw TypeError("Expected `" + value.name() + "` to be 'identity', 'logistic', 'tanh' or 'relu'.");
}

/** Units of hidden layers between others. @throws Error `ERR_SHAPE` for networks that no memory holds */
inline std::vector<int64_t> readWidths(const Value& hidden, int64_t columns, int64_t outputs) {
  constexpr int64_t kMostUnits = int64_t{1} << 24;
  constexpr double kMostCoefficients = 0x1p38;
  std::vector<int64_t> widths{columns};
  for (uint32_t l = 0; l < hidden.length(); l++) widths.push_back(hidden.element(l).integer(1, kMostUnits));
  widths.push_back(outputs);
  double coefficients = 0;
  for (size_t l = 1; l < widths.size(); l++)
    coefficients += static_cast<double>(widths[l - 1] + 8) * static_cast<double>(widths[l] + 8);
  if (columns > 0 && coefficients <= kMostCoefficients) return widths;
  throw Error("ERR_SHAPE", "Expected a network of 1 to 2^38 coefficients.");
}

/** The job of `trainNetwork`. */
class TrainNetworkJob : public Job {
 public:
  TrainNetworkJob(const Arguments& arguments, Held& held)
      : rows_(arguments.at(0, "rows"), held),
        training_(arguments.at(2, "training")),
        network_(readWidths(arguments.at(1, "network").member("hidden"), rows_.x.columns, rows_.outputs()),
                 readActivation(arguments.at(1, "network").member("activation")), rows_.output()),
        threads_(readThreads(arguments.at(3, "threads"))) {}

  void run() override {
    startNetwork(network_, training_.seed);
    found_ = trainNetwork(network_, rows_, training_, threads_, stop());
  }

  napi_value settle(napi_env env) override {
    double* plain;
    const napi_value coefficients = makeFloat64Array(env, network_.plainSize(), &plain);
    network_.save(plain);
    return makeObject(env, {{"coefficients", coefficients},
                            {"losses", toFloat64Array(env, found_.losses)},
                            {"validationLosses", toFloat64Array(env, found_.validation)},
                            {"best", toValue(env, static_cast<double>(found_.best))},
                            {"converged", toValue(env, found_.converged)},
                            {"isFinite", toValue(env, found_.isFinite)}});
  }

 private:
  const NetworkRows rows_;
  const Training training_;
  Network network_;
  const int threads_;
  Trained found_;
};

/** The job of `networkPredict`. A row's answer depends on that row alone. */
class PredictNetworkJob : public Job {
 public:
  PredictNetworkJob(const Arguments& arguments, Held& held)
      : x_(readMatrix(arguments.at(0, "x"), held)),
        rows_(Rows::read(arguments.at(1, "rows"), x_.rows, held)),
        answer_(readAnswer(arguments.at(2, "network").member("answer"))),
        outputs_(arguments.at(2, "network").member("outputs").integer(1, 1 << 24)),
        network_(readWidths(arguments.at(2, "network").member("hidden"), x_.columns, outputs_),
                 readActivation(arguments.at(2, "network").member("activation")),
                 answer_ == Answer::kValues                               ? Output::kValues
                 : arguments.at(2, "network").member("softmax").boolean() ? Output::kSoftmax
                                                                          : Output::kLogistic),
        out_(readOutput(arguments.at(3, "out"), held)),
        threads_(readThreads(arguments.at(4, "threads"))) {
    const Value network = arguments.at(2, "network");
    network_.load(readVector<double>(network.member("coefficients"), network_.plainSize(), held));
    const Value out = arguments.at(3, "out");
    requireRowsOf(out, out_, x_.rows);
    const int64_t width = answer_ == Answer::kLabel ? 1 : answer_ == Answer::kValues ? outputs_ : classes();
    if (out_.columns != width)
      throw Error("ERR_SHAPE", "Expected `out` to have " + std::to_string(width) + " columns, got " +
                                   std::to_string(out_.columns) + ".");
    if (answer_ != Answer::kLabel) return;
    const double* labels = readVector<double>(network.member("labels"), classes(), held);
    labels_.assign(labels, labels + classes());
  }

  void run() override {
    const int64_t size = networkBlockRows(network_, kMostRows);
    const int64_t chunks = (rows_.count() + size - 1) / size;
    Tasks tasks(chunks, stop());
    onThreads(static_cast<int>(std::min<int64_t>(threads_, chunks)), [&] {
      const LayerBlock block(network_, size, false);
      ValueReader reader(x_, nullptr, nullptr);
      int64_t listed[kMostRows];
      int32_t numbers[kMostRows];
      tasks.each([&](int64_t chunk) {
        const int64_t count = std::min(size, rows_.count() - chunk * size);
        rows_.list(chunk * size, count, listed);
        std::copy_n(listed, count, numbers);
        reader.read(numbers, count, block.input(0));
        double marks[kMostRows];
        block.forward(0, count, marks);
        for (int64_t r = 0; r < count; r++)
          if (marks[r] != 0) requireFiniteRow("X", block.input(r), x_.columns, numbers[r]);
        block.finish(0, count, nullptr, nullptr);
        for (int64_t r = 0; r < count; r++) write(numbers[r], block.scores(r));
      });
    });
  }

  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  enum class Answer { kValues, kProbabilities, kLabel };
  static constexpr int64_t kMostRows = 64;

  static Answer readAnswer(const Value& value) {
    const std::string name = value.text();
    if (name == "values") return Answer::kValues;
    if (name == "probabilities") return Answer::kProbabilities;
    if (name == "label") return Answer::kLabel;
    throw TypeError("Expected `" + value.name() + "` to be 'values', 'probabilities' or 'label'.");
  }

  bool isPair() const { return network_.output() == Output::kLogistic; }
  int64_t classes() const { return isPair() ? 2 : outputs_; }

  void write(int32_t row, const double* values) const {
    if (answer_ == Answer::kValues) {
      for (int64_t j = 0; j < outputs_; j++) put(row, j, values[j]);
    } else if (answer_ == Answer::kLabel) {
      const int64_t most = isPair() ? values[0] > 0.5 : std::max_element(values, values + outputs_) - values;
      put(row, 0, labels_[most]);
    } else if (isPair()) {
      put(row, 0, 1 - values[0]);
      put(row, 1, values[0]);
    } else {
      for (int64_t j = 0; j < outputs_; j++) put(row, j, values[j]);
    }
  }

  void put(int64_t row, int64_t column, double value) const {
    // SAFETY: `out` has the rows of x, which the list of rows was checked against, and the columns that were checked.
    putValue(out_, row, column, value);
  }

  const Matrix x_;
  const Rows rows_;
  const Answer answer_;
  const int64_t outputs_;
  Network network_;
  const Matrix out_;
  const int threads_;
  std::vector<double> labels_;
};

}  // namespace onecopy
