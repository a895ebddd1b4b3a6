/** Jobs that grow trees and predict by them. */

#include "trees/grow_jobs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "matrix/results.h"
#include "trees/boosting/boosting.h"
#include "trees/ensembles/forest.h"
#include "trees/ensembles/predict_trees.h"
#include "trees/ensembles/scaled_weights.h"

namespace onecopy {
namespace {

using Trees = std::vector<SlotMemory>;

constexpr int64_t kMostTrees = int64_t{1} << 31;
constexpr int64_t kMostCount = int64_t{1} << 31;

/** A number of at least `low`; NaN is refused. */
double readAtLeast(const Value& value, double low) {
  const double number = value.number();
  if (number >= low) return number;
  throw Error("ERR_INDEX", "Expected `" + value.name() + "` to be at least " + std::to_string(low) + ", got " +
                               std::to_string(number) + ".");
}

/** The numbers of rows that count, those of weight 0 left out. @throws Error `ERR_VALUE`, `ERR_ROWS` */
std::vector<int32_t> listRows(const Value& value, const Bins& bins, const double* weights, Held& held) {
  const Rows rows = Rows::read(value, bins.rows, held);
  std::vector<int32_t> listed;
  listed.reserve(rows.count());
  int64_t block[1024];
  for (int64_t at = 0; at < rows.count(); at += 1024) {
    const int64_t count = std::min<int64_t>(1024, rows.count() - at);
    rows.list(at, count, block);
    for (int64_t i = 0; i < count; i++) {
      const double weight = weights == nullptr ? 1 : weights[block[i]];
      if (!(weight >= 0 && std::isfinite(weight))) {
        throw Error("ERR_VALUE", "Expected finite weights >= 0, got " + std::to_string(weight) + " for row " +
                                     std::to_string(block[i]) + ".");
      }
      if (weight > 0) listed.push_back(static_cast<int32_t>(block[i]));
    }
  }
  return listed;
}

/** What every way of growing trees is told. */
struct Common {
  Bins bins;
  Edges edges;
  Matrix y;
  const double* weights;
  GrowthOptions growth;
  std::vector<int8_t> monotone;  // empty: no column is bound
  uint64_t seed;
  int64_t leastCount;
  double leastGain;
  int threads;

  const int8_t* bounds() const { return monotone.empty() ? nullptr : monotone.data(); }
};

std::vector<int8_t> readMonotone(const Value& value, int64_t columns) {
  if (value.isNullish()) return {};
  const TypedArray array = value.typedArray(napi_int8_array, "an Int8Array");
  const auto* signs = static_cast<const int8_t*>(array.data);
  std::vector<int8_t> monotone(signs, signs + array.length);
  if (static_cast<int64_t>(monotone.size()) != columns) {
    throw Error("ERR_SHAPE", "Expected `" + value.name() + "` to have " + std::to_string(columns) + " values, got " +
                                 std::to_string(monotone.size()) + ".");
  }
  return monotone;
}

Common readCommon(const Arguments& arguments, Held& held) {
  const Value options = arguments.at(0, "options");
  Common common{};
  common.bins = readBins(options.member("binned"), held, Use::kRead);
  common.edges = readEdges(options.member("edges"), common.bins.columns, held);
  common.y = readMatrix(options.member("y"), held);
  if (common.y.rows != common.bins.rows || common.y.columns != 1 || common.bins.columns >= kMostColumns) {
    throw Error("ERR_SHAPE", "Expected one target for each of " + std::to_string(common.bins.rows) +
                                 " rows of fewer than 2^23 columns, got " + std::to_string(common.y.rows) + " x " +
                                 std::to_string(common.y.columns) + " for " + std::to_string(common.bins.columns) +
                                 " columns.");
  }
  common.weights = readWeights(options.member("weights"), common.bins.rows, held);
  common.growth.maxLeaves = options.member("maxLeaves").integer(0, kMostCount);
  common.growth.maxDepth = static_cast<int>(options.member("maxDepth").integer(0, INT32_MAX));
  common.growth.byLevel = options.member("byLevel").boolean();
  common.growth.columnsPerNode = options.member("columnsPerNode").integer(1, common.bins.columns);
  common.growth.histogramBytes = options.member("histogramBytes").integer();
  common.growth.columnBytes = options.member("columnBytes").integer();
  common.monotone = readMonotone(options.member("monotone"), common.bins.columns);
  common.seed = static_cast<uint64_t>(options.member("seed").integer());
  common.leastCount = options.member("leastCount").integer(1, kMostCount);
  common.leastGain = readAtLeast(options.member("leastGain"), 0);
  common.growth.randomCuts = options.member("randomCuts").boolean();
  common.threads = readThreads(arguments.at(1, "threads"));
  return common;
}

std::vector<int32_t> requireRows(const Arguments& arguments, const Common& common, Held& held) {
  auto rows = listRows(arguments.at(0, "options").member("rows"), common.bins, common.weights, held);
  if (!rows.empty()) return rows;
  throw Error("ERR_ROWS", "Expected at least one row with a weight above 0 to grow trees on, got none.");
}

/** The trees as a value that `takeTrees` takes, and how long they are. */
napi_value holdTrees(napi_env env, Trees trees, napi_value* starts) {
  double* data;
  *starts = makeFloat64Array(env, trees.size() + 1, &data);
  for (size_t t = 0; t < trees.size(); t++) data[t + 1] = data[t] + static_cast<double>(trees[t].slots().size());
  auto kept = std::make_unique<Trees>(std::move(trees));
  napi_value external;
  check(env, napi_create_external(env, kept.get(), [](napi_env, void* held, void*) { delete static_cast<Trees*>(held); },
                                  nullptr, &external));
  kept.release();
  return external;
}

/** Copies grown trees to where they shall stand, and frees them one by one. */
class TakeTrees : public Job {
 public:
  TakeTrees(const Arguments& arguments, Held& held) {
    const Value value = arguments.at(0, "trees"), slots = arguments.at(1, "slots");
    if (value.type() != napi_external) throw TypeError("Expected `trees` to be what a job has grown.");
    void* grown;
    check(arguments.env(), napi_get_value_external(arguments.env(), value.raw(), &grown));
    // SAFETY: no other part of the core gives externals to JavaScript.
    Trees& trees = *static_cast<Trees*>(grown);
    size_t length = 0;
    for (const SlotMemory& tree : trees) length += tree.slots().size();
    const TypedArray array = slots.typedArray(napi_biguint64_array, "a BigUint64Array");
    if (array.length != length) {
      throw Error("ERR_SHAPE", "Expected room for " + std::to_string(length) + " slots, got " +
                                   std::to_string(array.length) + ".");
    }
    out_ = static_cast<uint64_t*>(held.take(slots, array, Use::kChange, 0, array.length));
    trees_ = std::exchange(trees, {});
  }

  void run() override {
    for (SlotMemory& tree : trees_) {
      if (stop()) return;
      out_ = std::copy(tree.slots().begin(), tree.slots().end(), out_);
      const SlotMemory freed = std::move(tree);
    }
  }
  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  Trees trees_;
  uint64_t* out_;
};

class BoostTrees : public Job {
 public:
  BoostTrees(const Arguments& arguments, Held& held) : common_(readCommon(arguments, held)) {
    const Value options = arguments.at(0, "options");
    rows_ = requireRows(arguments, common_, held);
    validation_ = listRows(options.member("validation"), common_.bins, common_.weights, held);
    options_ = {readLoss(options.member("loss")),
                options.member("lossParameter").number(),
                static_cast<int>(options.member("classes").integer(1, 65536)),
                options.member("rounds").integer(0, kMostTrees),
                readAtLeast(options.member("rate"), 0),
                readAtLeast(options.member("rowShare"), 0),
                common_.seed,
                options.member("patience").integer(1),
                readAtLeast(options.member("tolerance"), 0),
                common_.growth,
                readAtLeast(options.member("l2"), 0),
                common_.leastCount,
                readAtLeast(options.member("leastHessian"), 0),
                common_.leastGain,
                common_.bounds()};
  }

  void run() override {
    const ScaledWeights weights(common_.weights, common_.bins.rows, rows_, validation_);
    for (double* const scaled : {&options_.l2, &options_.leastHessian, &options_.leastGain}) *scaled *= weights.factor();
    result_ = boost({common_.bins, common_.edges, common_.y, weights.get(), std::move(rows_), std::move(validation_)},
                    options_, common_.threads, stop());
  }

  napi_value settle(napi_env env) override {
    napi_value starts, trees = holdTrees(env, std::move(result_.trees), &starts);
    return makeObject(env, {{"trees", trees},
                            {"starts", starts},
                            {"baselines", toFloat64Array(env, result_.baselines)},
                            {"gains", toFloat64Array(env, result_.gains)},
                            {"losses", toFloat64Array(env, result_.losses)}});
  }

 private:
  static LossKind readLoss(const Value& value) {
    constexpr std::pair<const char*, LossKind> kLosses[] = {
        {"squared", LossKind::kSquared}, {"absolute", LossKind::kAbsolute}, {"quantile", LossKind::kQuantile},
        {"huber", LossKind::kHuber},     {"poisson", LossKind::kPoisson},   {"logistic", LossKind::kLogistic},
        {"softmax", LossKind::kSoftmax},   {"gamma", LossKind::kGamma},       {"tweedie", LossKind::kTweedie}};
    const std::string name = value.text();
    for (const auto& [known, loss] : kLosses)
      if (name == known) return loss;
    throw Error("ERR_INDEX", "Expected `" + value.name() + "` to name a loss, got " + name + ".");
  }

  const Common common_;
  std::vector<int32_t> rows_, validation_;
  BoostingOptions options_;
  BoostingResult result_;
};

class GrowForest : public Job {
 public:
  GrowForest(const Arguments& arguments, Held& held) : common_(readCommon(arguments, held)) {
    const Value options = arguments.at(0, "options");
    rows_ = requireRows(arguments, common_, held);
    const Value outOfBag = options.member("outOfBag");
    const int classes = static_cast<int>(options.member("classes").integer(0, 65535));
    const int64_t scores = common_.bins.rows * std::max(1, classes);
    options_ = {options.member("trees").integer(1, kMostTrees),
                options.member("bootstrap").boolean(),
                common_.seed,
                common_.growth,
                common_.leastCount,
                common_.leastGain,
                common_.bounds(),
                classes,
                options.member("entropy").boolean(),
                outOfBag.isNullish() ? nullptr : readVector<double>(outOfBag, scores, held, Use::kChange)};
  }

  void run() override {
    const ScaledWeights weights(common_.weights, common_.bins.rows, rows_);
    options_.leastGain *= weights.factor();
    result_ = growForest({common_.bins, common_.edges, common_.y, weights.get(), std::move(rows_)}, options_,
                         common_.threads, stop());
  }

  napi_value settle(napi_env env) override {
    napi_value starts, trees = holdTrees(env, std::move(result_.trees), &starts);
    double* shareStarts;
    const napi_value shareStartsJs = makeFloat64Array(env, result_.shares.size() + 1, &shareStarts);
    size_t count = 0;
    for (size_t t = 0; t < result_.shares.size(); t++) {
      count += result_.shares[t].size();
      shareStarts[t + 1] = static_cast<double>(count);
    }
    double* shares;
    const napi_value sharesJs = makeFloat64Array(env, count, &shares);
    for (auto& own : result_.shares) {
      shares = std::copy(own.begin(), own.end(), shares);
      own = {};
    }
    return makeObject(env, {{"trees", trees},
                            {"starts", starts},
                            {"gains", toFloat64Array(env, result_.gains)},
                            {"shares", sharesJs},
                            {"shareStarts", shareStartsJs}});
  }

 private:
  const Common common_;
  std::vector<int32_t> rows_;
  ForestOptions options_;
  ForestResult result_;
};

class PredictTrees : public Job {
 public:
  PredictTrees(const Arguments& arguments, Held& held) {
    const Value model = arguments.at(0, "model");
    x_ = readMatrix(arguments.at(1, "x"), held);
    if (x_.rows >= kMostCount) throw Error("ERR_SHAPE", "Expected `x` to have fewer than 2^31 rows.");
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

template <class Kind>
napi_value startJs(const Arguments& arguments) {
  Held held(arguments.env());
  auto job = std::make_unique<Kind>(arguments, held);
  return startJob(arguments.env(), std::move(held), std::move(job));
}

}  // namespace

void registerGrowing(napi_env env, napi_value exports) {
  exportFunction<startJs<BoostTrees>>(env, exports, "boostTrees");
  exportFunction<startJs<GrowForest>>(env, exports, "growForest");
  exportFunction<startJs<TakeTrees>>(env, exports, "takeTrees");
  exportFunction<startJs<PredictTrees>>(env, exports, "predictTrees");
}

}  // namespace onecopy
