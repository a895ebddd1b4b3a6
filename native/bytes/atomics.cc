/** Reads, changes and writes one element as one step, for all threads and processes that see it. */

#include "bytes/atomics.h"

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

#include "border/napi.h"

namespace onecopy {
namespace {

/** The unsigned integer that an element is swapped as: floats are compared by their bits. */
template <class T>
using Word = std::conditional_t<sizeof(T) == 1, uint8_t,
             std::conditional_t<sizeof(T) == 2, uint16_t,
             std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;

template <class T>
constexpr bool kIsBig = std::is_integral_v<T> && sizeof(T) == 8;

/** A value of the element's type; integers are taken modulo 2^bits, as typed arrays do. */
template <class T>
T readValue(const Value& value) {
  if constexpr (kIsBig<T>) {
    int64_t number;
    bool lossless;
    if (napi_get_value_bigint_int64(value.env(), value.raw(), &number, &lossless) != napi_ok)
      throw TypeError("Expected `" + value.name() + "` to be a bigint.");
    return static_cast<T>(number);
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(value.integer(-(int64_t{1} << 53) + 1));
  } else {
    return static_cast<T>(value.number());
  }
}

template <class T>
napi_value toElement(napi_env env, T value) {
  if constexpr (!kIsBig<T>) {
    return toValue(env, static_cast<double>(value));
  } else {
    napi_value result;
    if constexpr (std::is_signed_v<T>) check(env, napi_create_bigint_int64(env, value, &result));
    else check(env, napi_create_bigint_uint64(env, value, &result));
    return result;
  }
}

/** Whether an element counts as the expected one: by value, every NaN alike, 0 and -0 apart. */
template <class T>
bool isSame(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return std::bit_cast<Word<T>>(a) == std::bit_cast<Word<T>>(b);
  } else {
    return a == b;
  }
}

template <class T>
bool isLess(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a < b || (a == b && std::signbit(a) > std::signbit(b));
  else return a < b;
}

struct Add {
  template <class T>
  static T next(T old, T value, T) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<Word<T>>(old) + static_cast<Word<T>>(value));
    else return old + value;
  }
};

/** Like Math.min: NaN where one of the two is NaN. */
struct Min {
  template <class T>
  static T next(T old, T value, T) {
    if (old != old) return old;
    return value != value || isLess(value, old) ? value : old;
  }
};

struct Max {
  template <class T>
  static T next(T old, T value, T) {
    if (old != old) return old;
    return value != value || isLess(old, value) ? value : old;
  }
};

struct Exchange {
  template <class T>
  static T next(T old, T value, T expected) {
    return isSame(old, expected) ? value : old;
  }
};

template <class Step, class T>
napi_value change(const Arguments& arguments, const TypedArray& array) {
  const auto position = arguments.at(1, "position").integer(0, static_cast<int64_t>(array.length) - 1);
  const T value = readValue<T>(arguments.at(2, "value"));
  const T expected = std::is_same_v<Step, Exchange> ? readValue<T>(arguments.at(3, "expected")) : T{};
  T* const element = static_cast<T*>(array.data) + position;
  if (reinterpret_cast<uintptr_t>(element) % sizeof(T) != 0)
    throw Error("ERR_DTYPE", "An element that doesn't lie at a multiple of its size can't be changed atomically.");
  // SAFETY: it is aligned, inside its typed array, which the call keeps, and words have no padding.
  const std::atomic_ref<Word<T>> cell(*reinterpret_cast<Word<T>*>(element));
  static_assert(std::atomic_ref<Word<T>>::is_always_lock_free, "a lock would be no other process's");
  Word<T> seen = cell.load();
  for (;;) {
    const T old = std::bit_cast<T>(seen);
    const T next = Step::next(old, value, expected);
    if (cell.compare_exchange_weak(seen, std::bit_cast<Word<T>>(next))) return toElement(arguments.env(), old);
  }
}

/** `(data, position, value, expected)`: the element before. */
template <class Step>
napi_value changeAny(const Arguments& arguments) {
  const TypedArray array = arguments.at(0, "data").typedArray();
  switch (array.type) {
    case napi_int8_array: return change<Step, int8_t>(arguments, array);
    case napi_uint8_array: return change<Step, uint8_t>(arguments, array);
    case napi_int16_array: return change<Step, int16_t>(arguments, array);
    case napi_uint16_array: return change<Step, uint16_t>(arguments, array);
    case napi_int32_array: return change<Step, int32_t>(arguments, array);
    case napi_uint32_array: return change<Step, uint32_t>(arguments, array);
    case napi_bigint64_array: return change<Step, int64_t>(arguments, array);
    case napi_biguint64_array: return change<Step, uint64_t>(arguments, array);
    case napi_float32_array: return change<Step, float>(arguments, array);
    case napi_float64_array: return change<Step, double>(arguments, array);
    default: throw Error("ERR_DTYPE", "Expected a typed array of integers or floats.");
  }
}

}  // namespace

void registerAtomics(napi_env env, napi_value exports) {
  exportFunction<changeAny<Add>>(env, exports, "atomicAdd");
  exportFunction<changeAny<Min>>(env, exports, "atomicMin");
  exportFunction<changeAny<Max>>(env, exports, "atomicMax");
  exportFunction<changeAny<Exchange>>(env, exports, "compareExchange");
}

}  // namespace onecopy
