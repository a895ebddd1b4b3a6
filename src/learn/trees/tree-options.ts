/** Checks of the options that tree learners share. */

import { OneCopyError, show } from '../../errors.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { requireMaxBins } from './binned-matrix.ts'

/** How many columns are looked at for each split: a share of them in (0, 1], or a function of their number. */
export type MaxFeatures = number | 'sqrt' | 'log2'

/** For each column, whether predictions must not fall (1), must not rise (-1) or are free (0) as it grows. */
export type MonotonicConstraints = readonly number[] | Int8Array

/** Which rows of an ensemble bins are made of: all, for every fold alike, or the training rows of each fold. */
export type Binning = 'shared' | 'perFold'

/** Options of growth that all tree learners have. */
export interface SharedTreeOptions {
  readonly maxLeafNodes: number | null
  readonly maxDepth: number | null
  readonly minSamplesLeaf: number
  readonly maxBins: number
  readonly binning: Binning
  readonly maxFeatures: MaxFeatures
  readonly monotonicCst: MonotonicConstraints | null
  readonly seed: number
}

/** These options in the form that the native core takes. */
export interface CheckedTreeOptions {
  readonly maxLeaves: number
  readonly maxDepth: number
  readonly leastCount: number
  readonly maxBins: number
  readonly columnsPerNode: number
  readonly monotone: Int8Array | null
  readonly seed: number
}

/**
 * Checks the options of a learner for a matrix of so many columns.
 *
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function requireTreeOptions(
  learner: SharedTreeOptions,
  columns: number,
): CheckedTreeOptions {
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
    monotone: requireMonotone(learner, columns),
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

function requireMonotone(learner: SharedTreeOptions, columns: number): Int8Array | null {
  const { monotonicCst } = learner
  if (monotonicCst === null) return null
  const signs = Array.from(monotonicCst)
  if (signs.length === columns && signs.every((sign) => sign === 0 || Math.abs(sign) === 1)) {
    return signs.some((sign) => sign !== 0) ? Int8Array.from(signs) : null
  }
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`monotonicCst\` of ${learner.constructor.name} to be 1, -1 or 0 for each of ${columns} columns, ` +
      `got ${signs.length === columns ? show(signs.find((sign) => sign !== 0 && Math.abs(sign) !== 1)) : `${signs.length} values`}.`,
    { details: { name: 'monotonicCst' } },
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
