/** Rows and labels of a logistic model, checked and encoded. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { type ColumnRanges, kernelThreads, native, type LogisticRows } from '../../native/index.ts'
import { readCodes, type EncodedLabels, type LabelInput } from '../inputs/labels.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import { usefulColumns } from '../statistics/lost-digits.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { checkInputs, type ReadOptions } from '../statistics/read-moments.ts'
import { sampledMeans } from '../statistics/sampled-means.ts'

/** What a logistic model is fitted on. */
export interface LogisticData extends EncodedLabels {
  readonly X: NDArray
  /** Number of columns. */
  readonly columns: number
  /** The rows to learn from. */
  readonly rows: Rows
  readonly rowWeights: Float64Array | null
  /** A point near the means of the columns, shape (d); without an intercept that of the `map`, or zeros. */
  readonly shift: Float64Array
  /** The model is one of (x - shift) / scale; undefined: of raw columns. */
  readonly map: AffineMap | undefined
  /** Greatest less least value of the intercept's ones (1) and of each column, shape (1 + d). */
  readonly spread: Float64Array
  /** 1 for the intercept and each column that can have a coefficient, shape (1 + d). */
  readonly isFree: Uint8Array
  /** Extremes of the columns in each part of the rows that was asked for. */
  readonly parts: readonly ColumnRanges[]
}

/** How the rows are read. */
export interface LogisticRead extends ReadOptions {
  readonly fitIntercept: boolean
  /** Parts of the rows whose ranges are wanted one by one; together they are all rows. */
  readonly parts?: readonly Rows[]
  /** Scaling that the model is one of; default: none. */
  readonly map?: AffineMap | undefined
}

/**
 * Checks the rows, finds their classes and the ranges of their columns, in one pass over the rows.
 *
 * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`
 */
export async function readLogisticData(
  X: NDArray,
  y: LabelInput | undefined,
  { fitIntercept, parts, map, ...options }: LogisticRead,
): Promise<LogisticData> {
  const { columns, groups, weights, weighedGroups } = checkInputs(X, null, options)
  const rows = groups[0]!
  const n = X.shape[0]!
  const labels = readCodes(y, n, rows, weights)
  const read = await Promise.all(
    (parts ?? [rows]).map((part) =>
      native.columnRanges(kernelMatrix(X), weights, kernelRows(part), kernelThreads()),
    ),
  )
  if (!read.every(({ isFinite }) => isFinite)) throw explainNonFinite(X, null, weighedGroups)
  const { minimum, maximum } = joinRanges(read)
  const origin = fitIntercept ? undefined : map?.shift
  const about = (values: Float64Array): Float64Array =>
    origin === undefined ? values : values.map((value, j) => value - origin[j]!)
  const isFree = freeColumns({ minimum: about(minimum), maximum: about(maximum) }, fitIntercept)
  const spread = Float64Array.from({ length: columns + 1 }, (_, i) =>
    i === 0 ? 1 : maximum[i - 1]! - minimum[i - 1]!,
  )
  const wrong = spread.findIndex((value) => value > mostSpread)
  if (wrong !== -1) {
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected values that differ by at most ${mostSpread}, got differences up to ${spread[wrong]} in column ${wrong - 1} of \`X\`. Rescale it first.`,
      { details: { name: 'X', column: wrong - 1, spread: spread[wrong] } },
    )
  }
  const shift = fitIntercept
    ? sampledMeans(X, null, weighedGroups)
    : (origin ?? new Float64Array(columns))
  const given = { X, columns, rows, rowWeights: weights, map }
  return { ...labels, ...given, shift, spread, isFree, parts: read }
}

/** The extremes of several groups of rows together. */
export function joinRanges(
  ranges: readonly Pick<ColumnRanges, 'minimum' | 'maximum'>[],
): Pick<ColumnRanges, 'minimum' | 'maximum'> {
  return {
    minimum: ranges[0]!.minimum.map((_, j) => Math.min(...ranges.map((one) => one.minimum[j]!))),
    maximum: ranges[0]!.maximum.map((_, j) => Math.max(...ranges.map((one) => one.maximum[j]!))),
  }
}

/** 1 for the intercept and each column that can have a coefficient, shape (1 + d). */
export function freeColumns(
  ranges: Pick<ColumnRanges, 'minimum' | 'maximum'>,
  fitIntercept: boolean,
): Uint8Array {
  const columns = ranges.minimum.length
  const isFree = new Uint8Array(columns + 1)
  isFree[0] = fitIntercept ? 1 : 0
  for (const column of usefulColumns({ columns, ...ranges }, fitIntercept)) isFree[column + 1] = 1
  return isFree
}

/** Sums of products of greater values may be too large for float64. */
const mostSpread = 1e145

/** The rows in the form that the native core takes. */
export function kernelRowsOf(data: LogisticData, groups: readonly Rows[]): LogisticRows {
  return {
    x: kernelMatrix(data.X),
    codes: data.codes,
    weights: data.rowWeights,
    groups: groups.map((rows) => kernelRows(rows)),
    shift: data.shift,
  }
}
