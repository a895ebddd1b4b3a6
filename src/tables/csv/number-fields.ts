/** Reads complete fields of numeric columns: numbers, missing values, or text. */

import { CsvFault } from './csv-fault.ts'
import type { FileChunks } from './source/file-chunks.ts'
import type { MissingTexts } from './missing-texts.ts'
import { noInteger } from '../blocks/block-layout.ts'
import {
  hasDecimalComma,
  isDigits,
  parseInteger,
  parseNumber,
  parseNumberText,
} from '../numbers/number-parser.ts'
import type { RemoveThousands } from '../numbers/thousands.ts'
import type { FieldPlan, RowRules } from './row-rules.ts'
import { isBlank, quote, requireText } from './split-row.ts'
import type { ValueNotes } from './value-notes.ts'

const zero = 0x30
/** Bytes of a whole number of 64 bits with separators of thousands, at most: of narrow blanks each takes 3. */
const mostGrouped = 40

/** Reads the fields that the inner loop does not take for plain numbers. */
export class NumberFields {
  readonly #plans: readonly FieldPlan[]
  readonly #missing: MissingTexts
  /** The byte between whole number and fraction. */
  readonly #decimal: number
  readonly #notes: ValueNotes
  readonly #number = new Float64Array(1)
  readonly #removeThousands: RemoveThousands

  /** @param notes - takes notes of values that differ from their text */
  constructor(
    plans: readonly FieldPlan[],
    missing: MissingTexts,
    { dialect, removeThousands }: Pick<RowRules, 'dialect' | 'removeThousands'>,
    notes: ValueNotes,
  ) {
    this.#plans = plans
    this.#missing = missing
    this.#decimal = dialect.decimal
    this.#removeThousands = removeThousands
    this.#notes = notes
  }

  /**
   * The value of a field of a column of whole numbers, without its quotes.
   *
   * @returns {@link noInteger} for a missing value; undefined for text and for any other number
   */
  readInteger(chunk: FileChunks, start: number, stop: number, column: number): bigint | undefined {
    const { bytes } = chunk
    let [from, to] = [start, stop]
    while (from < to && isBlank(bytes[from]!)) from++
    while (from < to && isBlank(bytes[to - 1]!)) to--
    if (isDigits(bytes, from, to) && bytes[from] === zero && to - from > 1) return undefined
    if (!this.#missing.hasNumbers) {
      const value = parseInteger(bytes, from, to)
      if (value !== undefined) return value
    }
    const value = this.read(chunk, start, stop, column)
    if (value === undefined) return undefined
    if (Number.isNaN(value)) return noInteger
    const whole = parseInteger(bytes, from, to) ?? toInteger(value)
    if (whole !== undefined || to - from > mostGrouped) return whole
    const plain = Buffer.from(this.#removeThousands(requireText(chunk, from, to)))
    return parseInteger(plain, 0, plain.length)
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
    let plain: string | undefined
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
      plain = this.#removeThousands(text)
      if (plain === text) plain = undefined
      value = parseNumberText(plain ?? text, this.#decimal)
    }
    if (value !== undefined) {
      this.#notes.number(chunk, from, to, column, value, plain)
      return value
    }
    const { name, strict } = this.#plans[column]!
    if (strict === true) throw badNumber(chunk.offset + start, name, text)
    return undefined
  }
}

/** A number as a whole one of 64 bits; undefined when it is none. */
function toInteger(value: number): bigint | undefined {
  return Number.isSafeInteger(value) ? BigInt(value) : undefined
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
