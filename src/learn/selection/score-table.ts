/** Scores and times of the learners of an ensemble. */

import { alignCells, describe } from './score-summary.ts'

/** Scores and times of one learner over the folds. */
export interface ScoreRow {
  readonly name: string
  /** Mean of the scorer over the folds; NaN for a learner that doesn't predict what the scorer needs, such as probabilities. */
  readonly score: number
  /** Standard deviation of the scorer over the folds (divided by the number of folds, not by one less). */
  readonly spread: number
  /** The scorer on each fold, in order. */
  readonly folds: readonly number[]
  /** Mean seconds to fit a fold, without other learners; shared passes over the data are split evenly. */
  readonly fitSeconds: number
  /** Mean seconds to predict a fold. */
  readonly predictSeconds: number
}

/** A learner that was left out, and why. */
export interface SkippedRow {
  readonly name: string
  readonly reason: string
  /** Number of the first fold that it failed on; none where it failed as a final model, or could not be fitted at all. */
  readonly fold?: number
}

/** Scores on held-out rows, as plain data. */
export interface ScoreTableData {
  /** Name of the scorer. */
  readonly scorer: string
  readonly greaterIsBetter: boolean
  /** One row for each learner, in the order of `add`. */
  readonly learners: readonly ScoreRow[]
  /**
   * The ensemble itself: its meta learner, fitted on the out-of-fold predictions of all other folds,
   * scored on each fold. Undefined without a meta learner.
   */
  readonly ensemble: ScoreRow | undefined
  readonly skipped: readonly SkippedRow[]
}

/** The scores of a fitted ensemble; prints as a table. */
export class ScoreTable implements ScoreTableData {
  readonly scorer: string
  readonly greaterIsBetter: boolean
  readonly learners: readonly ScoreRow[]
  readonly ensemble: ScoreRow | undefined
  readonly skipped: readonly SkippedRow[]

  /** @param data - kept, not copied */
  constructor(data: ScoreTableData) {
    this.scorer = data.scorer
    this.greaterIsBetter = data.greaterIsBetter
    this.learners = data.learners
    this.ensemble = data.ensemble
    this.skipped = data.skipped
  }

  /** Name of the best row, the ensemble's included. */
  get best(): string {
    const rows = this.ensemble === undefined ? this.learners : [...this.learners, this.ensemble]
    const sign = this.greaterIsBetter ? -1 : 1
    const scored = rows.filter(({ score }) => !Number.isNaN(score))
    return scored.toSorted((a, b) => sign * (a.score - b.score))[0]?.name ?? ''
  }

  /** Aligned text, one line a learner. */
  toString(): string {
    const rows = this.ensemble === undefined ? this.learners : [...this.learners, this.ensemble]
    const cells = [
      ['learner', this.scorer, 'spread', 'fit s', 'predict s'],
      ...rows.map(({ name, score, spread, fitSeconds, predictSeconds }) => [
        name,
        Number.isNaN(score) ? 'n/a' : score.toPrecision(5),
        Number.isNaN(score) ? 'n/a' : spread.toPrecision(2),
        fitSeconds.toFixed(3),
        predictSeconds.toFixed(3),
      ]),
    ]
    const skipped = this.skipped.map(({ name, reason }) => `${name}: skipped. ${reason}`)
    return [...alignCells(cells), ...skipped].join('\n')
  }

  /** Plain data for JSON. */
  toJSON(): ScoreTableData {
    const { scorer, greaterIsBetter, learners, ensemble, skipped } = this
    return { scorer, greaterIsBetter, learners, ensemble, skipped }
  }
}

/** Makes a row of a table from scores and seconds of each fold. */
export function scoreRow(
  name: string,
  folds: readonly number[],
  fitSeconds: readonly number[],
  predictSeconds: readonly number[],
): ScoreRow {
  const { mean: score, spread } = describe(folds)
  return {
    name,
    score,
    spread,
    folds,
    fitSeconds: describe(fitSeconds).mean,
    predictSeconds: describe(predictSeconds).mean,
  }
}
