/** The matrix [1 X y] of least squares: its arguments, and its blocks. */

#include "linear/design.h"

#include <algorithm>

namespace onecopy {

Design::Design(const Arguments& arguments, Held& held) {
  x = readMatrix(arguments.at(0, "x"), held);
  y = readTargets(arguments.at(1, "y"), x.rows, held);
  weights = readWeights(arguments.at(2, "weights"), x.rows, held);
  groups = readGroups(arguments.at(3, "groups"), x.rows, held);
  columns = source().columns();
  panels = source().panels(kernels);
  width = static_cast<size_t>(panels) * kernels.panel;
  const double* givenShift = readVector<double>(arguments.at(4, "shift"), columns - 1, held);
  const double* givenScale = readVector<double>(arguments.at(5, "scale"), columns - 1, held);
  shift.assign(width, 0.0);
  scale.assign(width, 1.0);
  std::copy_n(givenShift, columns - 1, shift.begin() + 1);
  std::copy_n(givenScale, columns - 1, scale.begin() + 1);
}

}  // namespace onecopy
