/** Scores of probabilities: logLoss, brier. */

import { OneCopyError } from '../../../errors.ts'
import type { OptionNames } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import { type ClassScores, readClassScores } from './class-scores.ts'
import type { TrueLabels } from '../labels/label-codes.ts'
import { type ClassScoreOptions, metricInstead, metricNames } from '../score-options.ts'
import { eachScored } from '../scored-rows.ts'

/**
 * Log loss, or cross-entropy: the mean of −log(probability of the true class); less is better. Probabilities are clipped to
 * [2⁻⁵², 1 − 2⁻⁵²], so that a certain and wrong prediction costs 36 and not infinity.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param probabilities - probabilities of the classes in the order of `classes`, shape (n, classes), as `predictProba` returns them;
 *   or those of the second of two classes, shape (n); of all rows or of just those of `rows`
 * @throws OneCopyError `ERR_VALUE` for numbers outside [0, 1], rows that don't sum to 1 (to within 0.001), and labels that are none of
 *   the classes; `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
 *
 * @example
 * ```ts
 * const probabilities = await model.predictProba(X)
 * const loss = logLoss(labels, probabilities, { classes: model.classes_ })
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.log_loss`
 */
export function logLoss(
  y: TrueLabels,
  probabilities: ArrayInput,
  options: ClassScoreOptions = {},
): number {
  requireLearnOptions('logLoss', options, names, metricInstead)
  const scores = readClassScores({ y, scores: probabilities, options, name })
  const { columns, scoreAt, positive, labels } = scores
  if (columns === 1 && labels.length === 2)
    return meanOfScores(scores, (code, at, row) => {
      const probability = clip(requireProbability(scoreAt(at, 0), row))
      return code === positive ? -Math.log(probability) : -Math.log1p(-probability)
    })
  return meanOfScores(scores, (code, at, row) => {
    requireProbabilities(scores, at, row)
    let sum = 0
    for (let j = 0; j < columns; j++) sum += clip(scoreAt(at, j))
    return -Math.log(clip(scoreAt(at, code)) / sum)
  })
}
logLoss.greaterIsBetter = false
logLoss.needs = 'probabilities' as const

/**
 * Brier score: of two classes, the mean of (probability of the class to find − 1 or 0)²; of more, the mean over rows of the sum of these
 * squares over classes. Less is better.
 *
 * @param y - true labels, as for {@link logLoss}
 * @param probabilities - probabilities, as for {@link logLoss}
 * @throws as {@link logLoss}
 * @see scikit-learn's `sklearn.metrics.brier_score_loss`
 */
export function brier(
  y: TrueLabels,
  probabilities: ArrayInput,
  options: ClassScoreOptions = {},
): number {
  requireLearnOptions('brier', options, names, metricInstead)
  const scores = readClassScores({ y, scores: probabilities, options, name })
  const { columns, scoreAt, positive, labels } = scores
  const isOne = columns === 1 && labels.length === 2
  return meanOfScores(scores, (code, at, row) => {
    if (isOne) return (requireProbability(scoreAt(at, 0), row) - Number(code === positive)) ** 2
    requireProbabilities(scores, at, row)
    if (columns === 2) return (scoreAt(at, positive) - Number(code === positive)) ** 2
    let sum = 0
    for (let j = 0; j < columns; j++) sum += (scoreAt(at, j) - Number(code === j)) ** 2
    return sum
  })
}
brier.greaterIsBetter = false
brier.needs = 'probabilities' as const

const name = '`probabilities`'

const names: OptionNames<ClassScoreOptions> = { ...metricNames, classes: true, positive: true }

/** Least probability that a loss is made of. */
const least = 2 ** -52

function clip(probability: number): number {
  return Math.min(Math.max(probability, least), 1 - least)
}

function meanOfScores(
  { scored, codeAt }: ClassScores,
  valueOf: (code: number, at: number, row: number) => number,
): number {
  let [sum, total] = [0, 0]
  eachScored(scored, (row, at, weight) => {
    sum += weight * valueOf(codeAt(row), at, row)
    total += weight
  })
  return sum / total
}

/** Probabilities may lie so far outside [0, 1] by rounding. */
const rounding = 1e-9

/**
 * Refuses what is no probability.
 *
 * @throws OneCopyError `ERR_VALUE`
 */
export function requireProbability(value: number, row: number): number {
  if (value >= -rounding && value <= 1 + rounding) return value
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected probabilities from 0 to 1, got ${value} for row ${row} (counted from 0). Pass what predictProba() returns.`,
    { details: { row, value } },
  )
}

/** By how much the sum of a row may differ from 1, as rounded or float32 probabilities do. */
const sumRounding = 1e-3

function requireProbabilities({ columns, scoreAt }: ClassScores, at: number, row: number): void {
  let sum = 0
  for (let j = 0; j < columns; j++) sum += requireProbability(scoreAt(at, j), row)
  if (Math.abs(sum - 1) <= sumRounding) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected the probabilities of a row to sum to 1, got ${sum} for row ${row} (counted from 0). Divide each row by its sum.`,
    { details: { row, sum } },
  )
}
