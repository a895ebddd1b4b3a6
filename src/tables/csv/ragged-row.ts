/** Why a row has another number of fields than the header. */

import { CsvFault } from './csv-fault.ts'
import type { FileChunks } from './file-chunks.ts'
import {
  carriageReturn,
  countFields,
  type Dialect,
  fieldEnd,
  lineFeed,
  type SplitRow,
} from './split-row.ts'

/** Why a row probably has too many or too few fields. */
export type RaggedCause =
  'comment' | 'line-ends' | 'trailing-delimiter' | 'row-names' | 'short-row' | 'unquoted-delimiter'

/** What is known about the file where a row is ragged. */
export interface RaggedContext {
  readonly dialect: Dialect
  /** Fields of the header, or of the first row. */
  readonly expected: number
  /** First byte of the header, or of the first row. */
  readonly firstByte: number
  /** Position in the file where the first row of data starts. */
  readonly start: number
}

/** The character by which a line looks like a comment, from its first byte. */
export function commentMark(byte: number): string | undefined {
  const character = String.fromCharCode(byte)
  return '#%!'.includes(character) ? character : undefined
}

/** What to do about a line that looks like a comment. */
export function adviseComment(mark: string): string {
  return `A line begins with '${mark}'. If such lines are comments, pass \`comment: '${mark}'\`.`
}

/**
 * The fault of a row with too many or too few fields: its line, the likely cause and the option to
 * pass.
 *
 * @param row - as it was split
 * @param start - where it starts in the chunk
 */
export function raggedRow(
  chunk: FileChunks,
  row: SplitRow,
  start: number,
  context: RaggedContext,
): CsvFault {
  const { expected } = context
  const got = countFields(row)
  const place = chunk.offset + start
  const cause = findCause(chunk, row, start, context)
  const first = chunk.bytes[start]!
  const mark = commentMark(first) ?? commentMark(context.firstByte) ?? ''
  const advice = cause === 'comment' ? adviseComment(mark) : advices[cause]
  return new CsvFault(
    place,
    (lineOf) =>
      `expected ${expected} ${expected === 1 ? 'field' : 'fields'} like the first row has, got ${got} at line ${lineOf(place)}. ${advice}`,
    { expected, got, likely: cause, advice, ...(cause === 'comment' ? { comment: mark } : {}) },
  )
}

function findCause(
  chunk: FileChunks,
  row: SplitRow,
  start: number,
  { dialect, expected, firstByte, start: firstData }: RaggedContext,
): RaggedCause {
  const got = countFields(row)
  const isFirst = chunk.offset + start === firstData
  const mark = commentMark(chunk.bytes[start]!) ?? (isFirst ? commentMark(firstByte) : undefined)
  if (mark !== undefined) return 'comment'
  if (hasOtherLineEnd(chunk, row, dialect)) return 'line-ends'
  if (got < expected) return 'short-row'
  if (got > expected + 1) return 'unquoted-delimiter'
  const from = row.places[2 * got - 2]!
  const isEmpty = chunk.bytes.subarray(from, row.places[2 * got - 1]).every((byte) => byte <= 0x20)
  if (isEmpty) return 'trailing-delimiter'
  return isFirst ? 'row-names' : 'unquoted-delimiter'
}

/** Whether a field without quotes holds a carriage return or line feed that ends no line here. */
function hasOtherLineEnd({ bytes }: FileChunks, row: SplitRow, dialect: Dialect): boolean {
  const other = dialect.newline === lineFeed ? carriageReturn : lineFeed
  for (let i = 0; i < row.places.length; i += 2) {
    const start = row.places[i]!
    const isPlain = fieldEnd(bytes, start, dialect) === row.places[i + 1]
    if (isPlain && bytes.subarray(start, row.places[i + 1]).includes(other)) return true
  }
  return false
}

const advices: Record<Exclude<RaggedCause, 'comment'>, string> = {
  'line-ends':
    "The row has a line end of another kind inside. Make all of them line feeds: `tr '\\r' '\\n' < FILE`.",
  'trailing-delimiter':
    'The row ends with a delimiter. If rows do so, pass `trailingDelimiter: true`.',
  'row-names':
    "The rows have one field more than the header, as in files of R's write.table. If they begin " +
    'with the name of the row, pass `rowNames: true`.',
  'short-row':
    "If rows may leave out their last fields, pass `shortRows: 'fill'`; these are missing then.",
  'unquoted-delimiter': 'A field that holds a delimiter must stand in double quotes.',
}
