/** Waits for a word of shared memory to change, without sleeping. */

#include "border/spin.h"

#include <atomic>
#include <chrono>

#include "border/napi.h"

namespace onecopy {
namespace {

/** Looks between two readings of the clock: about a microsecond. */
constexpr int kLooks = 32;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/** Nothing else runs in this thread meanwhile. */
napi_value spinWhile(const Arguments& arguments) {
  using Clock = std::chrono::steady_clock;
  const TypedArray words = arguments.at(0, "words").typedArray(napi_int32_array, "an Int32Array");
  const auto index = arguments.at(1, "index").integer(0, static_cast<int64_t>(words.length) - 1);
  const auto seen = static_cast<int32_t>(arguments.at(2, "seen").integer(INT32_MIN, INT32_MAX));
  const std::chrono::microseconds longest(arguments.at(3, "maxMicros").integer(0, 1000));
  // SAFETY: the index is in the array, whose memory nobody can take away while this thread is here.
  const std::atomic_ref<int32_t> word(static_cast<int32_t*>(words.data)[index]);
  const auto end = Clock::now() + longest;
  do {
    for (int i = 0; i < kLooks; i++) {
      if (word.load(std::memory_order_acquire) != seen) return toValue(arguments.env(), true);
      pause();
    }
  } while (Clock::now() < end);
  return toValue(arguments.env(), false);
}

}  // namespace

void registerSpin(napi_env env, napi_value exports) {
  exportFunction<spinWhile>(env, exports, "spinWhile");
}

}  // namespace onecopy
