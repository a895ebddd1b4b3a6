/** Predictions of rows with some columns changed, block by block. */

import { array, countRows, NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { PredictOptions } from '../contract/estimator.ts'
import type { Label } from '../inputs/labels.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import type { PredictMethod } from '../scores/scorer-method.ts'

/** A fitted estimator. Classifiers may predict a list of texts, or of true and false. */
export interface FittedModel {
  predict(X: NDArray, options?: PredictOptions): Promise<NDArray | readonly Label[]>
  predictProba?(X: NDArray, options?: PredictOptions): Promise<NDArray>
  decisionFunction?(X: NDArray, options?: PredictOptions): Promise<NDArray>
}

/** How predictions become numbers. */
export interface PredictionForm {
  /** The method that predicts; default: `'predict'`. */
  readonly method?: PredictMethod
  /** The function that has no target, for error texts; default: it has one. */
  readonly without?: string
  /** Gives each text that a classifier predicts its number; without it texts are refused. */
  readonly codeOf?: (label: string) => number
}

/** Rows, and what stands in some of their columns. */
export interface ChangedRows {
  /** Values, shape (n, d). */
  readonly X: NDArray
  readonly rows: Rows
  readonly changes: readonly ChangedColumn[]
}

/** What stands in a column. */
interface ChangedColumn {
  readonly column: number
  /** One for each of the rows, in their order; or one for all. */
  readonly values: Float64Array | number
}

/** Predictions of all rows, one row after the other. */
export interface Predictions {
  readonly data: Float64Array
  /** Numbers that are predicted for a row. */
  readonly width: number
}

/**
 * Predicts rows in blocks of scratch.
 *
 * @throws OneCopyError `ERR_VALUE` when the model predicts texts and there is no `codeOf`, or the reverse
 */
export async function predictChanged(
  model: FittedModel,
  { X, rows, changes }: ChangedRows,
  form: PredictionForm = {},
): Promise<Predictions> {
  const { method = 'predict' } = form
  const count = countRows(rows)
  const d = X.shape[1]!
  let found: Predictions | undefined
  for await (const block of readBlocks(X, rows)) {
    const changed = block.values.slice()
    for (const { column, values } of changes) {
      for (let i = 0; i < block.count; i++) {
        const value = typeof values === 'number' ? values : values[block.position + i]!
        changed[i * d + column] = value
      }
    }
    const scratch = array(changed, { shape: [block.count, d] })
    const predicted = await model[method]!(scratch)
    const numbers = toNumbers(requirePredictions(predicted, block.count, method), form)
    const width = numbers.length / block.count
    found ??= { data: new Float64Array(count * width), width }
    const wrong = numbers.findIndex((value) => !Number.isFinite(value))
    if (wrong !== -1 || width !== found.width) {
      const row = toRowNumbers(rows)[block.position + Math.floor(Math.max(wrong, 0) / width)]!
      throw wrong === -1
        ? wrongShape(method, `${found.width} columns`, `${width}`)
        : wrongValue(method, row, numbers[wrong]!)
    }
    found.data.set(numbers, block.position * width)
  }
  return found ?? { data: new Float64Array(0), width: 1 }
}

function toNumbers(
  predicted: NDArray | readonly Label[],
  { codeOf, without }: PredictionForm,
): Float64Array {
  const list = predicted instanceof NDArray ? predicted.toTypedArray() : predicted
  const areTexts = typeof list[0] === 'string'
  if (areTexts !== (codeOf !== undefined) && list.length > 0) {
    if (without !== undefined)
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected a model of ${without} that predicts numbers, or has predictProba(), got one that predicts texts.`,
      )
    const [expected, given] = areTexts ? ['texts', 'numbers'] : ['numbers', 'texts']
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected \`y\` to hold labels like those that the model predicts, ${expected}, got ${given}. ` +
        'Pass the labels that it was fitted on.',
    )
  }
  const toNumber = (codeOf ?? Number) as (label: Label | bigint) => number
  return Float64Array.from(list as ArrayLike<Label | bigint>, toNumber)
}

/** Refuses what is no prediction for each of some rows. */
function requirePredictions(
  predicted: unknown,
  count: number,
  method: string,
): NDArray | readonly Label[] {
  const expected = `an array with ${count} rows`
  if (predicted instanceof NDArray) {
    const { shape } = predicted
    if (shape.length > 0 && shape.length <= 2 && shape[0] === count) return predicted
    throw wrongShape(method, expected, `shape (${shape.join(', ')})`)
  }
  if (!Array.isArray(predicted))
    throw new TypeError(`Expected ${method}() to return ${expected}, got ${show(predicted)}.`)
  if (predicted.length === count) return predicted as readonly Label[]
  throw wrongShape(method, `a list of ${count} labels`, String(predicted.length))
}

function wrongShape(method: string, expected: string, got: string): OneCopyError {
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected ${method}() to return ${expected}, got ${got}. Return a prediction for every row.`,
  )
}

function wrongValue(method: string, row: number, value: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected finite predictions of ${method}(), got ${value} for row ${row} of \`X\`, with changed values. ` +
      'Fit the model again on other data, or leave such rows out.',
    { details: { row, value } },
  )
}

/** Values of rows of a vector, as numbers. */
export function takeColumn(vector: NDArray, rows: Rows): Float64Array {
  const numbers = toRowNumbers(rows)
  const taken = new Float64Array(numbers.length)
  for (let i = 0; i < numbers.length; i++) taken[i] = Number(vector.get(numbers[i]!))
  return taken
}
