/** The border of the nearest neighbours: arguments in, neighbours or predictions out. */

#include "neighbors/neighbors.h"

#include <string>

#include "neighbors/neighbors_answers.h"

namespace onecopy {
namespace {

constexpr int64_t kMostRows = int64_t{1} << 31;  // numbers of rows fit an int32

Matrix readPoints(const Value& value, Kept& kept) {
  const Matrix matrix = readMatrix(value, kept);
  if (matrix.rows < kMostRows && matrix.columns > 0) return matrix;
  throw Error("ERR_SHAPE", "Expected `" + value.name() +
                               "` to have at least one column and fewer than 2^31 rows, got " +
                               std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns) + ".");
}

void requireLength(const Value& value, size_t length, size_t expected) {
  if (length == expected) return;
  throw Error("ERR_SHAPE", "Expected `" + value.name() + "` to have " + std::to_string(expected) +
                               " values, got " + std::to_string(length) + ".");
}

int32_t* readInts(const Value& value, size_t length, Kept& kept) {
  const TypedArray array = value.typedArray(napi_int32_array, "an Int32Array");
  requireLength(value, array.length, length);
  kept.add(value.raw());
  return static_cast<int32_t*>(array.data);
}

/** Reads a `NeighborTree` over points of so many columns. */
Tree readTree(const Value& value, int64_t columns, Kept& kept) {
  const size_t points = value.member("order").typedArray().length;
  const Value order = value.member("order");
  if (points == 0) throw Error("ERR_SHAPE", "Expected `" + order.name() + "` to hold at least one row.");
  const size_t nodes = Tree::countNodes(points);
  return {readInts(order, points, kept),
          readDoubles(value.member("boxes"), static_cast<int64_t>(nodes) * 2 * columns, kept),
          readInts(value.member("least"), nodes, kept),
          points,
          static_cast<size_t>(columns),
          nodes / 2};
}

class BuildTree : public StoppableJob {
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
  Labels labels;
  size_t neighbors;
  int threads;
};

class FindNeighbors : public StoppableJob {
 public:
  FindNeighbors(Wanted wanted, std::unique_ptr<Answers> answers)
      : wanted_(std::move(wanted)), answers_(std::move(answers)) {}

  void run() override {
    const Search search = {wanted_.points,    wanted_.queries, wanted_.queryRows, wanted_.scale, wanted_.labels,
                           wanted_.neighbors, *answers_,       wanted_.threads,   stop()};
    distances_ = wanted_.byTree ? searchTree(search, wanted_.tree) : searchAll(search, wanted_.pointRows);
  }
  napi_value settle(napi_env env) override { return toValue(env, static_cast<double>(distances_)); }

 private:
  const Wanted wanted_;
  const std::unique_ptr<Answers> answers_;
  int64_t distances_ = 0;
};

Labels readLabels(const Value& search, int64_t rows, Kept& kept) {
  const Value value = search.member("labels");
  if (value.isNullish()) return {nullptr, -1};
  const TypedArray array = value.typedArray(napi_uint16_array, "a Uint16Array");
  requireLength(value, array.length, rows);
  kept.add(value.raw());
  return {static_cast<const uint16_t*>(array.data),
          static_cast<int32_t>(search.member("skip").integer(-1, UINT16_MAX))};
}

Wanted readSearch(const Value& value, int threads, Kept& kept) {
  Wanted wanted{};
  wanted.points = readPoints(value.member("points"), kept);
  wanted.queries = readPoints(value.member("queries"), kept);
  if (wanted.points.columns != wanted.queries.columns) {
    throw Error("ERR_SHAPE", "Expected queries of " + std::to_string(wanted.points.columns) +
                                 " columns like the points, got " + std::to_string(wanted.queries.columns) + ".");
  }
  wanted.queryRows = Rows::read(value.member("queryRows"), wanted.queries.rows, kept);
  wanted.byTree = !value.member("tree").isNullish();
  if (wanted.byTree) {
    wanted.tree = readTree(value.member("tree"), wanted.points.columns, kept);
  } else {
    wanted.pointRows = Rows::read(value.member("pointRows"), wanted.points.rows, kept);
  }
  wanted.scale = readDoubles(value.member("scale"), wanted.points.columns, kept);
  wanted.labels = readLabels(value, wanted.points.rows, kept);
  wanted.neighbors = value.member("neighbors").integer(1, kMostRows - 1);
  const int64_t points = wanted.byTree ? static_cast<int64_t>(wanted.tree.points) : wanted.pointRows.count();
  if (points < static_cast<int64_t>(wanted.neighbors)) refuseNeighbors(points, wanted.neighbors);
  wanted.threads = threads;
  return wanted;
}

std::unique_ptr<Answers> readLists(const Value& value, const Wanted& wanted, Kept& kept) {
  const size_t length = wanted.queryRows.count() * wanted.neighbors;
  return std::make_unique<Lists>(readInts(value.member("rows"), length, kept),
                                 readDoubles(value.member("squares"), length, kept), wanted.neighbors);
}

std::unique_ptr<Answers> readMeans(const Value& value, const Wanted& wanted, Kept& kept) {
  const Matrix targets = readMatrix(value.member("targets"), kept);
  const Matrix out = readMatrix(value.member("out"), kept);
  const int64_t column = value.member("outColumn").integer();
  if (targets.rows != wanted.points.rows || out.rows != wanted.queries.rows ||
      column + targets.columns > out.columns) {
    throw Error("ERR_SHAPE", "Expected targets of the " + std::to_string(wanted.points.rows) +
                                 " points and room for predictions of the " +
                                 std::to_string(wanted.queries.rows) + " queries, got " +
                                 std::to_string(targets.rows) + " x " + std::to_string(targets.columns) +
                                 " and " + std::to_string(out.rows) + " x " + std::to_string(out.columns) + ".");
  }
  if (out.dtype != DType::kFloat64 && out.dtype != DType::kFloat32)
    throw Error("ERR_DTYPE", "Expected `answer.out` to hold float64 or float32.");
  return std::make_unique<Means>(targets, readOptionalDoubles(value.member("weights"), wanted.points.rows, kept),
                                 value.member("byDistance").boolean(), out, column, wanted.neighbors);
}

int readThreads(const Arguments& arguments, size_t index) {
  return static_cast<int>(arguments.at(index, "threads").integer(1, 1024));
}

napi_value treeNodesJs(const Arguments& arguments) {
  const int64_t points = arguments.at(0, "points").integer(1, kMostRows - 1);
  return toValue(arguments.env(), static_cast<double>(Tree::countNodes(points)));
}

napi_value buildTreeJs(const Arguments& arguments) {
  Kept kept(arguments.env());
  const Matrix points = readPoints(arguments.at(0, "points"), kept);
  const double* scale = readDoubles(arguments.at(1, "scale"), points.columns, kept);
  const Tree tree = readTree(arguments.at(2, "tree"), points.columns, kept);
  return startJob(arguments.env(), kept,
                  std::make_unique<BuildTree>(points, scale, tree, readThreads(arguments, 3)));
}

napi_value findNeighborsJs(const Arguments& arguments) {
  Kept kept(arguments.env());
  Wanted wanted = readSearch(arguments.at(0, "search"), readThreads(arguments, 2), kept);
  const Value answer = arguments.at(1, "answer");
  auto answers = answer.member("targets").isNullish() ? readLists(answer, wanted, kept)
                                                      : readMeans(answer, wanted, kept);
  return startJob(arguments.env(), kept, std::make_unique<FindNeighbors>(std::move(wanted), std::move(answers)));
}

}  // namespace

void refuseNeighbors(size_t points, size_t neighbors) {
  throw Error("ERR_ROWS", "Expected at least " + std::to_string(neighbors) +
                                   " points to choose neighbours from, got " + std::to_string(points) +
                                   ". Use fewer neighbours or more rows.");
}

void answer(const Search& search, int64_t position, int32_t query, Nearest& nearest) {
  if (!nearest.full()) refuseNeighbors(nearest.size(), search.neighbors);
  search.answers.take(position, query, nearest.sorted());
}

const NeighborKernels& neighborKernels() {
#if defined(__x86_64__)
  if (&kernels() == &avx512::kernels) return avx512::neighborKernels;
  if (&kernels() == &avx2::kernels) return avx2::neighborKernels;
#endif
  return baseline::neighborKernels;
}

void registerNeighbors(napi_env env, napi_value exports) {
  exportFunction<treeNodesJs>(env, exports, "treeNodes");
  exportFunction<buildTreeJs>(env, exports, "buildTree");
  exportFunction<findNeighborsJs>(env, exports, "findNeighbors");
}

}  // namespace onecopy
