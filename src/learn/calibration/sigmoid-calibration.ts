/** Maps scores to probabilities by a logistic function. */

import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { RankedScores } from '../scores/probabilities/ranked-scores.ts'
import { fitSigmoid } from './fit-sigmoid.ts'
import { fillOneAgainstRest, requireFiniteScore, ScoreCalibration } from './score-calibration.ts'

/**
 * Platt scaling: the probability of a score s is 1 / (1 + exp(slope · s + intercept)). With more than two classes, each is calibrated
 * against the others, and rows are divided by their sums. It is made for decision values of support vector machines, and needs few rows.
 *
 * @example
 * ```ts
 * const scores = await model.decisionFunction(X, { rows: held })
 * const calibration = await new SigmoidCalibration().fit(scores, labels, { rows: held, classes: model.classes_ })
 * const probabilities = await calibration.predictProba(await model.decisionFunction(X))
 * ```
 *
 * @see Platt, Probabilistic outputs for support vector machines, 1999; scikit-learn's `CalibratedClassifierCV(method='sigmoid')`
 */
export class SigmoidCalibration extends ScoreCalibration {
  static override readonly name: string = 'SigmoidCalibration'
  /** For each class, or the second of two, the slope: below 0 where greater scores are more probable. */
  declare slopes_: Float64Array
  /** For each of them, the intercept. */
  declare intercepts_: Float64Array

  constructor(options: Readonly<Record<string, never>> = {}) {
    super()
    requireLearnOptions('SigmoidCalibration', options, {})
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const count = values.list('classes_').length
    const expected = count === 2 ? 1 : count
    values.floats('slopes_', expected)
    values.floats('intercepts_', expected)
  }

  protected override requireScore(score: number, row: number): void {
    requireFiniteScore(score, row)
  }

  protected override learn({ labels, columns, codes, weights, unit, column }: RankedScores): void {
    const classes = labels.length === 2 ? [1] : Array.from(labels.keys())
    const real = weights?.map((weight) => weight * unit)
    const found = classes.map((code) =>
      fitSigmoid({ scores: column(columns === 1 ? 0 : code), codes, code, weights: real }),
    )
    this.slopes_ = Float64Array.from(found, ({ slope }) => slope)
    this.intercepts_ = Float64Array.from(found, ({ intercept }) => intercept)
  }

  protected override calibrateRow(scores: Float64Array, probabilities: Float64Array): void {
    fillOneAgainstRest(
      scores,
      probabilities,
      (score, j) => 1 / (1 + Math.exp(this.slopes_[j]! * score + this.intercepts_[j]!)),
    )
  }
}

registerEstimator(SigmoidCalibration, 'onecopy.SigmoidCalibration', import.meta.url)
