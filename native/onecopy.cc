/** Entry of the addon: hands every part its place in the exports. */

#include <node_api.h>

NAPI_MODULE_INIT() {
  (void)env;
  return exports;
}
