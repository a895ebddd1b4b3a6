/** Copies rows of a matrix of any element type and stride to panels of doubles. */

#include "kernels/element_type.h"
#include "kernels/level.h"
#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

/** kPanel neighbouring elements as doubles. */
template <class T>
static inline void convertPanel(const T* from, double* to) {
  typedef T Elements __attribute__((vector_size(kPanel * sizeof(T)), aligned(sizeof(T)), may_alias));
  typedef double Doubles
      __attribute__((vector_size(kPanel * sizeof(double)), aligned(sizeof(double)), may_alias));
  *reinterpret_cast<Doubles*>(to) =
      __builtin_convertvector(*reinterpret_cast<const Elements*>(from), Doubles);
}

template <>
inline void convertPanel<double>(const double* from, double* to) {
  for (int h = 0; h < kVectors; h++) store(to + h * kWidth, load(from + h * kWidth));
}

template <class T>
static void packAs(const RowBlock& source, int first, const Block& block) {
  const T* data = static_cast<const T*>(source.data);
  const int64_t* rows = source.rows;
  const int count = source.count;
  int64_t c = 0;
  while (c < source.columns) {
    const size_t column = first + c;
    double* to = block.data + (column / kPanel) * block.stride + column % kPanel;
    const T* from = data + c * source.columnStride;
    if (column % kPanel == 0 && source.columnStride == 1 && source.columns - c >= kPanel) {
      for (int r = 0; r < count; r++) convertPanel(from + rows[r], to + r * kPanel);
      c += kPanel;
    } else {
      for (int r = 0; r < count; r++) to[r * kPanel] = static_cast<double>(from[rows[r]]);
      c += 1;
    }
  }
}

void pack(const RowBlock& source, int first, const Block& block) {
  withElementType(source.dtype, [&]<class T>(T) { packAs<T>(source, first, block); });
}

}  // namespace onecopy::ONECOPY_LEVEL
