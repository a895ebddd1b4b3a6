/** Finds the bins of the values of a block. */

#include "kernels/simd.h"
#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** Rows that are searched side by side, so that their look-ups overlap. */
constexpr int kSideBySide = kPanel == 8 ? 4 : 2;

typedef int32_t Wholes __attribute__((vector_size(kWidth * sizeof(int32_t))));

/** Searches `Rows` rows of a panel whose first column is `first`; `top` is the first step. */
template <int Rows>
static inline void search(const double* values, const Bounds& bounds, int first, int top, uint16_t* found) {
  constexpr int kValues = Rows * kPanel;
  const double* const own = bounds.values + static_cast<size_t>(first) * bounds.size;
  const uint16_t* const firsts = bounds.firsts + static_cast<size_t>(first) * bounds.parts;
  int32_t parts[kValues], at[kValues], ends[kValues];
  const Vector last = broadcast(bounds.parts - 1);
  for (int i = 0; i < kValues; i += kWidth) {
    const int column = first + i % kPanel;
    const Vector place = (load(values + i) - load(bounds.lows + column)) * load(bounds.scales + column);
    const Wholes whole = __builtin_convertvector(lesser(greater(place, Vector{}), last), Wholes);
    __builtin_memcpy(parts + i, &whole, sizeof whole);
  }
  for (int i = 0; i < kValues; i++) {
    const int lane = i % kPanel;
    at[i] = lane * bounds.size + firsts[lane * bounds.parts + parts[i]];
    ends[i] = (lane + 1) * bounds.size - 1;
  }
  for (int step = top; step > 0; step /= 2) {
    for (int i = 0; i < kValues; i++) {
      const int probe = at[i] + step - 1 < ends[i] ? at[i] + step - 1 : ends[i];
      at[i] += own[probe] < values[i] ? step : 0;
    }
  }
  for (int i = 0; i < kValues; i++) found[i] = static_cast<uint16_t>(at[i] - i % kPanel * bounds.size);
}

/** The first step of a search among at most so many bounds: the greatest power of 2 up to `most`, or 0. */
static inline int topStep(const uint16_t* most) {
  int greatest = 0;
  for (int lane = 0; lane < kPanel; lane++) greatest = most[lane] > greatest ? most[lane] : greatest;
  return greatest == 0 ? 0 : 1 << (31 - __builtin_clz(static_cast<unsigned>(greatest)));
}

void countLess(const Block& block, const Bounds& bounds, uint16_t* found) {
  for (int q = 0; q < block.panels; q++, found += block.rows * kPanel) {
    const double* values = block.data + q * block.stride;
    const int first = q * kPanel, top = topStep(bounds.most + first);
    int i = 0;
    for (; i + kSideBySide <= block.rows; i += kSideBySide)
      search<kSideBySide>(values + i * kPanel, bounds, first, top, found + i * kPanel);
    for (; i < block.rows; i++) search<1>(values + i * kPanel, bounds, first, top, found + i * kPanel);
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
