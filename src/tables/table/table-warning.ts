/** Warnings that a table may differ from its file. */

/** A value or name of a table that differs from the one in the file, or a likely wrong delimiter. */
export interface TableWarning {
  /**
   * - `'renamed'`: the header has the name of a column more than once
   * - `'one-column'`: the header of a single column holds another delimiter than the one given
   * - `'rounded'`: an integer has more digits than a double can hold, and was rounded
   * - `'overflow'`: a number is beyond the largest double, and became infinite
   * - `'leading-zero'`: a number with leading zeros, such as `01`, lost them
   * - `'decimal-comma'`: texts that look like numbers with a decimal comma, such as `1,5`
   * - `'text-among-numbers'`: a column is text because of a few texts among numbers
   * - `'formatted-numbers'`: texts that are numbers with a percent sign or separators of thousands
   * - `'quote-after-blank'`: a text has quotes in it, because blanks come before them
   * - `'numeric-header'`: the names of the columns are all numbers, so the first row may be no header
   */
  readonly kind:
    | 'renamed'
    | 'one-column'
    | 'rounded'
    | 'overflow'
    | 'leading-zero'
    | 'decimal-comma'
    | 'text-among-numbers'
    | 'formatted-numbers'
    | 'quote-after-blank'
    | 'numeric-header'
  /** Name of the column in the table. */
  readonly column: string
  /** Line of the file, from 1, of the first such value. */
  readonly line: number
  /** That value, as it is in the file. */
  readonly value: string
  /** What happened, in a sentence. */
  readonly message: string
  /** What to do about it with the options of `readCsv`. */
  readonly advice: string
}

/** Whether a value out of a file is a warning. */
export function isTableWarning(value: unknown): value is TableWarning {
  const warning = value as Partial<Record<keyof TableWarning, unknown>> | null
  const texts = [warning?.kind, warning?.column, warning?.value, warning?.message, warning?.advice]
  return texts.every((text) => typeof text === 'string') && Number.isSafeInteger(warning!.line)
}
