/** Shares of rows by class, and their means. */

import { OneCopyError, show } from '../../../errors.ts'
import type { ClassCounts } from './class-counts.ts'

/** Rows of one class, or of all classes together. */
export interface ClassRows {
  readonly truth: number
  readonly guess: number
  readonly hit: number
}

/** Numerator and denominator of a rate. */
export type Fraction = (rows: ClassRows) => readonly [number, number]

/** How rates of classes are combined. */
export type RateAverage = 'macro' | 'weighted' | 'micro' | null

/** Of the rows for which a class is predicted, those of it. */
export const precisionFraction: Fraction = ({ hit, guess }) => [hit, guess]

/** Of the rows of a class, those for which it is predicted. */
export const recallFraction: Fraction = ({ hit, truth }) => [hit, truth]

/** The harmonic mean of both, where recall counts `beta` times as much. */
export function fbetaFraction(beta: number): Fraction {
  const square = beta * beta
  return ({ truth, guess, hit }) => [(1 + square) * hit, square * truth + guess]
}

/** The rate of one class; 0 / 0 is `zeroDivision`. */
export function rateOf(rows: ClassRows, fraction: Fraction, zeroDivision: number): number {
  const [part, whole] = fraction(rows)
  return whole === 0 ? zeroDivision : part / whole
}

/** The rates of all classes, combined. */
export function averageRates(
  counts: ClassCounts,
  fraction: Fraction,
  { average, zeroDivision }: { readonly average: RateAverage; readonly zeroDivision: number },
): number | Float64Array {
  const together = (): number => rateOf(sumRows(counts), fraction, zeroDivision)
  if (average === 'micro') return together()
  const rates = Float64Array.from(counts.labels, (_, code) =>
    rateOf(rowsOf(counts, code), fraction, zeroDivision),
  )
  if (average === null) return rates
  if (average === 'macro') return meanWithoutNaN(rates, () => 1)
  const hasRows = counts.truths.some((weight) => weight > 0)
  return hasRows ? meanWithoutNaN(rates, (code) => counts.truths[code]!) : together()
}

/** Rows of a class; none for one that doesn't occur. */
export function rowsOf({ truths, guesses, hits }: ClassCounts, code: number): ClassRows {
  return { truth: truths[code] ?? 0, guess: guesses[code] ?? 0, hit: hits[code] ?? 0 }
}

function sumRows({ truths, guesses, hits }: ClassCounts): ClassRows {
  const sum = (list: Float64Array): number => list.reduce((a, b) => a + b, 0)
  return { truth: sum(truths), guess: sum(guesses), hit: sum(hits) }
}

function meanWithoutNaN(rates: Float64Array, weightOf: (code: number) => number): number {
  let [sum, total] = [0, 0]
  for (const [code, rate] of rates.entries()) {
    if (Number.isNaN(rate)) continue
    sum += rate * weightOf(code)
    total += weightOf(code)
  }
  return sum / total
}

/**
 * Checks what stands for 0 / 0.
 *
 * @throws OneCopyError `ERR_OPTION`; TypeError for no number
 */
export function requireZeroDivision(value: unknown): void {
  const text = `Expected \`zeroDivision\` to be 0, 1 or NaN, got ${show(value)}.`
  if (typeof value !== 'number') throw new TypeError(text)
  if (value === 0 || value === 1 || Number.isNaN(value)) return
  throw new OneCopyError('ERR_OPTION', text, { details: { name: 'zeroDivision', value } })
}
