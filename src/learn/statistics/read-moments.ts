/** Reads the moments of groups of rows in one native pass. */

import { toRowNumbers, type NDArray, type Rows, type RowSelection } from '../../arrays/index.ts'
import {
  allRows,
  kernelMatrix,
  kernelRows,
  requireArray,
  requireMatrix,
  requireRows,
  rowNumbers,
} from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { TableColumns } from '../inputs/table-columns.ts'
import { requireWeights } from '../inputs/weights.ts'
import { explainNonFinite } from './non-finite.ts'
import { clearConstants, hasLostDigits } from './lost-digits.ts'
import { type StatisticsSize, withMemoryCheck } from './memory-check.ts'
import { sampledMeans } from './sampled-means.ts'

/** Sufficient statistics as plain data; p = d + m columns stand for `[X y]`. */
export interface MomentsData {
  /** Number of columns of `X`, d. */
  readonly columns: number
  /** Shape of one row of `y`: [] for a vector, [m] for a matrix, [0] without `y`. */
  readonly targetShape: readonly number[]
  /** Number of rows, without those of weight 0. */
  readonly count: number
  /** Sum of the weights; equal to `count` without weights. */
  readonly weight: number
  /** A point near the means, shape (p). */
  readonly origin: Float64Array
  /**
   * Weighted means minus `origin`, shape (p). A mean near 1e8 has only 8 digits after the point;
   * merging squares the differences between folds, which need more.
   */
  readonly deviation: Float64Array
  /** Weighted sums of products about the means, shape (p, p), symmetric. */
  readonly cross: Float64Array
  /** Least values, shape (p); Infinity without rows. */
  readonly minimum: Float64Array
  /** Greatest values, shape (p); -Infinity without rows. */
  readonly maximum: Float64Array
  /**
   * Greatest absolute values before any affine map, over the scales of the maps, shape (p): values are rounded to
   * `Number.EPSILON` of it. Default: those of `minimum` and `maximum`.
   */
  readonly magnitude?: Float64Array
}

/** Options for reading statistics. */
export interface ReadOptions {
  /** Groups of rows, one statistic each, read in the same pass; default: one group of all rows. */
  readonly groups?: readonly RowSelection[]
  /** Weight of each row of `X`, shape (n); default: 1. */
  readonly weights?: ArrayInput | undefined
}

/** Options for reading one group of rows, from those of `fit`. */
export function readOptions({
  rows,
  weights,
}: {
  readonly rows?: RowSelection
  readonly weights?: ArrayInput
}): ReadOptions {
  return { weights, ...(rows === undefined ? {} : { groups: [rows] }) }
}

/** Names of these options. */
export const readNames: OptionNames<ReadOptions> = { groups: true, weights: true }

/** Inputs of a native pass over `[X y]`, checked. */
export interface CheckedInputs {
  readonly columns: number
  readonly targetShape: readonly number[]
  readonly groups: readonly Rows[]
  readonly weights: Float64Array | null
  /** The groups without rows of weight 0, which kernels skip. */
  readonly weighedGroups: readonly Rows[]
}

/** Reads the statistics of every group; see `Moments.compute`. */
export async function readMoments(
  X: NDArray,
  y: NDArray | null,
  options: ReadOptions,
): Promise<MomentsData[]> {
  const inputs = checkInputs(X, y, options)
  return withMemoryCheck(sizeOf(inputs), async () => {
    let read = await readAbout(X, y, inputs, sampledMeans(X, y, inputs.weighedGroups))
    // The rounded mean of a first pass is near enough for a second; a third is for extreme cases.
    for (let pass = 0; pass < 2 && read.length === 1 && hasLostDigits(read[0]!); pass++) {
      const { origin, deviation } = read[0]!
      const mean = origin.map((value, i) => value + deviation[i]!)
      read = await readAbout(X, y, inputs, mean)
    }
    for (const group of read) requireSquares(group, read)
    return read
  })
}

/** How large the statistics of inputs are. */
export function sizeOf({ columns, targetShape, groups }: CheckedInputs): StatisticsSize {
  const targets = targetShape.reduce((product, length) => product * length, 1)
  return { columns: columns + targets, groups: groups.length }
}

/** Reads all groups in one pass, about a common origin. */
async function readAbout(
  X: NDArray,
  y: NDArray | null,
  { columns, targetShape, groups, weights, weighedGroups }: CheckedInputs,
  origin: Float64Array,
): Promise<MomentsData[]> {
  const sums = await native.moments(
    kernelMatrix(X),
    y && kernelMatrix(y),
    weights,
    groups.map((rows) => kernelRows(rows)),
    origin,
    kernelThreads(),
  )
  if (sums.nonFinite.some((rows) => rows > 0)) throw explainNonFinite(X, y, weighedGroups)
  const p = origin.length
  return groups.map((_, k) => {
    const group = {
      columns,
      targetShape,
      count: sums.count[k]!,
      weight: sums.weight[k]!,
      origin,
      deviation: sums.sums.slice(k * p, (k + 1) * p),
      cross: sums.cross.slice(k * p * p, (k + 1) * p * p),
      minimum: sums.minimum.slice(k * p, (k + 1) * p),
      maximum: sums.maximum.slice(k * p, (k + 1) * p),
    }
    moveToMean(group)
    return group
  })
}

/** Refuses features without columns. @throws OneCopyError `ERR_SHAPE` */
export function requireSomeColumns(n: number, columns: number): void {
  if (columns > 0) return
  throw new OneCopyError('ERR_SHAPE', `Expected \`X\` to have columns, got shape (${n}, 0).`)
}

/**
 * Checks the inputs of a pass over `[X y]`.
 *
 * @throws OneCopyError `ERR_SHAPE` or `ERR_VALUE`
 */
export function checkInputs(
  X: NDArray | TableColumns,
  y: NDArray | null,
  options: ReadOptions,
): CheckedInputs {
  const [n, columns] = X instanceof TableColumns ? X.shape : requireMatrix(X, '`X`')
  requireSomeColumns(n, columns)
  const targetShape = y === null ? [0] : requireTarget(y, n)
  const weights = options.weights === undefined ? null : requireWeights(options.weights, n)
  const groups = (options.groups ?? [allRows(n)]).map((rows) => requireRows(rows, n))
  return {
    columns,
    targetShape,
    groups,
    weights,
    weighedGroups: weights?.includes(0) ? groups.map((rows) => weighed(rows, weights)) : groups,
  }
}

function weighed(rows: Rows, weights: Float64Array): Rows {
  return rowNumbers(toRowNumbers(rows).filter((row) => weights[row] !== 0))
}

/**
 * Checks that a target has a row for each of the n rows of `X`.
 *
 * @returns the shape of one row
 * @throws OneCopyError `ERR_SHAPE`
 */
export function requireTarget(y: NDArray, n: number): readonly number[] {
  requireArray(y, '`y`')
  if (y.ndim !== 1 && y.ndim !== 2) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`y\` to have shape (n) or (n, m), got (${y.shape.join(', ')}).`,
      { details: { shape: [...y.shape] } },
    )
  }
  if (y.shape[0] !== n) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`y\` to have ${n} rows like \`X\`, got ${y.shape[0]}. Both must describe the same samples.`,
      { details: { expected: n, rows: y.shape[0] } },
    )
  }
  return y.shape.slice(1)
}

/** Turns sums about the origin into means, and products about the origin into products about the means. */
function moveToMean(group: MomentsData): void {
  const { weight, deviation, cross } = group
  const p = deviation.length
  if (weight === 0) return
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      cross[i * p + j]! -= (deviation[i]! / weight) * deviation[j]!
      cross[j * p + i] = cross[i * p + j]!
    }
  }
  for (let i = 0; i < p; i++) deviation[i]! /= weight
  clearConstants(group)
}

/** @param all - groups about one origin, of which any may have the values that are too far away */
function requireSquares(group: MomentsData, all: readonly MomentsData[]): void {
  const { weight, cross, minimum, maximum } = group
  if (weight === 0) return
  const p = minimum.length
  for (let i = 0; i < p; i++) {
    const spread = maximum[i]! - minimum[i]!
    if (cross[i * p + i]! < Infinity && (spread === 0 || spread > leastSpread)) continue
    const weighed = all.filter((one) => one.weight > 0)
    const most =
      Math.max(...weighed.map((one) => one.maximum[i]!)) -
      Math.min(...weighed.map((one) => one.minimum[i]!))
    const told = spread === 0 || spread > leastSpread ? most : spread
    throw i < group.columns
      ? explainRange('X', i, told)
      : explainRange('y', i - group.columns, told)
  }
}

/** Squares of smaller differences underflow in float64. */
const leastSpread = 1e-145

/** The error for a column or target whose squares float64 can't hold. */
export function explainRange(name: 'X' | 'y', column: number, spread: number): OneCopyError {
  const where = `${name === 'X' ? 'column' : 'target'} ${column} of \`${name}\``
  return new OneCopyError(
    'ERR_VALUE',
    `Expected values that differ by 1e-145 to 1e145, so that float64 can hold their squares, got ` +
      `differences up to ${spread} in ${where}. Rescale it first.`,
    { details: { name, column, spread } },
  )
}
