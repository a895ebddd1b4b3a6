/** The threshold of scores that is best for a metric. */

import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireChoice } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { Label } from '../inputs/labels.ts'
import type { TrueLabels } from '../scores/labels/label-codes.ts'
import { type BinaryScores, binaryScores } from '../scores/probabilities/ranked-scores.ts'
import { type ClassScoreOptions, metricInstead, metricNames } from '../scores/score-options.ts'
import { sortedOrder } from '../scores/sorted-order.ts'

/** Rows by true and predicted class, or sums of their weights. */
export interface ThresholdCounts {
  /** Rows of the class to find, for which it is predicted. */
  readonly truePositives: number
  /** Rows of the other class, for which the class to find is predicted. */
  readonly falsePositives: number
  /** Rows of the class to find, for which the other one is predicted. */
  readonly falseNegatives: number
  /** Rows of the other class, for which that one is predicted. */
  readonly trueNegatives: number
}

/** Options of {@link tuneThreshold}. */
export interface ThresholdOptions extends ClassScoreOptions {
  /**
   * What to make as great as possible: a name, or a function of the counts, which gets the same object each time; return minus a cost, and
   * NaN where there is no value. Default: `'balancedAccuracy'`.
   */
  readonly metric?: 'accuracy' | 'balancedAccuracy' | 'f1' | ((counts: ThresholdCounts) => number)
}

/** What {@link tuneThreshold} found. */
export interface TunedThreshold {
  /** The class to find is predicted for scores of at least this; Infinity to predict it never. */
  readonly threshold: number
  /** The metric with this threshold. */
  readonly score: number
  /** Label of the class to find. */
  readonly positive: Label
  /** Rows by true and predicted class with this threshold. */
  readonly counts: ThresholdCounts
}

/**
 * Finds the threshold of the scores of two classes that is best for a metric. All thresholds are tried in one sort. The threshold lies
 * halfway between two scores; of several equally good ones it is the greatest.
 *
 * Tune it on rows that the model has not learned from, such as those that folds hold out.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param scores - probabilities or decision values: of the second of two classes, shape (n), or of both, shape (n, 2), in the order of
 *   `classes`; of all rows or of just those of `rows`
 * @throws OneCopyError `ERR_VALUE` for NaN, for labels that are none of the classes, and where the metric has a value for no threshold;
 *   `ERR_SHAPE` for other than two classes; `ERR_ROWS`, `ERR_OPTION`
 *
 * @example
 * ```ts
 * const probabilities = await model.predictProba(X, { rows: held })
 * const { threshold } = tuneThreshold(labels, probabilities, { rows: held, metric: 'f1', positive: 'spam' })
 * // A cost of 10 for a row that is overlooked, and of 1 for a false alarm:
 * tuneThreshold(labels, probabilities, {
 *   rows: held,
 *   metric: ({ falseNegatives, falsePositives }) => -10 * falseNegatives - falsePositives,
 * })
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.TunedThresholdClassifierCV`, which tries 100 thresholds
 */
export function tuneThreshold(
  y: TrueLabels,
  scores: ArrayInput,
  options: ThresholdOptions = {},
): TunedThreshold {
  requireLearnOptions('tuneThreshold', options, names, metricInstead)
  const { metric = 'balancedAccuracy', ...others } = options
  const scoreOf =
    typeof metric === 'function'
      ? metric
      : metrics[requireChoice('`metric`', metric, metricNamesOf, ' Or a function of the counts.')]
  const inputs = { y, scores, options: others, name: '`scores`' }
  const found = binaryScores('tuneThreshold', inputs)
  const { counts, ...best } = findBest(found, scoreOf)
  if (counts !== undefined) return { ...best, positive: found.positive, counts }
  throw new OneCopyError(
    'ERR_VALUE',
    'Expected a metric that has a value for some threshold, got NaN for all of them. Are there rows of both classes?',
  )
}

const names: OptionNames<ThresholdOptions> = {
  metric: true,
  ...metricNames,
  classes: true,
  positive: true,
}

const metricNamesOf = ['accuracy', 'balancedAccuracy', 'f1'] as const

const metrics: Readonly<
  Record<(typeof metricNamesOf)[number], (counts: ThresholdCounts) => number>
> = {
  accuracy: ({ truePositives, trueNegatives, falsePositives, falseNegatives }) => {
    const right = truePositives + trueNegatives
    return right / (right + falsePositives + falseNegatives)
  },
  balancedAccuracy: ({ truePositives, trueNegatives, falsePositives, falseNegatives }) =>
    (truePositives / (truePositives + falseNegatives) +
      trueNegatives / (trueNegatives + falsePositives)) /
    2,
  f1: ({ truePositives, falsePositives, falseNegatives }) =>
    (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
}

type MutableCounts = { -readonly [Name in keyof ThresholdCounts]: number }

function findBest(
  { scores, codes, code, weights, unit }: BinaryScores,
  scoreOf: (counts: ThresholdCounts) => number,
): { threshold: number; score: number; counts: ThresholdCounts | undefined } {
  const order = sortedOrder(scores)
  const counts: MutableCounts = {
    truePositives: 0,
    falsePositives: 0,
    falseNegatives: 0,
    trueNegatives: 0,
  }
  const weightAt = (at: number): number => (weights === undefined ? 1 : weights[at]! * unit)
  for (const [at, one] of codes.entries()) {
    if (one === code) counts.falseNegatives += weightAt(at)
    else counts.trueNegatives += weightAt(at)
  }
  const all = { positives: counts.falseNegatives, negatives: counts.trueNegatives }
  let best: { threshold: number; score: number; counts: ThresholdCounts | undefined } = {
    threshold: Infinity,
    score: -Infinity,
    counts: undefined,
  }
  const consider = (threshold: number): void => {
    const score = requireScore(scoreOf(counts))
    if (score > best.score || (best.counts === undefined && score === best.score))
      best = { threshold, score, counts: { ...counts } }
  }
  consider(Infinity)
  for (let i = order.length - 1; i >= 0;) {
    const score = scores[order[i]!]!
    for (; i >= 0 && scores[order[i]!] === score; i--) {
      const at = order[i]!
      if (codes[at] === code) counts.truePositives += weightAt(at)
      else counts.falsePositives += weightAt(at)
    }
    // Sums in another order may differ in their last digits: the last of them are exact.
    counts.falseNegatives = i < 0 ? 0 : Math.max(all.positives - counts.truePositives, 0)
    counts.trueNegatives = i < 0 ? 0 : Math.max(all.negatives - counts.falsePositives, 0)
    consider(i < 0 ? score : between(scores[order[i]!]!, score))
  }
  return best
}

function requireScore(score: unknown): number {
  if (typeof score === 'number') return score
  throw new TypeError(`Expected \`metric\` to return a number, got ${show(score)}.`)
}

/** A number above `lower`, and at most `upper`. */
function between(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2
  return middle > lower && middle <= upper ? middle : upper
}
