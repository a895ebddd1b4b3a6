/** The border of trees: arguments in, edges and bins out. */

#include "trees/trees.h"

#include "matrix/results.h"
#include "memory/pages.h"
#include "trees/bins/bins.h"
#include "trees/bins/edges.h"
#include "trees/grow_jobs.h"
#include "trees/predict_jobs.h"

namespace onecopy {
namespace {

constexpr int64_t kMostRows = int64_t{1} << 31;  // numbers of rows fit an int32

Matrix readRows(const Value& value, Held& held) {
  const Matrix matrix = readFeatures(value, held);
  if (matrix.rows < kMostRows && matrix.columns > 0) return matrix;
  throw Error("ERR_SHAPE", "Expected `" + value.name() +
                               "` to have at least one column and fewer than 2^31 rows, got " +
                               std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns) + ".");
}

class FindEdges : public Job {
 public:
  FindEdges(const Arguments& arguments, Held& held)
      : x_(readRows(arguments.at(0, "x"), held)),
        rows_(Rows::read(arguments.at(1, "rows"), x_.rows, held)),
        weights_(readWeights(arguments.at(2, "weights"), x_.rows, held)),
        maxBins_(static_cast<int>(arguments.at(3, "maxBins").integer(2, kMissingBin))),
        categorical_(readCategorical(arguments.at(4, "categorical"), x_.columns)),
        threads_(readThreads(arguments.at(5, "threads"))) {}

  void run() override {
    edges_ = findEdges({x_, rows_, weights_, maxBins_, categorical_}, threads_, stop());
    returnFreedPages(x_.rows);
    edges_.resize(x_.columns);  // a stopped job has found those of fewer columns
  }

  napi_value settle(napi_env env) override {
    int32_t* starts;
    napi_value startsJs = makeInt32Array(env, edges_.size() + 1, &starts);
    std::vector<double> all;
    for (size_t j = 0; j < edges_.size(); j++) {
      all.insert(all.end(), edges_[j].begin(), edges_[j].end());
      starts[j + 1] = static_cast<int32_t>(all.size());
    }
    return makeObject(env, {{"edges", toFloat64Array(env, all)}, {"starts", startsJs}});
  }

 private:
  const Matrix x_;
  const Rows rows_;
  const double* weights_;
  const int maxBins_;
  const std::vector<int32_t> categorical_;
  const int threads_;
  std::vector<std::vector<double>> edges_;
};

class BinRows : public Job {
 public:
  BinRows(const Arguments& arguments, Held& held)
      : x_(readRows(arguments.at(0, "x"), held)),
        rows_(Rows::read(arguments.at(1, "rows"), x_.rows, held)),
        edges_(readEdges(arguments.at(2, "edges"), x_.columns, held)),
        bins_(readBins(arguments.at(3, "binned"), held, Use::kChange)),
        threads_(readThreads(arguments.at(4, "threads"))) {
    if (bins_.rows == x_.rows && bins_.columns == x_.columns) return;
    throw Error("ERR_SHAPE", "Expected room for the bins of " + std::to_string(x_.rows) + " x " +
                                 std::to_string(x_.columns) + " values, got " + std::to_string(bins_.rows) +
                                 " x " + std::to_string(bins_.columns) + ".");
  }

  void run() override { binRows(x_, rows_, edges_, bins_, threads_, stop()); }
  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  const Matrix x_;
  const Rows rows_;
  const Edges edges_;
  const Bins bins_;
  const int threads_;
};

template <class Kind>
napi_value startJs(const Arguments& arguments) {
  Held held(arguments.env());
  auto job = std::make_unique<Kind>(arguments, held);
  return startJob(arguments.env(), std::move(held), std::move(job));
}

}  // namespace

const TreeKernels& treeKernels() { return ONECOPY_TABLE(treeKernels); }

void registerTrees(napi_env env, napi_value exports) {
  exportFunction<startJs<FindEdges>>(env, exports, "findEdges");
  exportFunction<startJs<BinRows>>(env, exports, "binRows");
  registerGrowing(env, exports);
  registerPredicting(env, exports);
}

}  // namespace onecopy
