/** Bounds and values of conditions in the type of a column, exact. */

import type { DType } from '../../arrays/index.ts'
import { type DateUnit, unitsPerDay } from '../columns/date-text.ts'
import { nextUp } from './float-neighbors.ts'

/** Bounds of values; each may be left out. */
export interface Bounds<T> {
  readonly from?: T
  readonly to?: T
  readonly above?: T
  readonly below?: T
}

/** The least and the greatest double within bounds. */
export function floatBounds({ from, to, above, below }: Bounds<number | bigint>): Float64Array {
  const low = Math.max(
    from === undefined ? -Infinity : atLeast(from),
    above === undefined ? -Infinity : moreThan(above),
  )
  const high = Math.min(
    to === undefined ? Infinity : -atLeast(-to),
    below === undefined ? Infinity : -moreThan(-below),
  )
  const isNone = above === Infinity || below === -Infinity
  return isNone ? Float64Array.of(1, 0) : Float64Array.of(low, high)
}

/** The least double that is a bound or more; a bigint may lie between two. */
function atLeast(bound: number | bigint): number {
  const near = Number(bound)
  return near < bound ? nextUp(near) : near
}

function moreThan(bound: number | bigint): number {
  const least = atLeast(bound)
  return least > bound ? least : nextUp(least)
}

/** The least and the greatest whole number within bounds, in the widest type of the kind of `dtype`. */
export function integerBounds(
  dtype: DType,
  { from, to, above, below }: Bounds<number | bigint>,
): BigInt64Array | BigUint64Array {
  const [least, most] = limitsOf(dtype)
  const ceil = (x: number | bigint): bigint => whole(x, Math.ceil)
  const floor = (x: number | bigint): bigint => whole(x, Math.floor)
  const low = greatest([
    least,
    from === undefined ? least : ceil(from),
    above === undefined ? least : floor(above) + 1n,
  ])
  const high = -greatest([
    -most,
    to === undefined ? -most : -floor(to),
    below === undefined ? -most : 1n - ceil(below),
  ])
  return toWide(dtype, low > high ? [1n, 0n] : [low, high])
}

/** The values that a column of `dtype` can hold, ascending, each once. */
export function sortedValues(
  dtype: DType,
  values: readonly (number | bigint)[],
): Float64Array | BigInt64Array | BigUint64Array {
  if (dtype.startsWith('float')) {
    const exact = values
      .map(Number)
      .filter(
        (value, i) => value === Number(values[i]) && !(value < values[i]!) && !(value > values[i]!),
      )
    return Float64Array.from(new Set(exact)).sort()
  }
  const [least, most] = limitsOf(dtype)
  const exact = values
    .filter((value) => typeof value === 'bigint' || Number.isInteger(value))
    .map(BigInt)
    .filter((value) => value >= least && value <= most)
  return toWide(dtype, [...new Set(exact)]).sort()
}

/**
 * A point in time as a count of a unit since 1970.
 *
 * @returns the last count at or before it, and whether it is that point itself
 */
export function dateBound(date: Date, unit: DateUnit): { floor: bigint; isExact: boolean } {
  const scaled = BigInt(date.getTime()) * unitsPerDay[unit]
  const msPerDay = 86_400_000n
  const rest = ((scaled % msPerDay) + msPerDay) % msPerDay
  return { floor: (scaled - rest) / msPerDay, isExact: rest === 0n }
}

/** The nearest whole number; infinities become numbers beyond all types. */
function whole(value: number | bigint, round: (x: number) => number): bigint {
  if (typeof value === 'bigint') return value
  return Number.isFinite(value) ? BigInt(round(value)) : value > 0 ? 1n << 70n : -(1n << 70n)
}

function greatest(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a > b ? a : b))
}

function limitsOf(dtype: DType): [least: bigint, most: bigint] {
  return dtype === 'uint64' ? [0n, (1n << 64n) - 1n] : [-(1n << 63n), (1n << 63n) - 1n]
}

function toWide(dtype: DType, values: readonly bigint[]): BigInt64Array | BigUint64Array {
  return dtype === 'uint64' ? BigUint64Array.from(values) : BigInt64Array.from(values)
}
