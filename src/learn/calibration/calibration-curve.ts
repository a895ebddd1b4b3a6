/** How often predicted probabilities come true. */

import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireChoice } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { TrueLabels } from '../scores/labels/label-codes.ts'
import { requireProbability } from '../scores/probabilities/log-loss.ts'
import { binaryScores } from '../scores/probabilities/ranked-scores.ts'
import { type ClassScoreOptions, metricInstead, metricNames } from '../scores/score-options.ts'

/** Options of {@link calibrationCurve}. */
export interface CalibrationCurveOptions extends ClassScoreOptions {
  /** Number of bins; default: 5. */
  readonly bins?: number
  /**
   * Bins of equal width (`'uniform'`, the default), or with about the same number of rows (`'quantile'`), whatever their weights.
   */
  readonly strategy?: 'uniform' | 'quantile'
}

/** What {@link calibrationCurve} found; one value for each bin that has rows. */
export interface CalibrationCurve {
  /** Mean of the predicted probabilities. */
  readonly predicted: Float64Array
  /** Share of the class to find. */
  readonly observed: Float64Array
  /** Number of rows, or the sum of their weights. */
  readonly weights: Float64Array
}

/**
 * Compares predicted probabilities of two classes with what came true: puts rows into bins by their probability, and returns the mean
 * probability and the share of the class to find of each. They are equal for a well calibrated model.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param probabilities - of the second of two classes, shape (n), or of both, shape (n, 2), in the order of `classes`; of all rows or of
 *   just those of `rows`
 * @throws OneCopyError `ERR_VALUE` for numbers outside [0, 1], `ERR_SHAPE` for other than two classes; `ERR_ROWS`, `ERR_OPTION`
 *
 * @example
 * ```ts
 * const { predicted, observed } = calibrationCurve(labels, await model.predictProba(X), { bins: 10 })
 * ```
 *
 * @see scikit-learn's `sklearn.calibration.calibration_curve`
 */
export function calibrationCurve(
  y: TrueLabels,
  probabilities: ArrayInput,
  options: CalibrationCurveOptions = {},
): CalibrationCurve {
  requireLearnOptions('calibrationCurve', options, names, metricInstead)
  const { bins = 5, strategy = 'uniform', ...others } = options
  requireBins(bins)
  requireChoice('`strategy`', strategy, ['uniform', 'quantile'])
  const inputs = { y, scores: probabilities, options: others, name: '`probabilities`' }
  const found = binaryScores('calibrationCurve', inputs, requireProbability)
  const { scores, codes, code, weights, unit } = found
  const edges = strategy === 'uniform' ? uniformEdges(bins) : quantileEdges(scores, bins)
  const predicted = new Float64Array(bins)
  const observed = new Float64Array(bins)
  const totals = new Float64Array(bins)
  for (let i = 0; i < scores.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!
    const bin = binOf(scores[i]!, edges)
    predicted[bin]! += weight * scores[i]!
    if (codes[i] === code) observed[bin]! += weight
    totals[bin]! += weight
  }
  const filled = Array.from(totals.keys()).filter((bin) => totals[bin]! > 0)
  return {
    predicted: Float64Array.from(filled, (bin) => predicted[bin]! / totals[bin]!),
    observed: Float64Array.from(filled, (bin) => observed[bin]! / totals[bin]!),
    weights: Float64Array.from(filled, (bin) => totals[bin]! * unit),
  }
}

const names: OptionNames<CalibrationCurveOptions> = {
  bins: true,
  strategy: true,
  ...metricNames,
  classes: true,
  positive: true,
}

function requireBins(bins: unknown): void {
  const text = `Expected \`bins\` to be a whole number from 1 to 10000, got ${show(bins)}.`
  if (typeof bins !== 'number') throw new TypeError(text)
  if (Number.isInteger(bins) && bins >= 1 && bins <= 10_000) return
  throw new OneCopyError('ERR_OPTION', text, { details: { name: 'bins', value: bins } })
}

/** The inner edges of bins of equal width. */
function uniformEdges(bins: number): Float64Array {
  return Float64Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins)
}

/** Quantiles between bins, interpolated as NumPy does. */
function quantileEdges(scores: Float64Array, bins: number): Float64Array {
  const sorted = scores.toSorted()
  return Float64Array.from({ length: bins - 1 }, (_, i) => {
    const place = ((i + 1) / bins) * (sorted.length - 1)
    const below = Math.floor(place)
    const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!]
    return low + (high - low) * (place - below)
  })
}

/** The number of edges that are less than a score. */
function binOf(score: number, edges: Float64Array): number {
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (edges[middle]! < score) low = middle + 1
    else high = middle
  }
  return low
}
