/** Scores of folds and what they say together. */

/** One scorer's scores of an estimator on the held-out rows of each fold. */
export interface ScoreSummary {
  readonly scorer: string
  readonly greaterIsBetter: boolean
  /** The score of each fold; NaN where the estimator failed. */
  readonly folds: readonly number[]
  readonly mean: number
  /** Standard deviation over the folds (divided by the number of folds, not by one less). */
  readonly spread: number
  /**
   * Standard error of the mean: the standard deviation (divided by one less) over the root of the number of folds; NaN for one fold. Folds share
   * training rows, so that it is often too small.
   */
  readonly standardError: number
}

/** A scorer's name and direction. */
export interface ScorerName {
  readonly name: string
  readonly greaterIsBetter: boolean
}

/** Summarizes the scores of folds. */
export function summarize(
  { name, greaterIsBetter }: ScorerName,
  folds: readonly number[],
): ScoreSummary {
  const { mean, spread } = describe(folds)
  const standardError = standardErrorOf(folds, spread)
  return { scorer: name, greaterIsBetter, folds, mean, spread, standardError }
}

/** Standard error of the mean of folds with this spread; NaN for one fold. */
export function standardErrorOf({ length }: readonly number[], spread: number): number {
  return length > 1 ? spread / Math.sqrt(length - 1) : Number.NaN
}

/** The mean of numbers and their standard deviation. */
export function describe(values: readonly number[]): {
  readonly mean: number
  readonly spread: number
} {
  const average = (list: readonly number[]): number =>
    list.reduce((sum, value) => sum + value, 0) / list.length
  const mean = average(values)
  const deviations = values.map((value) => Math.abs(value - mean))
  const largest = deviations.reduce((most, value) => Math.max(most, value), 0)
  // Squares of what lies within these bounds neither over- nor underflow.
  const unit = largest > 1e150 || largest < 1e-150 ? largest || 1 : 1
  return { mean, spread: Math.sqrt(average(deviations.map((d) => (d / unit) ** 2))) * unit }
}

/** Lines of cells in aligned columns: the first one to the left, the others to the right. */
export function alignCells(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  )
}

/** A number with so many significant digits, without an exponent where it is large: `1300`, `0.0070`. */
export function formatDigits(value: number, digits: number): string {
  const text = value.toPrecision(digits)
  return text.includes('e+') ? String(Number(text)) : text
}
