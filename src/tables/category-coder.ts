/** Texts of fields to codes, column by column. */

import { Dictionary, hashBytes, unknown } from './dictionary.ts'
import type { FileChunks } from './file-chunks.ts'
import { carriageReturn, type Dialect, quote, requireText } from './split-row.ts'

/** Columns that get a table of one-byte texts; of more, the tables alone would fill the memory. */
export const byteTables = 4096

/** Keeps a dictionary for each column that needs one. */
export class CategoryCoder {
  /** Codes of texts of one byte, 256 a column; {@link unknown} where there is none, or it is above 127. */
  readonly byteCodes: Int8Array
  readonly #dictionaries: (Dictionary | undefined)[]
  readonly #missing: ReadonlySet<string>
  /** Bytes with a meaning of their own outside of quotes. */
  readonly #special: readonly number[]

  /**
   * @param columns - columns of the file
   * @param dialect - delimiter and line end
   * @param missing - trimmed texts that mean "no value"
   */
  constructor(columns: number, { delimiter, newline }: Dialect, missing: ReadonlySet<string>) {
    this.byteCodes = new Int8Array(Math.min(columns, byteTables) * 256).fill(unknown)
    this.#dictionaries = Array.from({ length: columns })
    this.#missing = missing
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
    const isMissing = this.#missing.has(requireText(chunk, from, to).trim())
    const code = dictionary.add(bytes, from, to, hash, isMissing)
    const first = bytes[from]!
    if (to - from === 1 && code <= 127 && column < byteTables && !this.#special.includes(first))
      this.byteCodes[(column << 8) | first] = code
    return code
  }

  /** The code of a field; doubled quotes inside of quotes are single ones in its text. */
  codeOfField(
    chunk: FileChunks,
    from: number,
    to: number,
    quoted: boolean,
    column: number,
  ): number {
    const { bytes } = chunk
    const inner = quoted ? bytes.indexOf(quote, from) : to
    if (inner >= to) return this.codeOf(chunk, from, to, hashBytes(bytes, from, to), column)
    const plain = Buffer.from(requireText(chunk, from, to).replaceAll('""', '"'))
    const hash = hashBytes(plain, 0, plain.length)
    const dictionary = this.dictionaryOf(column)
    const known = dictionary.find(plain, 0, plain.length, hash)
    return known === unknown ? dictionary.add(plain, 0, plain.length, hash) : known
  }
}
