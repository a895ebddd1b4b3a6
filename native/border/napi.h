/** Node-API in small: checked arguments in, values and coded errors out. */

#pragma once

#include <node_api.h>

#include <cmath>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace onecopy {

/** A refusal; JavaScript sees an error that `isOneCopyError()` knows, with this code. */
class Error : public std::runtime_error {
 public:
  Error(std::string code, const std::string& message)
      : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

/** An argument of the wrong type; JavaScript sees a `TypeError`. */
class TypeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/** A JavaScript exception is already pending; thrown to unwind C++ up to the border. */
struct PendingException {};

/** Throws when a Node-API call failed, which only misuse, a dying thread or a full heap make happen. */
inline void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  if (status == napi_pending_exception) throw PendingException{};
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  const char* text = info != nullptr && info->error_message != nullptr ? info->error_message : "no text";
  throw Error("ERR_PLATFORM", std::string("Node-API refused a call: ") + text);
}

inline napi_value undefined(napi_env env) {
  napi_value value;
  check(env, napi_get_undefined(env, &value));
  return value;
}

inline napi_value toValue(napi_env env, const std::string& text) {
  napi_value value;
  check(env, napi_create_string_utf8(env, text.data(), text.size(), &value));
  return value;
}

inline napi_value toValue(napi_env env, const char* text) { return toValue(env, std::string(text)); }

inline napi_value toValue(napi_env env, double number) {
  napi_value value;
  check(env, napi_create_double(env, number, &value));
  return value;
}

inline napi_value toValue(napi_env env, bool flag) {
  napi_value value;
  check(env, napi_get_boolean(env, flag, &value));
  return value;
}

/** A plain object with these members. */
inline napi_value makeObject(napi_env env,
                             std::initializer_list<std::pair<const char*, napi_value>> members) {
  napi_value object;
  check(env, napi_create_object(env, &object));
  for (const auto& [name, value] : members) check(env, napi_set_named_property(env, object, name, value));
  return object;
}

/** A new Float64Array with its own memory; `*data` points at its `length` zeros. */
inline napi_value makeFloat64Array(napi_env env, size_t length, double** data) {
  napi_value buffer, array;
  void* bytes = nullptr;
  check(env, napi_create_arraybuffer(env, length * sizeof(double), &bytes, &buffer));
  check(env, napi_create_typedarray(env, napi_float64_array, length, buffer, 0, &array));
  *data = static_cast<double*>(bytes);
  return array;
}

/** A new Int32Array with its own memory; `*data` points at its `length` zeros. */
inline napi_value makeInt32Array(napi_env env, size_t length, int32_t** data) {
  napi_value buffer, array;
  void* bytes = nullptr;
  check(env, napi_create_arraybuffer(env, length * sizeof(int32_t), &bytes, &buffer));
  check(env, napi_create_typedarray(env, napi_int32_array, length, buffer, 0, &array));
  *data = static_cast<int32_t*>(bytes);
  return array;
}

/** A typed array as it is now; its memory stays for this call, and for a job that takes it (`held.h`). */
struct TypedArray {
  napi_typedarray_type type;
  size_t length;
  void* data;
  napi_value buffer;
  size_t byteOffset;

  /** Bytes of an element; 0 for a class that this core doesn't know. */
  size_t elementSize() const {
    switch (type) {
      case napi_int8_array:
      case napi_uint8_array:
      case napi_uint8_clamped_array: return 1;
      case napi_int16_array:
      case napi_uint16_array: return 2;
      case napi_int32_array:
      case napi_uint32_array:
      case napi_float32_array: return 4;
      case napi_float64_array:
      case napi_bigint64_array:
      case napi_biguint64_array: return 8;
      default: return 0;
    }
  }
};

/** The value of argument or member `name` of a call; every reader checks the type and throws. */
class Value {
 public:
  Value(napi_env env, napi_value value, std::string name)
      : env_(env), value_(value), name_(std::move(name)) {}

  napi_env env() const { return env_; }
  napi_value raw() const { return value_; }
  const std::string& name() const { return name_; }

  napi_valuetype type() const {
    napi_valuetype type;
    check(env_, napi_typeof(env_, value_, &type));
    return type;
  }
  bool isNullish() const { return type() == napi_undefined || type() == napi_null; }

  double number() const {
    double number;
    if (napi_get_value_double(env_, value_, &number) != napi_ok) fail("a number");
    return number;
  }
  /** A whole number in [low, high]. */
  int64_t integer(int64_t low = 0, int64_t high = (int64_t{1} << 53) - 1) const {
    const double number = this->number();
    if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high)) ||
        number != std::floor(number)) {
      throw Error("ERR_INDEX", "Expected `" + name_ + "` to be a whole number from " +
                                   std::to_string(low) + " to " + std::to_string(high) + ", got " +
                                   std::to_string(number) + ".");
    }
    return static_cast<int64_t>(number);
  }
  bool boolean() const {
    bool flag;
    if (napi_get_value_bool(env_, value_, &flag) != napi_ok) fail("a boolean");
    return flag;
  }
  std::string text() const {
    size_t length = 0;
    if (napi_get_value_string_utf8(env_, value_, nullptr, 0, &length) != napi_ok) fail("a string");
    std::string text(length, '\0');
    check(env_, napi_get_value_string_utf8(env_, value_, text.data(), length + 1, &length));
    return text;
  }
  TypedArray typedArray() const {
    bool is = false;
    check(env_, napi_is_typedarray(env_, value_, &is));
    if (!is) fail("a typed array");
    // Node leaves the type of a class that it doesn't know itself as it is.
    TypedArray array{static_cast<napi_typedarray_type>(-1), 0, nullptr, nullptr, 0};
    check(env_, napi_get_typedarray_info(env_, value_, &array.type, &array.length, &array.data,
                                         &array.buffer, &array.byteOffset));
    if (array.elementSize() == 0) fail("a typed array of integers, float32 or float64");
    if (array.length == 0) requireAttached(array.buffer);
    return array;
  }
  TypedArray typedArray(napi_typedarray_type type, const char* className) const {
    const TypedArray array = typedArray();
    if (array.type != type) fail(className);
    return array;
  }
  Value member(const char* name) const {
    if (type() != napi_object) fail("an object");
    napi_value value;
    check(env_, napi_get_named_property(env_, value_, name, &value));
    return {env_, value, name_ + "." + name};
  }
  /** The length of a plain JavaScript array. */
  uint32_t length() const {
    bool is = false;
    check(env_, napi_is_array(env_, value_, &is));
    if (!is) fail("an array");
    uint32_t length;
    check(env_, napi_get_array_length(env_, value_, &length));
    return length;
  }
  Value element(uint32_t index) const {
    napi_value value;
    check(env_, napi_get_element(env_, value_, index, &value));
    return {env_, value, name_ + "[" + std::to_string(index) + "]"};
  }

 private:
  void requireAttached(napi_value buffer) const {
    bool isDetached = false;
    check(env_, napi_is_detached_arraybuffer(env_, buffer, &isDetached));
    if (!isDetached) return;
    throw Error("ERR_DETACHED", "The memory of `" + name_ +
                                    "` was moved away, by transfer() or with a message. Use a copy, or move a copy.");
  }
  [[noreturn]] void fail(const char* expected) const {
    throw TypeError("Expected `" + name_ + "` to be " + expected + ".");
  }

  napi_env env_;
  napi_value value_;
  std::string name_;
};

/** The arguments of one call from JavaScript; missing ones are undefined. */
class Arguments {
 public:
  static constexpr size_t kMost = 16;

  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMost;
    check(env, napi_get_cb_info(env, info, &count, values_, nullptr, nullptr));
  }
  napi_env env() const { return env_; }
  Value at(size_t index, const char* name) const { return {env_, values_[index], name}; }
  const napi_value* values() const { return values_; }

 private:
  napi_env env_;
  napi_value values_[kMost];
};

/** The JavaScript error for a C++ one, with `code` and the mark of `isOneCopyError()`. */
inline napi_value makeError(napi_env env, const std::exception& error) {
  napi_value message = toValue(env, error.what()), result;
  if (dynamic_cast<const TypeError*>(&error) != nullptr) {
    check(env, napi_create_type_error(env, toValue(env, "ERR_INVALID_ARG_TYPE"), message, &result));
    return result;
  }
  const auto* own = dynamic_cast<const Error*>(&error);
  const bool full = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  const std::string code = own != nullptr ? own->code() : full ? "ERR_MEMORY" : "ERR_PLATFORM";
  check(env, napi_create_error(env, toValue(env, code), message, &result));
  napi_value mark, name = toValue(env, "OneCopyError");
  check(env, node_api_symbol_for(env, "onecopy.error", NAPI_AUTO_LENGTH, &mark));
  check(env, napi_set_property(env, result, mark, toValue(env, true)));
  check(env, napi_set_named_property(env, result, "details", makeObject(env, {})));
  const napi_property_descriptor hidden = {
      "name", nullptr, nullptr, nullptr, nullptr, name, napi_writable, nullptr};
  check(env, napi_define_properties(env, result, 1, &hidden));
  return result;
}

/** The border: runs `function(arguments)` and turns what it throws into a JavaScript exception. */
template <napi_value (*function)(const Arguments&)>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    return function(Arguments(env, info));
  } catch (const PendingException&) {
  } catch (const std::exception& error) {
    try {
      napi_throw(env, makeError(env, error));
    } catch (...) {  // the thread is dying: JavaScript can't run any more, so nobody would see it
    }
  }
  return nullptr;
}

/** Adds `function` to `exports` as `name`. */
template <napi_value (*function)(const Arguments&)>
void exportFunction(napi_env env, napi_value exports, const char* name) {
  napi_value value;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, guarded<function>, nullptr, &value));
  check(env, napi_set_named_property(env, exports, name, value));
}

}  // namespace onecopy
