/** Maps scores to probabilities by steps that never fall. */

import type { LearnedValues } from '../contract/learned-values.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { RankedScores } from '../scores/probabilities/ranked-scores.ts'
import { fitIsotonic, interpolate } from './fit-isotonic.ts'
import { fillOneAgainstRest, requireFiniteScore, ScoreCalibration } from './score-calibration.ts'

/**
 * Isotonic calibration: maps each score to the share of its class among rows with such scores, by the non-decreasing function
 * with the least squared error. Scores between those of `fit` are interpolated. With more than two classes, each is calibrated against
 * the others, and rows are divided by their sums. It takes probabilities and decision values, and needs about a thousand rows or more.
 *
 * @example
 * ```ts
 * const scores = await model.decisionFunction(X, { rows: held })
 * const calibration = await new IsotonicCalibration().fit(scores, labels, { rows: held, classes: model.classes_ })
 * const probabilities = await calibration.predictProba(await model.decisionFunction(X))
 * ```
 *
 * @see Zadrozny and Elkan, Transforming classifier scores into accurate multiclass probability estimates, 2002; scikit-learn's
 *   `CalibratedClassifierCV(method='isotonic')`
 */
export class IsotonicCalibration extends ScoreCalibration {
  static override readonly name: string = 'IsotonicCalibration'
  /** For each class, or the second of two, scores that ascend. */
  declare scores_: readonly Float64Array[]
  /** The probability of each of these scores; it never falls. */
  declare probabilities_: readonly Float64Array[]

  constructor(options: Readonly<Record<string, never>> = {}) {
    super()
    requireLearnOptions('IsotonicCalibration', options, {})
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const count = values.list('classes_').length
    const scores = values.arrayList('scores_', Float64Array)
    const probabilities = values.arrayList('probabilities_', Float64Array)
    const expected = count === 2 ? 1 : count
    if (scores.length !== expected || !scores.every(ascends))
      throw values.refuse('scores_', `${expected} lists of finite numbers that ascend`)
    const fits = probabilities.every(
      (list, j) => list.length === scores[j]?.length && isWithin(list),
    )
    if (probabilities.length !== expected || !fits)
      throw values.refuse(
        'probabilities_',
        'numbers from 0 to 1 that never fall, one for each score',
      )
  }

  protected override requireScore(score: number, row: number): void {
    requireFiniteScore(score, row)
  }

  protected override learn({ labels, columns, codes, weights, column }: RankedScores): void {
    const classes = labels.length === 2 ? [1] : Array.from(labels.keys())
    const steps = classes.map((code) =>
      fitIsotonic(column(columns === 1 ? 0 : code), { codes, code, weights }),
    )
    this.scores_ = steps.map(({ scores }) => scores)
    this.probabilities_ = steps.map(({ probabilities }) => probabilities)
  }

  protected override calibrateRow(scores: Float64Array, probabilities: Float64Array): void {
    fillOneAgainstRest(scores, probabilities, (score, j) =>
      interpolate(score, this.scores_[j]!, this.probabilities_[j]!),
    )
  }
}

registerEstimator(IsotonicCalibration, 'onecopy.IsotonicCalibration', import.meta.url)

function ascends(list: Float64Array): boolean {
  return (
    list.length > 0 &&
    list.every((value, i) => Number.isFinite(value) && (i === 0 || value > list[i - 1]!))
  )
}

function isWithin(list: Float64Array): boolean {
  return list.every((value, i) => value >= 0 && value <= 1 && (i === 0 || value >= list[i - 1]!))
}
