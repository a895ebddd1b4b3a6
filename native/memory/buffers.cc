/** Hands mappings to JavaScript as external buffers. */

#include "memory/buffers.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "border/napi.h"

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

/** Ends a buffer's hold. V8 calls it on any thread, also after the addon's own end. */
void release(void*, void* data) { delete static_cast<MappingPointer*>(data); }

/**
 * Tells V8 how many bytes of scratch memory hang on the few words of a buffer, so that it collects those
 * that were dropped as it would collect private memory. An external ArrayBuffer it counts by itself.
 */
void account(napi_env env, BufferEntries& entries, int64_t bytes) {
  entries.scratchBytes += static_cast<uint64_t>(bytes);
  int64_t total = 0;
  if (createShared() != nullptr && bytes != 0) napi_adjust_external_memory(env, bytes, &total);
}

/** The buffer was collected, or its thread ends. */
void forgetBuffer(napi_env env, void* data, void*) {
  const std::unique_ptr<BufferEntry> entry(static_cast<BufferEntry*>(data));
  account(env, *entry->entries, -static_cast<int64_t>(entry->scratchBytes));
  auto& known = entry->entries->byMapping;
  const auto found = known.find(entry->mappingId);
  if (found != known.end() && found->second == entry.get()) known.erase(found);
  const auto named = entry->entries->byName.find(entry->name);
  if (named != entry->entries->byName.end() && named->second == entry.get())
    entry->entries->byName.erase(named);
  napi_delete_reference(env, entry->buffer);
}

/** Remembers the buffer weakly. */
void rememberBuffer(napi_env env, napi_value buffer, const Mapping& mapping) {
  const auto& entries = entriesOf(env);
  const uint64_t bytes = mapping.isScratch ? mapping.key.length : 0;
  std::unique_ptr<BufferEntry> entry(new BufferEntry{entries, mapping.id, bytes, nullptr, {}});
  check(env, napi_create_reference(env, buffer, 0, &entry->buffer));
  check(env, napi_add_finalizer(env, buffer, entry.get(), forgetBuffer, nullptr, nullptr));
  entries->byMapping[mapping.id] = entry.release();
  account(env, *entries, static_cast<int64_t>(bytes));
}

napi_value makeBuffer(napi_env env, const MappingPointer& mapping) {
  napi_value buffer;
  if (createShared() != nullptr) {
    auto hold = std::make_unique<MappingPointer>(mapping);
    check(env, createShared()(env, mapping->address, mapping->key.length, release, hold.get(),
                              &buffer));
    hold.release();  // the buffer owns it now
  } else {
    buffer = plainBufferOf(env, mapping);
  }
  rememberBuffer(env, buffer, *mapping);
  return buffer;
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

const std::shared_ptr<BufferEntries>& entriesOf(napi_env env) {
  void* data = nullptr;
  check(env, napi_get_instance_data(env, &data));
  return *static_cast<std::shared_ptr<BufferEntries>*>(data);
}

napi_value bufferOf(napi_env env, const MappingPointer& mapping) {
  const auto& known = entriesOf(env)->byMapping;
  const auto found = known.find(mapping->id);
  napi_value buffer = nullptr;
  if (found != known.end())
    check(env, napi_get_reference_value(env, found->second->buffer, &buffer));
  return buffer != nullptr ? buffer : makeBuffer(env, mapping);
}

napi_value plainBufferOf(napi_env env, const MappingPointer& mapping) {
  auto hold = std::make_unique<MappingPointer>(mapping);
  const auto releaseLocal = [](napi_env, void* data, void* hold) { release(data, hold); };
  napi_value buffer;
  check(env, napi_create_external_arraybuffer(env, mapping->address, mapping->key.length, releaseLocal,
                                              hold.get(), &buffer));
  hold.release();  // the buffer owns it now
  return buffer;
}

void openEntries(napi_env env) {
  stayLoaded();
  using Entries = std::shared_ptr<BufferEntries>;
  auto entries = std::make_unique<Entries>(std::make_shared<BufferEntries>());
  const auto end = [](napi_env, void* data, void*) {
    const std::unique_ptr<Entries> entries(static_cast<Entries*>(data));
    (*entries)->holds.clear();
    (*entries)->uses.clear();
  };
  check(env, napi_set_instance_data(env, entries.get(), end, nullptr));
  entries.release();  // the thread's environment owns it now
}

}  // namespace onecopy
