/** Jobs that predict by trees. */

#include "trees/predict_jobs.h"

#include <cmath>
#include <string>

#include "matrix/results.h"
#include "trees/ensembles/predict_trees.h"

namespace onecopy {
namespace {

constexpr int64_t kMostRows = int64_t{1} << 31;
constexpr int64_t kFewWalks = 1024;
constexpr int64_t kFewSmallWalks = 8192;
constexpr int64_t kSmallTree = 64;
constexpr int64_t kFewBins = 4096;

class PredictTrees : public Job {
 public:
  PredictTrees(const Arguments& arguments, Held& held) {
    const Value model = arguments.at(0, "model");
    x_ = readFeatures(arguments.at(1, "x"), held);
    if (x_.rows >= kMostRows) throw Error("ERR_SHAPE", "Expected `x` to have fewer than 2^31 rows.");
    rows_ = Rows::read(arguments.at(2, "rows"), x_.rows, held);
    edges_ = readEdges(model.member("edges"), x_.columns, held);
    readTrees(model, held);
    out_ = readOutput(arguments.at(3, "out"), held);
    requireRowsOf(arguments.at(3, "out"), out_, x_.rows);
    if (out_.columns != model_.outputs()) {
      throw Error("ERR_SHAPE", "Expected `out` to have " + std::to_string(model_.outputs()) + " columns, got " +
                                   std::to_string(out_.columns) + ".");
    }
    threads_ = readThreads(arguments.at(4, "threads"));
  }

  /**
   * So many walks through trees take a tenth of a millisecond, and more where the trees are far away; so do more walks through small
   * trees, and bins of so many values.
   */
  bool isShort() const override {
    const auto trees = static_cast<int64_t>(model_.starts.size());
    const int64_t walks = model_.starts.back() < kSmallTree * trees ? kFewSmallWalks : kFewWalks;
    return rows_.count() * trees <= walks && rows_.count() * x_.columns <= kFewBins;
  }
  void run() override { predictTrees(model_, edges_, x_, rows_, out_, threads_, stop()); }
  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  void readTrees(const Value& model, Held& held) {
    const Value slots = model.member("slots"), starts = model.member("starts"), baselines = model.member("baselines");
    const TypedArray array = slots.typedArray(napi_biguint64_array, "a BigUint64Array");
    model_.slots = static_cast<const uint64_t*>(held.take(slots, array, Use::kRead, 0, array.length));
    const TypedArray list = starts.typedArray(napi_float64_array, "a Float64Array");
    const auto* from = static_cast<const double*>(list.data);
    for (size_t t = 0; t < list.length; t++) {
      const double before = t == 0 ? 0 : from[t - 1] + 1;
      if (!(from[t] >= before && from[t] <= static_cast<double>(array.length)) || (t == 0 && from[t] != 0)) {
        throw Error("ERR_FORMAT", "Expected `" + starts.name() + "` to begin with 0 and to ascend to at most " +
                                      std::to_string(array.length) + ".");
      }
      model_.starts.push_back(static_cast<int64_t>(from[t]));
    }
    const TypedArray scores = baselines.typedArray(napi_float64_array, "a Float64Array");
    const auto* values = static_cast<const double*>(scores.data);
    model_.baselines.assign(values, values + scores.length);
    if (model_.baselines.empty() || model_.starts.empty())
      throw Error("ERR_SHAPE", "Expected a model to have a baseline and to say where its trees are.");
    model_.factor = model.member("factor").number();
    readShares(model, held);
    const std::string map = model.member("map").text();
    model_.map = map == "exp"        ? ScoreMap::kExp
                 : map == "logistic" ? ScoreMap::kLogistic
                 : map == "softmax"  ? ScoreMap::kSoftmax
                 : map == "label"    ? ScoreMap::kLabel
                 : map == "mean"     ? ScoreMap::kMean
                                     : ScoreMap::kScore;
    if (model_.map != ScoreMap::kLabel) return;
    const Value labels = model.member("labels");
    const TypedArray names = labels.typedArray(napi_float64_array, "a Float64Array");
    const auto* numbers = static_cast<const double*>(names.data);
    model_.labels.assign(numbers, numbers + names.length);
    const auto wanted = static_cast<size_t>(model_.scores());
    if (model_.labels.size() == wanted || (wanted == 1 && model_.labels.size() == 2)) return;
    throw Error("ERR_SHAPE", "Expected a label for each of " + std::to_string(wanted) + " scores, got " +
                                 std::to_string(model_.labels.size()) + ".");
  }

  void readShares(const Value& model, Held& held) {
    const Value shares = model.member("shares");
    if (shares.isNullish()) return;
    const TypedArray array = shares.typedArray(napi_float64_array, "a Float64Array");
    model_.shares = static_cast<const double*>(held.take(shares, array, Use::kRead, 0, array.length));
    const TypedArray list = model.member("shareStarts").typedArray(napi_float64_array, "a Float64Array");
    const auto* from = static_cast<const double*>(list.data);
    double before = 0;
    for (size_t t = 0; t < list.length; before = from[t++]) {
      if (from[t] >= before && from[t] <= static_cast<double>(array.length) && from[t] == std::floor(from[t])) continue;
      throw Error("ERR_FORMAT", "Expected `model.shareStarts` to ascend to at most " + std::to_string(array.length) + ".");
    }
    if (list.length != model_.starts.size())
      throw Error("ERR_SHAPE", "Expected `model.shareStarts` to say where the shares of each tree are.");
    model_.shareStarts.assign(from, from + list.length);
  }

  Matrix x_, out_;
  Rows rows_;
  Edges edges_;
  TreeModel model_;
  int threads_;
};

napi_value predictTreesJs(const Arguments& arguments) {
  Held held(arguments.env());
  auto job = std::make_unique<PredictTrees>(arguments, held);
  return startJob(arguments.env(), std::move(held), std::move(job));
}

}  // namespace

void registerPredicting(napi_env env, napi_value exports) {
  exportFunction<predictTreesJs>(env, exports, "predictTrees");
}

}  // namespace onecopy
