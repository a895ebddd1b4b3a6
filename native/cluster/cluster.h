/** Passes over rows that find the nearest of some centres. */

#pragma once

#include "border/napi.h"

namespace onecopy {

/**
 * Registers `assignCenters(rows, centers, results, threads)` and `weighCandidates(rows, candidates, closest, update, threads)`; their
 * contract is `ClusterCore` in `src/native/cluster-core.ts`.
 *
 * Squared distances are sums over the columns in their order, every operation rounded by itself; of centres at the same distance the
 * first one is the nearest. Sums over rows are made for chunks of rows that depend on the number of rows alone, and added in the order
 * of the chunks. So results have the same bytes for any number of threads and every instruction set.
 */
void registerCluster(napi_env env, napi_value exports);

}  // namespace onecopy
