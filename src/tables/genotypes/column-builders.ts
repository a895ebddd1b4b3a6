/** Columns of a genotype table that grow row by row. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { CategoryColumn } from '../columns/category-column.ts'
import { NumberColumn } from '../columns/number-column.ts'
import { TextColumn } from '../columns/text-column.ts'

/** Values of a block; what is full is never moved. */
const blockRows = 65536

type Codes = Int8Array | Int16Array | Int32Array

/** Texts of a column, each different one once. */
export class TextDictionary {
  readonly texts: string[] = []
  readonly #codes = new Map<string, number>()

  /** The code of a text; -1 for none. */
  codeOf(text: string | undefined): number {
    if (text === undefined) return -1
    let code = this.#codes.get(text)
    if (code === undefined) {
      code = this.texts.push(text) - 1
      this.#codes.set(text, code)
    }
    return code
  }
}

/** A growing column of texts. Columns may share a dictionary. */
export class TextBuilder {
  readonly dictionary: TextDictionary
  #blocks: Codes[] = []
  #last: Codes = new Int8Array(0)
  #used = 0
  #limit = 127
  rows = 0

  constructor(dictionary: TextDictionary = new TextDictionary()) {
    this.dictionary = dictionary
  }

  /** Appends a text, or no value. */
  add(text: string | undefined): void {
    this.addCode(this.dictionary.codeOf(text))
  }

  /** Appends a code of the dictionary, or -1. */
  addCode(code: number): void {
    if (code > this.#limit) this.#widen(code)
    if (this.#used === this.#last.length) {
      this.#last = makeCodes(this.#limit, blockRows)
      this.#blocks.push(this.#last)
      this.#used = 0
    }
    this.#last[this.#used++] = code
    this.rows++
  }

  /** The column in shared memory; the builder is empty then. */
  finish(name: string): CategoryColumn {
    const values: NDArray<'int8' | 'int16' | 'int32'> = shared([this.rows], typeOf(this.#limit))
    const target = values.data
    for (const [i, block] of this.#blocks.entries()) {
      const rest = Math.min(blockRows, this.rows - i * blockRows)
      target.set(block.subarray(0, rest), values.offset + i * blockRows)
    }
    this.#blocks = []
    return new CategoryColumn(name, values, [...this.dictionary.texts])
  }

  #widen(code: number): void {
    this.#limit = code > 32767 ? 2 ** 31 - 1 : 32767
    this.#blocks = this.#blocks.map((block) => {
      const wide = makeCodes(this.#limit, blockRows)
      wide.set(block)
      return wide
    })
    this.#last = this.#blocks.at(-1) ?? new Int8Array(0)
  }
}

function typeOf(limit: number): 'int8' | 'int16' | 'int32' {
  if (limit === 127) return 'int8'
  return limit === 32767 ? 'int16' : 'int32'
}

function makeCodes(limit: number, length: number): Codes {
  if (limit === 127) return new Int8Array(length)
  return limit === 32767 ? new Int16Array(length) : new Int32Array(length)
}

/** A growing column of numbers. */
export class NumberBuilder {
  #values = new Float64Array(1024)
  rows = 0

  add(value: number): void {
    if (this.rows === this.#values.length) {
      const grown = new Float64Array(2 * this.rows)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.rows++] = value
  }

  /** The number of a row that was added. */
  at(row: number): number {
    return this.#values[row]!
  }

  /** The column in shared memory. */
  finish(name: string): NumberColumn<'float64'> {
    const values = shared([this.rows], 'float64')
    values.data.set(this.#values.subarray(0, this.rows), values.offset)
    return new NumberColumn(name, values)
  }
}

/** A growing column of texts that are mostly different: bytes one after the other. */
export class NameBuilder {
  #bytes = Buffer.alloc(1 << 12)
  #used = 0
  readonly #ends = new NumberBuilder()
  readonly #missing: number[] = []

  /** Appends a text, or no value. */
  add(text: string | undefined): void {
    if (text === undefined) this.#missing.push(this.#ends.rows)
    else {
      const needed = this.#used + 3 * text.length
      if (needed > this.#bytes.length) {
        const grown = Buffer.alloc(2 * needed)
        this.#bytes.copy(grown, 0, 0, this.#used)
        this.#bytes = grown
      }
      this.#used += this.#bytes.write(text, this.#used)
    }
    this.#ends.add(this.#used)
  }

  /** The column in shared memory. */
  finish(name: string): TextColumn {
    const { rows } = this.#ends
    const offsets = shared([rows + 1], 'int64')
    for (let i = 0; i < rows; i++) offsets.data[offsets.offset + 1 + i] = BigInt(this.#ends.at(i))
    const bytes = shared([this.#used], 'uint8')
    bytes.data.set(this.#bytes.subarray(0, this.#used), bytes.offset)
    if (this.#missing.length === 0) return new TextColumn(name, { offsets, bytes })
    const validity = shared([Math.ceil(rows / 8)], 'uint8')
    validity.data.fill(255, validity.offset, validity.offset + validity.size)
    for (const row of this.#missing)
      validity.data[validity.offset + (row >> 3)]! &= ~(1 << (row & 7))
    return new TextColumn(name, { offsets, bytes }, { validity })
  }
}
