/** Half-precision floats. */

/**
 * The value of a float16.
 *
 * @param bits - its 16 bits: sign, 5 bits of exponent, 10 of fraction
 * @returns the same value, which a float32 holds exactly
 * @see IEEE 754-2019 §3.4; Node 22 has no Float16Array
 */
export function float16ToFloat32(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}
