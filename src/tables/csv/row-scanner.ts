/** The inner loop of CSV reading: bytes to numbers and codes. */

import { byteTables, CategoryCoder, unknownByte } from './category-coder.ts'
import { type Dictionary, hashBytes, hashPrime, hashSeed } from '../columns/dictionary.ts'
import type { FileChunks } from './file-chunks.ts'
import { MissingTexts } from './missing-texts.ts'
import { NumberFields } from './number-fields.ts'
import { parseNumber } from '../numbers/number-parser.ts'
import { raggedRow } from './ragged-row.ts'
import type { FieldPlan, RowRules } from './row-rules.ts'
import {
  byteCategory,
  categoryKind,
  checkedNumber,
  plainNumber,
  RowBlock,
  shortCategory,
  skip,
} from '../blocks/row-block.ts'
import {
  carriageReturn,
  closingQuote,
  type Dialect,
  fieldEnd,
  isBlank,
  quote,
  requireBlank,
  skipBlanks,
  skipToRow,
  splitRow,
  unclosedQuote,
} from './split-row.ts'
import { firstInexact, startsWithZeros, ValueNotes } from './value-notes.ts'

/**
 * Reads rows into a {@link RowBlock}. The caller takes the block's columns away when
 * {@link RowScanner.scan} returns, and empties it.
 *
 * A row that the chunk cuts in two is not read; it comes again, whole, with the next chunk. So
 * nothing may be remembered of a field before it is known to be complete. The same happens to a row
 * that has a larger code than the block has room for, or the first text of a numeric column.
 */
export class RowScanner {
  /** Numeric columns in which a text was found; they are not read any further. */
  readonly givenUp = new Set<number>()
  /** Where values differ from the text of the file. */
  readonly notes: ValueNotes
  #block: RowBlock
  /** How columns are to be read from the next block on. */
  readonly #nextKinds: Uint8Array
  /** Whether that differs from how the present block is read. */
  #mustRenew = false
  readonly #plans: readonly FieldPlan[]
  readonly #rules: RowRules
  readonly #dialect: Dialect
  /** The byte that comments begin with, or that no row begins with. */
  readonly #comment: number
  readonly #delimiter: number
  readonly #skipsBlanks: boolean
  readonly #newline: number
  /** The byte between whole number and fraction. */
  /** The byte between whole number and fraction of a number without quotes. */
  readonly #decimal: number
  /** A carriage return that may stand before the newline; -1, no byte, if it is the newline. */
  readonly #carriage: number
  readonly #missing: MissingTexts
  readonly #coder: CategoryCoder
  readonly #numbers: NumberFields
  /** 1 for numeric columns in which a missing value was ever seen. */
  readonly #hasMissing: Uint8Array

  /**
   * @param plans - for each column of the file what to read
   * @param rules - of the file
   */
  constructor(plans: readonly FieldPlan[], rules: RowRules) {
    const { dialect, missing } = rules
    this.#plans = plans
    this.#rules = rules
    this.#dialect = dialect
    this.#comment = dialect.comment < 0 ? space : dialect.comment
    this.#delimiter = dialect.delimiter
    this.#skipsBlanks = dialect.skipsBlanks === true
    this.#newline = dialect.newline
    this.#decimal = dialect.decimal === dialect.delimiter ? noByte : dialect.decimal
    this.#carriage = dialect.newline === carriageReturn ? -1 : carriageReturn
    this.#missing = new MissingTexts(missing, dialect.decimal)
    this.#hasMissing = new Uint8Array(plans.length)
    this.notes = new ValueNotes(plans.length, dialect, (k) => plans[k]!.strict === true)
    this.#numbers = new NumberFields(plans, this.#missing, dialect.decimal, this.notes)
    this.#coder = new CategoryCoder(plans.length, dialect, this.#missing, this.notes)
    const number = this.#missing.hasNumbers ? checkedNumber : plainNumber
    this.#nextKinds = Uint8Array.from(plans, ({ kind }, k) => {
      if (kind === 'skip') return skip
      if (kind === 'number') return number
      return k < byteTables ? byteCategory : shortCategory
    })
    this.#block = new RowBlock(this.#nextKinds)
  }

  /** The rows read since the last {@link RowScanner.startBlock}. */
  get block(): RowBlock {
    return this.#block
  }

  /** Whether the block must be taken before more rows can be read. */
  get isFull(): boolean {
    return this.#mustRenew || this.#block.rows === this.#block.capacity
  }

  /** Forgets the rows of the block; the caller has copied them. */
  startBlock(): void {
    if (this.#mustRenew) this.#block = new RowBlock(this.#nextKinds)
    this.#block.rows = 0
    this.#mustRenew = false
  }

  /** The texts that a column's codes stand for; undefined for numbers. */
  dictionaryOf(column: number): Dictionary | undefined {
    return this.#plans[column]!.kind === 'category' ? this.#coder.dictionaryOf(column) : undefined
  }

  /** How many rows of the block have no value in a column. */
  countMissing(column: number): number {
    const hasMissing = this.dictionaryOf(column)?.hasMissing ?? this.#hasMissing[column] === 1
    return hasMissing ? this.#block.countMissing(column) : 0
  }

  /**
   * Reads rows until the block is full or the chunk has no complete row left.
   *
   * @param chunk - bytes
   * @param start - where to go on in it
   * @returns where the first row not read starts
   * @throws CsvFault
   */
  scan(chunk: FileChunks, start: number): number {
    const block = this.#block
    let at = start
    while (block.rows < block.capacity) {
      const first = chunk.bytes[at]!
      if (first <= space || first === this.#comment) at = skipToRow(chunk, at, this.#dialect)
      // Don't try a row without an end: code that has never run before would make the compiler
      // discard the optimized code of this loop.
      if (at >= chunk.linesEnd) break
      const next = this.#readRow(chunk, at, block.rows)
      if (next < 0) break
      at = next
      block.rows++
    }
    return at
  }

  /**
   * Reads one row. A function of its own, so that the compiler has seen all of it after a few rows;
   * as a loop in {@link RowScanner.scan} it is compiled before its end was ever reached, again and
   * again.
   *
   * @returns where the next row starts; -1 when the chunk ends before, or the row must be read again
   * into another block
   */
  #readRow(chunk: FileChunks, start: number, row: number): number {
    const { bytes, view } = chunk
    const { kinds, bases, numbers } = this.#block
    const delimiter = this.#delimiter
    const newline = this.#newline
    const decimal = this.#decimal
    const width = kinds.length - 1
    const unfinished = chunk.final ? -1 : chunk.end

    let at = start
    for (let k = 0; k < width; k++) {
      const kind = kinds[k]!
      let stop: number
      let c: number
      if (kind === plainNumber) {
        stop = parseNumber(bytes, view, at, numbers, bases[k]! + row, decimal) | 0
        c = bytes[stop]!
        const isWhole =
          c === delimiter || c === newline || (c === this.#carriage && bytes[stop + 1] === newline)
        if (!isWhole || stop === at) stop = this.#readField(chunk, at, k, row) | 0
        else {
          const value = numbers[bases[k]! + row]!
          if (startsWithZeros(bytes, at) || value >= firstInexact || value <= -firstInexact)
            this.notes.number(chunk, at, stop, k, value)
        }
      } else if (kind === byteCategory) {
        const known = this.#readBytes(chunk, at, k, row) | 0
        if (known > 0) {
          k += known - 1
          stop = at + 2 * known - 1
        } else stop = this.#readText(chunk, at, k, row) | 0
      } else if (kind > byteCategory) stop = this.#readText(chunk, at, k, row) | 0
      else stop = this.#readField(chunk, at, k, row) | 0

      if (stop < 0) return -1
      c = bytes[stop]!
      if (c === delimiter) at = stop + 1
      else {
        const lineEnd = c === newline ? stop : stop + 1
        if (lineEnd === unfinished) return -1
        if (k === width - 1) return lineEnd + 1
        if (!this.#rules.fillsShortRows) return this.#refuseRagged(chunk, start)
        this.#fillRow(k + 1, row)
        return lineEnd + 1
      }
    }
    if (this.#rules.trailingDelimiter) {
      while (isBlank(bytes[at]!) && bytes[at] !== delimiter) at++
      const lineEnd = bytes[at] === this.#carriage ? at + 1 : at
      if (bytes[lineEnd] === newline) return lineEnd === unfinished ? -1 : lineEnd + 1
    }
    return this.#refuseRagged(chunk, start)
  }

  /** Has the fields from `column` on missing in a row that ended before them. */
  #fillRow(column: number, row: number): void {
    const { kinds, bases, numbers } = this.#block
    for (let k = column; k < this.#plans.length; k++) {
      if (kinds[k] === skip) continue
      if (kinds[k]! >= byteCategory) {
        this.#coder.dictionaryOf(k).hasMissing = true
        this.#block.putCode(k, row, -1)
      } else {
        this.#hasMissing[k] = 1
        numbers[bases[k]! + row] = NaN
      }
    }
  }

  /**
   * Reads texts of one byte in neighbouring columns, as long as they are known and a delimiter or
   * newline follows. Nothing is called in here, so that all its variables stay in registers; and all
   * of a row is looked up and stored before anything is checked, which is right for nearly every row.
   *
   * @returns how many; each takes two bytes with what follows
   */
  #readBytes({ bytes, view }: FileChunks, start: number, column: number, row: number): number {
    const { runs, shortCodes, capacity } = this.#block
    const { byteCodes } = this.#coder
    const delimiter = this.#delimiter
    const newline = this.#newline
    const length = runs[column]!
    const first = this.#block.bases[column]! + row
    let at = start
    let place = first
    let table = column << 8
    if (at + 2 * length < bytes.length) {
      const delimiters = (delimiter << 8) | (delimiter << 24)
      const step = 2 * capacity
      let wrong = 0
      let codes = 0
      // Two columns at once: text, delimiter, text, delimiter.
      const stop = at + 2 * ((length - 1) & ~1)
      while (at < stop) {
        const four = view.getInt32(at, true)
        const one = byteCodes[table | (four & 0xff)]!
        const two = byteCodes[(table + 256) | ((four >>> 16) & 0xff)]!
        wrong |= four ^ delimiters
        codes |= one | two
        shortCodes[place] = one
        shortCodes[place + capacity] = two
        place += step
        table += 512
        at += 4
      }
      wrong &= 0xff00ff00
      if (((codes & unknownByte) | wrong) !== 0) {
        at = start
        place = first
        table = column << 8
      }
    }
    let k = column + ((at - start) >> 1)
    for (const end = column + length; k < end; k++) {
      const code = byteCodes[table | bytes[at]!]!
      const next = bytes[at + 1]!
      if (code === unknownByte || (next !== delimiter && next !== newline)) break
      shortCodes[place] = code
      if (next === newline) return k + 1 - column
      place += capacity
      table += 256
      at += 2
    }
    return k - column
  }

  /** Reads a text without quotes; the rest is left to {@link RowScanner.#readField}. */
  #readText(chunk: FileChunks, start: number, column: number, row: number): number {
    const { bytes, end, final } = chunk
    const delimiter = this.#delimiter
    const newline = this.#newline
    let c = bytes[start]!
    if (c === quote || (c <= space && this.#skipsBlanks && isBlank(c)))
      return this.#readField(chunk, start, column, row)
    let stop = start
    let hash = hashSeed
    while (c !== delimiter && c !== newline && c !== carriageReturn) {
      hash = Math.imul(hash ^ c, hashPrime)
      c = bytes[++stop]!
    }
    const lineEnd = c === this.#carriage ? stop + 1 : stop
    if (lineEnd > stop && bytes[lineEnd] !== newline)
      return this.#readField(chunk, start, column, row)
    if (lineEnd === end && !final) return -1
    return this.#putCode(column, row, this.#coder.codeOf(chunk, start, stop, hash, column))
      ? stop
      : -1
  }

  /**
   * Reads any field.
   *
   * @returns position of the delimiter or line end behind it; -1 when the chunk ends before
   */
  #readField(chunk: FileChunks, first: number, column: number, row: number): number {
    const { bytes, end, final } = chunk
    const { kinds, bases, numbers } = this.#block
    const start = this.#skipsBlanks ? skipBlanks(bytes, first, this.#delimiter) : first
    const quoted = bytes[start] === quote
    const closing = quoted ? closingQuote(bytes, start, end) : start
    if (closing < 0 && !final) return -1
    if (closing < 0) throw unclosedQuote(chunk.offset + start)
    const stop = fieldEnd(bytes, quoted ? closing + 1 : start, this.#dialect)
    const lineEnd = bytes[stop] === this.#carriage ? stop + 1 : stop
    if (lineEnd === end && !final) return -1
    if (quoted) requireBlank(chunk, start, closing, stop)

    const from = quoted ? start + 1 : start
    const to = quoted ? closing : stop
    if (kinds[column] === skip) return stop
    if (kinds[column]! >= byteCategory) {
      const code = quoted
        ? this.#coder.codeOfQuoted(chunk, from, to, column)
        : this.#coder.codeOf(chunk, from, to, hashBytes(bytes, from, to), column)
      return this.#putCode(column, row, code) ? stop : -1
    }
    const value = this.#numbers.read(chunk, from, to, column)
    if (value === undefined) {
      this.givenUp.add(column)
      this.#changeKind(column, skip)
      return -1
    }
    if (Number.isNaN(value)) this.#hasMissing[column] = 1
    numbers[bases[column]! + row] = value
    return stop
  }

  /** Stores a code; false when the row must be read again into a block with room for it. */
  #putCode(column: number, row: number, code: number): boolean {
    if (this.#block.putCode(column, row, code)) return true
    this.#changeKind(column, categoryKind(code))
    return false
  }

  #changeKind(column: number, kind: number): void {
    this.#nextKinds[column] = kind
    this.#mustRenew = true
  }

  /** Throws for a row of too few or too many fields; -1 when the chunk ends inside it. */
  #refuseRagged(chunk: FileChunks, start: number): number {
    const split = splitRow(chunk, start, this.#dialect)
    if (split === undefined) return -1
    throw raggedRow(chunk, split, start, { ...this.#rules, expected: this.#plans.length })
  }
}

const space = 0x20

/** Equal to no byte. */
const noByte = -1
