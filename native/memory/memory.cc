/** What JavaScript does with mapped memory, each function one call. */

#include "memory/memory.h"

#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "border/napi.h"
#include "matrix/threads.h"
#include "memory/buffers.h"
#include "memory/mapping.h"

namespace onecopy {
namespace {

std::string identityOf(const Mapping& mapping) {
  const MappingKey& key = mapping.key;
  const std::string file =
      std::to_string(key.device) + ":" + std::to_string(key.inode) + ":" + std::to_string(key.fileLength);
  return key.length == key.fileLength ? file : file + ":" + std::to_string(key.start);
}

napi_value describe(napi_env env, const MappingPointer& mapping) {
  return makeObject(env, {{"id", toValue(env, static_cast<double>(mapping->id))},
                          {"identity", toValue(env, identityOf(*mapping))},
                          {"fd", toValue(env, static_cast<double>(mapping->fd))},
                          {"start", toValue(env, static_cast<double>(mapping->key.start))},
                          {"buffer", bufferOf(env, mapping)}});
}

MappingPointer requireMapping(const Value& id) {
  if (MappingPointer mapping = findMapping(static_cast<uint64_t>(id.integer()))) return mapping;
  throw Error("ERR_MEMORY", "Mapping " + std::to_string(id.integer()) + " is gone.");
}

/** The living mapping with that number, unless its pages were given up; or null. */
MappingPointer findUsable(const Value& id) {
  MappingPointer mapping = findMapping(static_cast<uint64_t>(id.integer()));
  return mapping != nullptr && onecopy::isGone(*mapping) ? nullptr : mapping;
}

MappingPointer openFile(const Arguments& arguments) {
  const auto fd = static_cast<int>(arguments.at(0, "fd").integer(0, INT32_MAX));
  const Value options = arguments.at(1, "options");
  const auto count = [&](const char* name) {
    const Value value = options.member(name);
    return value.isNullish() ? 0 : static_cast<uint64_t>(value.integer());
  };
  return onecopy::mapFile(fd, {.isPrivate = options.member("private").boolean(),
                               .isScratch = options.member("scratch").boolean(),
                               .isFresh = options.member("fresh").boolean(),
                               .start = count("start"),
                               .length = count("byteLength")});
}

/** Keeps a mapping until the hold is released, or the thread ends. */
double addHold(napi_env env, const MappingPointer& mapping) {
  BufferEntries& entries = *entriesOf(env);
  entries.holds[++entries.lastHold] = mapping;
  return static_cast<double>(entries.lastHold);
}

/** A mapping without a buffer, which lives until its hold is released. */
napi_value describeHeld(napi_env env, const MappingPointer& mapping) {
  napi_value result = makeObject(env, {{"id", toValue(env, static_cast<double>(mapping->id))},
                                       {"identity", toValue(env, identityOf(*mapping))},
                                       {"fd", toValue(env, static_cast<double>(mapping->fd))},
                                       {"start", toValue(env, static_cast<double>(mapping->key.start))}});
  napi_value hold = toValue(env, addHold(env, mapping));
  check(env, napi_set_named_property(env, result, "hold", hold));
  return result;
}

napi_value mapFile(const Arguments& arguments) { return describe(arguments.env(), openFile(arguments)); }

napi_value createScratch(const Arguments& arguments) {
  const auto length = static_cast<uint64_t>(arguments.at(0, "byteLength").integer(1));
  return describe(arguments.env(), onecopy::createScratch(length, arguments.at(1, "zero").boolean()));
}

napi_value holdScratch(const Arguments& arguments) {
  const napi_env env = arguments.env();
  const auto length = static_cast<uint64_t>(arguments.at(0, "byteLength").integer(1));
  return describeHeld(env, onecopy::createScratch(length, false));
}

/** A weak name: unlike a WeakRef it lets a collection of young objects have the buffer. */
napi_value nameBuffer(const Arguments& arguments) {
  BufferEntries& entries = *entriesOf(arguments.env());
  const auto found = entries.byMapping.find(static_cast<uint64_t>(arguments.at(0, "id").integer()));
  if (found == entries.byMapping.end()) return undefined(arguments.env());
  BufferEntry& entry = *found->second;
  const auto before = entries.byName.find(entry.name);
  if (before != entries.byName.end() && before->second == &entry) entries.byName.erase(before);
  entry.name = arguments.at(1, "name").text();
  entries.byName[entry.name] = &entry;
  return undefined(arguments.env());
}

napi_value findBuffer(const Arguments& arguments) {
  const napi_env env = arguments.env();
  const auto& known = entriesOf(env)->byName;
  const auto found = known.find(arguments.at(0, "name").text());
  if (found == known.end()) return undefined(env);
  napi_value buffer = nullptr;  // first: it keeps the mapping alive
  check(env, napi_get_reference_value(env, found->second->buffer, &buffer));
  const MappingPointer mapping = findMapping(found->second->mappingId);
  return buffer == nullptr || mapping == nullptr ? undefined(env) : describe(env, mapping);
}

napi_value holdFile(const Arguments& arguments) {
  return describeHeld(arguments.env(), openFile(arguments));
}

napi_value holdMapping(const Arguments& arguments) {
  const napi_env env = arguments.env();
  const MappingPointer mapping = findUsable(arguments.at(0, "id"));
  return mapping == nullptr ? undefined(env) : toValue(env, addHold(env, mapping));
}

napi_value holdPages(const Arguments& arguments) {
  const napi_env env = arguments.env();
  PageUse use(requireMapping(arguments.at(0, "id")));
  BufferEntries& entries = *entriesOf(env);
  entries.uses.emplace(++entries.lastHold, std::move(use));
  return toValue(env, static_cast<double>(entries.lastHold));
}

napi_value releaseHold(const Arguments& arguments) {
  const auto hold = static_cast<uint64_t>(arguments.at(0, "hold").integer());
  BufferEntries& entries = *entriesOf(arguments.env());
  entries.holds.erase(hold);
  entries.uses.erase(hold);
  return undefined(arguments.env());
}

napi_value isGone(const Arguments& arguments) {
  return toValue(arguments.env(), onecopy::isGone(*requireMapping(arguments.at(0, "id"))));
}

/** Bytes for a place in a mapping, which they must fit. */
struct Bytes {
  MappingPointer mapping;
  uint64_t at;
  const void* data;
  uint64_t count;
};

Bytes readBytes(const Arguments& arguments) {
  MappingPointer mapping = requireMapping(arguments.at(0, "id"));
  const TypedArray bytes = arguments.at(2, "bytes").typedArray(napi_uint8_array, "a Uint8Array");
  const int64_t room = static_cast<int64_t>(mapping->key.length) - static_cast<int64_t>(bytes.length);
  if (room < 0) throw Error("ERR_INDEX", "The bytes are more than the memory that they are for.");
  const auto at = static_cast<uint64_t>(arguments.at(1, "at").integer(0, room));
  return {std::move(mapping), at, bytes.data, bytes.length};
}

napi_value writeScratch(const Arguments& arguments) {
  const Bytes bytes = readBytes(arguments);
  if (!bytes.mapping->isScratch || bytes.mapping->key.isPrivate)
    throw Error("ERR_MEMORY", "Only scratch memory that is shared can be written to.");
  if (bytes.count > 0) writeBytes(*bytes.mapping, bytes.at, bytes.data, bytes.count);
  return undefined(arguments.env());
}

/** Compares on some threads where that pays: the caller's thread waits for the answer. */
bool areEqual(const std::byte* a, const std::byte* b, uint64_t count) {
  constexpr uint64_t kPiece = uint64_t{8} << 20;
  const uint64_t pieces = (count + kPiece - 1) / kPiece;
  std::atomic<bool> differ = false;
  Tasks tasks(static_cast<int64_t>(pieces), differ);
  const uint64_t cores = std::max(1u, std::thread::hardware_concurrency());
  onThreads(static_cast<int>(std::min({pieces / 2 + 1, cores, uint64_t{4}})), [&] {
    tasks.each([&](int64_t piece) {
      const uint64_t start = static_cast<uint64_t>(piece) * kPiece;
      if (std::memcmp(a + start, b + start, std::min(kPiece, count - start)) != 0) differ = true;
    });
  });
  return !differ;
}

napi_value hasBytes(const Arguments& arguments) {
  const Bytes bytes = readBytes(arguments);
  return toValue(arguments.env(),
                 areEqual(bytes.mapping->address + bytes.at, static_cast<const std::byte*>(bytes.data), bytes.count));
}

napi_value leavePages(const Arguments& arguments) {
  onecopy::leavePages(*requireMapping(arguments.at(0, "id")));
  return undefined(arguments.env());
}

napi_value giveAway(const Arguments& arguments) {
  onecopy::giveAway(requireMapping(arguments.at(0, "id")));
  return undefined(arguments.env());
}

napi_value scratchBytes(const Arguments& arguments) {
  return toValue(arguments.env(), static_cast<double>(entriesOf(arguments.env())->scratchBytes));
}

napi_value trimScratch(const Arguments& arguments) {
  const auto idleMs = static_cast<uint64_t>(arguments.at(0, "idleMs").integer());
  return toValue(arguments.env(), static_cast<double>(onecopy::trimScratch(idleMs)));
}

/** Returns the free pages of the C library's heap to the system; other C libraries keep few. */
napi_value trimHeap(const Arguments& arguments) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return undefined(arguments.env());
}

napi_value plainBuffer(const Arguments& arguments) {
  return plainBufferOf(arguments.env(), requireMapping(arguments.at(0, "id")));
}

napi_value adoptMapping(const Arguments& arguments) {
  const MappingPointer mapping = findUsable(arguments.at(0, "id"));
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

}  // namespace

void registerMemory(napi_env env, napi_value exports) {
  openEntries(env);
  exportFunction<mapFile>(env, exports, "mapFile");
  exportFunction<createScratch>(env, exports, "createScratch");
  exportFunction<adoptMapping>(env, exports, "adoptMapping");
  exportFunction<plainBuffer>(env, exports, "plainBuffer");
  exportFunction<holdScratch>(env, exports, "holdScratch");
  exportFunction<nameBuffer>(env, exports, "nameBuffer");
  exportFunction<findBuffer>(env, exports, "findBuffer");
  exportFunction<holdFile>(env, exports, "holdFile");
  exportFunction<holdMapping>(env, exports, "holdMapping");
  exportFunction<holdPages>(env, exports, "holdPages");
  exportFunction<isGone>(env, exports, "isGone");
  exportFunction<releaseHold>(env, exports, "releaseHold");
  exportFunction<writeScratch>(env, exports, "writeScratch");
  exportFunction<hasBytes>(env, exports, "hasBytes");
  exportFunction<leavePages>(env, exports, "leavePages");
  exportFunction<giveAway>(env, exports, "giveAway");
  exportFunction<scratchBytes>(env, exports, "scratchBytes");
  exportFunction<trimScratch>(env, exports, "trimScratch");
  exportFunction<trimHeap>(env, exports, "trimHeap");
  exportFunction<discardPages>(env, exports, "discardPages");
  exportFunction<hasPrivatePages>(env, exports, "hasPrivatePages");
  exportFunction<reserveSpace>(env, exports, "reserveSpace");
  exportFunction<linkFile>(env, exports, "linkFile");
  check(env, napi_set_named_property(env, exports, "processToken", toValue(env, processToken())));
}

}  // namespace onecopy
