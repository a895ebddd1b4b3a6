/** The inner loop of CSV reading: bytes to numbers and codes. */

import { byteTables, CategoryCoder, unknownByte } from './category-coder.ts'
import { type Dictionary, hashBytes, hashPrime, hashSeed } from '../columns/dictionary.ts'
import type { FileChunks } from './source/file-chunks.ts'
import { MissingTexts } from './missing-texts.ts'
import { NumberFields } from './number-fields.ts'
import { isDigits, parseInteger, parseNumber } from '../numbers/number-parser.ts'
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
  wideInteger,
} from '../blocks/row-block.ts'
import { noInteger } from '../blocks/block-layout.ts'
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
  /** Rows of earlier blocks. */
  #taken = 0
  readonly #plans: readonly FieldPlan[]
  readonly #rules: RowRules
  readonly #dialect: Dialect
  /** The byte that comments begin with, or that no row begins with. */
  readonly #comment: number
  readonly #delimiter: number
  readonly #skipsBlanks: boolean
  readonly #trims: boolean
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
  /** 1 for numeric columns that can't be whole numbers of 64 bits: the user said so, or another number was seen. */
  readonly #isNarrow: Uint8Array
  readonly #number: number

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
    this.#trims = rules.trim
    this.#newline = dialect.newline
    this.#decimal = dialect.decimal === dialect.delimiter ? noByte : dialect.decimal
    this.#carriage = dialect.newline === carriageReturn ? -1 : carriageReturn
    this.#missing = new MissingTexts(missing, dialect.decimal)
    this.#hasMissing = new Uint8Array(plans.length)
    this.notes = new ValueNotes(plans.length, dialect, (k) => plans[k]!.strict === true)
    this.#numbers = new NumberFields(plans, this.#missing, rules, this.notes)
    this.#coder = new CategoryCoder(plans.length, dialect, this.#missing, this.notes)
    this.#isNarrow = Uint8Array.from(plans, ({ strict }) => (strict === true ? 1 : 0))
    const number = this.#missing.hasNumbers ? checkedNumber : plainNumber
    this.#number = number
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

  /** Whether no more rows are wanted. */
  get isDone(): boolean {
    return this.#taken + this.#block.rows >= this.#rules.rowLimit
  }

  /** Forgets the rows of the block; the caller has copied them. */
  startBlock(): void {
    this.#taken += this.#block.rows
    if (this.#mustRenew) this.#block = new RowBlock(this.#nextKinds)
    this.#block.rows = 0
    this.#mustRenew = false
  }

  /** The texts that a column's codes stand for; undefined for numbers. */
  dictionaryOf(column: number): Dictionary | undefined {
    return this.#plans[column]!.kind === 'category' ? this.#coder.dictionaryOf(column) : undefined
  }

  /** Whether a column holds whole numbers of which some are too large for doubles, so that it must have 64 bits. */
  isWide(column: number): boolean {
    return this.#nextKinds[column] === wideInteger && this.#isNarrow[column] === 0
  }

  /** Looks for numbers in the block that are not whole; call it once for each block. */
  checkWhole(column: number): void {
    const kind = this.#block.kinds[column]!
    if (this.#isNarrow[column] === 1 || (kind !== plainNumber && kind !== checkedNumber)) return
    if (this.#block.hasFractions(column)) this.#isNarrow[column] = 1
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
    const most = Math.min(block.capacity, this.#rules.rowLimit - this.#taken)
    let at = start
    while (block.rows < most) {
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
          if (startsWithZeros(bytes, at) || value >= firstInexact || value <= -firstInexact) {
            if (this.#leavesNumbers(chunk, at, stop, k, value)) return -1
            this.notes.number(chunk, at, stop, k, value)
          }
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
    const { kinds, bases, numbers, integers } = this.#block
    for (let k = column; k < this.#plans.length; k++) {
      if (kinds[k] === skip) continue
      if (kinds[k]! >= byteCategory) {
        this.#coder.dictionaryOf(k).hasMissing = true
        this.#block.putCode(k, row, -1)
      } else {
        this.#hasMissing[k] = 1
        if (kinds[k] === wideInteger) integers[bases[k]! + row] = noInteger
        else numbers[bases[k]! + row] = NaN
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
    if (c === quote || this.#trims || (c <= space && this.#skipsBlanks && isBlank(c)))
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

    let from = quoted ? start + 1 : start
    let to = quoted ? closing : stop
    if (kinds[column] === skip) return stop
    if (kinds[column]! >= byteCategory) {
      if (this.#trims && !quoted) {
        while (from < to && isBlank(bytes[from]!)) from++
        while (from < to && isBlank(bytes[to - 1]!)) to--
      }
      const code = quoted
        ? this.#coder.codeOfQuoted(chunk, from, to, column)
        : this.#coder.codeOf(chunk, from, to, hashBytes(bytes, from, to), column)
      return this.#putCode(column, row, code) ? stop : -1
    }
    if (kinds[column] === wideInteger)
      return this.#readInteger(chunk, from, to, column, row) ? stop : -1
    const value = this.#numbers.read(chunk, from, to, column)
    if (value === undefined) {
      this.#giveUp(column)
      return -1
    }
    if (this.#leavesNumbers(chunk, from, to, column, value)) return -1
    if (Number.isNaN(value)) this.#hasMissing[column] = 1
    numbers[bases[column]! + row] = value
    return stop
  }

  /**
   * Looks at a field that may be no double: an identifier such as `007`, with which the column is one of texts, or a whole number that a double
   * rounds, with which it has 64 bits. Numbers from 2^53 on must be written in digits alone for that.
   *
   * @returns whether the row must be read again, as the column is read in another way from now on
   */
  #leavesNumbers(
    chunk: FileChunks,
    start: number,
    stop: number,
    column: number,
    value: number,
  ): boolean {
    const { bytes } = chunk
    // A field that the chunk's end cuts comes again whole.
    if (this.#plans[column]!.strict === true || (stop >= chunk.end && !chunk.final)) return false
    let [from, to] = [start, stop]
    while (from < to && isBlank(bytes[from]!)) from++
    while (from < to && isBlank(bytes[to - 1]!)) to--
    if (to - from < 2) return false
    if (startsWithZeros(bytes, from)) {
      if (!isDigits(bytes, from, to)) return false
      this.#giveUp(column)
      return true
    }
    if (this.#isNarrow[column] === 1 || !(Math.abs(value) >= firstInexact)) return false
    const integer = parseInteger(bytes, from, to)
    if (integer === undefined) this.#isNarrow[column] = 1
    if (integer === undefined || BigInt(value) === integer) return false
    this.notes.number(chunk, from, to, column, value)
    this.#changeKind(column, wideInteger)
    return true
  }

  /** Reads a field of a column of 64 bits; false when the row must be read again, as the column can't be one. */
  #readInteger(chunk: FileChunks, from: number, to: number, column: number, row: number): boolean {
    const value = this.#numbers.readInteger(chunk, from, to, column)
    if (value === undefined) {
      this.#isNarrow[column] = 1
      this.#changeKind(column, this.#number)
      return false
    }
    if (value === noInteger) this.#hasMissing[column] = 1
    const { bases, integers } = this.#block
    integers[bases[column]! + row] = value
    return true
  }

  #giveUp(column: number): void {
    this.givenUp.add(column)
    this.#changeKind(column, skip)
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
