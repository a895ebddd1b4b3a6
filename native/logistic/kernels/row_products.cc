/** Scores of rows, and sums of products over rows. */

#include "kernels/simd.h"
#include "logistic/kernels/logistic_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** Columns on either side of a tile: all its sums stay in registers. */
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kSide = 4;
#else
constexpr int kSide = 3;
#endif

/** Vectors of rows whose scores are summed up beside each other. */
constexpr int kChains = 4;

template <int Scores, int Vectors>
static inline void scoreTile(const Columns& block, int row, const double* coefficients, double* out, size_t outStride) {
  Vector sums[Scores][Vectors] = {};
  for (int c = 0; c < block.count; c++) {
    const double* column = block.at(c) + row;
    Vector by[Scores];
#pragma GCC unroll 4
    for (int s = 0; s < Scores; s++) by[s] = broadcast(coefficients[static_cast<size_t>(s) * block.count + c]);
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v++) {
      const Vector value = load(column + v * kWidth);
#pragma GCC unroll 4
      for (int s = 0; s < Scores; s++) sums[s][v] += value * by[s];
    }
  }
#pragma GCC unroll 4
  for (int s = 0; s < Scores; s++)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v++) store(out + s * outStride + row + v * kWidth, sums[s][v]);
}

template <int Scores>
static inline void scoreAll(const Columns& block, const double* coefficients, double* out, size_t outStride) {
  int row = 0;
  for (; row + kChains * kWidth <= block.rows; row += kChains * kWidth)
    scoreTile<Scores, kChains>(block, row, coefficients, out, outStride);
  for (; row < block.rows; row += kWidth) scoreTile<Scores, 1>(block, row, coefficients, out, outStride);
}

void scoreRows(const Columns& block, const double* coefficients, const Columns& scores) {
  int s = 0;
  for (; s + 2 <= scores.count; s += 2)
    scoreAll<2>(block, coefficients + static_cast<size_t>(s) * block.count, scores.at(s), scores.stride);
  if (s < scores.count)
    scoreAll<1>(block, coefficients + static_cast<size_t>(s) * block.count, scores.at(s), scores.stride);
}

void scoreDistances(const Columns& block, const double* factors, const double* means, const Columns& scores) {
  const int columns = block.count;
  for (int s = 0; s < scores.count; s++) {
    const double* by = factors + static_cast<size_t>(s) * columns;
    const double* about = means + static_cast<size_t>(s) * (columns - 1);
    for (int r = 0; r < block.rows; r += kWidth) {
      Vector sum{};
      for (int c = 1; c < columns; c++) {
        const Vector apart = load(block.at(c) + r) - about[c - 1];
        sum += apart * apart * by[c];
      }
      store(scores.at(s) + r, by[0] - sum);
    }
  }
}

void weighRows(const Columns& block, const double* factors, const Columns& into) {
  for (int c = 0; c < block.count; c++)
    for (int r = 0; r < block.rows; r += kWidth)
      store(into.at(c) + r, load(block.at(c) + r) * load(factors + r));
}

void pairCurvature(const double* weight, const double* p, const double* q, double same, int rows, double* out) {
  for (int r = 0; r < rows; r += kWidth)
    store(out + r, load(weight + r) * load(p + r) * (broadcast(same) - load(q + r)));
}

/**
 * Sums of products of I columns with J columns. `place(i, j)` says where the eight sums of a pair are; null: nowhere.
 */
template <int I, int J, class Place>
static inline void productTile(const Columns& left, int i0, const Columns& right, int j0, Place&& place) {
  for (int h = 0; h < kEight; h += kWidth) {
    Vector sums[I][J] = {};
    const double* a = left.at(i0) + h;
    const double* b = right.at(j0) + h;
    for (int r = 0; r < left.rows; r += kEight) {
      Vector y[J];
#pragma GCC unroll 4
      for (int j = 0; j < J; j++) y[j] = load(b + j * right.stride + r);
#pragma GCC unroll 4
      for (int i = 0; i < I; i++) {
        const Vector x = load(a + i * left.stride + r);
#pragma GCC unroll 4
        for (int j = 0; j < J; j++) sums[i][j] += x * y[j];
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < I; i++) {
#pragma GCC unroll 4
      for (int j = 0; j < J; j++) {
        double* to = place(i0 + i, j0 + j);
        if (to != nullptr) store(to + h, load(to + h) + sums[i][j]);
      }
    }
  }
}

/** @param last - the columns j that column i meets come before last(i) */
template <class Last, class Place>
static inline void productTiles(const Columns& left, const Columns& right, Last&& last, Place&& place) {
  for (int i = 0; i < left.count;) {
    const int rows = i + kSide <= left.count ? kSide : 1;
    const int end = last(i + rows - 1);
    for (int j = 0; j < end;) {
      const bool wide = j + kSide <= right.count && j + 1 < end;
      if (rows == kSide) {
        if (wide) productTile<kSide, kSide>(left, i, right, j, place);
        else productTile<kSide, 1>(left, i, right, j, place);
      } else {
        if (wide) productTile<1, kSide>(left, i, right, j, place);
        else productTile<1, 1>(left, i, right, j, place);
      }
      j += wide ? kSide : 1;
    }
    i += rows;
  }
}

void products(const Columns& left, const Columns& right, double* sums) {
  productTiles(
      left, right, [&](int) { return right.count; },
      [&](int i, int j) { return sums + (static_cast<size_t>(i) * right.count + j) * kEight; });
}

void lowerProducts(const Columns& left, const Columns& right, double* sums) {
  productTiles(
      left, right, [&](int i) { return i + 1; },
      [&](int i, int j) {
        return j > i ? nullptr : sums + (static_cast<size_t>(i) * (i + 1) / 2 + j) * kEight;
      });
}

}  // namespace onecopy::ONECOPY_LEVEL
