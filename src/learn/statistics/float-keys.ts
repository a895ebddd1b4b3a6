/** Whole numbers that are ordered like float64 values. */

/** Keys of finite numbers lie from `leastKey` to `greatestKey`. */
export const leastKey = 0x00100000
export const greatestKey = 0xffefffff

/**
 * The upper 32 bits of a float64 value as a whole number that grows with the value. Keys of NaN lie outside those of
 * finite numbers. Two values with one key are ordered by {@link lowerKey}.
 *
 * @param bits - the bits of float64 values, two words each, the lower one first
 * @param i - position of the value
 */
export function upperKey(bits: Uint32Array, i: number): number {
  const upper = bits[2 * i + 1]!
  if (upper < 0x80000000) return upper + 0x80000000
  // Minus zero is zero.
  if (upper === 0x80000000 && bits[2 * i] === 0) return 0x80000000
  return 0xffffffff - upper
}

/** The lower 32 bits in the same way. */
export function lowerKey(bits: Uint32Array, i: number): number {
  const lower = bits[2 * i]!
  const isNegative = bits[2 * i + 1]! >= 0x80000000
  return isNegative && !(lower === 0 && bits[2 * i + 1] === 0x80000000) ? 0xffffffff - lower : lower
}

/** The value with these two keys. */
export function valueOfKeys(upper: number, lower: number): number {
  const isNegative = upper < 0x80000000
  words[0] = isNegative ? 0xffffffff - lower : lower
  words[1] = isNegative ? 0xffffffff - upper : upper - 0x80000000
  return value[0]!
}

const value = new Float64Array(1)
const words = new Uint32Array(value.buffer)

/** The bits of float64 values, two words each. */
export function bitsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
}
