/** Copies of single columns of bins, made when they are wanted. */

#include "trees/bins/bin_columns.h"

namespace onecopy {
namespace {

constexpr int64_t kLeastRows = 65536;  // for each thread

}  // namespace

BinColumn BinColumns::get(int64_t column, bool copy, Team& team) {
  RowVector<uint8_t>& own = copies_[column];
  if (own.empty() && copy && left_ > 0) {
    left_--;
    own.resize(bins_.rows);
    team.share(bins_.rows, kLeastRows, [&](int64_t from, int64_t to, int) {
      const uint8_t* bin = bins_.data + column;
      for (int64_t r = from; r < to; r++) own[r] = bin[r * bins_.stride];
    });
  }
  if (!own.empty()) return {own.data(), 1};
  return {bins_.data + column, bins_.stride};
}

}  // namespace onecopy
