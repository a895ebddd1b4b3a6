/** QR factors of groups of rows. */

#include "linear/qr.h"

#include <algorithm>
#include <cmath>

#include "linear/design.h"
#include "matrix/reduce.h"

namespace onecopy {
namespace {

/** The triangle of some rows. */
class Factor {
 public:
  explicit Factor(const Design& design)
      : design_(design), triangle_(design.width * design.width) {
    clear();
  }

  void clear() {
    std::fill_n(triangle_.get(), design_.width * design_.width, 0.0);
    count = weight = nonFinite = 0;
  }

  /** Takes in a block of rows, which it destroys. `work`: `width * panel` doubles. */
  void absorb(const Block& block, double* work, const Ahead& ahead = {}) {
    design_.kernels.absorb(block, triangle_.get(), work, ahead);
  }

  /** Takes in the rows of the other triangle. */
  void merge(const Factor& right) {
    const int panel = design_.kernels.panel;
    const Doubles work(design_.width * panel);
    const size_t stride = static_cast<size_t>(design_.columns) * panel;
    const Doubles copy(design_.panels * stride);
    for (int r = 0; r < design_.columns; r++)
      for (size_t c = r; c < design_.width; c++)
        copy[c / panel * stride + r * panel + c % panel] = right.at(r, c);
    absorb({copy.get(), stride, design_.panels, design_.columns}, work.get());
    count += right.count;
    weight += right.weight;
    nonFinite += right.nonFinite;
  }

  double at(size_t row, size_t column) const { return triangle_[row * design_.width + column]; }
  double count, weight, nonFinite;

 private:
  const Design& design_;
  const Doubles triangle_;
};

class QrJob : public Job {
 public:
  QrJob(const Arguments& arguments, Held& held)
      : design_(arguments, held), threads_(readThreads(arguments.at(6, "threads"))) {
    const size_t groups = design_.groups.size();
    for (std::vector<double>* list : {&count_, &weight_, &nonFinite_}) list->resize(groups);
    triangle_.resize(groups * design_.columns * design_.columns);
  }

  void run() override {
    sumGroups(
        design_.groups, threads_, stop(), [&] { return std::make_unique<Factor>(design_); },
        [&] {
          return [this, reader = BlockReader(design_.kernels, design_.source()),
                  work = Doubles(design_.width * design_.kernels.panel),
                  roots = std::vector<double>(design_.source().blockRows)](
                     int group, int64_t from, int64_t to, Factor& factor) mutable {
            reader.start(design_.groups[group], from, to);
            while (reader.next()) add(reader, roots.data(), work.get(), factor);
          };
        },
        [&](int group, const Factor& factor) { finish(group, factor); });
  }

  napi_value settle(napi_env env) override {
    return makeObject(env, {{"count", toFloat64Array(env, count_)},
                            {"weight", toFloat64Array(env, weight_)},
                            {"triangle", toFloat64Array(env, triangle_)},
                            {"nonFinite", toFloat64Array(env, nonFinite_)}});
  }

 private:
  void add(BlockReader& reader, double* roots, double* work, Factor& factor) const {
    const Block& block = reader.block();
    const double* weights = reader.weights();
    design_.pack(reader);
    factor.count += block.rows;
    factor.nonFinite += design_.kernels.countNonFinite(block);
    for (int r = 0; r < block.rows; r++) {
      factor.weight += weights == nullptr ? 1 : weights[r];
      if (weights != nullptr) roots[r] = std::sqrt(weights[r]);
    }
    design_.kernels.standardise(block, design_.shift.data(), design_.scale.data(),
                                weights == nullptr ? nullptr : roots);
    factor.absorb(block, work, reader.ahead());
  }

  void finish(int group, const Factor& factor) {
    count_[group] = factor.count;
    weight_[group] = factor.weight;
    nonFinite_[group] = factor.nonFinite;
    const int q = design_.columns;
    double* out = triangle_.data() + static_cast<size_t>(group) * q * q;
    for (int i = 0; i < q; i++) {
      const double sign = factor.at(i, i) < 0 ? -1 : 1;
      for (int j = i; j < q; j++) out[i * q + j] = sign * factor.at(i, j);
    }
  }

  const Design design_;
  const int threads_;
  std::vector<double> count_, weight_, nonFinite_, triangle_;
};

}  // namespace

void registerQr(napi_env env, napi_value exports) {
  exportFunction<startWith<QrJob>>(env, exports, "leastSquaresQr");
}

}  // namespace onecopy
