/** Rows that networks learn from, checked. */

import { countRows, type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, rowNumbers } from '../../arrays/internal.ts'
import { kernelThreads, native, type NetworkRows } from '../../native/index.ts'
import type { FitOptions } from '../contract/estimator.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { type ClassWeight, classFactors, weighRows } from '../inputs/class-weights.ts'
import type { Classes, LabelInput } from '../inputs/labels.ts'
import {
  heldOutRows,
  partRows,
  type ValidationOptions,
  type ValidationSplit,
} from '../inputs/validation-rows.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { type CheckedInputs, checkInputs, readOptions } from '../statistics/read-moments.ts'
import { requireSizedValues } from '../statistics/value-sizes.ts'
import { findClasses } from '../trees/class-labels.ts'

/** Rows, and the scaling that a network is one of. */
export interface NetworkFitOptions extends FitOptions {
  readonly map?: AffineMap | undefined
}

/** Checked rows, and what is known of their target. */
export interface NetworkData {
  readonly rows: NetworkRows
  readonly columns: number
  /** Shape of one row of `y`. */
  readonly targetShape: readonly number[]
}

/**
 * Reads rows with a target of one or several numbers.
 *
 * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
 */
export async function readNetworkTargets(
  model: ValidationOptions & object,
  X: NDArray,
  y: NDArray,
  { map, ...options }: NetworkFitOptions,
): Promise<NetworkData> {
  const inputs = checkInputs(X, y, readOptions(options))
  const factors = inputs.weights?.slice() ?? null
  const n = X.shape[0]!
  const heldOut = heldOutRows(model, inputs, n)
  const { targetShape } = inputs
  const parts = partsOf(model, n, { ...inputs, weights: factors }, heldOut)
  for (const rows of [parts.training, parts.validation]) {
    const { isFinite } = await native.columnRanges(
      kernelMatrix(y),
      null,
      kernelRows(rows),
      kernelThreads(),
    )
    if (!isFinite) throw explainNonFinite(X, y, [rows])
  }
  await requireParts(X, parts)
  const target = { classes: 0, codes: null, targets: kernelMatrix(y), factors }
  return {
    rows: { ...kernelParts(X, map, parts), ...target },
    columns: inputs.columns,
    targetShape,
  }
}

/** Rows with labels. */
export interface NetworkClasses extends NetworkData {
  readonly classes: Classes
}

/**
 * Reads rows with labels. Rows of classes that weigh nothing are left out.
 *
 * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
 */
export async function readNetworkClasses(
  model: ValidationOptions & { readonly classWeight: ClassWeight },
  X: NDArray,
  y: LabelInput | undefined,
  { map, ...options }: NetworkFitOptions,
): Promise<NetworkClasses> {
  const inputs = checkInputs(X, null, readOptions(options))
  const n = X.shape[0]!
  const found = findClasses(y, n, inputs, { heldOut: heldOutRows(model, inputs, n) })
  const { classes, weights } = found
  const { targetShape } = found.inputs
  const codes = found.codes.toTypedArray()
  const ofClasses = classFactors(model, classes, weights)
  const factors = weighRows(codes, inputs.weights?.slice() ?? null, ofClasses)
  const weighed = { ...found.inputs, weights: factors }
  const parts = partsOf(model, n, weighed, found.heldOut)
  await requireParts(X, parts)
  const target = { classes: classes.length, codes, targets: null, factors }
  const rows = { ...kernelParts(X, map, parts), ...target }
  return { rows, columns: inputs.columns, targetShape, classes }
}

/**
 * Parts the rows with a weight above 0.
 *
 * @param n - rows of `X`
 */
function partsOf(
  model: ValidationOptions & object,
  n: number,
  { groups, weights, targetShape }: CheckedInputs,
  heldOut: Rows | undefined,
): ValidationSplit {
  const weighed = (rows: Rows): Rows =>
    weights?.includes(0) ? rowNumbers(toRowNumbers(rows).filter((row) => weights[row] !== 0)) : rows
  const rows = weighed(groups[0]!)
  requireSamples(model, { weight: countRows(rows), targetShape }, 'some')
  const split = partRows(model, { groups: [rows], weights }, n, heldOut)
  return { training: split.training, validation: weighed(split.validation) }
}

async function requireParts(X: NDArray, { training, validation }: ValidationSplit): Promise<void> {
  await requireSizedValues(X, training)
  await requireSizedValues(X, validation)
}

function kernelParts(
  X: NDArray,
  map: AffineMap | undefined,
  { training, validation }: ValidationSplit,
): Pick<NetworkRows, 'x' | 'shift' | 'scale' | 'rows' | 'validation'> {
  return {
    x: kernelMatrix(X),
    shift: map?.shift ?? null,
    scale: map?.scale ?? null,
    rows: kernelRows(training),
    validation: kernelRows(validation),
  }
}
