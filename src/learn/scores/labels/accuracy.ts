/** Shares of right labels: accuracy, balancedAccuracy. */

import { show } from '../../../errors.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import { trueLabels } from '../../features/column-inputs.ts'
import type { Label, LabelInput } from '../../inputs/labels.ts'
import { countClasses } from './class-counts.ts'
import { labelAt, readLabels, type TrueLabels } from './label-codes.ts'
import { metricInstead, metricNames, type MetricOptions } from '../score-options.ts'
import { eachScored, requireScoredRows } from '../scored-rows.ts'

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
  y: TrueLabels,
  predicted: LabelInput,
  options: MetricOptions = {},
): number {
  requireLearnOptions('accuracy', options, metricNames, metricInstead)
  const truths = readLabels(trueLabels(y, options.rows), '`y`')
  const guesses = readLabels(predicted, '`predicted`')
  const scored = requireScoredRows(truths.count, guesses.count, y, options)
  let [right, all] = [0, 0]
  let first: Label | undefined
  eachScored(scored, (row, at, weight) => {
    const [truth, guess] = [labelAt(truths, row), labelAt(guesses, at)]
    if (typeof truth !== typeof guess) throw refuseKinds(truth, guess, row)
    first ??= truth
    if (typeof truth !== typeof first) throw refuseOtherKind(first, truth, row)
    all += weight
    if (truth === guess) right += weight
  })
  return right / all
}
accuracy.greaterIsBetter = true

/** Labels of two kinds are never equal, which would be taken for a bad model. */
function refuseKinds(truth: Label, guess: Label, row: number): TypeError {
  return new TypeError(
    `Expected labels of one kind in \`y\` and \`predicted\`, got ${show(truth)} and ${show(guess)} at row ${row} (counted from 0).`,
  )
}

function refuseOtherKind(first: Label, truth: Label, row: number): TypeError {
  return new TypeError(
    `Expected labels of one kind, got ${show(first)} and, in \`y\` at row ${row} (counted from 0), ${show(truth)}.`,
  )
}

/**
 * Mean over classes of the share of their rows that is predicted right, so that rare classes count as much as others; greater is
 * better. Classes without a row in `y` don't count.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS` when no row counts, `ERR_VALUE` for NaN; TypeError for labels of two kinds
 * @see scikit-learn's `sklearn.metrics.balanced_accuracy_score`
 */
export function balancedAccuracy(
  y: TrueLabels,
  predicted: LabelInput,
  options: MetricOptions = {},
): number {
  requireLearnOptions('balancedAccuracy', options, metricNames, metricInstead)
  const { truths, hits } = countClasses({ y, predicted, options })
  let [sum, count] = [0, 0]
  for (const [code, weight] of truths.entries()) {
    if (weight === 0) continue
    sum += hits[code]! / weight
    count++
  }
  return sum / count
}
balancedAccuracy.greaterIsBetter = true
