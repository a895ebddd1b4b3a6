/** Selections, groups, orders and summaries of the rows of a table. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers what `TableCore` in `src/native/table-core.ts` declares; the contract is there. */
void registerTables(napi_env env, napi_value exports);

void registerFindRows(napi_env env, napi_value exports);
void registerGroupRows(napi_env env, napi_value exports);
void registerSortRows(napi_env env, napi_value exports);
void registerSummarise(napi_env env, napi_value exports);
void registerMatchRows(napi_env env, napi_value exports);
void registerTakeRows(napi_env env, napi_value exports);

}  // namespace onecopy
