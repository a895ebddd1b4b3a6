/** Numbers as the shortest text that reads back the same. */

/** A bigint as a number where that is a safe integer. */
export function exactNumber(value: number | bigint): number | bigint {
  if (typeof value === 'number') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/**
 * The shortest decimal text that a double is read from again, which is exact for every dtype; `-0` for negative zero, `inf` and `-inf`.
 */
export function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  if (value === Infinity) return 'inf'
  if (value === -Infinity) return '-inf'
  if (Object.is(value, -0)) return '-0'
  return String(value)
}
