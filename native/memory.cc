/** Hands mappings to JavaScript as external buffers. */

#include "memory.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "mapping.h"
#include "napi.h"

namespace onecopy {
namespace {

using CreateShared = napi_status (*)(napi_env, void*, size_t, void (*)(void*, void*), void*,
                                     napi_value*);

/** Node's function for external SharedArrayBuffers, or null: older than our headers may say. */
CreateShared createShared() {
  static const CreateShared function = [] {
    const char* forced = std::getenv("ONECOPY_BUFFER");
    if (forced != nullptr && std::strcmp(forced, "arraybuffer") == 0) return CreateShared{};
    return reinterpret_cast<CreateShared>(
        dlsym(RTLD_DEFAULT, "node_api_create_external_sharedarraybuffer"));
  }();
  return function;
}

/** Ends a buffer's hold on its mapping. V8 calls it on any thread, also after the addon's own end. */
void release(void*, void* hold) { delete static_cast<MappingPointer*>(hold); }

/**
 * Tells V8 of a scratch buffer's memory now, and takes it back when the buffer is collected, so
 * that collection comes in time. Only a SharedArrayBuffer needs it: V8 counts an external
 * ArrayBuffer in full by itself. Mapped files don't count, the kernel can drop their pages.
 */
void tellMemory(napi_env env, napi_value buffer, const Mapping& mapping) {
  if (createShared() == nullptr || !mapping.isScratch) return;
  int64_t total;
  const auto bytes = static_cast<int64_t>(mapping.key.length);
  check(env, napi_adjust_external_memory(env, bytes, &total));
  const auto takeBack = [](napi_env env, void* bytes, void*) {
    int64_t total;
    napi_adjust_external_memory(env, -reinterpret_cast<intptr_t>(bytes), &total);
  };
  check(env, napi_add_finalizer(env, buffer, reinterpret_cast<void*>(bytes), takeBack, nullptr,
                                nullptr));
}

napi_value makeBuffer(napi_env env, const MappingPointer& mapping) {
  auto hold = std::make_unique<MappingPointer>(mapping);
  napi_value buffer;
  if (createShared() != nullptr) {
    check(env, createShared()(env, mapping->address, mapping->key.length, release, hold.get(),
                              &buffer));
  } else {
    const auto releaseLocal = [](napi_env, void* data, void* hold) { release(data, hold); };
    check(env, napi_create_external_arraybuffer(env, mapping->address, mapping->key.length,
                                                releaseLocal, hold.get(), &buffer));
  }
  hold.release();  // the buffer owns it now
  tellMemory(env, buffer, *mapping);
  return buffer;
}

napi_value describe(napi_env env, const MappingPointer& mapping) {
  const MappingKey& key = mapping->key;
  const std::string identity = std::to_string(key.device) + ":" + std::to_string(key.inode) + ":" +
                               std::to_string(key.length);
  return makeObject(env, {{"id", toValue(env, static_cast<double>(mapping->id))},
                          {"identity", toValue(env, identity)},
                          {"fd", toValue(env, static_cast<double>(mapping->fd))},
                          {"buffer", makeBuffer(env, mapping)}});
}

MappingPointer requireMapping(const Value& id) {
  if (MappingPointer mapping = findMapping(static_cast<uint64_t>(id.integer()))) return mapping;
  throw Error("ERR_MEMORY", "Mapping " + std::to_string(id.integer()) + " is gone.");
}

napi_value mapFile(const Arguments& arguments) {
  const auto fd = static_cast<int>(arguments.at(0, "fd").integer(0, INT32_MAX));
  const Value options = arguments.at(1, "options");
  return describe(arguments.env(),
                  onecopy::mapFile(fd, {.isPrivate = options.member("private").boolean(),
                                        .isScratch = options.member("scratch").boolean(),
                                        .isFresh = options.member("fresh").boolean()}));
}

napi_value createScratch(const Arguments& arguments) {
  const auto length = static_cast<uint64_t>(arguments.at(0, "byteLength").integer(1));
  const Value folder = arguments.at(1, "folder");
  return describe(arguments.env(),
                  onecopy::createScratch(length, folder.isNullish() ? std::string() : folder.text()));
}

napi_value adoptMapping(const Arguments& arguments) {
  const MappingPointer mapping =
      findMapping(static_cast<uint64_t>(arguments.at(0, "id").integer()));
  return mapping == nullptr ? undefined(arguments.env()) : describe(arguments.env(), mapping);
}

napi_value discardPages(const Arguments& arguments) {
  onecopy::discardPages(*requireMapping(arguments.at(0, "id")));
  return undefined(arguments.env());
}

napi_value hasPrivatePages(const Arguments& arguments) {
  const MappingPointer mapping = requireMapping(arguments.at(0, "id"));
  const auto length = static_cast<int64_t>(mapping->key.length);
  const auto stop = static_cast<uint64_t>(arguments.at(2, "stop").integer(0, length));
  const auto start = static_cast<uint64_t>(arguments.at(1, "start").integer(0, length));
  return toValue(arguments.env(), onecopy::hasPrivatePages(*mapping, start, stop));
}

napi_value reserveSpace(const Arguments& arguments) {
  const auto fd = static_cast<int>(arguments.at(0, "fd").integer(0, INT32_MAX));
  onecopy::reserveSpace(fd, static_cast<uint64_t>(arguments.at(1, "byteLength").integer(1)));
  return undefined(arguments.env());
}

napi_value linkFile(const Arguments& arguments) {
  const int64_t fd = arguments.at(0, "fd").integer(0, INT32_MAX);
  const std::string from = "/proc/self/fd/" + std::to_string(fd);
  const std::string to = arguments.at(1, "path").text();
  const int result = linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW);
  return toValue(arguments.env(), static_cast<double>(result == 0 ? 0 : errno));
}

/**
 * Keeps this library loaded for good. Node unloads an addon with the last thread that loaded it,
 * but a buffer posted to another thread outlives that thread and still calls `release`.
 */
void stayLoaded() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&release), &info) != 0)
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

}  // namespace

void registerMemory(napi_env env, napi_value exports) {
  stayLoaded();
  exportFunction<mapFile>(env, exports, "mapFile");
  exportFunction<createScratch>(env, exports, "createScratch");
  exportFunction<adoptMapping>(env, exports, "adoptMapping");
  exportFunction<discardPages>(env, exports, "discardPages");
  exportFunction<hasPrivatePages>(env, exports, "hasPrivatePages");
  exportFunction<reserveSpace>(env, exports, "reserveSpace");
  exportFunction<linkFile>(env, exports, "linkFile");
  check(env, napi_set_named_property(env, exports, "processToken", toValue(env, processToken())));
}

}  // namespace onecopy
