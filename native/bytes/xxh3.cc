/** XXH3 with 128 bits: short inputs by themselves, long ones by stripes. */

#include "bytes/xxh3.h"

#include <bit>
#include <cstring>

#include "bytes/kernels/stripes.h"

static_assert(std::endian::native == std::endian::little, "words are read as they lie");

namespace onecopy {
namespace {

constexpr uint64_t kMix1 = 0x165667919E3779F9, kMix2 = 0x9FB21C651E98DF25;
/** What an input of at most this many bytes costs is less than that of a stripe. */
constexpr size_t kMiddle = 240;
/** The least secret of the specification, on which places in the middle lengths are based. */
constexpr size_t kLeastSecret = 136;

uint32_t read32(const uint8_t* at) {
  uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

uint64_t read64(const uint8_t* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

Digest multiply(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return {static_cast<uint64_t>(product >> 64), static_cast<uint64_t>(product)};
}

uint64_t fold(uint64_t a, uint64_t b) {
  const Digest product = multiply(a, b);
  return product.high ^ product.low;
}

uint64_t avalanche(uint64_t word) {
  word = (word ^ (word >> 37)) * kMix1;
  return word ^ (word >> 32);
}

/** The avalanche of XXH64. */
uint64_t olderAvalanche(uint64_t word) {
  word = (word ^ (word >> 33)) * kPrime64_2;
  word = (word ^ (word >> 29)) * kPrime64_3;
  return word ^ (word >> 32);
}

uint64_t mix16(const uint8_t* bytes, const uint8_t* secret) {
  return fold(read64(bytes) ^ read64(secret), read64(bytes + 8) ^ read64(secret + 8));
}

void mix32(Digest& sum, const uint8_t* first, const uint8_t* second, const uint8_t* secret) {
  sum.low = (sum.low + mix16(first, secret)) ^ (read64(second) + read64(second + 8));
  sum.high = (sum.high + mix16(second, secret + 16)) ^ (read64(first) + read64(first + 8));
}

/** What inputs of 17 to 240 bytes end with. */
Digest finish(const Digest& sum, size_t length) {
  const uint64_t high = sum.low * kPrime64_1 + sum.high * kPrime64_4 + length * kPrime64_2;
  return {0 - avalanche(high), avalanche(sum.low + sum.high)};
}

Digest hash0to3(const uint8_t* bytes, size_t length) {
  if (length == 0)
    return {olderAvalanche(read64(kSecret + 80) ^ read64(kSecret + 88)),
            olderAvalanche(read64(kSecret + 64) ^ read64(kSecret + 72))};
  const uint32_t low = uint32_t{bytes[0]} << 16 | uint32_t{bytes[length >> 1]} << 24 | bytes[length - 1] |
                       static_cast<uint32_t>(length) << 8;
  const uint32_t high = std::rotl(__builtin_bswap32(low), 13);
  return {olderAvalanche(high ^ uint64_t{read32(kSecret + 8) ^ read32(kSecret + 12)}),
          olderAvalanche(low ^ uint64_t{read32(kSecret) ^ read32(kSecret + 4)})};
}

Digest hash4to8(const uint8_t* bytes, size_t length) {
  const uint64_t word = read32(bytes) + (uint64_t{read32(bytes + length - 4)} << 32);
  Digest digest = multiply(word ^ read64(kSecret + 16) ^ read64(kSecret + 24), kPrime64_1 + (length << 2));
  digest.high += digest.low << 1;
  digest.low ^= digest.high >> 3;
  digest.low = (digest.low ^ (digest.low >> 35)) * kMix2;
  digest.low ^= digest.low >> 28;
  digest.high = avalanche(digest.high);
  return digest;
}

Digest hash9to16(const uint8_t* bytes, size_t length) {
  const uint64_t low = read64(bytes);
  uint64_t high = read64(bytes + length - 8);
  Digest product = multiply(low ^ high ^ read64(kSecret + 32) ^ read64(kSecret + 40), kPrime64_1);
  product.low += static_cast<uint64_t>(length - 1) << 54;
  high ^= read64(kSecret + 48) ^ read64(kSecret + 56);
  product.high += high + (high & 0xffffffff) * (kPrime32_2 - 1);
  product.low ^= __builtin_bswap64(product.high);
  const Digest last = multiply(product.low, kPrime64_2);
  return {avalanche(last.high + product.high * kPrime64_2), avalanche(last.low)};
}

Digest hash17to128(const uint8_t* bytes, size_t length) {
  Digest sum{0, length * kPrime64_1};
  for (size_t i = (length - 1) / 32 + 1; i-- > 0;)
    mix32(sum, bytes + 16 * i, bytes + length - 16 * (i + 1), kSecret + 32 * i);
  return finish(sum, length);
}

Digest hash129to240(const uint8_t* bytes, size_t length) {
  Digest sum{0, length * kPrime64_1};
  for (size_t i = 32; i < 160; i += 32) mix32(sum, bytes + i - 32, bytes + i - 16, kSecret + i - 32);
  sum = {avalanche(sum.high), avalanche(sum.low)};
  for (size_t i = 160; i <= length; i += 32) mix32(sum, bytes + i - 32, bytes + i - 16, kSecret + 3 + i - 160);
  mix32(sum, bytes + length - 16, bytes + length - 32, kSecret + kLeastSecret - 17 - 16);
  return finish(sum, length);
}

uint64_t mergeSums(const uint64_t* sums, const uint8_t* secret, uint64_t start) {
  uint64_t result = start;
  for (int i = 0; i < 8; i += 2) result += fold(sums[i] ^ read64(secret + 8 * i), sums[i + 1] ^ read64(secret + 8 * i + 8));
  return avalanche(result);
}

Digest hashLong(const uint8_t* bytes, size_t length) {
  alignas(64) uint64_t sums[8] = {kPrime32_3, kPrime64_1, kPrime64_2, kPrime64_3,
                                  kPrime64_4, kPrime32_2, kPrime64_5, kPrime32_1};
  ONECOPY_TABLE(stripeKernels).addStripes(sums, bytes, length);
  return {mergeSums(sums, kSecret + kSecretBytes - sizeof sums - 11, ~(length * kPrime64_2)),
          mergeSums(sums, kSecret + 11, length * kPrime64_1)};
}

}  // namespace

Digest hashBytes(const uint8_t* bytes, size_t length) {
  if (length > kMiddle) return hashLong(bytes, length);
  if (length > 128) return hash129to240(bytes, length);
  if (length > 16) return hash17to128(bytes, length);
  if (length > 8) return hash9to16(bytes, length);
  return length >= 4 ? hash4to8(bytes, length) : hash0to3(bytes, length);
}

}  // namespace onecopy
