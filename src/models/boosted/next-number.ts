/** Neighbours of numbers, for thresholds that keep the side of every value. */

const double = new Float64Array(1)
const doubleBits = new BigInt64Array(double.buffer)
const single = new Float32Array(1)
const singleBits = new Int32Array(single.buffer)

/** The greatest number below a finite one. */
export function numberBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE
  double[0] = value
  doubleBits[0]! += value > 0 ? -1n : 1n
  return double[0]
}

/** The greatest float32 below a finite one; -Infinity below all. */
function float32Below(value: number): number {
  single[0] = value
  if (single[0] === 0)
    singleBits[0] = -0x7fffffff // the negative float32 next to 0
  else singleBits[0]! += value > 0 ? -1 : 1
  return single[0]
}

/** Halfway between the least finite float32 and the next one, were there no limit: all below round to -Infinity. */
const roundsToInfinity = -(2 ** 128 - 2 ** 103)

/**
 * The greatest number that is below a float32 once it is rounded to float32: numbers up to it are those that `<` tells.
 *
 * @param threshold - finite, a float32
 */
export function lastRoundedBelow(threshold: number): number {
  const below = float32Below(threshold)
  const middle = below === -Infinity ? roundsToInfinity : below / 2 + threshold / 2
  return Math.fround(middle) < threshold ? middle : numberBelow(middle)
}

/**
 * The greatest number that is at most a threshold once it is rounded to float32: numbers up to it are those that `<=` tells.
 *
 * @param threshold - finite, not always a float32
 * @returns Infinity for a threshold that no finite float32 is above
 */
export function lastRoundedAtMost(threshold: number): number {
  const rounded = Math.fround(threshold)
  const last = rounded <= threshold ? rounded : float32Below(rounded)
  const above = -float32Below(-last)
  return above === Infinity ? Infinity : lastRoundedBelow(above)
}
