/** Rows of matrices, block by block, as the kernels take them. */

#include "matrix/blocks.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace onecopy {

BlockReader::BlockReader(const Kernels& kernels, const BlockSource& source)
    : kernels_(kernels),
      source_(source),
      memory_(blockDoubles(source, kernels)),
      block_{memory_.get(), panelStride(source, kernels), source.panels(kernels), 0},
      xOffsets_(source.blockRows),
      yOffsets_(source.blockRows) {
  for (Listed* listed : {&current_, &following_}) {
    listed->rows.resize(source.blockRows);
    if (source.weights != nullptr) listed->weights.resize(source.blockRows);
  }
  pieces_.resize(std::max<size_t>(source.blockRows, source.x.columns));
}

void BlockReader::start(const Rows& rows, int64_t from, int64_t to) {
  rows_ = &rows;
  position_ = from;
  stop_ = to;
  list(following_);
}

bool BlockReader::next() {
  std::swap(current_, following_);
  if (current_.count == 0) return false;
  list(following_);
  block_.rows = current_.count;
  for (int i = 0; i < block_.rows; i++) xOffsets_[i] = current_.rows[i] * source_.x.rowStride;
  if (hasY())
    for (int i = 0; i < block_.rows; i++) yOffsets_[i] = current_.rows[i] * source_.y->rowStride;
  lookAhead(following_);
  return true;
}

void BlockReader::pack() {
  for (int c = source_.columns(); c < block_.panels * kernels_.panel; c++) {
    double* column = block_.data + c / kernels_.panel * block_.stride + c % kernels_.panel;
    for (int r = 0; r < block_.rows; r++) column[r * kernels_.panel] = 0;
  }
  if (source_.x.list != nullptr) packApart();
  else kernels_.pack(x(), source_.first, block_);
  if (hasY()) kernels_.pack(y(), source_.first + static_cast<int>(source_.x.columns), block_);
}

/** Packs columns that lie apart. */
void BlockReader::packApart() {
  int64_t stride = 0;  // that of the offsets
  for (int64_t j = 0; j < source_.x.columns; j++) {
    const TableColumn& column = source_.x.list[j];
    if (j == 0 || column.rowStride != stride) {
      stride = column.rowStride;
      for (int i = 0; i < block_.rows; i++) xOffsets_[i] = current_.rows[i] * stride;
    }
    const int place = source_.first + static_cast<int>(j);
    kernels_.pack({column.data, column.dtype, 1, 0, xOffsets_.data(), block_.rows}, place, block_);
    if (column.lookup == nullptr) continue;
    double* to = block_.data + place / kernels_.panel * block_.stride + place % kernels_.panel;
    for (int i = 0; i < block_.rows; i++) to[i * kernels_.panel] = lookUp(column, to[i * kernels_.panel]);
  }
}

/** The rows of the following block, without those of weight 0. */
void BlockReader::list(Listed& into) {
  into.count = 0;
  while (position_ < stop_ && into.count < source_.blockRows) {
    const int64_t wanted = std::min<int64_t>(stop_ - position_, source_.blockRows - into.count);
    rows_->list(position_, wanted, into.rows.data() + into.count);
    position_ += wanted;
    if (source_.weights == nullptr) {
      into.count += static_cast<int>(wanted);
      continue;
    }
    const int64_t* listed = into.rows.data() + into.count;
    for (int64_t i = 0; i < wanted; i++) {
      const int64_t row = listed[i];
      const double weight = source_.weights[row];
      if (weight == 0) continue;
      if (!(weight > 0 && std::isfinite(weight))) {
        throw Error("ERR_VALUE", "Expected finite weights >= 0, got " + std::to_string(weight) +
                                       " for row " + std::to_string(row) + ".");
      }
      into.rows[into.count] = row;
      into.weights[into.count++] = weight;
    }
  }
}

/** Lists where x's part of these rows is, when it lies in a few pieces. */
void BlockReader::lookAhead(const Listed& rows) {
  const Matrix& x = source_.x;
  const int64_t size = static_cast<int64_t>(sizeOf(x.dtype));
  const char* data = static_cast<const char*>(x.data);
  ahead_ = {pieces_.data(), 0, 0};
  if (rows.count == 0 || x.list != nullptr) return;
  const int64_t first = rows.rows[0], last = rows.rows[rows.count - 1];
  const bool neighbours = last - first == rows.count - 1;  // row numbers that ascend, or nearly so
  if (x.columnStride == 1 && x.rowStride == x.columns && neighbours) {
    pieces_[0] = data + first * x.rowStride * size;
    ahead_ = {pieces_.data(), 1, rows.count * x.columns * size};
  } else if (x.columnStride == 1) {
    for (int i = 0; i < rows.count; i++) pieces_[i] = data + rows.rows[i] * x.rowStride * size;
    ahead_ = {pieces_.data(), rows.count, x.columns * size};
  } else if (x.rowStride == 1 && neighbours) {
    for (int64_t c = 0; c < x.columns; c++) pieces_[c] = data + (first + c * x.columnStride) * size;
    ahead_ = {pieces_.data(), static_cast<int>(x.columns), rows.count * size};
  }
}

}  // namespace onecopy
