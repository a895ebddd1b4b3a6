/** Rows of support vector machines, checked. */

import { type NDArray, toRowNumbers } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, rowNumbers } from '../../arrays/internal.ts'
import type { SvmRows } from '../../native/index.ts'
import type { FitOptions } from '../contract/estimator.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { type EncodedLabels, readCodes, type LabelInput } from '../inputs/labels.ts'
import { type ClassWeight, classFactors } from '../inputs/class-weights.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import { valueAt } from '../statistics/sampled-means.ts'
import { requireSizedValues } from '../statistics/value-sizes.ts'
import { mapNumbers } from '../inputs/row-vectors.ts'

/** What a machine is fitted on. */
export interface MachineRows {
  readonly X: NDArray
  /** Number of columns, d. */
  readonly columns: number
  /** Numbers of the rows that count. */
  readonly numbers: Int32Array
  /** Weight of each row, shape (n); null: all 1. */
  readonly weights: Float64Array | null
  /** What a row costs besides `C`: its weight times that of its class, shape (n); null: all 1. */
  readonly factors: Float64Array | null
}

/** Rows and the labels of a classifier. */
export interface ClassRows extends MachineRows {
  readonly labels: EncodedLabels
}

/** Rows and the target of a regressor. */
export interface TargetRows extends MachineRows {
  /** Shape (n). */
  readonly targets: Float64Array
  /** Shape of one row of `y`. */
  readonly targetShape: readonly number[]
}

/**
 * Reads rows with labels. Rows that cost nothing are left out.
 *
 * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
 */
export async function readClassRows(
  estimator: { readonly classWeight: ClassWeight },
  X: NDArray,
  y: LabelInput | undefined,
  options: FitOptions,
): Promise<ClassRows> {
  const { columns, groups, weights } = checkInputs(X, null, readOptions(options))
  const labels = readCodes(y, X.shape[0]!, groups[0]!, weights)
  const ofClasses = classFactors(estimator, labels.classes, labels.weights)
  const listed = toRowNumbers(groups[0]!)
  const counts = (row: number): boolean =>
    weights?.[row] !== 0 && ofClasses[labels.codes[row]!] !== 0
  const numbers = listed.every(counts) ? listed : listed.filter(counts)
  // Copies from the start: memory of weights can be moved away while the fit runs.
  const own = weights?.slice() ?? null
  const factors = ofClasses.every((factor) => factor === 1)
    ? own
    : mapNumbers(labels.codes, (code, row) => ofClasses[code]! * (own?.[row] ?? 1))
  await requireSizedValues(X, rowNumbers(numbers))
  return { X, columns, numbers, weights: own, factors, labels }
}

/**
 * Reads rows with a target.
 *
 * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`
 */
export async function readTargetRows(
  estimator: object,
  X: NDArray,
  y: NDArray,
  options: FitOptions,
): Promise<TargetRows> {
  const { columns, targetShape, weights, weighedGroups } = checkInputs(X, y, readOptions(options))
  const numbers = toRowNumbers(weighedGroups[0]!)
  requireSamples(estimator, { weight: numbers.length, targetShape }, 'one')
  const n = X.shape[0]!
  // Copies from the start: memory of `y` and of weights can be moved away while the fit runs.
  const targets = new Float64Array(n)
  for (let row = 0; row < n; row++) targets[row] = valueAt(y, row, 0)
  const own = weights?.slice() ?? null
  if (!numbers.every((row) => Number.isFinite(targets[row])))
    throw explainNonFinite(X, y, weighedGroups)
  await requireSizedValues(X, rowNumbers(numbers))
  return { X, columns, numbers, weights: own, factors: own, targets, targetShape }
}

/** The rows in the form that the native core takes. */
export function svmRowsOf(rows: ClassRows | TargetRows, C: number, epsilon = 0): SvmRows {
  return {
    x: kernelMatrix(rows.X),
    rows: kernelRows(rowNumbers(rows.numbers)),
    classes: 'labels' in rows ? rows.labels.classes.length : 0,
    codes: 'labels' in rows ? rows.labels.codes : null,
    targets: 'targets' in rows ? rows.targets : null,
    cost: C,
    factors: rows.factors,
    epsilon,
  }
}
