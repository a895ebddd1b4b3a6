/** The Gram matrix of a block: lower half, tile by tile. */

#include "kernels/level.h"
#include "linear/kernels/tile.h"

namespace onecopy::ONECOPY_LEVEL {

void gram(const Block& left, const Block& right, double* cross, const Ahead& ahead) {
  const int panels = left.panels;
  const size_t stride = static_cast<size_t>(panels) * kPanel;
  int64_t tiles = 0;
  for (int j = 0; j < panels; j += kTile) tiles += panels - j;
  Fetcher fetcher(ahead, tiles * (left.rows / 4));
  for (int j = 0; j < panels; j += kTile) {
    for (int i = j; i < panels; i++) {
      int across = i - j + 1;  // up to the diagonal
      if (across > kTile) across = kTile;
      addTile(across, left.data + i * left.stride, right.data + j * right.stride, right.stride,
              left.rows, cross + i * kPanel * stride + j * kPanel, stride, fetcher);
    }
  }
}

}  // namespace onecopy::ONECOPY_LEVEL
