/** The order in which a search answers its queries: those of one place together. */

#pragma once

#include <cstdint>
#include <vector>

#include "neighbors/neighbors.h"

namespace onecopy {

/** A query and where it stands among those that are sorted together. */
struct Query {
  uint32_t place;
  int32_t row;
};

/**
 * The queries at positions [from, from + count), by the leaves of the tree in which they would lie and then by their places.
 *
 * @throws Error `ERR_VALUE` for a query that is not finite
 */
std::vector<Query> sortedQueries(const Search& search, const Tree& tree, int64_t from, int64_t count);

}  // namespace onecopy
