/** V8's backing stores: the memory of an ArrayBuffer, which outlives it as long as somebody holds the store. */

#include "border/backing_store.h"

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "border/napi.h"

namespace onecopy {
namespace {

/** V8's functions as free functions: `this` is the first argument, behind the hidden place of a result. */
struct Functions {
  StorePointer (*getStore)(napi_value buffer);
  void* (*data)(const void* store);
  size_t (*byteLength)(const void* store);
  bool (*isResizable)(const void* store);
};

template <class Function>
bool find(const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return function != nullptr;
}

#ifdef _LIBCPP_VERSION
constexpr const char* kNewOfOurLibrary =
    "_ZN2v811ArrayBuffer3NewEPNS_7IsolateENSt3__110shared_ptrINS_12BackingStoreEEE";
#else
constexpr const char* kNewOfOurLibrary =
    "_ZN2v811ArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE";
#endif

bool findAll(Functions& v8) {
  return dlsym(RTLD_DEFAULT, kNewOfOurLibrary) != nullptr &&
         find("_ZN2v811ArrayBuffer15GetBackingStoreEv", v8.getStore) &&
         find("_ZNK2v812BackingStore4DataEv", v8.data) &&
         find("_ZNK2v812BackingStore10ByteLengthEv", v8.byteLength) &&
         find("_ZNK2v812BackingStore27IsResizableByUserJavaScriptEv", v8.isResizable);
}

napi_value member(napi_env env, napi_value object, const char* name) {
  napi_value value;
  check(env, napi_get_named_property(env, object, name, &value));
  return value;
}

/** Moves the memory away as a program would: `buffer.transfer(byteLength)`. */
void transfer(napi_env env, napi_value buffer, double byteLength) {
  napi_value result, length = toValue(env, byteLength);
  check(env, napi_call_function(env, buffer, member(env, buffer, "transfer"), 1, &length, &result));
}

/** Whether a store that is held keeps its bytes at their address when the buffer is transferred to `byteLength`. */
bool holdsThrough(napi_env env, const Functions& v8, double byteLength) {
  constexpr size_t kBytes = 4096;
  void* bytes;
  napi_value buffer;
  check(env, napi_create_arraybuffer(env, kBytes, &bytes, &buffer));
  std::memset(bytes, 0x5a, kBytes);
  const StorePointer store = v8.getStore(buffer);
  if (store == nullptr || store.use_count() != 2 || v8.data(store.get()) != bytes ||
      v8.byteLength(store.get()) != kBytes || v8.isResizable(store.get()))
    return false;
  transfer(env, buffer, byteLength);
  if (v8.data(store.get()) != bytes || v8.byteLength(store.get()) != kBytes) return false;
  const char* at = static_cast<const char*>(bytes);
  return at[0] == 0x5a && std::memcmp(at, at + 1, kBytes - 1) == 0;
}

bool canHold(napi_env env, Functions& v8) {
  const char* forced = std::getenv("ONECOPY_HOLD");
  if (forced != nullptr && std::strcmp(forced, "copy") == 0) return false;
  if (!findAll(v8)) return false;
  for (const double byteLength : {0.0, 1024.0, 4096.0, 65536.0})
    if (!holdsThrough(env, v8, byteLength)) return false;
  return true;
}

Functions found;
std::atomic<bool> holds{false};

}  // namespace

void tryHolding(napi_env env) {
  static const bool answer = [env] {
    try {
      return canHold(env, found);
    } catch (const std::exception&) {
    } catch (const PendingException&) {  // a program has replaced `transfer`
      napi_value ignored;
      napi_get_and_clear_last_exception(env, &ignored);
    }
    return false;
  }();
  holds = answer;
}

StorePointer holdStore(napi_value buffer) {
  if (!holds) return nullptr;
  // SAFETY: the caller has checked that it is an ArrayBuffer, and the functions were tried out on one.
  StorePointer store = found.getStore(buffer);
  return store != nullptr && found.isResizable(store.get()) ? nullptr : store;
}

}  // namespace onecopy
