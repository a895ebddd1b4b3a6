/** Finds the bins of the values of a block. */

#include "kernels/simd.h"
#include "trees/kernels/tree_level.h"

namespace onecopy::ONECOPY_LEVEL {

/** Values that are searched side by side, so that their look-ups overlap. */
constexpr int kSideBySide = kPanel * (kPanel == 8 ? 4 : 2);

/** `count` values of a panel; `starts` is where the bounds of each one's column begin. */
template <int Count>
static inline void search(const double* values, const double* bounds, const int32_t* starts, int size,
                          uint16_t* found) {
  int32_t at[Count];
  for (int i = 0; i < Count; i++) at[i] = starts[i];
  for (int step = size / 2; step > 0; step /= 2) {
    for (int i = 0; i < Count; i++) at[i] += bounds[at[i] + step - 1] < values[i] ? step : 0;
  }
  for (int i = 0; i < Count; i++) found[i] = static_cast<uint16_t>(at[i] - starts[i]);
}

void countLess(const Block& block, const double* bounds, int size, uint16_t* found) {
  int32_t starts[kSideBySide];
  for (int i = 0; i < kSideBySide; i++) starts[i] = i % kPanel * size;
  const int count = block.rows * kPanel;
  for (int q = 0; q < block.panels; q++, found += count) {
    const double* values = block.data + q * block.stride;
    const double* own = bounds + static_cast<size_t>(q) * kPanel * size;
    int i = 0;
    for (; i + kSideBySide <= count; i += kSideBySide)
      search<kSideBySide>(values + i, own, starts, size, found + i);
    for (; i < count; i += kPanel) search<kPanel>(values + i, own, starts, size, found + i);
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
