/** The rows that one round of boosting learns from. */

#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "trees/grow/random.h"
#include "trees/grow/row_vector.h"

namespace onecopy {

/** Rows that are drawn anew for each round, by their position among all. */
class DrawnRows {
 public:
  DrawnRows(const RowNumbers& all, double share) : all_(all), share_(share) {}

  void draw(const RandomKey& round) {
    drawn_.clear();
    others_.clear();
    if (share_ >= 1) return;
    const RandomKey draws = round.part(~uint64_t{0});
    const double limit = std::ldexp(share_, 53);
    for (size_t i = 0; i < all_.size(); i++) {
      const bool isIn = static_cast<double>(draws.draw(i) >> 11) < limit;
      (isIn ? drawn_ : others_).push_back(all_[i]);
    }
    if (drawn_.empty()) drawn_.push_back(all_[0]);  // and it is walked twice, which changes nothing
    if (others_.size() == all_.size()) others_.erase(others_.begin());
  }

  bool areAll() const { return drawn_.empty(); }
  const RowNumbers& drawn() const { return areAll() ? all_ : drawn_; }
  const RowNumbers& others() const { return others_; }

 private:
  const RowNumbers& all_;
  const double share_;
  RowNumbers drawn_, others_;  // empty when all are drawn
};

}  // namespace onecopy
