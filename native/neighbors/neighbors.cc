/** The border of the nearest neighbours: arguments in, neighbours or predictions out. */

#include "neighbors/neighbors.h"

#include <cmath>
#include <string>

#include "neighbors/neighbors_answers.h"

namespace onecopy {
namespace {

constexpr int64_t kMostRows = int64_t{1} << 31;  // numbers of rows fit an int32

Matrix readPoints(const Value& value, Held& held) {
  const Matrix matrix = readMatrix(value, held);
  if (matrix.rows < kMostRows && matrix.columns > 0) return matrix;
  throw Error("ERR_SHAPE", "Expected `" + value.name() +
                               "` to have at least one column and fewer than 2^31 rows, got " +
                               std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns) + ".");
}

/** Reads a `NeighborTree` over points of so many columns. */
Tree readTree(const Value& value, int64_t columns, Held& held, Use use) {
  const Value order = value.member("order");
  const size_t points = order.typedArray().length;
  if (points == 0) throw Error("ERR_SHAPE", "Expected `" + order.name() + "` to hold at least one row.");
  const size_t nodes = Tree::countNodes(points);
  return {readVector<int32_t>(order, static_cast<int64_t>(points), held, use),
          readVector<double>(value.member("boxes"), static_cast<int64_t>(nodes) * 2 * columns, held, use),
          readVector<int32_t>(value.member("least"), static_cast<int64_t>(nodes), held, use),
          points,
          static_cast<size_t>(columns),
          nodes / 2};
}

class BuildTree : public Job {
 public:
  BuildTree(Matrix points, const double* scale, Tree tree, int threads)
      : points_(points), scale_(scale), tree_(tree), threads_(threads) {}
  void run() override { buildTree(points_, scale_, tree_, threads_, stop()); }
  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  const Matrix points_;
  const double* scale_;
  const Tree tree_;
  const int threads_;
};

struct Wanted {
  Matrix points, queries;
  Rows pointRows, queryRows;
  Tree tree;
  bool byTree;
  const double* scale;
  Metric metric;
  Labels labels;
  size_t neighbors;
  double limit;
  int threads;
};

/** Where the results of a search go: one of them is given. */
struct Receivers {
  Answers* answers = nullptr;
  RangeAnswers* rangeAnswers = nullptr;
};

/** Searches by a tree or all points; returns how many distances it took. */
int64_t searchFor(const Wanted& wanted, const Receivers& receivers, const std::atomic<bool>& stop) {
  const Search search = {.points = wanted.points,
                         .indexed = {wanted.byTree ? &wanted.tree : nullptr, wanted.pointRows},
                         .queries = wanted.queries,
                         .queryRows = wanted.queryRows,
                         .scale = wanted.scale,
                         .metric = wanted.metric,
                         .labels = wanted.labels,
                         .neighbors = wanted.neighbors,
                         .limit = wanted.limit,
                         .answers = receivers.answers,
                         .rangeAnswers = receivers.rangeAnswers,
                         .threads = wanted.threads,
                         .stop = stop};
  return wanted.byTree ? searchTree(search, wanted.tree) : searchAll(search, wanted.pointRows);
}

class FindNeighbors : public Job {
 public:
  FindNeighbors(Wanted wanted, std::unique_ptr<Answers> answers)
      : wanted_(std::move(wanted)), answers_(std::move(answers)) {}

  void run() override { distances_ = searchFor(wanted_, {.answers = answers_.get()}, stop()); }
  napi_value settle(napi_env env) override { return toValue(env, static_cast<double>(distances_)); }

 private:
  const Wanted wanted_;
  const std::unique_ptr<Answers> answers_;
  int64_t distances_ = 0;
};

class FindWithin : public Job {
 public:
  FindWithin(Wanted wanted, std::unique_ptr<RangeAnswers> answers)
      : wanted_(std::move(wanted)), answers_(std::move(answers)) {}

  void run() override { searchFor(wanted_, {.rangeAnswers = answers_.get()}, stop()); }
  napi_value settle(napi_env env) override { return undefined(env); }

 private:
  const Wanted wanted_;
  const std::unique_ptr<RangeAnswers> answers_;
};

/** A metric by its order, which is at least 1. */
Metric readMetric(const Value& search) {
  const double p = search.member("p").number();
  if (!(p >= 1)) throw Error("ERR_OPTION", "Expected `p` of a search to be at least 1, got " + std::to_string(p) + ".");
  if (p == 2) return {Power::kSquares, p};
  if (p == 1) return {Power::kAbsolute, p};
  return {std::isinf(p) ? Power::kGreatest : Power::kAny, p};
}

Labels readLabels(const Value& search, int64_t rows, Held& held) {
  const Value value = search.member("labels"), skips = search.member("skips");
  const uint16_t* labels = value.isNullish() ? nullptr : readVector<uint16_t>(value, rows, held);
  const int64_t bytes = labels == nullptr ? (rows + 7) / 8 : (UINT16_MAX + 1) / 8;
  return {labels, static_cast<int32_t>(search.member("skip").integer(-1, UINT16_MAX)),
          skips.isNullish() ? nullptr : readVector<uint8_t>(skips, bytes, held)};
}

Wanted readSearch(const Value& value, int threads, Held& held) {
  Wanted wanted{};
  wanted.points = readPoints(value.member("points"), held);
  wanted.queries = readPoints(value.member("queries"), held);
  if (wanted.points.columns != wanted.queries.columns) {
    throw Error("ERR_SHAPE", "Expected queries of " + std::to_string(wanted.points.columns) +
                                 " columns like the points, got " + std::to_string(wanted.queries.columns) + ".");
  }
  wanted.queryRows = Rows::read(value.member("queryRows"), wanted.queries.rows, held);
  wanted.byTree = !value.member("tree").isNullish();
  if (wanted.byTree) {
    wanted.tree = readTree(value.member("tree"), wanted.points.columns, held, Use::kRead);
  } else {
    wanted.pointRows = Rows::read(value.member("pointRows"), wanted.points.rows, held);
  }
  wanted.scale = readVector<double>(value.member("scale"), wanted.points.columns, held);
  wanted.metric = readMetric(value);
  wanted.labels = readLabels(value, wanted.points.rows, held);
  wanted.threads = threads;
  const Value radius = value.member("radius");
  if (!radius.isNullish()) {
    const double distance = radius.number();
    wanted.limit = wanted.metric.power == Power::kGreatest ? distance : withDifference(wanted.metric, 0, distance);
    return wanted;
  }
  wanted.neighbors = value.member("neighbors").integer(1, kMostRows - 1);
  const int64_t points = wanted.byTree ? static_cast<int64_t>(wanted.tree.points) : wanted.pointRows.count();
  if (points < static_cast<int64_t>(wanted.neighbors)) refuseNeighbors(points, wanted.neighbors);
  return wanted;
}

std::unique_ptr<Answers> readLists(const Value& value, const Wanted& wanted, Held& held) {
  const auto length = static_cast<int64_t>(wanted.queryRows.count() * wanted.neighbors);
  return std::make_unique<Lists>(readVector<int32_t>(value.member("rows"), length, held, Use::kChange),
                                 readVector<double>(value.member("squares"), length, held, Use::kChange),
                                 wanted.neighbors);
}

std::unique_ptr<Answers> readMeans(const Value& value, const Wanted& wanted, Held& held) {
  const Matrix targets = readMatrix(value.member("targets"), held);
  const Matrix out = readOutput(value.member("out"), held);
  const int64_t column = value.member("outColumn").integer();
  if (targets.rows != wanted.points.rows || out.rows != wanted.queries.rows ||
      column + targets.columns > out.columns) {
    throw Error("ERR_SHAPE", "Expected targets of the " + std::to_string(wanted.points.rows) +
                                 " points and room for predictions of the " +
                                 std::to_string(wanted.queries.rows) + " queries, got " +
                                 std::to_string(targets.rows) + " x " + std::to_string(targets.columns) +
                                 " and " + std::to_string(out.rows) + " x " + std::to_string(out.columns) + ".");
  }
  return std::make_unique<Means>(targets, readWeights(value.member("weights"), wanted.points.rows, held),
                                 value.member("byDistance").boolean(), out, column, wanted.neighbors,
                                 wanted.metric.power == Power::kSquares);
}

/** Reads a `RangeMeans` or `RangeShares`. */
std::unique_ptr<RangeAnswers> readRange(const Value& value, const Wanted& wanted, Held& held) {
  const int64_t queries = wanted.queryRows.count(), points = wanted.points.rows;
  const Value codes = value.member("codes");
  RangeTargets targets{};
  if (codes.isNullish()) {
    targets.values = readMatrix(value.member("targets"), held);
    targets.count = targets.values.columns;
    if (targets.values.rows != points)
      throw Error("ERR_SHAPE", "Expected targets of the " + std::to_string(points) + " points, got " +
                                   std::to_string(targets.values.rows) + ".");
  } else {
    targets.codes = readVector<uint16_t>(codes, points, held);
    targets.count = value.member("classes").integer(1, UINT16_MAX + 1);
  }
  targets.weights = readWeights(value.member("weights"), points, held);
  targets.byDistance = value.member("byDistance").boolean();
  return std::make_unique<RangeAverages>(
      targets, wanted.metric, readVector<double>(value.member("means"), queries * targets.count, held, Use::kChange),
      readVector<int32_t>(value.member("counts"), queries, held, Use::kChange));
}

int readThreads(const Arguments& arguments, size_t index) {
  return static_cast<int>(arguments.at(index, "threads").integer(1, 1024));
}

napi_value treeNodesJs(const Arguments& arguments) {
  const int64_t points = arguments.at(0, "points").integer(1, kMostRows - 1);
  return toValue(arguments.env(), static_cast<double>(Tree::countNodes(points)));
}

napi_value buildTreeJs(const Arguments& arguments) {
  Held held(arguments.env());
  const Matrix points = readPoints(arguments.at(0, "points"), held);
  const double* scale = readVector<double>(arguments.at(1, "scale"), points.columns, held);
  const Tree tree = readTree(arguments.at(2, "tree"), points.columns, held, Use::kChange);
  return startJob(arguments.env(), std::move(held),
                  std::make_unique<BuildTree>(points, scale, tree, readThreads(arguments, 3)));
}

napi_value findNeighborsJs(const Arguments& arguments) {
  Held held(arguments.env());
  Wanted wanted = readSearch(arguments.at(0, "search"), readThreads(arguments, 2), held);
  const Value answer = arguments.at(1, "answer");
  auto answers = answer.member("targets").isNullish() ? readLists(answer, wanted, held)
                                                      : readMeans(answer, wanted, held);
  return startJob(arguments.env(), std::move(held), std::make_unique<FindNeighbors>(std::move(wanted), std::move(answers)));
}

napi_value findWithinJs(const Arguments& arguments) {
  Held held(arguments.env());
  Wanted wanted = readSearch(arguments.at(0, "search"), readThreads(arguments, 2), held);
  auto answers = readRange(arguments.at(1, "answer"), wanted, held);
  return startJob(arguments.env(), std::move(held), std::make_unique<FindWithin>(std::move(wanted), std::move(answers)));
}

}  // namespace

void refuseNeighbors(size_t points, size_t neighbors) {
  throw Error("ERR_ROWS", "Expected at least " + std::to_string(neighbors) +
                                   " points to choose neighbours from, got " + std::to_string(points) +
                                   ". Use fewer neighbours or more rows.");
}

void answer(const Search& search, int64_t position, int32_t query, Nearest& nearest) {
  if (!nearest.full()) refuseNeighbors(nearest.size(), search.neighbors);
  Candidate* sorted = nearest.sorted();
  if (isWide(search, query, sorted)) {
    if (!findWideNeighbors(search, query, sorted)) return;
  } else if (search.metric.power != Power::kSquares) {
    for (size_t i = 0; i < search.neighbors; i++) sorted[i].square = distanceOf(search.metric, sorted[i].square);
  }
  search.answers->take(position, query, sorted);
}

void answer(const Search& search, int64_t position, int32_t, Within& found) {
  search.rangeAnswers->take(position, found.sorted());
}

const NeighborKernels& neighborKernels() { return ONECOPY_TABLE(neighborKernels); }

void registerNeighbors(napi_env env, napi_value exports) {
  exportFunction<treeNodesJs>(env, exports, "treeNodes");
  exportFunction<buildTreeJs>(env, exports, "buildTree");
  exportFunction<findNeighborsJs>(env, exports, "findNeighbors");
  exportFunction<findWithinJs>(env, exports, "findWithin");
}

}  // namespace onecopy
