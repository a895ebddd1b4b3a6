/** The area under the precision-recall curve. */

import { OneCopyError, show } from '../../../errors.ts'
import { type OptionNames, requireChoice } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import { sortedOrder } from '../sorted-order.ts'
import {
  averageClasses,
  type ClassAverageOptions,
  classAverages,
  weightsOfClasses,
} from './class-averages.ts'
import type { TrueLabels } from '../labels/label-codes.ts'
import type { PerClass } from '../labels/precision-recall.ts'
import { type RankedScores, rankedScores } from './ranked-scores.ts'
import { metricInstead, metricNames } from '../score-options.ts'

/**
 * Average precision: the mean of the precision at each row of the class to find, when rows are taken from the greatest score to the least;
 * greater is better, the share of the class is chance. Rows of equal scores are taken together. With more than two classes, a mean of
 * the average precision of each class.
 *
 * @param y - true labels, as for {@link rocAuc}
 * @param scores - probabilities or decision values, as for {@link rocAuc}
 * @returns a number; with `average: null` one for each of more than two classes
 * @throws OneCopyError `ERR_VALUE` for NaN, when the class to find has no row, and for labels that are none of the classes; `ERR_SHAPE`,
 *   `ERR_ROWS`, `ERR_OPTION`
 * @see scikit-learn's `sklearn.metrics.average_precision_score`
 */
export function averagePrecision(
  y: TrueLabels,
  scores: ArrayInput,
  options: ClassAverageOptions & PerClass,
): Float64Array
export function averagePrecision(
  y: TrueLabels,
  scores: ArrayInput,
  options?: ClassAverageOptions,
): number
export function averagePrecision(
  y: TrueLabels,
  scores: ArrayInput,
  options: ClassAverageOptions = {},
): number | Float64Array {
  requireLearnOptions('averagePrecision', options, names, metricInstead)
  const { average = 'macro' } = options
  if (average !== null) requireChoice('`average`', average, classAverages)
  const ranked = rankedScores({ y, scores, options, name: '`scores`' })
  const totals = weightsOfClasses(ranked)
  if (ranked.labels.length <= 2) {
    const { positive, columns } = ranked
    requireRowsOf(ranked, totals, positive)
    return precisionOf(ranked, ranked.column(columns === 1 ? 0 : positive), positive, totals)
  }
  for (const code of totals.keys()) requireRowsOf(ranked, totals, code)
  const scoresOfClasses = Float64Array.from(totals, (_, code) =>
    precisionOf(ranked, ranked.column(code), code, totals),
  )
  return averageClasses(scoresOfClasses, totals, average)
}
averagePrecision.greaterIsBetter = true
averagePrecision.needs = 'decision' as const

const names: OptionNames<ClassAverageOptions> = {
  ...metricNames,
  classes: true,
  positive: true,
  average: true,
}

function precisionOf(
  { codes, weights }: RankedScores,
  scores: Float64Array,
  own: number,
  totals: Float64Array,
): number {
  const order = sortedOrder(scores)
  let [sum, found, taken] = [0, 0, 0]
  for (let i = order.length - 1; i >= 0;) {
    const score = scores[order[i]!]!
    let right = 0
    for (; i >= 0 && scores[order[i]!] === score; i--) {
      const at = order[i]!
      const weight = weights === undefined ? 1 : weights[at]!
      taken += weight
      if (codes[at] === own) right += weight
    }
    found += right
    sum += (right * found) / taken
  }
  return sum / totals[own]!
}

function requireRowsOf({ labels }: RankedScores, totals: Float64Array, code: number): void {
  if (totals[code]! > 0) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected a row of the class to find for averagePrecision, got none of ${show(labels[code])}. ` +
      'Folds of StratifiedKFold have rows of each class.',
    { details: { label: labels[code] } },
  )
}
