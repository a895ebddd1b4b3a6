/** The share of right labels. */

import { countRows, NDArray, type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { Column } from '../../tables/index.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { trueLabels, weightsOf } from '../features/column-inputs.ts'
import { toArray } from '../inputs/as-array.ts'
import type { Label, LabelInput } from '../inputs/labels.ts'
import { requireFiniteWeights } from '../inputs/weights.ts'
import type { MetricOptions } from './metrics.ts'

/**
 * Share of labels that are predicted right, by weight; greater is better.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS` when no row counts, `ERR_VALUE` for NaN; TypeError for labels of two kinds
 *
 * @example
 * ```ts
 * const share = accuracy(labels, await model.predict(X, { rows: fold.test }), { rows: fold.test })
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.accuracy_score`
 */
export function accuracy(
  y: LabelInput | Column,
  predicted: LabelInput,
  options: MetricOptions = {},
): number {
  requireLearnOptions('accuracy', options, names)
  const [truths, guesses] = [
    readLabels(trueLabels(y, options.rows), '`y`'),
    readLabels(predicted, '`predicted`'),
  ]
  const n = truths.length
  const numbers = rowsOf(options.rows, n)
  const isWhole = guesses.length === n
  if (!isWhole && guesses.length !== numbers.length) throw refuseLength(n, guesses.length, options)
  const weights = options.weights && requireFiniteWeights(weightsOf(y, options.weights), n)
  // Weights of any size have a sum: they are divided by the largest.
  const largest = weights?.reduce((most, weight) => Math.max(most, weight), 0) ?? 1
  let [right, all] = [0, 0]
  for (const [i, row] of numbers.entries()) {
    const weight = weights === undefined ? 1 : weights[row]! / largest
    if (!(weight > 0)) continue
    const [truth, guess] = [truths[row]!, guesses[isWhole ? row : i]!]
    requireAlike(truth, guess, row)
    all += weight
    if (truth === guess) right += weight
  }
  if (all > 0) return right / all
  throw new OneCopyError(
    'ERR_ROWS',
    'Expected at least one row with a weight above 0 to score, got none.',
  )
}
accuracy.greaterIsBetter = true

const names: OptionNames<MetricOptions> = { rows: true, weights: true }

function rowsOf(rows: RowSelection | undefined, n: number): Int32Array {
  const chosen = requireRows(rows, n)
  return countRows(chosen) === 0 ? new Int32Array() : toRowNumbers(chosen)
}

function readLabels(labels: LabelInput, name: string): ArrayLike<Label | bigint> {
  const first: unknown = Array.isArray(labels) ? labels[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean')
    return labels as readonly (string | boolean)[]
  const array: NDArray = toArray(labels, name)
  if (array.ndim === 1 || (array.ndim === 2 && array.shape[1] === 1)) return array.toTypedArray()
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected ${name} to have one label for each row, shape (n), got (${array.shape.join(', ')}).`,
    { details: { shape: [...array.shape] } },
  )
}

/** Labels of two kinds are never equal, which would be taken for a bad model. */
function requireAlike(truth: Label | bigint, guess: Label | bigint, row: number): void {
  const kindOf = (label: Label | bigint): string =>
    typeof label === 'bigint' ? 'number' : typeof label
  if (kindOf(truth) !== kindOf(guess))
    throw new TypeError(
      `Expected labels of one kind in \`y\` and \`predicted\`, got ${show(truth)} and ${show(guess)} at row ${row} (counted from 0).`,
    )
  if (!Number.isNaN(truth) && !Number.isNaN(guess)) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected labels, got NaN in ${Number.isNaN(truth) ? '`y`' : '`predicted`'} at row ${row} (counted from 0).`,
    { details: { row } },
  )
}

function refuseLength(n: number, found: number, { rows }: MetricOptions): OneCopyError {
  const advice =
    rows === undefined
      ? ''
      : ' Pass predictions of all rows of `y`, or of just the rows of `rows` in their order.'
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected a predicted label for each of ${n} rows of \`y\`, got ${found}.${advice}`,
    { details: { expected: n, rows: found } },
  )
}
