/** Means and squares of a target by category and fold. */

import type { NDArray } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { requireKeptWeights } from '../inputs/weights.ts'
import type { FitRows } from '../preprocessing/fit-rows.ts'
import { valueAt } from '../statistics/sampled-means.ts'

/** Weight, mean and sum of squares about the mean of some values of the target. */
export interface TargetGroup {
  readonly weight: number
  readonly mean: number
  readonly squares: number
}

/** No values. */
export const noValues: TargetGroup = { weight: 0, mean: 0, squares: 0 }

/** The group of the values of both. */
export function mergeGroups(a: TargetGroup, b: TargetGroup): TargetGroup {
  if (a.weight === 0) return b
  if (b.weight === 0) return a
  const weight = a.weight + b.weight
  const difference = b.mean - a.mean
  return {
    weight,
    mean: a.mean + (difference * b.weight) / weight,
    squares: a.squares + b.squares + (difference ** 2 * a.weight * b.weight) / weight,
  }
}

/** Groups of a target, one for each slot and fold. */
export class GroupedTarget {
  readonly #folds: number
  readonly #weights: Float64Array
  readonly #means: Float64Array
  readonly #squares: Float64Array

  constructor(slots: number, folds: number) {
    this.#folds = folds
    this.#weights = new Float64Array(slots * folds)
    this.#means = new Float64Array(slots * folds)
    this.#squares = new Float64Array(slots * folds)
  }

  /** Adds a value by Welford's update, which keeps the digits of means far from zero. */
  add(slot: number, fold: number, value: number, weight: number): void {
    const at = slot * this.#folds + fold
    const sum = (this.#weights[at]! += weight)
    const difference = value - this.#means[at]!
    const mean = (this.#means[at]! += (difference * weight) / sum)
    this.#squares[at]! += weight * difference * (value - mean)
  }

  /** All values of a slot, or those of all folds but one. */
  group(slot: number, without?: number): TargetGroup {
    let merged = noValues
    for (let fold = 0; fold < this.#folds; fold++) {
      if (fold === without) continue
      const at = slot * this.#folds + fold
      merged = mergeGroups(merged, {
        weight: this.#weights[at]!,
        mean: this.#means[at]!,
        squares: this.#squares[at]!,
      })
    }
    return merged
  }
}

/** A target by category of each column, and as a whole. */
export interface TargetByCategory {
  readonly columns: readonly GroupedTarget[]
  readonly whole: GroupedTarget
}

/**
 * Reads the target of each category and fold, in one pass over the rows.
 *
 * @param sizes - number of categories of each column
 * @param codes - the category of a value of each column
 * @param foldOf - the fold of a row of `X`
 * @throws OneCopyError `ERR_VALUE` for NaN and infinity in the target
 */
export async function readGroups(
  { X, y, rows, weights }: FitRows & { readonly y: NDArray },
  sizes: readonly number[],
  codes: readonly ((value: number) => number)[],
  { folds, foldOf }: { readonly folds: number; readonly foldOf: (row: number) => number },
): Promise<TargetByCategory> {
  const columns = sizes.map((size) => new GroupedTarget(size, folds))
  const whole = new GroupedTarget(1, folds)
  for await (const { values, count, rowAt } of readBlocks(X, rows)) {
    // Their memory may have been freed or moved away meanwhile.
    requireKeptWeights(weights, X.shape[0])
    requireAttached(y)
    for (let i = 0, at = 0; i < count; i++) {
      const row = rowAt(i)
      const target = valueAt(y, row, 0)
      if (!Number.isFinite(target)) throw notFinite(target, row)
      const weight = weights === null ? 1 : weights[row]!
      const fold = foldOf(row)
      whole.add(0, fold, target, weight)
      for (let j = 0; j < columns.length; j++, at++)
        columns[j]!.add(codes[j]!(values[at]!), fold, target, weight)
    }
  }
  return { columns, whole }
}

function notFinite(value: number, row: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected finite numbers, got ${value} in \`y\` at row ${row} (counted from 0). ` +
      'Leave such rows out, or fill in their values first.',
    { details: { name: 'y', row, column: 0, value } },
  )
}
