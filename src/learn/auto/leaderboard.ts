/** Scores, times and weights of the learners of an automatic ensemble. */

import { inspect } from 'node:util'
import { compareScores } from '../selection/compare-scores.ts'
import { alignCells, formatDigits } from '../selection/score-summary.ts'
import type { ScoreRow } from '../selection/score-table.ts'
import type { LeftOut } from './candidates/fit-candidates.ts'
import { registerResult } from '../registration/register-result.ts'

/** A learner of the ensemble. */
export interface LeaderboardRow extends ScoreRow {
  /** 1, or 2 for a learner that learns from predictions of the first layer, too. */
  readonly layer: 1 | 2
  /** Its share of the ensemble. */
  readonly weight: number
}

/** What an automatic ensemble has found, as plain data. */
export interface LeaderboardData {
  /** Name of the scorer. */
  readonly scorer: string
  readonly greaterIsBetter: boolean
  /** Learners, the best first. */
  readonly rows: readonly LeaderboardRow[]
  /** The ensemble: on each fold, by weights that were found on the others. */
  readonly ensemble: ScoreRow
  /** Learners that failed, or for which there was no time or memory. */
  readonly leftOut: readonly LeftOut[]
  /** What was found about a second layer; undefined where there was none. */
  readonly secondLayer: SecondLayerCheck | undefined
}

/** Scores of rows that no learner has seen, without and with the second layer. */
export interface SecondLayerCheck {
  readonly layer1: number
  readonly layer2: number
  /** Whether the second layer is used: it is better on these rows. */
  readonly isUsed: boolean
}

/** Learners of a fitted ensemble, the best first; prints as a table. */
export class Leaderboard implements LeaderboardData {
  readonly scorer: string
  readonly greaterIsBetter: boolean
  readonly rows: readonly LeaderboardRow[]
  readonly ensemble: ScoreRow
  readonly leftOut: readonly LeftOut[]
  readonly secondLayer: SecondLayerCheck | undefined

  /** @param data - its rows in any order */
  constructor(data: LeaderboardData) {
    this.scorer = data.scorer
    this.greaterIsBetter = data.greaterIsBetter
    this.rows = data.rows.toSorted((a, b) => compareScores(a.score, b.score, data.greaterIsBetter))
    this.ensemble = data.ensemble
    this.leftOut = data.leftOut
    this.secondLayer = data.secondLayer
  }

  /** Aligned text, a line for each learner. */
  toString(): string {
    const cells = (
      { name, score, spread, fitSeconds }: ScoreRow,
      layer: string,
      weight: string,
    ): string[] => [
      name,
      layer,
      formatDigits(score, 5),
      formatDigits(spread, 2),
      fitSeconds.toFixed(3),
      weight,
    ]
    const lines = alignCells([
      ['learner', 'layer', this.scorer, 'spread', 'fit s', 'weight'],
      cells(this.ensemble, '', ''),
      ...this.rows.map((row) => cells(row, String(row.layer), row.weight.toFixed(3))),
    ])
    return [...lines, ...this.leftOut.map(({ name, reason }) => `${name}: ${reason}`)].join('\n')
  }

  /** Plain data for JSON. */
  toJSON(): LeaderboardData {
    const { scorer, greaterIsBetter, rows, ensemble, leftOut, secondLayer } = this
    return { scorer, greaterIsBetter, rows, ensemble, leftOut, secondLayer }
  }

  /** What `console.log` shows: the table. */
  [inspect.custom](): string {
    return String(this)
  }
}

registerResult(Leaderboard, 'onecopy.Leaderboard', import.meta.url, [
  'scorer',
  'greaterIsBetter',
  'rows',
  'ensemble',
  'leftOut',
  'secondLayer',
])
