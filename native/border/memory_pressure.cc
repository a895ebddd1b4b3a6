/** Tells V8 that memory is wanted back, as an embedder does whose system runs short of it. */

#include "border/memory_pressure.h"

#include <dlfcn.h>

#include "border/napi.h"

namespace onecopy {
namespace {

/** Values of v8::MemoryPressureLevel; see deps/v8/include/v8-isolate.h. */
enum class Level : int { kNone, kModerate };

/** V8's functions as free functions: `this` is the first argument. Null where Node does not export them. */
struct Functions {
  void* (*current)();
  void (*notify)(void* isolate, Level level);
};

const Functions& functions() {
  static const Functions found{
      reinterpret_cast<void* (*)()>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv")),
      reinterpret_cast<void (*)(void*, Level)>(
          dlsym(RTLD_DEFAULT, "_ZN2v87Isolate26MemoryPressureNotificationENS_19MemoryPressureLevelE"))};
  return found;
}

napi_value hintMemoryPressure(const Arguments& arguments) {
  const auto& [current, notify] = functions();
  if (current != nullptr && notify != nullptr) {
    // SAFETY: a call from JavaScript runs in the current isolate, on its thread.
    void* isolate = current();
    notify(isolate, Level::kModerate);  // starts incremental marking, in steps between other work
    notify(isolate, Level::kNone);      // the heap grows as before
  }
  return undefined(arguments.env());
}

}  // namespace

void registerMemoryPressure(napi_env env, napi_value exports) {
  exportFunction<hintMemoryPressure>(env, exports, "hintMemoryPressure");
}

}  // namespace onecopy
