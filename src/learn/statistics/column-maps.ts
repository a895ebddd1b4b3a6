/** Maps and selections of the columns of statistics. */

import { OneCopyError } from '../../errors.ts'

/** A map of each column, x -> (x - shift) / scale. */
export interface AffineMap {
  /** What is subtracted, shape (d). */
  readonly shift: Float64Array
  /** What is divided by, shape (d), not 0. */
  readonly scale: Float64Array
}

/** The map that applies `first` and then `second`. */
export function composeMaps(first: AffineMap, second: AffineMap): AffineMap {
  return {
    shift: first.shift.map((shift, j) => shift + first.scale[j]! * second.shift[j]!),
    scale: first.scale.map((scale, j) => scale * second.scale[j]!),
  }
}

/** Means as the sum of two numbers each, which has more digits than one. */
export interface Means {
  /** A point near the means, shape (p). */
  readonly origin: Float64Array
  /** Means minus `origin`, shape (p). */
  readonly deviation: Float64Array
}

/** Means of `b` minus those of `a`, with more digits than the means have. */
export function differences(a: Means, b: Means): Float64Array {
  return a.origin.map((origin, i) => b.origin[i]! - origin + (b.deviation[i]! - a.deviation[i]!))
}

/**
 * Numbers of the chosen columns of X and of all targets, in `[X y]`.
 *
 * @throws OneCopyError `ERR_INDEX`
 */
export function keptColumns(
  { columns, origin }: { readonly columns: number; readonly origin: Float64Array },
  chosen: ArrayLike<number>,
): number[] {
  const kept = Array.from(chosen)
  const wrong = kept.find(
    (column) => !(Number.isInteger(column) && column >= 0 && column < columns),
  )
  if (wrong !== undefined) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected column numbers in [0, ${columns}), got ${wrong}.`,
      { details: { column: wrong, columns } },
    )
  }
  for (let target = columns; target < origin.length; target++) kept.push(target)
  return kept
}
