/** Scores of candidates as a table. */

import { inspect } from 'node:util'
import type { Params } from '../contract/estimator.ts'
import { registerResult } from '../registration/register-result.ts'
import { compareScores } from '../selection/compare-scores.ts'
import {
  alignCells,
  describe,
  formatDigits,
  type ScoreSummary,
} from '../selection/score-summary.ts'

/** Scores and times of one candidate. */
export interface SearchResult {
  /** The case of steps, the learner and the number of the draw: `scaled/ridge/3`. */
  readonly name: string
  readonly learner: string
  /** Name of the steps before it; empty for a single case. */
  readonly preprocessing: string
  /** Values of options that were tried. */
  readonly params: Params
  /** One for each scorer, in the order in which they were given. */
  readonly summaries: readonly ScoreSummary[]
  /** Seconds to fit each fold; work that candidates and folds share is split evenly. */
  readonly fitSeconds: readonly number[]
  readonly predictSeconds: readonly number[]
  /** Training rows of each fold that it learned from last; undefined: all. */
  readonly rows: number | undefined
  /** Why it failed; undefined when it did not. */
  readonly failure: string | undefined
}

/** What was found of all candidates, the best first; prints as a table. */
export class SearchResults {
  /** The best first, failed ones last. */
  readonly rows: readonly SearchResult[]

  /** @param results - in the order of the candidates */
  constructor(results: readonly SearchResult[]) {
    this.rows = results.toSorted(compareResults)
  }

  /** The best candidate by the mean of the first scorer; of equal ones the first. */
  get best(): SearchResult {
    return this.rows[0]!
  }

  /** Aligned text, a line for each candidate: means, each followed by its spread. */
  toString(): string {
    const hasRows = this.rows.some(({ rows }) => rows !== undefined)
    const heads = this.best.summaries.flatMap(({ scorer }) => [scorer, 'spread'])
    const lines = alignCells([
      ['candidate', ...(hasRows ? ['rows'] : []), ...heads, 'fit s', 'predict s', 'params'],
      ...this.rows.map((row) => [
        row.name,
        ...(hasRows ? [row.rows === undefined ? 'all' : String(row.rows)] : []),
        ...row.summaries.flatMap(({ mean, spread }) => [
          formatDigits(mean, 5),
          formatDigits(spread, 2),
        ]),
        describe(row.fitSeconds).mean.toFixed(3),
        describe(row.predictSeconds).mean.toFixed(3),
        showParams(row.params),
      ]),
    ])
    const failed = this.rows.filter(({ failure }) => failure !== undefined)
    return [...lines, ...failed.map(({ name, failure }) => `${name}: ${failure}`)].join('\n')
  }

  /** Plain data for JSON. */
  toJSON(): readonly SearchResult[] {
    return this.rows
  }

  /** What `console.log` shows: the table. */
  [inspect.custom](): string {
    return String(this)
  }
}

registerResult(SearchResults, 'onecopy.SearchResults', import.meta.url, ['rows'])

/** Later rounds first, then better means; NaN last. */
export function compareResults(a: SearchResult, b: SearchResult): number {
  const [first, second] = [a.rows ?? Infinity, b.rows ?? Infinity]
  if (first !== second) return second - first
  const [{ mean: own, greaterIsBetter }] = a.summaries as [ScoreSummary]
  const { mean: other } = b.summaries[0]!
  return compareScores(own, other, greaterIsBetter)
}

function showParams(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => {
      const shown = typeof value === 'number' ? Number(value.toPrecision(4)) : value
      return `${name} ${inspect(shown, { depth: 0, breakLength: Infinity })}`
    })
    .join(', ')
}
