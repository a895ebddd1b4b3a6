/** Scores and weights as text. */

import { formatCount } from '../../format.ts'
import { scorerNames } from '../../learn/internal.ts'
import { columnText } from '../output/numbers-text.ts'
import type { LearnerReport } from './fit-report.ts'

/**
 * Writes scores of one scorer alike. Shares have four decimals; others as many as they need.
 *
 * @param scale - scores whose decimals to take, such as those that the values are spreads of
 */
export function scoreCells(
  scorer: string,
  values: readonly (number | null)[],
  scale: readonly (number | null)[] = values,
): string[] {
  const numbers = (list: readonly (number | null)[]): number[] =>
    list.filter((value) => value !== null)
  const texts = shares.has(scorer)
    ? numbers(values).map((value) => value.toFixed(4))
    : columnText(numbers(values), numbers(scale))
  const next = texts.values()
  return values.map((value) => (value === null ? 'n/a' : next.next().value!))
}

/** Scores without a unit, which are at most 1. */
const shares: ReadonlySet<string> = new Set<string>(
  scorerNames({ task: 'classification' }).filter((name) => name !== 'logLoss'),
).add('r2')

/** What a scorer is called in a table. */
export function scoreHeading(scorer: string): string {
  return headings.get(scorer) ?? scorer
}

/** The name of a measure within a sentence. */
export function scoreInText(scorer: string): string {
  const heading = scoreHeading(scorer)
  return heading.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())
}

/** The spread over folds; null where there is a single one. */
export function spreadOf(row: {
  readonly spread: number | null
  readonly folds: readonly unknown[]
}): number | null {
  return row.folds.length > 1 ? row.spread : null
}

/** How rows were split: `5 folds`. */
export function foldsText(count: number): string {
  return count === 1 ? 'one split' : formatCount(count, 'fold')
}

/** What an ensemble is, by what combines its learners. */
export function combinerText(combiner: string | null): string {
  const text = combiners.get(String(combiner)) ?? String(combiner)
  return combiner === 'best-learner' ? text : `all learners, combined by ${text}`
}

const combiners: ReadonlyMap<string, string> = new Map([
  ['ridge', 'a ridge regression'],
  ['logistic-regression', 'a logistic regression'],
  ['greedy-selection', 'greedy selection'],
  ['non-negative-least-squares', 'non-negative least squares'],
  ['best-learner', 'the learner with the best score'],
])

const headings: ReadonlyMap<string, string> = new Map([
  ['rmse', 'RMSE'],
  ['mae', 'MAE'],
  ['r2', 'R²'],
  ['accuracy', 'Accuracy'],
  ['logLoss', 'Log loss'],
])

/** The weight of a learner; of several numbers their mean size. */
export function weightText(weight: LearnerReport['weight']): string | undefined {
  if (weight === null) return undefined
  if (typeof weight === 'number') return shortNumber(weight)
  const mean = weight.reduce((sum, one) => sum + Math.abs(one), 0) / weight.length
  return `\u00d8 ${shortNumber(mean)}`
}

function shortNumber(value: number): string {
  const size = Math.abs(value)
  const text =
    size !== 0 && (size < 0.005 || size >= 1e4) ? value.toExponential(1) : value.toFixed(2)
  return text.replace(/^-/, '\u2212')
}
