/** What a model predicts for rows, as values of tensors. */

import { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'

/** Data types of outputs. */
export type OutputType = 'FP64' | 'INT64' | 'BOOL' | 'BYTES'

/** Names of outputs, as those of scikit-learn's models in MLServer. */
export type OutputName = 'predict' | 'predict_proba'

/** One output of a model. */
export interface ModelOutput {
  readonly name: OutputName
  readonly datatype: OutputType
  /** Shape of the values of one row: [] for one, [m] for m of them; undefined: not known before a prediction. */
  readonly rowShape: readonly number[] | undefined
}

/** Predicted values of some rows, row by row. */
export interface PredictedValues {
  readonly values: Float64Array | readonly (string | boolean | number)[]
  readonly rowShape: readonly number[]
}

/** Predicted values by the name of their output; those that nobody wanted are missing. */
export type Predicted = Partial<Record<OutputName, PredictedValues>>

/**
 * Values of what `predict` or `predictProba` returned.
 *
 * @param count - rows that were predicted
 * @throws OneCopyError `ERR_SHAPE` when there are more or fewer
 */
export function valuesOf(found: unknown, count: number): PredictedValues {
  if (found instanceof NDArray) {
    if (found.shape[0] !== count) throw wrongCount(count, found.shape[0] ?? 0)
    const values = found.toTypedArray()
    const rowShape = found.shape.slice(1)
    if (values instanceof Float64Array) return { values, rowShape }
    return { values: Float64Array.from(values as ArrayLike<number | bigint>, Number), rowShape }
  }
  const labels = found as readonly (string | boolean | number)[]
  if (labels.length !== count) throw wrongCount(count, labels.length)
  return { values: labels, rowShape: [] }
}

/** Some of the rows of what was predicted together. */
export function sliceRows(predicted: Predicted, start: number, stop: number): Predicted {
  const part: Predicted = {}
  for (const name of ['predict', 'predict_proba'] as const) {
    const all = predicted[name]
    if (all === undefined) continue
    const width = all.rowShape.reduce((product, length) => product * length, 1)
    const { values, rowShape } = all
    part[name] =
      values instanceof Float64Array
        ? { values: partOf(values, start * width, stop * width), rowShape }
        : { values: values.slice(start, stop), rowShape }
  }
  return part
}

function partOf(values: Float64Array, start: number, stop: number): Float64Array {
  return start === 0 && stop === values.length ? values : values.subarray(start, stop)
}

function wrongCount(expected: number, got: number): OneCopyError {
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected predictions for ${expected} rows, the model returned ${got}.`,
    { details: { expected, got } },
  )
}
