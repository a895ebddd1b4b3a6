/** The area under the receiver operating characteristic. */

import { OneCopyError, show } from '../../../errors.ts'
import { type OptionNames, requireChoice } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import type { Label } from '../../inputs/labels.ts'
import { sortedOrder } from '../sorted-order.ts'
import {
  averageClasses,
  classAverages,
  type ClassAverageOptions,
  weightsOfClasses,
} from './class-averages.ts'
import type { TrueLabels } from '../labels/label-codes.ts'
import type { PerClass } from '../labels/precision-recall.ts'
import { type RankedScores, rankedScores } from './ranked-scores.ts'
import { metricInstead, metricNames } from '../score-options.ts'

/** Options of {@link rocAuc}. */
export interface RocAucOptions extends ClassAverageOptions {
  /**
   * With more than two classes, what is compared: rows of each class with all others (`'ovr'`, one against the rest, the default), or with
   * those of each other class by itself (`'ovo'`, one against one), which shares of classes don't change.
   */
  readonly multiClass?: 'ovr' | 'ovo'
}

/**
 * Area under the ROC curve: the probability that a row of the class to find has a greater score than a row of the other class, where
 * equal scores count one half; greater is better, 0.5 is chance. With more than two classes, a mean of such areas.
 *
 * One sort of each column: a million rows take about 0.2 seconds.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param scores - probabilities or decision values: of the second of two classes, shape (n), or of the classes in the order
 *   of `classes`, shape (n, classes); of all rows or of just those of `rows`
 * @returns a number; with `average: null` and `'ovr'` one for each class
 * @throws OneCopyError `ERR_VALUE` for NaN, when a class has no row, and for labels that are none of the classes; `ERR_SHAPE`,
 *   `ERR_ROWS`, `ERR_OPTION`
 *
 * @example
 * ```ts
 * const area = rocAuc(labels, await model.decisionFunction(X))
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.roc_auc_score`; it takes no weights with 'ovo', and only probabilities for several classes
 */
export function rocAuc(
  y: TrueLabels,
  scores: ArrayInput,
  options: RocAucOptions & PerClass,
): Float64Array
export function rocAuc(y: TrueLabels, scores: ArrayInput, options?: RocAucOptions): number
export function rocAuc(
  y: TrueLabels,
  scores: ArrayInput,
  options: RocAucOptions = {},
): number | Float64Array {
  requireLearnOptions('rocAuc', options, names, metricInstead)
  const { average = 'macro', multiClass = 'ovr' } = options
  if (average !== null) requireChoice('`average`', average, classAverages)
  requireChoice('`multiClass`', multiClass, ['ovr', 'ovo'])
  const ranked = rankedScores({ y, scores, options, name: '`scores`' })
  const totals = weightsOfClasses(ranked)
  requireAllClasses(ranked.labels, totals)
  if (ranked.labels.length === 2) {
    const { positive, columns } = ranked
    const column = ranked.column(columns === 1 ? 0 : positive)
    return winsOfOne(ranked, column, positive) / (totals[0]! * totals[1]!)
  }
  if (multiClass === 'ovo') return averagePairs(ranked, totals, average)
  const areas = Float64Array.from(totals, (total, code) => {
    const rest = totals.reduce((sum, one, other) => (other === code ? sum : sum + one), 0)
    return winsOfOne(ranked, ranked.column(code), code) / (total * rest)
  })
  return averageClasses(areas, totals, average)
}
rocAuc.greaterIsBetter = true
rocAuc.needs = 'decision' as const

const names: OptionNames<RocAucOptions> = {
  ...metricNames,
  classes: true,
  positive: true,
  average: true,
  multiClass: true,
}

/** The mean area of all pairs of classes, each seen from both sides. */
function averagePairs(
  ranked: RankedScores,
  totals: Float64Array,
  average: RocAucOptions['average'],
): number {
  if (average === null)
    throw new OneCopyError(
      'ERR_OPTION',
      "Expected `average` to be 'macro' or 'weighted' with `multiClass: 'ovo'`, got null. Areas of single classes exist with 'ovr'.",
      { details: { name: 'average' } },
    )
  const won = Array.from(totals, (_, code) => winsOf(ranked, ranked.column(code), code))
  let [sum, weights] = [0, 0]
  for (let a = 0; a < totals.length; a++) {
    for (let b = a + 1; b < totals.length; b++) {
      const area = (won[a]![b]! + won[b]![a]!) / (2 * totals[a]! * totals[b]!)
      const weight = average === 'weighted' ? totals[a]! + totals[b]! : 1
      sum += weight * area
      weights += weight
    }
  }
  return sum / weights
}

/**
 * For each other class, the sum of weight products over pairs of a row of the class `own` and one of the other class, in which the
 * first has the greater score; equal scores count one half.
 */
function winsOf(
  { codes, weights, labels }: RankedScores,
  scores: Float64Array,
  own: number,
): Float64Array {
  const order = sortedOrder(scores)
  const count = labels.length
  const wins = new Float64Array(count)
  const below = new Float64Array(count)
  const tied = new Float64Array(count)
  for (let start = 0, stop = 0; start < order.length; start = stop) {
    const score = scores[order[start]!]!
    for (; stop < order.length && scores[order[stop]!] === score; stop++) {
      const at = order[stop]!
      tied[codes[at]!]! += weights === undefined ? 1 : weights[at]!
    }
    const weight = tied[own]!
    if (weight > 0)
      for (let code = 0; code < count; code++)
        wins[code]! += weight * (below[code]! + tied[code]! / 2)
    for (let i = start; i < stop; i++) {
      const code = codes[order[i]!]!
      below[code]! += tied[code]!
      tied[code] = 0
    }
  }
  wins[own] = 0
  return wins
}

/** What {@link winsOf} finds for all other classes together, with each row read once. */
function winsOfOne({ codes, weights }: RankedScores, scores: Float64Array, own: number): number {
  const order = sortedOrder(scores)
  let [wins, below, tiedOwn, tiedOther, last] = [0, 0, 0, 0, Number.NaN]
  for (let i = 0; i < order.length; i++) {
    const at = order[i]!
    const score = scores[at]!
    if (score !== last) {
      wins += tiedOwn * (below + tiedOther / 2)
      below += tiedOther
      tiedOwn = tiedOther = 0
      last = score
    }
    const weight = weights === undefined ? 1 : weights[at]!
    if (codes[at] === own) tiedOwn += weight
    else tiedOther += weight
  }
  return wins + tiedOwn * (below + tiedOther / 2)
}

/** Refuses classes without a row, with which no row can be compared. */
function requireAllClasses(labels: readonly Label[], totals: Float64Array): void {
  if (labels.length === 1)
    throw new OneCopyError('ERR_VALUE', 'Expected at least two classes for rocAuc, got one.')
  const missing = totals.indexOf(0)
  if (missing === -1) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected a row of each class for rocAuc, got none of ${show(labels[missing])}. ` +
      'Folds of StratifiedKFold have rows of each class.',
    { details: { label: labels[missing] } },
  )
}
