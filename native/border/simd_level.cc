/** Which instruction set the kernels of this process run on. */

#include "border/simd_level.h"

#include <cstdlib>
#include <string>

#include "kernels/kernels.h"

namespace onecopy {
namespace {

struct Choice {
  const Kernels* kernels;
  std::string refusal;  // empty when the wish could be met
};

#if defined(__x86_64__)
constexpr const char* kNames = "'baseline', 'avx2' or 'avx512'";

bool hasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool hasAvx512() {
  return hasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#else
constexpr const char* kNames = "'baseline', the only one here";
#endif

Choice choose() {
  const char* given = std::getenv("ONECOPY_SIMD");
  const std::string wish = given == nullptr ? "" : given;
  if (wish == "baseline") return {&baseline::kernels, ""};
#if defined(__x86_64__)
  const Kernels* best =
      hasAvx512() ? &avx512::kernels : hasAvx2() ? &avx2::kernels : &baseline::kernels;
  if (wish.empty()) return {best, ""};
  if (wish == "avx2" && hasAvx2()) return {&avx2::kernels, ""};
  if (wish == "avx512" && hasAvx512()) return {&avx512::kernels, ""};
  if (wish == "avx2" || wish == "avx512") {
    return {&baseline::kernels, "ONECOPY_SIMD is '" + wish + "', which this CPU can't run. Use '" +
                                    best->name + "' or leave it out."};
  }
#else
  if (wish.empty()) return {&baseline::kernels, ""};
#endif
  return {&baseline::kernels,
          "Expected ONECOPY_SIMD to be " + std::string(kNames) + ", got '" + wish + "'."};
}

const Choice& choice() {
  static const Choice chosen = choose();
  return chosen;
}

napi_value simdLevel(const Arguments& arguments) {
  if (!choice().refusal.empty()) throw Error("ERR_OPTION", choice().refusal);
  return toValue(arguments.env(), kernels().name);
}

}  // namespace

const Kernels& kernels() { return *choice().kernels; }

void registerSimd(napi_env env, napi_value exports) {
  exportFunction<simdLevel>(env, exports, "simdLevel");
}

}  // namespace onecopy
