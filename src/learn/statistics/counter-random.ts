/** Random numbers as functions of a key and a counter. */

const step = 0x9e3779b97f4a7c15n

/** The finalizer of SplitMix64: every bit of `x` changes half of the bits. */
function mix(x: bigint): bigint {
  let z = BigInt.asUintN(64, x)
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
  return z ^ (z >> 31n)
}

/**
 * A stream of random numbers, the same as those of `native/trees/grow/random.h`: a number is a function of a key and a counter, and a key
 * is made of a seed and of what is drawn for. So no number depends on threads or on how many others are drawn.
 *
 * @see Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA (2014)
 */
export class RandomKey {
  readonly #key: bigint

  /** @param seed - a whole number >= 0 */
  constructor(seed: number | bigint) {
    this.#key = mix(BigInt(seed) + step)
  }

  /** The stream of part `index` of this one. */
  part(index: number): RandomKey {
    return new RandomKey(this.#key ^ mix(BigInt(index) + 1n))
  }

  /** Number `counter` of this stream, in [0, 1). */
  draw(counter: number): number {
    return Number(mix(this.#key + (BigInt(counter) + 1n) * step) >> 11n) / 2 ** 53
  }
}
