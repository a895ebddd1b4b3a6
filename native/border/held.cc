/** Memory of JavaScript that a job uses, and that nobody can free, move or shrink under it. */

#include "border/held.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "memory/mapping.h"

namespace onecopy {
namespace {

bool isPrivate(napi_env env, napi_value buffer) {
  bool is = false;
  check(env, napi_is_arraybuffer(env, buffer, &is));  // false for a SharedArrayBuffer
  return is;
}

// A signalling NaN stands for an element that nobody has written to: no arithmetic gives one.
constexpr uint64_t kUntouched64 = 0x7ff4000000000001;
constexpr uint32_t kUntouched32 = 0x7fa00001;

template <class Bits>
void markUntouched(std::byte* copy, size_t count, Bits mark) {
  for (size_t i = 0; i < count; i++) std::memcpy(copy + i * sizeof mark, &mark, sizeof mark);
}

/** Writes the elements that a job has filled in; others may be another job's by now. */
template <class Bits>
void writeFilled(std::byte* memory, const std::byte* copy, size_t count, Bits mark) {
  for (size_t at = 0; at < count * sizeof mark; at += sizeof mark)
    if (std::memcmp(copy + at, &mark, sizeof mark) != 0) std::memcpy(memory + at, copy + at, sizeof mark);
}

}  // namespace

Held::Held(napi_env env) : env_(env) {
  napi_value list;
  check(env, napi_create_array(env, &list));
  check(env, napi_create_reference(env, list, 1, &list_));
}

Held::Held(Held&& other) noexcept
    : env_(other.env_),
      list_(std::exchange(other.list_, nullptr)),
      count_(other.count_),
      stores_(std::move(other.stores_)),
      uses_(std::move(other.uses_)),
      copies_(std::move(other.copies_)),
      written_(std::move(other.written_)) {}

Held::~Held() { release(); }

/** As {@link PageUse}, with an error that names the array. */
static PageUse usePages(MappingPointer mapping, const std::string& name) {
  try {
    return PageUse(std::move(mapping));
  } catch (const Error& error) {
    throw Error(error.code(), "The memory of `" + name +
                                  "` was freed by [Symbol.dispose](). Dispose of a shared array after its last use.");
  }
}

void* Held::take(const Value& value, const TypedArray& array, Use use, size_t first, size_t count) {
  if (count == 0) return nullptr;
  napi_value list;
  check(env_, napi_get_reference_value(env_, list_, &list));
  check(env_, napi_set_element(env_, list, count_, value.raw()));
  const uint32_t index = count_++;
  const size_t size = array.elementSize();
  // SAFETY: the caller has checked the range against the array's length.
  std::byte* memory = static_cast<std::byte*>(array.data) + first * size;
  std::byte* copy = nullptr;
  MappingPointer mapping = findMappingAt(static_cast<std::byte*>(array.data) - array.byteOffset);
  if (mapping != nullptr) {
    uses_.push_back(usePages(mapping, value.name()));
  } else if (isPrivate(env_, array.buffer)) {
    if (StorePointer store = holdStore(array.buffer)) {
      stores_.push_back(std::move(store));
    } else {
      copy = makeRoom(count * size, value.name());
      if (use != Use::kFill) std::copy_n(memory, count * size, copy);
      else if (size == sizeof kUntouched64) markUntouched(copy, count, kUntouched64);
      else markUntouched(copy, count, kUntouched32);
    }
  }
  if (use != Use::kRead) written_.push_back({index, value.name(), use, first, count, size, copy, std::move(mapping)});
  return copy == nullptr ? memory : copy;
}

std::byte* Held::makeRoom(size_t bytes, const std::string& name) {
  try {
    copies_.emplace_back(new std::byte[bytes]);
  } catch (const std::bad_alloc&) {
    throw Error("ERR_MEMORY", "There is no room for a copy of " + std::to_string(bytes) + " bytes of `" + name +
                                  "`, whose own memory can't be held while a job uses it. Put it into shared memory.");
  }
  return copies_.back().get();
}

void Held::bringBack() {
  napi_value list;
  check(env_, napi_get_reference_value(env_, list_, &list));
  for (const Written& written : written_) {
    napi_value value;
    check(env_, napi_get_element(env_, list, written.index, &value));
    TypedArray array{};
    check(env_, napi_get_typedarray_info(env_, value, &array.type, &array.length, &array.data, nullptr, nullptr));
    if (array.length < written.first + written.count) {
      throw Error("ERR_DETACHED", "The memory of `" + written.name +
                                      "` was moved away or shrunk while results were written to it, so they are "
                                      "not there. Await the call before you transfer or resize the buffer.");
    }
    if (written.copy == nullptr) continue;
    std::byte* memory = static_cast<std::byte*>(array.data) + written.first * written.elementSize;
    if (written.use == Use::kChange) std::copy_n(written.copy, written.count * written.elementSize, memory);
    else if (written.elementSize == sizeof kUntouched64) writeFilled(memory, written.copy, written.count, kUntouched64);
    else writeFilled(memory, written.copy, written.count, kUntouched32);
  }
  uses_.clear();
  for (const Written& written : written_) {
    if (written.mapping == nullptr || !isGone(*written.mapping)) continue;
    throw Error("ERR_DETACHED", "The memory of `" + written.name +
                                    "` was freed by [Symbol.dispose]() while results were written to it, so they are "
                                    "not there. Await the call before you dispose of the array.");
  }
}

void Held::release() {
  if (list_ != nullptr) napi_delete_reference(env_, std::exchange(list_, nullptr));
  stores_.clear();
  uses_.clear();
  copies_.clear();
  written_.clear();
}

}  // namespace onecopy
