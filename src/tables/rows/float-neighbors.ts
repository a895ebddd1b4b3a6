/** The doubles next to a number. */

const double = new Float64Array(1)
const bits = new BigInt64Array(double.buffer)

/** The least double above `value`. */
export function nextUp(value: number): number {
  if (value === Infinity || Number.isNaN(value)) return value
  if (value === 0) return Number.MIN_VALUE
  double[0] = value
  bits[0]! += value > 0 ? 1n : -1n
  return double[0]
}
