/** XXH3 with 128 bits and seed 0, as xxHash 0.8 defines it. */

#pragma once

#include <cstddef>
#include <cstdint>

namespace onecopy {

/** A digest; its text has the digits of `high` first. */
struct Digest {
  uint64_t high, low;
};

/** XXH3_128bits of github.com/Cyan4973/xxHash: not against forgery, but no accident will ever give two inputs one digest. */
Digest hashBytes(const uint8_t* bytes, size_t length);

}  // namespace onecopy
