/** Turns text fields into codes, column by column. */

import { Dictionary, hashBytes, hashPrime, hashSeed, unknown } from '../columns/dictionary.ts'
import type { FileChunks } from './source/file-chunks.ts'
import type { MissingTexts } from './missing-texts.ts'
import { parseNumber } from '../numbers/number-parser.ts'
import {
  carriageReturn,
  type Dialect,
  hasQuoteAfterBlank,
  quote,
  requireText,
} from './split-row.ts'
import type { ValueNotes } from './value-notes.ts'

/** Columns that get a table of one-byte texts; of more, the tables alone would fill the memory. */
export const byteTables = 4096

/** What {@link CategoryCoder.byteCodes} holds where there is no code; a bit that no code has. */
export const unknownByte = 0x100

/** Keeps a dictionary for each column that needs one. */
export class CategoryCoder {
  /**
   * Codes of texts of one byte, 256 a column, in 8 bits; {@link unknownByte} where there is none, or it
   * is above 127.
   */
  readonly byteCodes: Uint16Array
  readonly #dictionaries: (Dictionary | undefined)[]
  readonly #missing: MissingTexts
  readonly #notes: ValueNotes
  readonly #number = new Float64Array(1)
  readonly #decimal: number
  /** Room for a text whose doubled quotes were made single ones. */
  #unquoted = new Uint8Array(64)
  /** Bytes with a meaning of their own outside of quotes. */
  readonly #special: readonly number[]

  /**
   * @param columns - columns of the file
   * @param dialect - delimiter and line end
   * @param missing - texts that mean "no value"
   * @param notes - takes texts among numbers
   */
  constructor(
    columns: number,
    { delimiter, newline, decimal }: Dialect,
    missing: MissingTexts,
    notes: ValueNotes,
  ) {
    this.byteCodes = new Uint16Array(Math.min(columns, byteTables) * 256).fill(unknownByte)
    this.#dictionaries = Array.from({ length: columns })
    this.#missing = missing
    this.#notes = notes
    this.#decimal = decimal
    this.#special = [delimiter, newline, quote, carriageReturn]
  }

  /** The texts that a column's codes stand for. */
  dictionaryOf(column: number): Dictionary {
    return (this.#dictionaries[column] ??= new Dictionary())
  }

  /**
   * The code of a text as it stands between `from` and `to`; a new one when it is new.
   *
   * @param hash - of its bytes
   * @throws CsvFault when the text is broken
   */
  codeOf(chunk: FileChunks, from: number, to: number, hash: number, column: number): number {
    const { bytes } = chunk
    const dictionary = this.dictionaryOf(column)
    const known = dictionary.find(bytes, from, to, hash)
    if (known !== unknown) return known
    if (!isPlain(bytes, from, to)) requireText(chunk, from, to)
    const isMissing = this.#missing.includes(bytes, from, to)
    const code = dictionary.add(bytes, from, to, hash, isMissing)
    if (hasQuoteAfterBlank(bytes, from, to)) this.#notes.quoteAfterBlank(chunk, from, to, column)
    if (!isMissing && this.#notes.wantsTexts(column)) this.#noteText(chunk, from, to, code, column)
    const first = bytes[from]!
    if (to - from === 1 && code <= 127 && column < byteTables && !this.#special.includes(first))
      this.byteCodes[(column << 8) | first] = code & 0xff
    return code
  }

  /**
   * The code of a text between quotes, in which every quote is doubled.
   *
   * @throws CsvFault when the text is broken
   */
  codeOfQuoted(chunk: FileChunks, from: number, to: number, column: number): number {
    const { bytes } = chunk
    let hash = hashSeed
    let at = from
    for (; at < to && bytes[at] !== quote; at++) hash = Math.imul(hash ^ bytes[at]!, hashPrime)
    if (at === to) return this.codeOf(chunk, from, to, hash, column)

    if (this.#unquoted.length < to - from) this.#unquoted = new Uint8Array(2 * (to - from))
    const text = this.#unquoted
    let length = 0
    for (at = from; at < to; at++) {
      text[length++] = bytes[at]!
      if (bytes[at] === quote) at++
    }
    hash = hashBytes(text, 0, length)
    const dictionary = this.dictionaryOf(column)
    const known = dictionary.find(text, 0, length, hash)
    if (known !== unknown) return known
    if (!isPlain(text, 0, length)) requireText(chunk, from, to)
    const isMissing = this.#missing.includes(text, 0, length)
    const code = dictionary.add(text, 0, length, hash, isMissing)
    if (!isMissing && this.#notes.wantsTexts(column)) {
      const value = Buffer.from(text.buffer, 0, length).toString('utf8')
      this.#notes.text(value, code, chunk.offset + from, column)
    }
    return code
  }

  #noteText(chunk: FileChunks, from: number, to: number, code: number, column: number): void {
    const { bytes, view, offset } = chunk
    if (parseNumber(bytes, view, from, this.#number, 0, this.#decimal) === to && to > from)
      this.#notes.numberAmongTexts(column)
    else {
      const text = Buffer.from(bytes.buffer, from, to - from).toString('utf8')
      this.#notes.text(text, code, offset + from, column)
    }
  }
}

/** Whether bytes are printable ASCII, so that nothing can be wrong with them. */
function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! < 0x20 || bytes[at]! > 0x7e) return false
  return true
}
