/** Registers the functions for tables. */

#include "tables/tables.h"

namespace onecopy {

void registerTables(napi_env env, napi_value exports) {
  registerFindRows(env, exports);
  registerGroupRows(env, exports);
  registerSortRows(env, exports);
  registerSummarise(env, exports);
  registerMatchRows(env, exports);
  registerTakeRows(env, exports);
}

}  // namespace onecopy
