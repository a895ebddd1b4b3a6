/** Makes probabilities less or more certain by one number. */

import type { OptionNames } from '../../options.ts'
import { requireOneOf } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { requireProbability } from '../scores/probabilities/log-loss.ts'
import type { RankedScores } from '../scores/probabilities/ranked-scores.ts'
import { leastTemperature, mostTemperature, fitTemperature } from './fit-temperature.ts'
import { requireFiniteScore, ScoreCalibration } from './score-calibration.ts'

/** Options of {@link TemperatureScaling}. */
export interface TemperatureScalingOptions {
  /**
   * What scores are: `'probabilities'` of classes, or `'decision'` values, which are 0 at the border of two classes; default:
   * `'probabilities'`.
   */
  readonly scores?: 'probabilities' | 'decision'
}

/**
 * Temperature scaling: divides the logarithms of probabilities, or decision values, by one number, the temperature, that makes the
 * log loss least. Above 1 it makes probabilities less certain. The likeliest class of a row stays the same. It needs few rows.
 *
 * @example
 * ```ts
 * const scores = await model.predictProba(X, { rows: held })
 * const calibration = await new TemperatureScaling().fit(scores, labels, { rows: held, classes: model.classes_ })
 * const probabilities = await calibration.predictProba(await model.predictProba(X))
 * ```
 *
 * @see Guo et al., On calibration of modern neural networks, 2017; scikit-learn's `CalibratedClassifierCV(method='temperature')`
 */
export class TemperatureScaling extends ScoreCalibration {
  static override readonly name: string = 'TemperatureScaling'
  scores: 'probabilities' | 'decision'
  /** What logarithms of probabilities, or decision values, are divided by: from 0.001 to 1000. */
  declare temperature_: number

  constructor(options: TemperatureScalingOptions = {}) {
    super()
    requireLearnOptions('TemperatureScaling', options, names)
    this.scores = options.scores ?? 'probabilities'
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('temperature_', leastTemperature, mostTemperature, false)
  }

  protected override requireOptions(): void {
    requireOneOf(this, 'scores', ['probabilities', 'decision'])
  }

  protected override requireScore(score: number, row: number): void {
    if (this.scores === 'decision') requireFiniteScore(score, row)
    else requireProbability(score, row)
  }

  protected override learn({ labels, columns, codes, weights, column }: RankedScores): void {
    const logits = Array.from({ length: columns }, (_, j) => this.#logitsOf(column(j), columns))
    this.temperature_ = fitTemperature(logits, { codes, weights, classes: labels.length })
  }

  protected override calibrateRow(scores: Float64Array, probabilities: Float64Array): void {
    const logits = this.#logitsOf(scores, scores.length)
    const at = (j: number): number =>
      (scores.length === 1 ? (j === 0 ? 0 : logits[0]!) : logits[j]!) / this.temperature_
    let most = -Infinity
    for (let j = 0; j < probabilities.length; j++) most = Math.max(most, at(j))
    let sum = 0
    for (let j = 0; j < probabilities.length; j++) sum += probabilities[j] = Math.exp(at(j) - most)
    for (let j = 0; j < probabilities.length; j++) probabilities[j]! /= sum
  }

  /** Logarithms of probabilities; of those of one of two classes, minus that of the other. In place. */
  #logitsOf(scores: Float64Array, columns: number): Float64Array {
    if (this.scores === 'decision') return scores
    for (let i = 0; i < scores.length; i++) {
      const probability = scores[i]!
      const logarithm = Math.log(Math.max(probability, least))
      scores[i] = columns === 1 ? logarithm - Math.log(Math.max(1 - probability, least)) : logarithm
    }
    return scores
  }
}

registerEstimator(TemperatureScaling, 'onecopy.TemperatureScaling', import.meta.url)

/** Least probability that has a logarithm. */
const least = 2 ** -52

const names: OptionNames<TemperatureScalingOptions> = { scores: true }
