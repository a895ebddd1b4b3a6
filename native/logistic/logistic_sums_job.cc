/** Losses, gradients and second derivatives of logistic models over groups of rows. */

#include "logistic/logistic_sums_job.h"

#include <algorithm>
#include <string>

namespace onecopy {

class LogisticSumsJob::Sums {
 public:
  explicit Sums(const LogisticSumsJob& job) : job_(job), values_(job.models_ * job.modelSize()) { clear(); }

  void clear() {
    std::fill(values_.begin(), values_.end(), 0.0);
    for (int m = 0; m < job_.models_; m++) model(m)[kMargin] = std::numeric_limits<double>::infinity();
  }

  void merge(const Sums& right) {
    for (int m = 0; m < job_.models_; m++) {
      double* to = model(m);
      const double* from = right.model(m);
      const double margin = std::min(to[kMargin], from[kMargin]);
      for (size_t i = 0; i < job_.modelSize(); i++) to[i] += from[i];
      to[kMargin] = margin;
    }
  }

  double* model(int m) { return values_.data() + m * job_.modelSize(); }
  const double* model(int m) const { return values_.data() + m * job_.modelSize(); }

 private:
  const LogisticSumsJob& job_;
  std::vector<double> values_;
};

class LogisticSumsJob::Worker {
 public:
  explicit Worker(const LogisticSumsJob& job)
      : job_(job),
        reader_(job.x_, job.weights_),
        scores_(job.scores_, columnBlockRows(job.x_.columns)),
        residuals_(job.scores_, columnBlockRows(job.x_.columns)),
        weighted_(job.withHessians_ ? job.width_ : 1, columnBlockRows(job.x_.columns)),
        rest_(4, columnBlockRows(job.x_.columns)),
        eights_(job.models_ * job.modelSize() * kEight) {}

  void operator()(int group, int64_t from, int64_t to, Sums& sums) {
    clear();
    reader_.start(job_.groups_[group], from, to);
    while (reader_.next(job_.shift_.data())) add();
    for (int m = 0; m < job_.models_; m++) {
      double* into = sums.model(m);
      const double* eights = model(m);
      for (size_t i = 0; i < job_.modelSize(); i++)
        if (i != kMargin) into[i] += foldEight(eights + i * kEight);
      into[kMargin] =
          std::min(into[kMargin], *std::min_element(eights + kMargin * kEight, eights + (kMargin + 1) * kEight));
    }
  }

 private:
  double* model(int m) const { return eights_.get() + m * job_.modelSize() * kEight; }

  void clear() {
    std::fill_n(eights_.get(), job_.models_ * job_.modelSize() * kEight, 0.0);
    for (int m = 0; m < job_.models_; m++)
      std::fill_n(model(m) + kMargin * kEight, kEight, std::numeric_limits<double>::infinity());
  }

  void add() {
    const int count = reader_.count();
    const Columns block = reader_.columns(), rest = rest_.view(count);
    double *target = rest.at(0), *given = rest.at(1), *curvature = rest.at(2), *weight = rest.at(3);
    for (double* column : {target, given, weight}) std::fill_n(column, rest.rows, 0.0);
    for (int r = 0; r < count; r++) {
      const uint16_t code = job_.codes_[reader_.rows()[r]];
      if (code >= job_.classes_) {
        throw Error("ERR_INDEX", "Expected codes of " + std::to_string(job_.classes_) + " classes, got " +
                                     std::to_string(code) + " for row " + std::to_string(reader_.rows()[r]) + ".");
      }
      target[r] = code;
      given[r] = reader_.weights() == nullptr ? 1 : reader_.weights()[r];
    }
    const LogisticKernels& kernels = logisticKernels();
    for (int m = 0; m < job_.models_; m++) {
      const Columns scores = scores_.view(count), residuals = residuals_.view(count);
      kernels.scoreRows(block, job_.coefficients_.data() + m * job_.gradientSize(), scores);
      double* to = model(m);
      const double* factors = job_.classWeights_.data() + static_cast<size_t>(m) * job_.classes_;
      for (int r = 0; r < count; r++) {
        weight[r] = given[r] * factors[static_cast<int>(target[r])];
        to[kWeight * kEight + r % kEight] += weight[r];
      }
      const LinkRows link{target, weight, scores, residuals, to, to + kEight, to + kMargin * kEight};
      if (job_.scores_ == 1) kernels.linkTwo(link, curvature);
      else kernels.linkSeveral(link);
      kernels.products(residuals, block, to + kHead * kEight);
      if (job_.withHessians_) addHessian(block, scores, rest, to + (kHead + job_.gradientSize()) * kEight);
    }
  }

  void addHessian(const Columns& block, const Columns& p, const Columns& rest, double* to) {
    const LogisticKernels& kernels = logisticKernels();
    const Columns weighted = weighted_.view(block.rows);
    const auto addPair = [&] {
      kernels.weighRows(block, rest.at(2), weighted);
      kernels.lowerProducts(weighted, block, to);
      to += job_.triangle() * kEight;
    };
    if (job_.scores_ == 1) return addPair();
    for (int a = 0; a < job_.scores_; a++) {
      for (int b = 0; b <= a; b++) {
        kernels.pairCurvature(rest.at(3), p.at(a), p.at(b), a == b ? 1 : 0, block.rows, rest.at(2));
        addPair();
      }
    }
  }

  const LogisticSumsJob& job_;
  ColumnReader reader_;
  const ColumnMemory scores_, residuals_, weighted_;
  const ColumnMemory rest_;  // targets, weights as given, second derivatives, weights for the model
  const Doubles eights_;
};

LogisticSumsJob::LogisticSumsJob(const Arguments& arguments, Held& held) {
  const Value rows = arguments.at(0, "rows"), models = arguments.at(1, "models");
  x_ = readMatrix(rows.member("x"), held);
  codes_ = readVector<uint16_t>(rows.member("codes"), x_.rows, held);
  weights_ = readWeights(rows.member("weights"), x_.rows, held);
  groups_ = readGroups(rows.member("groups"), x_.rows, held);
  const double* shift = readVector<double>(rows.member("shift"), x_.columns, held);
  shift_.assign(shift, shift + x_.columns);
  models_ = static_cast<int>(models.member("count").integer(1, 1 << 20));
  scores_ = static_cast<int>(models.member("scores").integer(1, 1 << 16));
  classes_ = scores_ == 1 ? 2 : scores_;
  width_ = x_.columns + 1;
  const double* classWeights = readVector<double>(models.member("classWeights"), models_ * classes_, held);
  classWeights_.assign(classWeights, classWeights + models_ * classes_);
  const auto terms = static_cast<int64_t>(models_ * gradientSize());
  const double* coefficients = readVector<double>(models.member("coefficients"), terms, held);
  coefficients_.assign(coefficients, coefficients + terms);
  withHessians_ = models.member("withHessians").boolean();
  threads_ = readThreads(arguments.at(2, "threads"));
  const size_t pairs = groups_.size() * models_;
  for (std::vector<double>* list : {&weight_, &loss_, &right_, &margin_}) list->resize(pairs);
  gradient_.resize(pairs * gradientSize());
  if (withHessians_) hessian_.resize(pairs * gradientSize() * gradientSize());
}

void LogisticSumsJob::run() {
  sumGroups(
      groups_, threads_, stop(), [&] { return std::make_unique<Sums>(*this); }, [&] { return Worker(*this); },
      [&](int group, const Sums& sums) { finish(group, sums); });
}

void LogisticSumsJob::finish(int group, const Sums& sums) {
  const size_t m2 = gradientSize();
  for (int m = 0; m < models_; m++) {
    const size_t place = static_cast<size_t>(group) * models_ + m;
    const double* values = sums.model(m);
    loss_[place] = values[0];
    right_[place] = values[1];
    margin_[place] = values[kMargin];
    weight_[place] = values[kWeight];
    std::copy_n(values + kHead, m2, gradient_.begin() + place * m2);
    if (!withHessians_) continue;
    const double* from = values + kHead + m2;
    double* square = hessian_.data() + place * m2 * m2;
    const auto put = [&](size_t row, size_t column, double value) { square[row * m2 + column] = value; };
    for (int a = 0; a < scores_; a++) {
      for (int b = 0; b <= a; b++, from += triangle()) {
        for (int64_t i = 0; i < width_; i++) {
          for (int64_t j = 0; j <= i; j++) {
            const double value = from[i * (i + 1) / 2 + j];
            put(a * width_ + i, b * width_ + j, value);
            put(a * width_ + j, b * width_ + i, value);
            put(b * width_ + i, a * width_ + j, value);
            put(b * width_ + j, a * width_ + i, value);
          }
        }
      }
    }
  }
}

napi_value LogisticSumsJob::settle(napi_env env) {
  return makeObject(env, {{"weight", toFloat64Array(env, weight_)},
                          {"loss", toFloat64Array(env, loss_)},
                          {"right", toFloat64Array(env, right_)},
                          {"margin", toFloat64Array(env, margin_)},
                          {"gradient", toFloat64Array(env, gradient_)},
                          {"hessian", toFloat64Array(env, hessian_)}});
}

}  // namespace onecopy
