/** Notes values that differ from the text in the file. */

import type { FileChunks } from './source/file-chunks.ts'
import { comma, hasDecimalComma, parseNumberText } from '../numbers/number-parser.ts'
import type { Dialect } from './split-row.ts'

/** The first place in a column at which something was noted. */
export interface ValueNote {
  readonly kind: 'rounded' | 'overflow' | 'leading-zero' | 'quote-after-blank'
  /** Place of the column in the file. */
  readonly column: number
  /** Byte in the file. */
  readonly offset: number
  readonly value: string
  /** The number without separators of thousands; default: `value`. */
  readonly plain?: string
}

/** A text in a column of which others are numbers, or could be. */
export interface StrayText {
  readonly code: number
  /** Byte in the file where it was seen first. */
  readonly offset: number
  readonly value: string
}

/** Numbers with a percent sign, or with separators of thousands. */
const formattedNumber =
  /^\s*[+-]?(?:\d+(?:[.,]\d+)?\s*%|[$€£]?\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?)\s*$/

/** Texts of a column that are numbers written for readers, and how many others there are. */
interface FormattedNumbers {
  readonly first: StrayText
  count: number
}

/** More different texts than this make a column one of texts. */
const mostStrays = 3

/** Numbers from here on don't hold all integers. */
export const firstInexact = 2 ** 53

const zero = 0x30

/** Notes of all columns, the first of each kind. A row that is read again is noted once. */
export class ValueNotes {
  readonly #notes = new Map<string, ValueNote>()
  /** 1 for columns in which a leading zero needs no further note. */
  readonly #zeroKnown: Uint8Array
  /** 1 for columns in which a large number needs no further note. */
  readonly #sizeKnown: Uint8Array
  readonly #strays = new Map<number, StrayText[]>()
  /** 1 for columns of texts. */
  readonly #isText: Uint8Array
  /** 1 for columns of texts in which some are numbers. */
  readonly #hasNumber: Uint8Array
  /** The first of a column's texts, if all of them are numbers with a decimal comma. */
  readonly #commas = new Map<number, StrayText>()
  /** 1 for columns that may be ones of such numbers. */
  readonly #mayHaveCommas: Uint8Array
  /** The columns of texts in which some are numbers with a percent sign or separators of thousands. */
  readonly #formatted = new Map<number, FormattedNumbers>()
  /** How many texts of a column are no numbers in any form. */
  readonly #others: Float64Array
  /** 1 for columns of which the user has said what they hold. */
  readonly #isSettled: Uint8Array
  readonly #decimal: number

  /**
   * @param columns - of the file
   * @param dialect - delimiter and decimal point
   * @param isSettled - whether the user has said what a column holds: numbers with zeros before them
   * are numbers then, and texts are texts
   */
  constructor(
    columns: number,
    { delimiter, decimal }: Pick<Dialect, 'delimiter' | 'decimal'>,
    isSettled: (column: number) => boolean,
  ) {
    this.#decimal = decimal
    this.#zeroKnown = Uint8Array.from({ length: columns }, (_, k) => (isSettled(k) ? 1 : 0))
    this.#isText = this.#zeroKnown.slice()
    this.#isSettled = this.#zeroKnown.slice()
    this.#others = new Float64Array(columns)
    this.#sizeKnown = new Uint8Array(columns)
    this.#hasNumber = new Uint8Array(columns)
    // In quotes between commas, `1,500` is more often a number of thousands.
    const isOpen = delimiter !== comma && decimal !== comma
    this.#mayHaveCommas = this.#isText.map((isText) => (isOpen && isText === 0 ? 1 : 0))
  }

  /** What was noted, column by column. */
  get values(): ValueNote[] {
    return [...this.#notes.values()]
  }

  /** Texts in columns of texts that are numbers otherwise, by the column. */
  get strays(): ReadonlyMap<number, readonly StrayText[]> {
    return new Map([...this.#strays].filter(([column]) => this.#hasNumber[column] === 1))
  }

  /** For columns whose texts are all numbers with a decimal comma the first one, by the column. */
  get commas(): ReadonlyMap<number, StrayText> {
    return this.#commas
  }

  /** For columns of numbers with a percent sign or separators of thousands the first one, by the column. */
  get formatted(): ReadonlyMap<number, StrayText> {
    const mostly = [...this.#formatted].filter(
      ([column, { count }]) => count >= 9 * this.#others[column]!,
    )
    return new Map(mostly.map(([column, { first }]) => [column, first]))
  }

  /**
   * Looks at a number that begins with 0, or that is beyond ±2^53.
   *
   * @param plain - its text without separators of thousands, where it has some
   */
  number(
    chunk: FileChunks,
    from: number,
    to: number,
    column: number,
    value: number,
    plain?: string,
  ): void {
    const { bytes, end, final } = chunk
    // A field that the chunk's end cuts comes again whole.
    if (to >= end && !final) return
    if (this.#zeroKnown[column] === 0 && startsWithZeros(bytes, from)) {
      this.#zeroKnown[column] = 1
      this.#note('leading-zero', chunk, from, to, column)
    }
    if (this.#sizeKnown[column] === 1 || Math.abs(value) < firstInexact) return
    const kind = judgeSize(plain ?? latin1(bytes, from, to), value)
    if (kind === undefined) return
    this.#sizeKnown[column] = 1
    this.#note(kind, chunk, from, to, column, plain)
  }

  /** Takes down a text that begins with blanks and a quote. */
  quoteAfterBlank(chunk: FileChunks, from: number, to: number, column: number): void {
    if (!this.#notes.has(`${column} quote-after-blank`))
      this.#note('quote-after-blank', chunk, from, to, column)
  }

  /** Whether a column may still be one of numbers with few texts among them, or with decimal commas. */
  wantsTexts(column: number): boolean {
    return (
      this.#isText[column] === 0 ||
      this.#mayHaveCommas[column] === 1 ||
      this.#mayBeFormatted(column)
    )
  }

  /** Takes down that one of a column's texts is a number. */
  numberAmongTexts(column: number): void {
    this.#hasNumber[column] = 1
  }

  /** Looks at a text that is new in its column. */
  text(text: string, code: number, offset: number, column: number): void {
    if (parseNumberText(text, this.#decimal) !== undefined) return this.numberAmongTexts(column)
    if (this.#mayBeFormatted(column)) this.#noteFormatted({ code, offset, value: text }, column)
    if (this.#mayHaveCommas[column] === 1) this.#noteComma({ code, offset, value: text }, column)
    if (this.#isText[column] === 1) return
    const strays = this.#strays.get(column) ?? []
    strays.push({ code, offset, value: text })
    if (strays.length <= mostStrays) this.#strays.set(column, strays)
    else {
      this.#isText[column] = 1
      this.#strays.delete(column)
    }
  }

  /** Whether the texts of a column are, so far, numbers for readers, or too few to tell. */
  #mayBeFormatted(column: number): boolean {
    if (this.#isSettled[column] === 1) return false
    const others = this.#others[column]!
    return others < mostStrays || 9 * others <= (this.#formatted.get(column)?.count ?? 0)
  }

  #noteFormatted(text: StrayText, column: number): void {
    const known = this.#formatted.get(column)
    if (!formattedNumber.test(text.value)) this.#others[column]!++
    else if (known === undefined) this.#formatted.set(column, { first: text, count: 1 })
    else known.count++
  }

  #noteComma(text: StrayText, column: number): void {
    if (!hasDecimalComma(text.value)) {
      this.#mayHaveCommas[column] = 0
      this.#commas.delete(column)
    } else if (!this.#commas.has(column)) this.#commas.set(column, text)
  }

  #note(
    kind: ValueNote['kind'],
    { bytes, offset }: FileChunks,
    from: number,
    to: number,
    column: number,
    plain?: string,
  ): void {
    const value = Buffer.from(bytes.buffer, from, to - from).toString('utf8')
    const note = { kind, column, offset: offset + from, value }
    this.#notes.set(`${column} ${kind}`, plain === undefined ? note : { ...note, plain })
  }
}

/** Whether a number has a zero before another digit. */
export function startsWithZeros(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === zero && (bytes[at + 1]! - zero) >>> 0 <= 9
}

function judgeSize(found: string, value: number): 'rounded' | 'overflow' | undefined {
  const text = found.replace(',', '.')
  if (!Number.isFinite(value)) return /\d/.test(text) ? 'overflow' : undefined
  const digits = /^([+-]?\d+)\.?0*$/.exec(text)?.[1]
  if (digits === undefined) return undefined
  return BigInt(digits.replace('+', '')) === BigInt(value) ? undefined : 'rounded'
}

function latin1({ buffer }: Uint8Array, from: number, to: number): string {
  return Buffer.from(buffer, from, to - from).toString('latin1')
}
