/** What a model predicts on average as one column changes. */

import { array, type NDArray, type RowSelection } from '../../arrays/index.ts'
import { requireMatrix, requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { listNames } from '../../nearest-names.ts'
import { hasPrediction } from '../contract/classifier.ts'
import { openInputs } from '../features/open-inputs.ts'
import { withMatrix } from '../features/predict-features.ts'
import type { FeatureSource } from '../inputs/data-source.ts'
import { columnsOf } from '../inputs/feature-input.ts'
import { type FittedModel, predictChanged, takeColumn } from './predict-changed.ts'

/** Options of {@link partialDependence}. */
export interface PartialDependenceOptions {
  /** Rows to average over: row numbers, a mask, or ranges. Default: all. */
  readonly rows?: RowSelection
  /** Values of the column to predict at; default: up to 50 of its own, evenly spaced by rank from the 5th to the 95th percentile. */
  readonly values?: readonly number[] | Float64Array
}

/** What {@link partialDependence} found. */
export interface PartialDependence {
  /** Values of the column, as given or ascending. */
  readonly values: Float64Array
  /** The mean prediction at each of them, shape (values), or (values, outputs) for classes and several targets. */
  readonly means: NDArray<'float64'>
}

/**
 * Predicts all rows with one column set to a value, for several values, and averages the predictions: for classifiers those of
 * probabilities. Works for every estimator. `X` is read in place, in blocks of a few megabytes.
 *
 * @param model - fitted
 * @param X - values, shape (n, d); or a table with the columns of the model, which becomes one matrix; or a path, as for `crossValidate`
 * @param column - number of the column, from 0, or its name in the table
 * @throws OneCopyError `ERR_INDEX` for a wrong column, `ERR_ROWS` when there are no rows, or no values in the column; `ERR_VALUE` for NaN or infinity in `values`
 *   where the model takes none
 *
 * @example
 * ```ts
 * const { values, means } = await partialDependence(model, X, 3)
 * ```
 *
 * @see scikit-learn's `sklearn.inspection.partial_dependence` (kind 'average', method 'brute'); Friedman 2001
 */
export async function partialDependence(
  model: FittedModel,
  X: FeatureSource,
  column: number | string,
  options: PartialDependenceOptions = {},
): Promise<PartialDependence> {
  requireKnown('partialDependence', options, names)
  return openInputs('partialDependence', { X, y: [], options: { rows: options.rows } }, (X) =>
    withMatrix(model, X, (matrix) => {
      const place = typeof column === 'string' ? columnsOf(matrix)?.names.indexOf(column) : column
      return average(model, matrix, place === undefined || place === -1 ? column : place, options)
    }),
  )
}

async function average(
  model: FittedModel,
  matrix: NDArray,
  column: number | string,
  options: PartialDependenceOptions,
): Promise<PartialDependence> {
  const [n, d] = requireMatrix(matrix, '`X`')
  if (typeof column === 'string' || !Number.isInteger(column) || column < 0 || column >= d) {
    const named = columnsOf(matrix)?.names
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected \`column\` to be a whole number from 0 to ${d - 1}, got ${show(column)}.${named ? ` A table's columns also have names: ${listNames(named)}` : ''}`,
    )
  }
  const rows = requireRows(options.rows, n)
  const own = takeColumn(matrix.column(column), rows)
  const values = options.values === undefined ? evenRanks(own) : Float64Array.from(options.values)
  if (own.length === 0 || values.length === 0) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected rows to average over and values of column ${column}, got ${own.length} rows and ${values.length} values.`,
    )
  }
  const method = hasPrediction(model, 'predictProba') ? 'predictProba' : 'predict'
  const means: number[] = []
  let width = 1
  for (const [position, value] of values.entries()) {
    const found = await predictChanged(
      model,
      { X: matrix, rows, changes: [{ column, values: value }] },
      { method, without: 'partialDependence' },
    ).catch((error: unknown) => {
      throw Number.isFinite(value) ? error : refuseValue(value, position, model, error)
    })
    width = found.width
    for (let k = 0; k < width; k++) {
      let sum = 0
      for (let at = k; at < found.data.length; at += width) sum += found.data[at]!
      means.push(sum / own.length)
    }
  }
  const shape = width === 1 ? [values.length] : [values.length, width]
  return { values, means: array(Float64Array.from(means), { shape }) }
}

/** The error for a given value that the model refuses: NaN and infinity, which some models take. */
function refuseValue(
  value: number,
  position: number,
  model: FittedModel,
  cause: unknown,
): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected finite numbers in \`values\`, got ${value} at position ${position}, which ${model.constructor.name} does not predict. Leave it out.`,
    { cause, details: { position } },
  )
}

const names: OptionNames<PartialDependenceOptions> = { rows: true, values: true }

const mostValues = 50

/** Distinct values, or those at even ranks, without extremes and missing ones. */
function evenRanks(own: Float64Array): Float64Array {
  const sorted = own.filter((value) => Number.isFinite(value)).sort()
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1])
  if (distinct.length <= mostValues) return distinct
  const last = sorted.length - 1
  const chosen = Float64Array.from({ length: mostValues }, (_, i) => {
    const share = 0.05 + (0.9 * i) / (mostValues - 1)
    return sorted[Math.round(share * last)]!
  })
  return chosen.filter((value, i) => i === 0 || value !== chosen[i - 1])
}
