/** Splits one row simply, for headers, samples and error messages. */

import { isUtf8 } from 'node:buffer'
import { CsvFault } from './csv-fault.ts'
import type { FileChunks } from './source/file-chunks.ts'

/** How the fields of a file are told apart. */
export interface Dialect {
  /** The byte between two fields. */
  readonly delimiter: number
  /** The byte that ends a row; a carriage return before a line feed belongs to it. */
  readonly newline: typeof lineFeed | typeof carriageReturn
  /** The byte with which lines begin that are no rows; -1, no byte, when there are none. */
  readonly comment: number
  /** The byte between whole number and fraction. */
  readonly decimal: number
  /** Whether blanks before a field mean nothing, so that a quote may follow them. */
  readonly skipsBlanks?: boolean
}

export const lineFeed = 0x0a
export const carriageReturn = 0x0d
export const quote = 0x22

/** A row by places in its chunk. */
export interface SplitRow {
  /** Start and end of each field's text, without its quotes: `start, end, start, end …`. */
  readonly places: readonly number[]
  /** Where the next row starts. */
  readonly next: number
}

/**
 * Splits the row at `start`.
 *
 * @param chunk - bytes
 * @param start - first byte of the row
 * @param dialect - delimiter and line end
 * @returns the row, or undefined when the chunk ends inside it and more is to come
 * @throws CsvFault for misplaced or unclosed quotes
 * @see RFC 4180
 */
export function splitRow(chunk: FileChunks, start: number, dialect: Dialect): SplitRow | undefined {
  const { bytes, end, final, offset } = chunk
  const places: number[] = []
  for (let at = start; ;) {
    let stop: number
    if (dialect.skipsBlanks === true) at = skipBlanks(bytes, at, dialect.delimiter)
    if (bytes[at] === quote) {
      const closing = closingQuote(bytes, at, end)
      if (closing < 0 && !final) return undefined
      if (closing < 0) throw unclosedQuote(offset + at)
      stop = fieldEnd(bytes, closing + 1, dialect)
      if (stop >= end && !final) return undefined
      requireBlank(chunk, at, closing, stop)
      places.push(at + 1, closing)
    } else {
      stop = fieldEnd(bytes, at, dialect)
      if (stop >= end && !final) return undefined
      places.push(at, stop)
    }
    if (bytes[stop] === dialect.delimiter) at = stop + 1
    else {
      const lineEnd = bytes[stop] === dialect.newline ? stop : stop + 1
      return lineEnd >= end && !final ? undefined : { places, next: lineEnd + 1 }
    }
  }
}

/** How many fields a row has. */
export function countFields({ places }: SplitRow): number {
  return places.length / 2
}

/**
 * The text of field `index` of a row.
 *
 * @throws CsvFault for broken text
 */
export function fieldText(chunk: FileChunks, { places }: SplitRow, index: number): string {
  const from = places[2 * index]!
  const text = requireText(chunk, from, places[2 * index + 1]!)
  // Before a field without quotes stands a delimiter or a line end.
  return chunk.bytes[from - 1] === quote ? text.replaceAll('""', '"') : text
}

/**
 * Moves over blank lines and comment lines.
 *
 * @returns where the first row starts; where the chunk's last line starts when more is to come and
 * may decide; else the chunk's end
 */
export function skipToRow(
  { bytes, end, final }: FileChunks,
  start: number,
  { delimiter, newline, comment }: Dialect,
): number {
  let line = start
  for (let at = start; at < end; at++) {
    const c = bytes[at]!
    if (at === line && c === comment) {
      // Behind the last byte stands a line end.
      while (bytes[at] !== newline) at++
      if (at < end) line = at + 1
    } else if (c === newline) line = at + 1
    else if (
      c === delimiter ||
      !(isBlank(c) || (c === carriageReturn && bytes[at + 1] === newline))
    )
      return line
  }
  return final ? end : line
}

/**
 * Complete rows from `start` on, up to the first broken one.
 *
 * @param count - how many at most
 */
export function takeRows(
  chunk: FileChunks,
  start: number,
  dialect: Dialect,
  count: number,
): SplitRow[] {
  const rows: SplitRow[] = []
  try {
    for (let at = start; rows.length < count;) {
      at = skipToRow(chunk, at, dialect)
      const row = at < chunk.end ? splitRow(chunk, at, dialect) : undefined
      if (row === undefined) break
      rows.push(row)
      at = row.next
    }
  } catch (fault) {
    // The reading that follows meets it again and says where it is.
    if (!(fault instanceof CsvFault)) throw fault
  }
  return rows
}

/**
 * Finds the delimiter or line end behind a field without quotes.
 *
 * @param bytes - with a line end behind the last byte
 * @param start - where to begin
 * @returns position of the delimiter, the line feed, or the carriage return before it
 */
export function fieldEnd(bytes: Uint8Array, start: number, dialect: Dialect): number {
  const { delimiter, newline } = dialect
  let at = start
  for (let c = bytes[at]!; c !== delimiter && c !== newline; c = bytes[++at]!) {
    if (c === carriageReturn && bytes[at + 1] === newline) return at
  }
  return at
}

/** Moves over blanks that are no delimiters. */
export function skipBlanks(bytes: Uint8Array, start: number, delimiter: number): number {
  let at = start
  while (isBlank(bytes[at]!) && bytes[at] !== delimiter) at++
  return at
}

/** Whether a field without quotes begins with blanks and a quote, so that the quote means nothing. */
export function hasQuoteAfterBlank(bytes: Uint8Array, from: number, to: number): boolean {
  if (from >= to || !isBlank(bytes[from]!)) return false
  let at = from
  while (at < to && isBlank(bytes[at]!)) at++
  return at < to && bytes[at] === quote
}

/** Position of the quote that closes the one at `open`; -1 when there is none before `end`. */
export function closingQuote(bytes: Uint8Array, open: number, end: number): number {
  for (let at = open + 1; ; at += 2) {
    while (at < end && bytes[at] !== quote) at++
    if (at >= end) return -1
    if (at + 1 >= end || bytes[at + 1] !== quote) return at
  }
}

/** Refuses anything but blanks between a closing quote and the end of its field. */
export function requireBlank(chunk: FileChunks, open: number, closing: number, stop: number): void {
  for (let at = closing + 1; at < stop; at++) {
    if (isBlank(chunk.bytes[at]!)) continue
    const place = chunk.offset + at
    const opening = chunk.offset + open
    const found = JSON.stringify(String.fromCharCode(chunk.bytes[at]!))
    throw new CsvFault(
      place,
      (lineOf) =>
        `expected a delimiter or line end after the closing quote at line ${lineOf(place)}, got ` +
        `${found}. The quoted field starts at line ${lineOf(opening)}; a quote inside it must be doubled.`,
    )
  }
}

/** The fault of a quote that nothing closes. */
export function unclosedQuote(offset: number): CsvFault {
  return new CsvFault(
    offset,
    (lineOf) =>
      `expected a closing quote for the one at line ${lineOf(offset)}, got the end of the file.`,
  )
}

/**
 * Decodes text strictly.
 *
 * @throws CsvFault for bytes that are no UTF-8, and for NUL, which no text file has
 */
export function requireText(chunk: FileChunks, from: number, to: number): string {
  const part = Buffer.from(chunk.bytes.buffer, from, to - from)
  const at = chunk.offset + from
  if (part.includes(0)) {
    throw new CsvFault(
      at,
      (lineOf) =>
        `expected text, got a NUL byte at line ${lineOf(at)}. Is it a binary file? If it is UTF-16, pass \`encoding: 'utf-16le'\`.`,
    )
  }
  if (isUtf8(part)) return part.toString('utf8')
  throw new CsvFault(
    at,
    (lineOf) =>
      `expected UTF-8, got ${JSON.stringify(part.toString('latin1').slice(0, 40))} in another ` +
      `encoding at line ${lineOf(at)}. If it is Latin-1, pass \`encoding: 'latin1'\`; otherwise convert the file.`,
  )
}

/** Whether a byte is a space or a tab. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09
}
