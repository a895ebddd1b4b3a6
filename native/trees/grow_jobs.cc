/** Jobs that grow trees. */

#include "trees/grow_jobs.h"

#include <algorithm>
#include <utility>

#include "matrix/results.h"
#include "memory/pages.h"
#include "trees/boosting/boosting.h"
#include "trees/ensembles/forest.h"
#include "trees/ensembles/scaled_weights.h"
#include "trees/grow_options.h"

namespace onecopy {
namespace {

using Trees = std::vector<SlotMemory>;

constexpr int64_t kMostTrees = int64_t{1} << 31;
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
                common_.rules};
    options_.rules.l1 = readAtLeast(options.member("l1"), 0);
    options_.rules.l2 = readAtLeast(options.member("l2"), 0);
    options_.rules.mostValue = readAtLeast(options.member("mostValue"), 0);
    options_.rules.leastHessian = readAtLeast(options.member("leastHessian"), 0);
    options_.rules.monotone = common_.bounds();
    readKnown(options.member("known"), held);
  }

  void run() override {
    const ScaledWeights weights(common_.weights, common_.bins.rows, rows_, validation_);
    SplitRules& rules = options_.rules;
    for (double* const scaled : {&rules.l1, &rules.l2, &rules.leastHessian, &rules.leastGain, &rules.smoothing})
      *scaled *= weights.factor();
    result_ = boost({common_.bins, common_.edges, common_.y, weights.get(), std::move(rows_), std::move(validation_),
                     std::move(known_)},
                    options_, common_.threads, stop(), finish());
    returnFreedPages(common_.bins.rows);
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

  void readKnown(const Value& known, Held& held) {
    if (known.isNullish()) return;
    const Value slots = known.member("slots");
    const TypedArray array = slots.typedArray(napi_biguint64_array, "a BigUint64Array");
    const auto* all = static_cast<const uint64_t*>(held.take(slots, array, Use::kRead, 0, array.length));
    const std::vector<int64_t> starts = readStarts(known.member("starts"), array.length);
    for (size_t t = 0; t + 1 < starts.size(); t++) {
      known_.trees.emplace_back(all + starts[t], all + starts[t + 1]);
      requireSound(known_.trees.back());
    }
    known_.baselines = readDoubles(known.member("baselines"));
    known_.gains = readDoubles(known.member("gains"));
    if (static_cast<int>(known_.baselines.size()) == options_.scores() && known_.trees.size() % known_.baselines.size() == 0 &&
        static_cast<int64_t>(known_.gains.size()) == common_.bins.columns)
      return;
    throw Error("ERR_SHAPE", "Expected a baseline for each score, trees of whole rounds, and a gain for each column of `" +
                                 known.name() + "`.");
  }

  /** Refuses a tree that a walk could leave. */
  void requireSound(std::span<const uint64_t> tree) const {
    if (!isSound(tree, common_.bins.columns)) throw Error("ERR_FORMAT", "The trees to go on from are damaged.");
  }

  static std::vector<double> readDoubles(const Value& value) {
    const TypedArray array = value.typedArray(napi_float64_array, "a Float64Array");
    const auto* numbers = static_cast<const double*>(array.data);
    return {numbers, numbers + array.length};
  }

  const Common common_;
  RowNumbers rows_, validation_;
  KnownTrees known_;
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
                common_.rules,
                classes,
                options.member("entropy").boolean(),
                outOfBag.isNullish() ? nullptr : readVector<double>(outOfBag, scores, held, Use::kChange)};
  }

  void run() override {
    options_.rules.monotone = common_.bounds();
    const ScaledWeights weights(common_.weights, common_.bins.rows, rows_);
    for (double* const scaled : {&options_.rules.leastGain, &options_.rules.smoothing}) *scaled *= weights.factor();
    result_ = growForest({common_.bins, common_.edges, common_.y, weights.get(), std::move(rows_)}, options_,
                         common_.threads, stop(), finish());
    returnFreedPages(common_.bins.rows);
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
  RowNumbers rows_;
  ForestOptions options_;
  ForestResult result_;
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
}

}  // namespace onecopy
