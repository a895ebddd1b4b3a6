/** Detects delimiter, line end, names and likely column kinds. */

import { readSync } from 'node:fs'
import { nameByPlace, nameColumns } from './column-names.ts'
import { CsvFault } from './csv-fault.ts'
import { FileChunks } from './source/file-chunks.ts'
import { isIdentifier, parseNumberText } from '../numbers/number-parser.ts'
import { type RemoveThousands, removeThousands } from '../numbers/thousands.ts'
import { findOtherDelimiter, sniffDelimiter } from './sniff-delimiter.ts'
import {
  carriageReturn,
  countFields,
  type Dialect,
  fieldText,
  lineFeed,
  quote,
  skipToRow,
  type SplitRow,
  splitRow,
  takeRows,
} from './split-row.ts'

/** What the beginning of a file tells about the rest. */
export interface Layout {
  readonly dialect: Dialect
  /** Column names, all different. */
  readonly names: readonly string[]
  /** Columns whose name stood in the header before, and was changed. */
  readonly renamed: readonly { readonly column: number; readonly header: string }[]
  /** Columns whose name begins with a quote that means itself, because blanks come before it. */
  readonly quoted: readonly number[]
  /** Whether the header ends with a delimiter that counts. */
  readonly endsBlank: boolean
  /** Another usual delimiter in the header of a single column: the one given may be wrong. */
  readonly otherDelimiter: string | undefined
  /** Position in the file of the first row, the header included. */
  readonly firstRow: number
  /** Its first byte. */
  readonly firstByte: number
  /** Position in the file of the first row of data. */
  readonly start: number
  /** For each column whether text stands in it among the first rows. */
  readonly hasText: readonly boolean[]
}

/** What the user has settled about the layout. */
export interface LayoutOptions {
  readonly delimiter: string | undefined
  readonly decimal: '.' | ','
  readonly header: boolean
  readonly missing: ReadonlySet<string>
  readonly comment: string | undefined
  readonly rowNames: boolean
  readonly trailingDelimiter: boolean
  readonly skipInitialSpace: boolean
  readonly thousands: string | undefined
  /** Lines at the beginning that are no rows. */
  readonly skipRows: number
}

/** Rows that are looked at for kinds of columns. */
const kindRows = 100

/** Beginning of a file in which its first lines are looked for, unless the first row is longer. */
const sampleBytes = 1 << 20

/** Longest beginning of a file in which its first line end is looked for. */
const headBytes = 1 << 16

/**
 * Looks at the beginning of a file.
 *
 * @param file - descriptor
 * @param size - of the file in bytes
 * @param newline - the byte that ends a line, from {@link sniffNewline}
 * @param options - what needs no guess
 * @param chunkBytes - how much to read at first
 * @throws CsvFault when there is nothing in it, or its quotes are broken
 */
export function sniffLayout(
  file: number,
  size: number,
  newline: Dialect['newline'],
  options: LayoutOptions,
  chunkBytes: number,
): Layout {
  const begin = skipLines(file, markLength(file), newline, options.skipRows)
  const chunk = new FileChunks(file, begin, size, newline, chunkBytes)
  while (chunk.end < sampleBytes && !hasLines(chunk, newline, 3) && chunk.next(0));
  const comment = options.comment?.charCodeAt(0) ?? -1
  const decimal = options.decimal.charCodeAt(0)
  const skipsBlanks = options.skipInitialSpace
  const told = readSeparatorLine(chunk, newline)
  const delimiter =
    options.delimiter?.charCodeAt(0) ??
    told.delimiter ??
    sniffDelimiter(
      chunk,
      told.next,
      { delimiter: -1, newline, comment, decimal, skipsBlanks },
      options.header,
    )
  const dialect: Dialect = { delimiter, newline, comment, decimal, skipsBlanks }

  let from = skipToRow(chunk, told.next, dialect)
  let first = firstRow(chunk, from, dialect)
  // What stands before the row goes, so that a row too long for memory is named by its own line.
  while (first === undefined && chunk.next(from)) {
    from = skipToRow(chunk, 0, dialect)
    first = firstRow(chunk, from, dialect)
  }
  if (first === undefined) {
    const wanted = options.header ? 'a header with the names of the columns' : 'rows'
    const found =
      options.skipRows === 0
        ? 'the file is empty'
        : `the file has none behind its first ${options.skipRows} lines`
    throw new CsvFault(chunk.offset, () => `expected ${wanted}, ${found}.`)
  }
  const fields = fieldTexts(chunk, first.row)
  if (options.trailingDelimiter && fields.length > 1 && fields.at(-1)!.trim() === '') fields.pop()
  const { names, renamed, quoted } = options.header
    ? nameColumns(options.rowNames ? ['row', ...fields] : fields)
    : { names: fields.map((_, index) => nameByPlace(index)), renamed: [], quoted: [] }
  const start = options.header ? first.row.next : first.start
  return {
    dialect,
    names,
    renamed,
    quoted,
    endsBlank: options.header && fields.length > 1 && fields.at(-1)!.trim() === '',
    otherDelimiter:
      options.header && names.length === 1
        ? findOtherDelimiter(
            chunk,
            first.row,
            options.delimiter === undefined ? { ...dialect, decimal: -1 } : dialect,
          )
        : undefined,
    firstRow: chunk.offset + first.start,
    firstByte: chunk.bytes[first.start]!,
    // A header without a line end is followed by nothing.
    start: Math.min(size, chunk.offset + start),
    hasText: findText(chunk, takeRows(chunk, start, dialect, kindRows), names, {
      missing: options.missing,
      decimal,
      remove: removeThousands(options.thousands, options.decimal),
    }),
  }
}

/**
 * The byte that ends lines: a line feed, or a carriage return alone (old Macintosh) when the first
 * line ends in one.
 *
 * @throws CsvFault when carriage returns alone end some lines and line feeds others
 */
export function sniffNewline(file: number): Dialect['newline'] {
  const head = Buffer.alloc(headBytes)
  const length = readSync(file, head, 0, head.length, 0)
  let quoted = false
  let newline: Dialect['newline'] | undefined
  for (let at = 0; at < length; at++) {
    if (head[at] === quote) quoted = !quoted
    else if (quoted) continue
    else if (head[at] === lineFeed && newline === carriageReturn) throw mixedLineEnds(at)
    else if (head[at] === lineFeed) return lineFeed
    else if (head[at] === carriageReturn && at + 1 < length) {
      if (head[at + 1] !== lineFeed) newline = carriageReturn
      else if (newline === undefined) return lineFeed
    }
  }
  return newline ?? lineFeed
}

function mixedLineEnds(offset: number): CsvFault {
  return new CsvFault(
    offset,
    () =>
      'expected one kind of line end, but the first line ends with a carriage return and a later ' +
      "one with a line feed. Convert all line ends to line feeds: `tr '\\r' '\\n' < FILE`.",
    { likely: 'line-ends' },
  )
}

/** Length of the byte order mark that some programs put before UTF-8. */
function markLength(file: number): number {
  const head = Buffer.alloc(3)
  readSync(file, head, 0, 3, 0)
  return head.equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0
}

/** Position behind the first `count` lines. */
function skipLines(file: number, start: number, newline: number, count: number): number {
  if (count === 0) return start
  const block = Buffer.allocUnsafe(1 << 16)
  let left = count
  for (let position = start; ;) {
    const length = readSync(file, block, 0, block.length, position)
    if (length === 0) return position
    let at = -1
    while (left > 0) {
      at = block.indexOf(newline, at + 1)
      if (at < 0 || at >= length) break
      left--
    }
    if (left === 0) return position + at + 1
    position += length
  }
}

function hasLines({ bytes, end }: FileChunks, newline: number, count: number): boolean {
  let at = -1
  for (let line = 0; line < count; line++) {
    at = bytes.indexOf(newline, at + 1)
    if (at < 0 || at >= end) return false
  }
  return true
}

/** The line `sep=;` by which Excel is told the delimiter, and where the rows begin. */
function readSeparatorLine(
  { bytes, end }: FileChunks,
  newline: number,
): { delimiter: number | undefined; next: number } {
  const text = Buffer.from(bytes.buffer, 0, Math.min(end, 9)).toString('latin1')
  const match = /^("?)sep=([,;\t|: ])\1(\r?\n|\r)/i.exec(text)
  if (match === null) return { delimiter: undefined, next: 0 }
  const next = match[0].length
  if (bytes[next - 1] !== newline) return { delimiter: undefined, next: 0 }
  return { delimiter: match[2]!.charCodeAt(0), next }
}

function firstRow(
  chunk: FileChunks,
  from: number,
  dialect: Dialect,
): { row: SplitRow; start: number } | undefined {
  const start = skipToRow(chunk, from, dialect)
  const row = start < chunk.end ? splitRow(chunk, start, dialect) : undefined
  return row && { row, start }
}

function fieldTexts(chunk: FileChunks, row: SplitRow): string[] {
  return Array.from({ length: countFields(row) }, (_, index) => fieldText(chunk, row, index))
}

/** For each column whether a text stands in it; broken text, which the reading refuses, is text. */
function findText(
  chunk: FileChunks,
  rows: readonly SplitRow[],
  names: readonly string[],
  {
    missing,
    decimal,
    remove,
  }: { missing: ReadonlySet<string>; decimal: number; remove: RemoveThousands },
): boolean[] {
  const isText = (row: SplitRow, index: number): boolean => {
    if (index >= countFields(row)) return false
    const text = fieldText(chunk, row, index).trim()
    if (missing.has(text)) return false
    return isIdentifier(text) || parseNumberText(remove(text), decimal) === undefined
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
