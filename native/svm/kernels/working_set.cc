/** Which two variables of a dual problem are changed next. */

#include "kernels/simd.h"
#include "svm/kernels/svm_level.h"

namespace onecopy::ONECOPY_LEVEL {

typedef float Singles __attribute__((vector_size(kWidth * sizeof(float)), aligned(sizeof(float)), may_alias));

static inline Vector widen(const float* from) {
  return __builtin_convertvector(*reinterpret_cast<const Singles*>(from), Vector);
}

/** The greatest value of each lane, and where it is last. */
struct Greatest {
  Vector value, index;

  /** @param least - values below it don't count */
  explicit Greatest(double least) : value(broadcast(least)), index(broadcast(-1)) {}

  void offer(Vector other, Vector at) {
    const auto isGreater = other >= value;
    value = isGreater ? other : value;
    index = isGreater ? at : index;
  }

  /** The greatest of all lanes; of equals the last. */
  Chosen choose() const {
    Chosen chosen{-1, 0};
    for (int lane = 0; lane < kWidth; lane++) {
      if (!(index[lane] >= 0)) continue;
      const bool isBetter = chosen.index < 0 || value[lane] > chosen.value ||
                            (value[lane] == chosen.value && index[lane] > chosen.index);
      if (isBetter) chosen = {static_cast<int64_t>(index[lane]), value[lane]};
    }
    return chosen;
  }
};

static inline Vector firstPlaces() {
  Vector places;
  for (int lane = 0; lane < kWidth; lane++) places[lane] = lane;
  return places;
}

Chosen moveSlopes(const DualVariables& variables, double step, const float* risen, const float* fallen) {
  Greatest greatest(-__DBL_MAX__);  // -Infinity stands for a variable that can't rise
  Vector at = firstPlaces();
  for (int64_t t = 0; t < variables.count; t += kWidth, at += static_cast<double>(kWidth)) {
    const Vector slope = load(variables.slope + t) - step * (widen(risen + t) - widen(fallen + t));
    store(variables.slope + t, slope);
    greatest.offer(slope - load(variables.rise + t), at);
  }
  return greatest.choose();
}

Partner findPartner(const DualVariables& variables, Chosen risen, double diagonal, const float* row) {
  const Vector zero{}, none = broadcast(-1), top = broadcast(risen.value), tiny = broadcast(kLeastCurvature);
  Greatest greatest(0);  // a gain is a square, or -1
  Vector least = broadcast(__builtin_inf());
  Vector at = firstPlaces();
  for (int64_t t = 0; t < variables.count; t += kWidth, at += static_cast<double>(kWidth)) {
    const Vector slope = load(variables.slope + t) - load(variables.fall + t);
    least = lesser(slope, least);
    const Vector by = top - slope;
    const Vector curvature = (load(variables.diagonal + t) + diagonal) - 2.0 * widen(row + t);
    const Vector gain = by * by / (curvature > tiny ? curvature : tiny);
    greatest.offer(by > zero ? gain : none, at);
  }
  Partner partner{greatest.choose().index, least[0]};
  for (int lane = 1; lane < kWidth; lane++)
    if (least[lane] < partner.least) partner.least = least[lane];
  return partner;
}

}  // namespace onecopy::ONECOPY_LEVEL
