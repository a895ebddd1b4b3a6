/** Numbers as the shortest text that reads back the same. */

import type { DType } from '../../arrays/index.ts'

/** A bigint as a number where a double holds it exactly. */
export function exactNumber(value: number | bigint): number | bigint {
  if (typeof value === 'number') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/**
 * The shortest decimal text that gives the same value of a dtype again: `0.1` for the float32 nearest to it, `-0` for
 * negative zero, `inf` and `-inf`.
 */
export function numberText(value: number | bigint, dtype: DType): string {
  if (typeof value === 'bigint') return String(value)
  if (value === Infinity) return 'inf'
  if (value === -Infinity) return '-inf'
  if (Object.is(value, -0)) return '-0'
  return dtype === 'float32' ? float32Text(value) : String(value)
}

/** Nine digits tell all numbers of 32 bits apart. */
function float32Text(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 24) return String(value)
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)))
    if (Math.fround(Number(text)) === value) return text
  }
  return String(Number(value.toPrecision(9)))
}
