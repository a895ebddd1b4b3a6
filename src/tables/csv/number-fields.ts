/** Reads complete fields of numeric columns: numbers, missing values, or text. */

import { CsvFault } from './csv-fault.ts'
import type { FileChunks } from './file-chunks.ts'
import type { MissingTexts } from './missing-texts.ts'
import { hasDecimalComma, parseNumber, parseNumberText } from '../numbers/number-parser.ts'
import type { FieldPlan } from './row-rules.ts'
import { isBlank, quote, requireText } from './split-row.ts'
import type { ValueNotes } from './value-notes.ts'

/** Reads the fields that the inner loop does not take for plain numbers. */
export class NumberFields {
  readonly #plans: readonly FieldPlan[]
  readonly #missing: MissingTexts
  /** The byte between whole number and fraction. */
  readonly #decimal: number
  readonly #notes: ValueNotes
  readonly #number = new Float64Array(1)

  /** @param notes - takes notes of values that differ from their text */
  constructor(
    plans: readonly FieldPlan[],
    missing: MissingTexts,
    decimal: number,
    notes: ValueNotes,
  ) {
    this.#plans = plans
    this.#missing = missing
    this.#decimal = decimal
    this.#notes = notes
  }

  /**
   * The value of a field, without its quotes.
   *
   * @returns NaN for a missing value; undefined for text
   * @throws CsvFault for text in a column that must have numbers
   */
  read(chunk: FileChunks, start: number, stop: number, column: number): number | undefined {
    const { bytes, view } = chunk
    let from = start
    let to = stop
    while (from < to && isBlank(bytes[from]!)) from++
    while (from < to && isBlank(bytes[to - 1]!)) to--
    if (this.#missing.hasNumbers && this.#missing.includes(bytes, from, to)) return NaN
    let value: number | undefined
    let text = ''
    if (from < to && parseNumber(bytes, view, from, this.#number, 0, this.#decimal) === to)
      value = this.#number[0]!
    else {
      if (this.#missing.includes(bytes, from, to)) return NaN
      // The field stood in quotes, in which each quote is doubled.
      if (bytes[start - 1] === quote && bytes.subarray(from, to).includes(quote)) {
        const single = Buffer.from(requireText(chunk, from, to).replaceAll('""', '"'))
        if (this.#missing.includes(single, 0, single.length)) return NaN
      }
      text = requireText(chunk, from, to)
      value = parseNumberText(text, this.#decimal)
    }
    if (value !== undefined) {
      this.#notes.number(chunk, from, to, column, value)
      return value
    }
    const { name, strict } = this.#plans[column]!
    if (strict === true) throw badNumber(chunk.offset + start, name, text)
    return undefined
  }
}

function badNumber(offset: number, column: string, text: string): CsvFault {
  const isComma = hasDecimalComma(text)
  return new CsvFault(
    offset,
    (lineOf) =>
      `expected a number in column '${column}' at line ${lineOf(offset)}, got '${text.slice(0, 80)}'. ` +
      (isComma
        ? "If the comma is a decimal point, pass `decimal: ','`. Otherwise correct it"
        : 'Correct it') +
      `, add it to \`missing\`, or read the column as text with schema { ${JSON.stringify(column)}: 'category' }.`,
    { column, got: text, ...(isComma ? { likely: 'decimal-comma' } : {}) },
  )
}
