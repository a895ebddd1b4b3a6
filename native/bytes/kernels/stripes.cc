/** Adds stripes of 64 bytes to the eight sums of XXH3. */

#include "bytes/kernels/stripes.h"

#include "kernels/simd.h"

namespace onecopy::ONECOPY_LEVEL {

typedef uint64_t Words __attribute__((vector_size(kWidth * sizeof(uint64_t))));
typedef uint64_t LooseWords __attribute__((vector_size(kWidth * sizeof(uint64_t)), aligned(1), may_alias));

static inline Words loadWords(const void* from) { return *static_cast<const LooseWords*>(from); }
static inline void storeWords(void* to, Words words) { *static_cast<LooseWords*>(to) = words; }

/** Products of the low halves of words. A product of whole words would be several instructions. */
static inline Words multiplyLow(Words a, Words b) {
#if defined(__AVX512F__)
  // Masked, since GCC 12 warns of its own unmasked function.
  return (Words)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (Words)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  return (Words)_mm_mul_epu32((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
  return (Words)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
#else
  return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

/** Each word in the place of its neighbour. */
static inline Words swapWords(Words a) {
#if defined(__AVX512F__)
  return __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
#elif defined(__AVX2__)
  return __builtin_shufflevector(a, a, 1, 0, 3, 2);
#else
  return __builtin_shufflevector(a, a, 1, 0);
#endif
}

constexpr size_t kStripe = 64;
constexpr size_t kVectorBytes = sizeof(Words);
constexpr int kVectorsOfStripe = kStripe / kVectorBytes;
/** The secret moves on by 8 bytes with each stripe; after so many the sums are scrambled. */
constexpr size_t kRate = 8;
constexpr size_t kStripesOfRound = (kSecretBytes - kStripe) / kRate;
/** How far ahead memory is asked for. */
constexpr size_t kAheadBytes = 512;

static inline void addStripe(Words* sums, const uint8_t* bytes, const uint8_t* secret) {
#pragma GCC unroll 4
  for (int v = 0; v < kVectorsOfStripe; v++) {
    const Words data = loadWords(bytes + v * kVectorBytes);
    const Words keyed = data ^ loadWords(secret + v * kVectorBytes);
    sums[v] += swapWords(data) + multiplyLow(keyed, keyed >> 32);
  }
}

static inline void scramble(Words* sums, const uint8_t* secret) {
  const Words prime = Words{} + kPrime32_1;
#pragma GCC unroll 4
  for (int v = 0; v < kVectorsOfStripe; v++) {
    const Words mixed = sums[v] ^ (sums[v] >> 47) ^ loadWords(secret + v * kVectorBytes);
    sums[v] = multiplyLow(mixed, prime) + (multiplyLow(mixed >> 32, prime) << 32);
  }
}

static void addStripes(uint64_t* sums, const uint8_t* bytes, size_t length) {
  Words own[kVectorsOfStripe];
  for (int v = 0; v < kVectorsOfStripe; v++) own[v] = loadWords(sums + v * kVectorBytes / sizeof(uint64_t));
  constexpr size_t roundBytes = kStripe * kStripesOfRound;
  const size_t rounds = (length - 1) / roundBytes;
  const uint8_t* at = bytes;
  for (size_t round = 0; round < rounds; round++) {
#pragma GCC unroll 4
    for (size_t stripe = 0; stripe < kStripesOfRound; stripe++, at += kStripe) {
      __builtin_prefetch(at + kAheadBytes);
      addStripe(own, at, kSecret + stripe * kRate);
    }
    scramble(own, kSecret + kSecretBytes - kStripe);
  }
  const size_t stripes = (length - 1 - rounds * roundBytes) / kStripe;
  for (size_t stripe = 0; stripe < stripes; stripe++, at += kStripe) addStripe(own, at, kSecret + stripe * kRate);
  // The last stripe ends with the bytes, and has a part of the secret of its own.
  addStripe(own, bytes + length - kStripe, kSecret + kSecretBytes - kStripe - 7);
  for (int v = 0; v < kVectorsOfStripe; v++) storeWords(sums + v * kVectorBytes / sizeof(uint64_t), own[v]);
}

extern const StripeKernels stripeKernels = {addStripes};

}  // namespace onecopy::ONECOPY_LEVEL
