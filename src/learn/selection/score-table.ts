/** Scores and times of the learners of an ensemble. */

import { alignCells, describe, formatDigits, standardErrorOf } from './score-summary.ts'
import { registerResult } from '../registration/register-result.ts'

/** Scores and times of one learner over the folds. */
export interface ScoreRow {
  readonly name: string
  /** Mean of the scorer over the folds; NaN for a learner that doesn't predict what the scorer needs, such as probabilities. */
  readonly score: number
  /** Standard deviation of the scorer over the folds (divided by the number of folds, not by one less). */
  readonly spread: number
  /**
   * Standard error of the mean: the standard deviation (divided by one less) over the root of the number of folds; NaN for one fold. Folds share
   * training rows, so that it is often too small.
   */
  readonly standardError: number
  /** The scorer on each fold, in order. */
  readonly folds: readonly number[]
  /** Mean seconds to fit a fold, without other learners; shared passes over the data are split evenly. */
  readonly fitSeconds: number
  /** Mean seconds to predict a fold. */
  readonly predictSeconds: number
}

/** Scores and times of one learner of an ensemble. */
export interface LearnerRow extends ScoreRow {
  /**
   * Correlation of its out-of-fold predictions with those of the learner of its layer with the best score, over all columns of both. 1 for this
   * one; NaN where predictions are constant, or too large or small for squares in float64.
   */
  readonly correlation: number
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
  readonly learners: readonly LearnerRow[]
  /**
   * The ensemble itself: its meta learner, fitted on the out-of-fold predictions of all other folds,
   * scored on each fold. Undefined without a meta learner.
   */
  readonly ensemble: ScoreRow | undefined
  /**
   * The ensemble itself, fitted as a whole on the training rows of each of `nestedFolds` and scored on the others. Undefined
   * without this option of `fit`.
   */
  readonly nested: ScoreRow | undefined
  readonly skipped: readonly SkippedRow[]
}

/** The scores of a fitted ensemble; prints as a table. */
export class ScoreTable implements ScoreTableData {
  readonly scorer: string
  readonly greaterIsBetter: boolean
  readonly learners: readonly LearnerRow[]
  readonly ensemble: ScoreRow | undefined
  readonly nested: ScoreRow | undefined
  readonly skipped: readonly SkippedRow[]

  /** @param data - kept, not copied */
  constructor(data: ScoreTableData) {
    this.scorer = data.scorer
    this.greaterIsBetter = data.greaterIsBetter
    this.learners = data.learners
    this.ensemble = data.ensemble
    this.nested = data.nested
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
    const { learners, ensemble, nested } = this
    const combined = [ensemble, nested].filter((row) => row !== undefined)
    const skipped = this.skipped.map(({ name, reason }) => `${name}: skipped. ${reason}`)
    const lines = alignCells([
      ['learner', this.scorer, 'spread', 'std error', 'correlation', 'fit s', 'predict s'],
      ...learners.map((row) => cellsOf(row, showNumber(row.correlation, 3))),
      ...combined.map((row) => cellsOf(row, '')),
    ])
    return [...lines, ...skipped].join('\n')
  }

  /** Plain data for JSON. */
  toJSON(): ScoreTableData {
    const { scorer, greaterIsBetter, learners, ensemble, nested, skipped } = this
    return { scorer, greaterIsBetter, learners, ensemble, nested, skipped }
  }
}

registerResult(ScoreTable, 'onecopy.ScoreTable', import.meta.url, [
  'scorer',
  'greaterIsBetter',
  'learners',
  'ensemble',
  'nested',
  'skipped',
])

function cellsOf(row: ScoreRow, correlation: string): string[] {
  return [
    row.name,
    showNumber(row.score, 5),
    showNumber(row.spread, 2),
    showNumber(row.standardError, 2),
    correlation,
    row.fitSeconds.toFixed(3),
    row.predictSeconds.toFixed(3),
  ]
}

function showNumber(value: number, digits: number): string {
  return Number.isNaN(value) ? 'n/a' : formatDigits(value, digits)
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
    standardError: standardErrorOf(folds, spread),
    folds,
    fitSeconds: describe(fitSeconds).mean,
    predictSeconds: describe(predictSeconds).mean,
  }
}
