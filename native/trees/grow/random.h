/** Random numbers that depend on what they are for, not on what was drawn before. */

#pragma once

#include <cstdint>

namespace onecopy {

// A number is a function of its key and its counter. A key is made of the seed and of what is drawn for, such as a tree
// and the path to a node: so no number depends on threads, on the order of work or on how many others are drawn.

/** The finalizer of SplitMix64 (Steele, Lea and Flood 2014): every bit of x changes half of the bits. */
inline uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/** A stream of random numbers. */
class RandomKey {
 public:
  explicit RandomKey(uint64_t seed) : key_(mix(seed + kStep)) {}

  /** The stream of part `index` of this one, such as a tree of an ensemble. */
  RandomKey part(uint64_t index) const { return RandomKey(key_ ^ mix(index + 1), 0); }
  /** Number `counter` of this stream, 64 bits. */
  uint64_t draw(uint64_t counter) const { return mix(key_ + (counter + 1) * kStep); }
  /** A whole number in [0, limit), limit < 2^32. */
  uint32_t below(uint64_t counter, uint32_t limit) const {
    return static_cast<uint32_t>(((draw(counter) >> 32) * limit) >> 32);
  }

 private:
  RandomKey(uint64_t parent, int) : key_(mix(parent + kStep)) {}
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;
  uint64_t key_;
};

}  // namespace onecopy
