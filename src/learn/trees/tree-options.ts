/** Checks of the options that tree learners share. */

import { OneCopyError, show } from '../../errors.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import type { Features } from '../inputs/feature-input.ts'
import type { ColumnSets } from '../../native/index.ts'
import { requireMaxBins } from './binned-matrix.ts'
import {
  type CategoricalFeatures,
  type InteractionConstraints,
  type MonotonicConstraints,
  requireCategorical,
  requireInteractions,
  requireMonotone,
} from './column-options.ts'

/** How many columns are looked at for each split: a share of them in (0, 1], or a function of their number. */
export type MaxFeatures = number | 'sqrt' | 'log2'

/** Which rows of an ensemble bins are made of: all, for every fold alike, or the training rows of each fold. */
export type Binning = 'shared' | 'perFold'

/** Options that all tree learners have, with the same defaults. */
export interface CommonTreeOptions {
  /** Most splits on the way to a leaf, or null (default) for no limit. */
  readonly maxDepth?: number | null
  /**
   * Columns that hold categories, by number, or by name in a table, whose columns of texts always do. A split parts their values
   * in two groups, whatever their order. The 254 most frequent values of a column are told apart; all others, and values that `fit`
   * has not seen, go where missing values go. Default: null, none.
   */
  readonly categoricalFeatures?: CategoricalFeatures | null
  /**
   * Columns that may be on one path of a tree: lists of their numbers, or of names in a table; `'pairwise'` or
   * `'noInteractions'`. Columns in no list form one more. Default: null, any.
   */
  readonly interactionConstraints?: InteractionConstraints | null
  /** Most bins of a column, 2 to 255; default: 255. Missing values have one more. */
  readonly maxBins?: number
  /**
   * In an ensemble: whether bins are made once of all rows (`'shared'`, default), or again of the training rows of each fold
   * (`'perFold'`), which never reads values of held-out rows and costs time and memory for each fold. Targets of held-out rows are
   * read in neither case.
   */
  readonly binning?: Binning
  /** Seed of all draws, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/** A learner with these options and those whose defaults differ. */
export interface SharedTreeOptions {
  readonly maxLeafNodes: number | null
  readonly maxDepth: number | null
  readonly minSamplesLeaf: number
  readonly maxBins: number
  readonly binning: Binning
  readonly maxFeatures: MaxFeatures
  readonly categoricalFeatures: CategoricalFeatures | null
  readonly categorySmoothing: number
  readonly monotonicCst: MonotonicConstraints | null
  readonly interactionConstraints: InteractionConstraints | null
  readonly seed: number
}

/** These options in the form that the native core takes. */
export interface CheckedTreeOptions {
  readonly maxLeaves: number
  readonly maxDepth: number
  readonly leastCount: number
  readonly maxBins: number
  readonly columnsPerNode: number
  readonly categorical: Int32Array
  readonly categorySmoothing: number
  readonly monotone: Int8Array | null
  readonly together: ColumnSets | null
  readonly seed: number
}

/**
 * Checks the options of a learner for the columns of a matrix or a table.
 *
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function requireTreeOptions(learner: SharedTreeOptions, X: Features): CheckedTreeOptions {
  const columns = X.shape[1]
  const categorical = requireCategorical(learner, X)
  return {
    maxLeaves:
      learner.maxLeafNodes === null
        ? 0
        : requireNumber(learner, 'maxLeafNodes', { min: 2, integer: true, max: 2 ** 31 }),
    maxDepth:
      learner.maxDepth === null
        ? 0
        : requireNumber(learner, 'maxDepth', { min: 1, integer: true, max: 2 ** 31 - 1 }),
    leastCount: requireNumber(learner, 'minSamplesLeaf', { min: 1, integer: true, max: 2 ** 31 }),
    maxBins: requireMaxBins(learner),
    columnsPerNode: requireMaxFeatures(learner, columns),
    categorical,
    categorySmoothing: requireNumber(learner, 'categorySmoothing', { min: 0 }),
    monotone: requireMonotone(learner, X, categorical),
    together: requireInteractions(learner, X),
    seed: requireNumber(learner, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true }),
  }
}

function requireMaxFeatures(learner: SharedTreeOptions, columns: number): number {
  const { maxFeatures } = learner
  if (maxFeatures === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(columns)))
  if (maxFeatures === 'log2') return Math.max(1, Math.floor(Math.log2(columns)))
  if (typeof maxFeatures === 'number' && maxFeatures > 0 && maxFeatures <= 1) {
    return Math.max(1, Math.floor(maxFeatures * columns))
  }
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`maxFeatures\` of ${learner.constructor.name} to be 'sqrt', 'log2' or a share of the columns ` +
      `in (0, 1], got ${show(maxFeatures)}. For m of d columns write m / d.`,
    { details: { name: 'maxFeatures' } },
  )
}

/**
 * Checks an option that must lie above a number, and may have to lie below one or be at most one.
 *
 * @returns the number
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function requireAbove<N extends string>(
  learner: { readonly [name in N]: unknown },
  name: N,
  {
    above = 0,
    below = Infinity,
    max = Infinity,
  }: { above?: number; below?: number; max?: number } = {},
): number {
  const value: unknown = learner[name]
  const bounds = [`> ${above}`]
  if (below < Infinity) bounds.push(`< ${below}`)
  if (max < Infinity) bounds.push(`<= ${max}`)
  const expected = `Expected \`${name}\` of ${learner.constructor.name} to be a finite number ${bounds.join(' and ')}`
  if (typeof value !== 'number') throw new TypeError(`${expected}, got ${show(value)}.`)
  if (value > above && value < below && value <= max) return value
  throw new OneCopyError('ERR_OPTION', `${expected}, got ${value}.`, { details: { name, value } })
}
