/** Delimiter, line end, names and likely kinds, from a file's beginning. */

import { readSync } from 'node:fs'
import { CsvFault } from './csv-fault.ts'
import { FileChunks } from './file-chunks.ts'
import { parseNumberText } from './number-parser.ts'
import {
  carriageReturn,
  countFields,
  type Dialect,
  fieldText,
  lineFeed,
  quote,
  skipBlankLines,
  type SplitRow,
  splitRow,
} from './split-row.ts'

/** What the beginning of a file tells about the rest. */
export interface Layout {
  readonly dialect: Dialect
  /** Column names, all different. */
  readonly names: readonly string[]
  /** Position in the file of the first row of data. */
  readonly start: number
  /** For each column whether text stands in it among the first rows. */
  readonly hasText: readonly boolean[]
}

/** What the user has settled about the layout. */
export interface LayoutOptions {
  readonly delimiter: string | undefined
  readonly header: boolean
  readonly missing: ReadonlySet<string>
}

/** Rows that are looked at for kinds of columns. */
const kindRows = 100

/** Rows that are looked at for the delimiter. */
const delimiterRows = 20

/**
 * Looks at the beginning of a file.
 *
 * @param file - descriptor
 * @param size - of the file in bytes
 * @param newline - the byte that ends a line, from {@link sniffNewline}
 * @param options - what needs no guess
 * @param chunkBytes - how much to read at first
 * @throws CsvFault when there is nothing in it, names repeat, or its quotes are broken
 */
export function sniffLayout(
  file: number,
  size: number,
  newline: Dialect['newline'],
  options: LayoutOptions,
  chunkBytes: number,
): Layout {
  const chunk = new FileChunks(file, markLength(file), size, newline, chunkBytes)
  while (!hasLines(chunk, newline, 3) && chunk.next(0));
  const delimiter = options.delimiter?.charCodeAt(0) ?? sniffDelimiter(chunk, newline)
  const dialect: Dialect = { delimiter, newline }

  let first = firstRow(chunk, dialect)
  while (first === undefined && chunk.next(0)) first = firstRow(chunk, dialect)
  if (first === undefined) {
    const wanted = options.header ? 'a header with the names of the columns' : 'rows'
    throw new CsvFault(chunk.offset, () => `expected ${wanted}, the file is empty.`)
  }
  const names = options.header
    ? requireNames(fieldTexts(chunk, first.row), chunk.offset + first.start)
    : Array.from({ length: countFields(first.row) }, (_, index) => nameByPlace(index))
  const start = options.header ? first.row.next : first.start
  return {
    dialect,
    names,
    // A header without a line end is followed by nothing.
    start: Math.min(size, chunk.offset + start),
    hasText: findText(chunk, takeRows(chunk, start, dialect, kindRows), names, options.missing),
  }
}

/** The byte that ends the first line: a line feed, or a carriage return alone (old Macintosh). */
export function sniffNewline(file: number): Dialect['newline'] {
  const head = Buffer.alloc(1 << 16)
  const length = readSync(file, head, 0, head.length, 0)
  let quoted = false
  for (let at = 0; at < length; at++) {
    if (head[at] === quote) quoted = !quoted
    else if (!quoted && head[at] === lineFeed) return lineFeed
    else if (!quoted && head[at] === carriageReturn && at + 1 < length)
      return head[at + 1] === lineFeed ? lineFeed : carriageReturn
  }
  return lineFeed
}

/** Length of the byte order mark that some programs put before UTF-8. */
function markLength(file: number): number {
  const head = Buffer.alloc(3)
  readSync(file, head, 0, 3, 0)
  return head.equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0
}

function hasLines({ bytes, end }: FileChunks, newline: number, count: number): boolean {
  let at = -1
  for (let line = 0; line < count; line++) {
    at = bytes.indexOf(newline, at + 1)
    if (at < 0 || at >= end) return false
  }
  return true
}

/** The delimiter that cuts the most rows like the first one; of equals, into more fields. */
function sniffDelimiter(chunk: FileChunks, newline: Dialect['newline']): number {
  let best = { delimiter: ','.charCodeAt(0), agreement: 0, width: 1 }
  for (const character of [',', ';', '\t', '|']) {
    const delimiter = character.charCodeAt(0)
    const rows = takeRows(chunk, 0, { delimiter, newline }, delimiterRows)
    const width = rows[0] === undefined ? 0 : countFields(rows[0])
    const agreement = rows.filter((row) => countFields(row) === width).length / rows.length
    const better =
      agreement > best.agreement || (agreement === best.agreement && width > best.width)
    if (width > 1 && better) best = { delimiter, agreement, width }
  }
  return best.delimiter
}

/** Complete rows from `start` on, without blank lines, up to the first broken one. */
function takeRows(chunk: FileChunks, start: number, dialect: Dialect, count: number): SplitRow[] {
  const rows: SplitRow[] = []
  try {
    for (let at = start; rows.length < count;) {
      at = skipBlankLines(chunk, at, dialect)
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

function firstRow(
  chunk: FileChunks,
  dialect: Dialect,
): { row: SplitRow; start: number } | undefined {
  const start = skipBlankLines(chunk, 0, dialect)
  const row = start < chunk.end ? splitRow(chunk, start, dialect) : undefined
  return row && { row, start }
}

function fieldTexts(chunk: FileChunks, row: SplitRow): string[] {
  return Array.from({ length: countFields(row) }, (_, index) => fieldText(chunk, row, index))
}

function requireNames(fields: readonly string[], offset: number): readonly string[] {
  const names = fields.map((field, index) => field.trim() || nameByPlace(index))
  const places = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    const other = places.get(name)
    if (other !== undefined) {
      throw new CsvFault(
        offset,
        (lineOf) =>
          `expected different column names, got '${name}' for columns ${other + 1} and ` +
          `${index + 1} at line ${lineOf(offset)}. Rename one, or pass \`header: false\` if ` +
          'that line is no header.',
        { column: name },
      )
    }
    places.set(name, index)
  }
  return names
}

function nameByPlace(index: number): string {
  return `column${index + 1}`
}

/** For each column whether a text stands in it; broken text, which the reading refuses, is text. */
function findText(
  chunk: FileChunks,
  rows: readonly SplitRow[],
  names: readonly string[],
  missing: ReadonlySet<string>,
): boolean[] {
  const isText = (row: SplitRow, index: number): boolean => {
    if (index >= countFields(row)) return false
    const text = fieldText(chunk, row, index).trim()
    return !missing.has(text) && parseNumberText(text) === undefined
  }
  return names.map((_, index) => {
    try {
      return rows.some((row) => isText(row, index))
    } catch (fault) {
      if (fault instanceof CsvFault) return true
      throw fault
    }
  })
}
