/** Detects the delimiter of a file from its first rows. */

import type { FileChunks } from './file-chunks.ts'
import { comma, hasDecimalComma } from '../numbers/number-parser.ts'
import { countFields, type Dialect, quote, type SplitRow, takeRows } from './split-row.ts'

/** Rows that are looked at. */
const delimiterRows = 20

const candidates = [',', ';', '\t', '|'] as const

/**
 * The delimiter that cuts the most rows like the first one; of equals, the one with the fewest other
 * delimiters left in its fields, where a decimal comma is none; then the one that cuts most fields.
 * A decimal comma is the delimiter only where no other cuts a row and numbers with a comma are quoted.
 *
 * @param start - where the rows begin in the chunk
 */
export function sniffDelimiter(chunk: FileChunks, start: number, dialect: Dialect): number {
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
  return best.rank[0] === 0 && quotesDecimals(chunk, start, dialect) ? comma : best.delimiter
}

/** Whether the comma cuts all rows alike, and a field with a decimal comma is quoted. */
function quotesDecimals(chunk: FileChunks, start: number, dialect: Dialect): boolean {
  if (dialect.decimal !== comma) return false
  const rows = takeRows(chunk, start, { ...dialect, delimiter: comma }, delimiterRows)
  const width = rows[0] === undefined ? 0 : countFields(rows[0])
  return (
    width > 1 &&
    rows.every((row) => countFields(row) === width) &&
    rows.some((row) => Array.from({ length: width }).some((_, i) => isQuotedDecimal(chunk, row, i)))
  )
}

function isQuotedDecimal(chunk: FileChunks, row: SplitRow, index: number): boolean {
  return isQuoted(chunk, row, index) && hasDecimalComma(rawText(chunk, row, index))
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
