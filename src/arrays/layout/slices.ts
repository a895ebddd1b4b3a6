/** Python-like slices of one axis, with negative numbers from the end. */

import { OneCopyError, show } from '../../errors.ts'
import type { Layout } from './layout.ts'

/**
 * What to take of one axis: an index (which drops the axis), `[start, stop, step]` (each may be
 * left out or null), or null for all of it. Negative numbers count from the end.
 */
export type AxisRange =
  number | null | undefined | readonly [start?: RangePart, stop?: RangePart, step?: RangePart]

type RangePart = number | null | undefined

/** A slice resolved against the length of its axis. */
export interface ResolvedRange {
  readonly start: number
  readonly step: number
  readonly count: number
}

/**
 * Resolves a slice as Python does: bounds outside the axis are clipped.
 *
 * @throws TypeError when it is no range
 * @throws OneCopyError `ERR_INDEX` when a part isn't a whole number or the step is 0
 * @see docs.python.org/3/reference/datamodel.html#slice.indices
 */
export function resolveRange(range: Exclude<AxisRange, number>, length: number): ResolvedRange {
  if (range !== null && range !== undefined && !Array.isArray(range))
    throw new TypeError(
      `Expected an index, a range like [start, stop, step], or null for each axis, got ${show(range)}.`,
    )
  const [from, to, by] = range ?? []
  const step = requireWhole(by ?? 1)
  if (step === 0) throw new OneCopyError('ERR_INDEX', 'Expected a slice step other than 0, got 0.')
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1]
  const bound = (value: RangePart, otherwise: number): number => {
    if (value === null || value === undefined) return otherwise
    const whole = requireWhole(value)
    return Math.min(high, Math.max(low, whole < 0 ? whole + length : whole))
  }
  const start = bound(from, step > 0 ? low : high)
  const stop = bound(to, step > 0 ? high : low)
  return { start, step, count: Math.max(0, Math.ceil((stop - start) / step)) }
}

/**
 * Resolves an index of one axis; a negative one counts from the end.
 *
 * @throws OneCopyError `ERR_INDEX` when it is outside the axis
 */
export function requireIndex(index: number, length: number, axis: number): number {
  const resolved = index < 0 ? index + length : index
  if (Number.isInteger(resolved) && resolved >= 0 && resolved < length) return resolved
  const expected = length === 0 ? 'no index' : `an index from ${-length} to ${length - 1}`
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected ${expected} on axis ${axis} of length ${length}, got ${show(index)}.`,
  )
}

/**
 * The element number of an index with one number for each axis; negative ones count from the end.
 *
 * @param call - how the index is given, as an error text begins: `get(`
 * @throws TypeError for a list of indices; OneCopyError `ERR_INDEX`
 */
export function positionOf(
  { shape, strides, offset }: Layout,
  index: readonly number[],
  call: string,
): number {
  if (index.length !== shape.length || typeof index[0] === 'object')
    requireIndices(shape, index, call)
  let position = offset
  for (let axis = 0; axis < index.length; axis++)
    position += requireIndex(index[axis]!, shape[axis]!, axis) * strides[axis]!
  return position
}

function requireIndices(shape: readonly number[], index: readonly unknown[], call: string): void {
  const [first] = index
  if (Array.isArray(first))
    throw new TypeError(
      `Expected each index as an argument of its own, as in ${call}${first.join(', ')}), got ${show(first)}.`,
    )
  if (index.length !== shape.length) throw wrongCount(shape, index.length)
}

/** The error for too many or too few indices. */
export function wrongCount(shape: readonly number[], count: number): OneCopyError {
  return new OneCopyError(
    'ERR_INDEX',
    `Expected ${shape.length} indices for shape [${shape.join(', ')}], got ${count}.`,
  )
}

/**
 * Resolves the number of an axis; a negative one counts from the end.
 *
 * @throws OneCopyError `ERR_SHAPE` when there is no such axis
 */
export function requireAxis(axis: number, ndim: number): number {
  const resolved = axis < 0 ? axis + ndim : axis
  if (Number.isInteger(resolved) && resolved >= 0 && resolved < ndim) return resolved
  throw new OneCopyError('ERR_SHAPE', `Expected an axis of ${ndim} axes, got ${show(axis)}.`)
}

function requireWhole(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new OneCopyError('ERR_INDEX', `Expected a whole number in a slice, got ${show(value)}.`)
}
