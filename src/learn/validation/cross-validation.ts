/** The result of cross-validating an estimator. */

import { inspect } from 'node:util'
import type { Estimator } from '../contract/estimator.ts'
import { registerResult } from '../registration/register-result.ts'
import {
  alignCells,
  describe,
  formatDigits,
  type ScoreSummary,
} from '../selection/score-summary.ts'

/** Scores and times of an estimator on the folds, as plain data. */
export interface CrossValidationData {
  /** Name of the estimator. */
  readonly name: string
  /** One for each scorer, in the order in which they were given. */
  readonly summaries: readonly ScoreSummary[]
  /** Seconds to fit each fold; work that folds share is split evenly. */
  readonly fitSeconds: readonly number[]
  /** Seconds to predict what each fold holds out. */
  readonly predictSeconds: readonly number[]
  /** Why the estimator failed; undefined when it did not. */
  readonly failure: string | undefined
}

/** What cross-validation found of an estimator; prints as a table of the folds. */
export class CrossValidation implements CrossValidationData {
  readonly name: string
  readonly summaries: readonly ScoreSummary[]
  readonly fitSeconds: readonly number[]
  readonly predictSeconds: readonly number[]
  readonly failure: string | undefined
  /** The fitted estimator of each fold, with `returnEstimators`; else none. */
  readonly estimators: readonly Estimator[]

  /** @param data - kept, not copied */
  constructor(data: CrossValidationData, estimators: readonly Estimator[] = []) {
    this.name = data.name
    this.summaries = data.summaries
    this.fitSeconds = data.fitSeconds
    this.predictSeconds = data.predictSeconds
    this.failure = data.failure
    this.estimators = estimators
  }

  /** Scores by the names of the scorers. */
  get scores(): Readonly<Record<string, ScoreSummary>> {
    return Object.fromEntries(this.summaries.map((one) => [one.scorer, one]))
  }

  /** The mean of the first scorer over the folds. */
  get mean(): number {
    return this.summaries[0]!.mean
  }

  /** The standard deviation of the first scorer over the folds. */
  get spread(): number {
    return this.summaries[0]!.spread
  }

  /** The standard error of the mean of the first scorer. */
  get standardError(): number {
    return this.summaries[0]!.standardError
  }

  /** Aligned text: a line for each fold, then means, spreads and standard errors. */
  toString(): string {
    const { summaries, fitSeconds, predictSeconds } = this
    const line = (head: string, of: (one: ScoreSummary) => number, digits: number): string[] => [
      head,
      ...summaries.map((one) => formatDigits(of(one), digits)),
    ]
    const seconds = (of: (list: readonly number[]) => number): string[] =>
      [fitSeconds, predictSeconds].map((list) => of(list).toFixed(3))
    const lines = alignCells([
      ['fold', ...summaries.map(({ scorer }) => scorer), 'fit s', 'predict s'],
      ...summaries[0]!.folds.map((_, k) => [
        ...line(String(k), ({ folds }) => folds[k]!, 5),
        ...seconds((list) => list[k]!),
      ]),
      [...line('mean', ({ mean }) => mean, 5), ...seconds((list) => describe(list).mean)],
      [...line('spread', ({ spread }) => spread, 2), ...seconds((list) => describe(list).spread)],
      [...line('standard error', ({ standardError }) => standardError, 2), '', ''],
    ])
    return [
      ...lines,
      ...(this.failure === undefined ? [] : [`${this.name}: ${this.failure}`]),
    ].join('\n')
  }

  /** Plain data for JSON. */
  toJSON(): CrossValidationData {
    const { name, summaries, fitSeconds, predictSeconds, failure } = this
    return { name, summaries, fitSeconds, predictSeconds, failure }
  }

  /** What `console.log` shows: the table. */
  [inspect.custom](): string {
    return String(this)
  }
}

registerResult(CrossValidation, 'onecopy.CrossValidation', import.meta.url, [
  'name',
  'summaries',
  'fitSeconds',
  'predictSeconds',
  'failure',
  'estimators',
])
