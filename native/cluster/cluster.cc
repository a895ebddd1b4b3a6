/** The jobs of clustering: assign rows to centres, weigh candidates for centres. */

#include "cluster/cluster.h"

#include <limits>

#include "border/job.h"
#include "cluster/chunks.h"
#include "matrix/results.h"

namespace onecopy {
namespace {

ClusterRows readRows(const Value& value, Held& held) {
  const Matrix x = readMatrix(value.member("x"), held);
  if (x.columns == 0 || x.rows >= (int64_t{1} << 31))
    throw Error("ERR_SHAPE", "Expected `x` to have at least one column and fewer than 2^31 rows, got " +
                                 std::to_string(x.rows) + " x " + std::to_string(x.columns) + ".");
  return {x, Rows::read(value.member("rows"), x.rows, held), readWeights(value.member("weights"), x.rows, held)};
}

/** Assigns each row to its nearest centre, and sums up what moves the centres. */
class AssignCenters : public Job {
 public:
  AssignCenters(const Arguments& arguments, Held& held) : rows_(readRows(arguments.at(0, "rows"), held)) {
    const Value centers = arguments.at(1, "centers"), results = arguments.at(2, "results");
    count_ = centers.member("count").integer(1, int64_t{1} << 31);
    const double* values = readVector<double>(centers.member("values"), count_ * columns(), held);
    centers_.assign(values, values + count_ * columns());
    labels_ = readVector<int32_t>(results.member("labels"), rows_.rows.count(), held, Use::kChange);
    const Value squares = results.member("squares");
    if (!squares.isNullish()) squares_ = readVector<double>(squares, rows_.rows.count(), held, Use::kChange);
    withSums_ = results.member("withSums").boolean();
    threads_ = readThreads(arguments.at(3, "threads"));
  }

  void run() override {
    const PackedCenters centers(centers_.data(), count_, columns());
    const size_t size = withSums_ ? count_ * (columns() + 1) : 0;
    std::vector<Sums> chunks;
    eachChunk(
        rows_.rows.count(), size * sizeof(double), threads_, stop(),
        [&](int64_t count) { chunks.resize(count); },
        [&](int64_t chunk, int64_t from, int64_t to) {
          chunks[chunk].values.resize(size);
          assign(centers, from, to, chunks[chunk]);
        });
    total_.values.resize(size);
    for (const Sums& chunk : chunks) {
      total_.inertia += chunk.inertia;
      total_.changed += chunk.changed;
      for (size_t i = 0; i < size && !chunk.values.empty(); i++) total_.values[i] += chunk.values[i];
    }
  }

  napi_value settle(napi_env env) override {
    return makeObject(env, {{"inertia", toValue(env, total_.inertia)},
                            {"changed", toValue(env, static_cast<double>(total_.changed))},
                            {"sums", toFloat64Array(env, total_.values)}});
  }

 private:
  struct Sums {
    std::vector<double> values;  // for each centre its weight, then weighted differences of its rows to it
    double inertia = 0;
    int64_t changed = 0;
  };

  int64_t columns() const { return rows_.x.columns; }

  void assign(const PackedCenters& centers, int64_t from, int64_t to, Sums& sums) {
    GatheredRows block(columns());
    double squares[kLeafPoints], best[kLeafPoints];
    int32_t labels[kLeafPoints];
    for (int64_t at = from; at < to && !stop(); at += kLeafPoints) {
      block.read(rows_, at, to);
      std::fill_n(best, kLeafPoints, std::numeric_limits<double>::infinity());
      std::fill_n(labels, kLeafPoints, 0);
      for (int64_t c = 0; c < count_; c++) {
        centers.squaresTo(c, block.values.data(), block.count, squares);
        for (int p = 0; p < block.count; p++) {
          if (!(squares[p] < best[p])) continue;
          best[p] = squares[p];
          labels[p] = static_cast<int32_t>(c);
        }
      }
      for (int p = 0; p < block.count; p++) {
        const double weight = rows_.weightOf(block.rows[p]);
        sums.inertia += weight * best[p];
        sums.changed += labels_[at + p] != labels[p];
        labels_[at + p] = labels[p];
        if (squares_ != nullptr) squares_[at + p] = best[p];
        if (withSums_) add(block, p, labels[p], weight, sums.values);
      }
    }
  }

  void add(const GatheredRows& block, int p, int64_t label, double weight, std::vector<double>& sums) const {
    double* sum = &sums[label * (columns() + 1)];
    const double* center = &centers_[label * columns()];
    sum[0] += weight;
    for (int64_t j = 0; j < columns(); j++) sum[j + 1] += weight * (block.values[j * kLeafPoints + p] - center[j]);
  }

  const ClusterRows rows_;
  int64_t count_;
  std::vector<double> centers_;
  int32_t* labels_;
  double* squares_ = nullptr;
  bool withSums_;
  int threads_;
  Sums total_;
};

/** Sums of weighted squared distances that rows would have with one more centre. */
class WeighCandidates : public Job {
 public:
  WeighCandidates(const Arguments& arguments, Held& held) : rows_(readRows(arguments.at(0, "rows"), held)) {
    const Value candidates = arguments.at(1, "candidates");
    count_ = candidates.member("count").integer(1, 1 << 20);
    const double* values = readVector<double>(candidates.member("values"), count_ * rows_.x.columns, held);
    candidates_.assign(values, values + count_ * rows_.x.columns);
    closest_ = readVector<double>(arguments.at(2, "closest"), rows_.rows.count(), held, Use::kChange);
    update_ = arguments.at(3, "update").boolean();
    threads_ = readThreads(arguments.at(4, "threads"));
  }

  void run() override {
    const PackedCenters candidates(candidates_.data(), count_, rows_.x.columns);
    std::vector<std::vector<double>> chunks;
    eachChunk(
        rows_.rows.count(), count_ * sizeof(double), threads_, stop(),
        [&](int64_t count) { chunks.resize(count); },
        [&](int64_t chunk, int64_t from, int64_t to) { weigh(candidates, from, to, chunks[chunk]); });
    potentials_.resize(count_);
    for (const std::vector<double>& chunk : chunks)
      for (size_t i = 0; i < chunk.size(); i++) potentials_[i] += chunk[i];
  }

  napi_value settle(napi_env env) override { return toFloat64Array(env, potentials_); }

 private:
  void weigh(const PackedCenters& candidates, int64_t from, int64_t to, std::vector<double>& potentials) {
    potentials.resize(count_);
    GatheredRows block(rows_.x.columns);
    double squares[kLeafPoints];
    for (int64_t at = from; at < to && !stop(); at += kLeafPoints) {
      block.read(rows_, at, to);
      for (int64_t c = 0; c < count_; c++) {
        candidates.squaresTo(c, block.values.data(), block.count, squares);
        for (int p = 0; p < block.count; p++) {
          const double square = std::min(closest_[at + p], squares[p]);
          potentials[c] += rows_.weightOf(block.rows[p]) * square;
          if (update_) closest_[at + p] = square;
        }
      }
    }
  }

  const ClusterRows rows_;
  int64_t count_;
  std::vector<double> candidates_;
  double* closest_;
  bool update_;
  int threads_;
  std::vector<double> potentials_;
};

}  // namespace

void registerCluster(napi_env env, napi_value exports) {
  exportFunction<startWith<AssignCenters>>(env, exports, "assignCenters");
  exportFunction<startWith<WeighCandidates>>(env, exports, "weighCandidates");
}

}  // namespace onecopy
