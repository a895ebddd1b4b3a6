/** Detects the delimiter of a file from its first rows. */

import { CsvFault } from './csv-fault.ts'
import type { FileChunks } from './source/file-chunks.ts'
import { comma, hasDecimalComma } from '../numbers/number-parser.ts'
import { countFields, type Dialect, quote, type SplitRow, takeRows } from './split-row.ts'

/** Rows that are looked at. */
const delimiterRows = 20

const candidates = [',', ';', '\t', '|'] as const

/**
 * The delimiter that cuts the most rows like the first one; of equals, the one with the fewest other
 * delimiters left in its fields, where a decimal comma is none; then the one that cuts most fields.
 * A decimal comma is the delimiter only where no other cuts a row.
 *
 * @param start - where the rows begin in the chunk
 * @param hasHeader - whether the first row holds names
 * @throws CsvFault when the comma may be either
 */
export function sniffDelimiter(
  chunk: FileChunks,
  start: number,
  dialect: Dialect,
  hasHeader: boolean,
): number {
  const fallback = dialect.decimal === comma ? ';' : ','
  let best = { delimiter: fallback.charCodeAt(0), rank: [0, 0, 1] }
  for (const character of candidates) {
    const delimiter = character.charCodeAt(0)
    if (delimiter === dialect.decimal) continue
    const rows = takeRows(chunk, start, { ...dialect, delimiter }, delimiterRows)
    const width = rows[0] === undefined ? 0 : countFields(rows[0])
    if (width < 2) continue
    const alike = rows.filter((row) => countFields(row) === width)
    const rank = [alike.length / rows.length, cleanShare(chunk, alike), width]
    if (isMore(rank, best.rank)) best = { delimiter, rank }
  }
  const mayBeComma = best.rank[0] === 0 && dialect.decimal === comma
  return mayBeComma && isCutByCommas(chunk, start, dialect, hasHeader) ? comma : best.delimiter
}

/**
 * Whether commas cut a file in which no other delimiter does, and whose decimal separator is the comma: it cuts most rows
 * like the first one, and they are more than a number with a decimal comma.
 *
 * @throws CsvFault when the rows may be read either way
 */
function isCutByCommas(
  chunk: FileChunks,
  start: number,
  dialect: Dialect,
  hasHeader: boolean,
): boolean {
  const [first, ...rest] = takeRows(chunk, start, { ...dialect, delimiter: comma }, delimiterRows)
  if (first === undefined) return false
  const width = countFields(first)
  const alike = rest.filter((row) => countFields(row) === width)
  if (width < 2 || 2 * alike.length < rest.length) return false
  const isDecimal = (row: SplitRow): boolean => isDecimalNumber(chunk, row)
  if (!rest.every(isDecimal) || rest.length === 0) return !isDecimal(first)
  if (!hasHeader || isDecimal(first)) return false
  if (isQuoted(chunk, first, 0)) return true
  throw ambiguousCommas(chunk, rest[0]!)
}

/** Whether the two fields of a row are the parts of one number with a decimal comma. */
function isDecimalNumber(chunk: FileChunks, row: SplitRow): boolean {
  if (countFields(row) !== 2 || isQuoted(chunk, row, 0) || isQuoted(chunk, row, 1)) return false
  return hasDecimalComma(`${rawText(chunk, row, 0)},${rawText(chunk, row, 1)}`)
}

function ambiguousCommas(chunk: FileChunks, row: SplitRow): CsvFault {
  const text = `${rawText(chunk, row, 0)},${rawText(chunk, row, 1)}`
  const advice =
    "Pass `delimiter: ','` if commas part the columns, or `delimiter: ';'` if the header is one name."
  return new CsvFault(
    chunk.offset + row.places[0]!,
    (lineOf) =>
      `expected to find the delimiter, but '${text}' at line ${lineOf(chunk.offset + row.places[0]!)} may be one number with a ` +
      `decimal comma or two columns, as in the header. ${advice}`,
    { advice, likely: 'ambiguous-commas' },
  )
}

/**
 * The usual delimiter that stands most often in a header of one field: the one given may be wrong.
 *
 * @returns undefined when there is none, or the field is quoted
 */
export function findOtherDelimiter(
  chunk: FileChunks,
  header: SplitRow,
  { delimiter, decimal }: Dialect,
): string | undefined {
  if (countFields(header) !== 1 || isQuoted(chunk, header, 0)) return undefined
  const text = rawText(chunk, header, 0).trim()
  const count = (character: string): number => text.split(character).length - 1
  const [most] = candidates
    .filter((other) => ![delimiter, decimal].includes(other.charCodeAt(0)) && text.includes(other))
    .toSorted((a, b) => count(b) - count(a))
  return most
}

/** Which part of the fields holds no other delimiter. */
function cleanShare(chunk: FileChunks, rows: readonly SplitRow[]): number {
  let fields = 0
  let clean = 0
  for (const row of rows) {
    const count = countFields(row)
    fields += count
    for (let i = 0; i < count; i++) if (isClean(chunk, row, i)) clean++
  }
  return clean / fields
}

function isClean(chunk: FileChunks, row: SplitRow, index: number): boolean {
  if (isQuoted(chunk, row, index)) return true
  const text = rawText(chunk, row, index)
  return !/[,;\t|]/.test(text) || /^\s*[+-]?\d+,\d+\s*$/.test(text)
}

function isQuoted(chunk: FileChunks, row: SplitRow, index: number): boolean {
  return chunk.bytes[row.places[2 * index]! - 1] === quote
}

/** The bytes of a field as characters. */
function rawText(chunk: FileChunks, row: SplitRow, index: number): string {
  const start = row.places[2 * index]!
  const end = row.places[2 * index + 1]!
  return Buffer.from(chunk.bytes.buffer, start, end - start).toString('latin1')
}

/** Compares lists of numbers, the first one first. */
function isMore(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((value, i) => value !== b[i])
  return place >= 0 && a[place]! > b[place]!
}
