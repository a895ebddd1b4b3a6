/** What a reader of a table should know about its values. */

/** A place in a file where a value or a name is not what stands there. */
export interface TableWarning {
  /**
   * - `'renamed'`: the name of a column stood in the header twice
   * - `'rounded'`: an integer has more digits than a double, and became another one
   * - `'overflow'`: a number is beyond the largest double, and became infinite
   * - `'leading-zero'`: a number with leading zeros, such as `01`, lost them
   * - `'decimal-comma'`: texts that look like numbers with a decimal comma, such as `1,5`
   * - `'text-among-numbers'`: few texts made a column of numbers one of texts
   */
  readonly kind:
    'renamed' | 'rounded' | 'overflow' | 'leading-zero' | 'decimal-comma' | 'text-among-numbers'
  /** Name of the column in the table. */
  readonly column: string
  /** Line of the file, from 1, of the first such value. */
  readonly line: number
  /** That value as it stands in the file. */
  readonly value: string
  /** The facts as a sentence. */
  readonly message: string
  /** What to do about it, with the options of `readCsv`. */
  readonly advice: string
}

/** Whether a value out of a file is a warning. */
export function isTableWarning(value: unknown): value is TableWarning {
  const warning = value as Partial<Record<keyof TableWarning, unknown>> | null
  const texts = [warning?.kind, warning?.column, warning?.value, warning?.message, warning?.advice]
  return texts.every((text) => typeof text === 'string') && Number.isSafeInteger(warning!.line)
}
