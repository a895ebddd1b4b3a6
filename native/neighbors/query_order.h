/** The order in which a search answers its queries: those of one place together. */

#pragma once

#include <cstdint>
#include <vector>

#include "neighbors/neighbors.h"

namespace onecopy {

/** A query and where it stands among those of the search. */
struct Query {
  int64_t position;
  int32_t row;
  uint32_t leaf;  // of the tree, in which the query would lie
};

/**
 * The queries at positions [from, from + count), by their leaves and then by their positions.
 *
 * @throws Error `ERR_VALUE` for a query that is not finite
 */
std::vector<Query> sortedQueries(const Search& search, const Tree& tree, int64_t from, int64_t count);

}  // namespace onecopy
