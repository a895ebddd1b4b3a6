/** Explains why a row has another number of fields than the header. */

import { CsvFault } from './csv-fault.ts'
import type { FileChunks } from './source/file-chunks.ts'
import { parseNumberText } from '../numbers/number-parser.ts'
import {
  carriageReturn,
  countFields,
  type Dialect,
  fieldEnd,
  hasQuoteAfterBlank,
  lineFeed,
  quote,
  type SplitRow,
  takeRows,
} from './split-row.ts'

/** Why a row probably has too many or too few fields. */
export type RaggedCause =
  | 'comment'
  | 'line-ends'
  | 'title'
  | 'other-delimiter'
  | 'trailing-delimiter'
  | 'header-delimiter'
  | 'row-names'
  | 'short-row'
  | 'quote-after-blank'
  | 'single-quotes'
  | 'unquoted-delimiter'

/** What is known about the first row, which says how many fields the others have. */
export interface FirstRowFacts {
  /** Its first byte. */
  readonly firstByte: number
  /** Whether it is a header whose last name is blank and was not dropped as such. */
  readonly endsBlank: boolean
  /** Whether rows were said to begin with a name. */
  readonly rowNames: boolean
  /** Another usual delimiter in a header of one field, where the user gave the delimiter. */
  readonly otherDelimiter: string | undefined
}

/** What is known about the file where a row is ragged. */
export interface RaggedContext {
  readonly dialect: Dialect
  /** Fields of the header, or of the first row. */
  readonly expected: number
  readonly firstRow: FirstRowFacts
  /** Position in the file where the first row of data starts. */
  readonly start: number
}

/** The character by which a line looks like a comment, from its first byte. */
export function commentMark(byte: number): string | undefined {
  const character = String.fromCharCode(byte)
  return '#%!'.includes(character) ? character : undefined
}

/** What to do about a delimiter that seems to be the wrong one. */
export function adviseDelimiter(other: string): string {
  const shown = other.replace('\t', String.raw`\t`)
  return `If the fields are separated by '${shown}', pass \`delimiter: '${shown}'\`.`
}

/** What to do about a quote that is part of the text, because blanks come before it. */
export const adviseSkipBlanks =
  'If blanks before a field mean nothing, pass `skipInitialSpace: true`.'

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
  const { firstByte, otherDelimiter = '' } = context.firstRow
  const mark = commentMark(chunk.bytes[start]!) ?? commentMark(firstByte) ?? ''
  const advice = adviceFor(cause, mark, otherDelimiter)
  return new CsvFault(
    place,
    (lineOf) =>
      `expected ${expected} ${expected === 1 ? 'field' : 'fields'} like the first row has, got ${got} at line ${lineOf(place)}. ${advice}`,
    {
      expected,
      got,
      likely: cause,
      advice,
      ...(cause === 'comment' ? { comment: mark } : {}),
      ...(cause === 'other-delimiter' ? { delimiter: otherDelimiter } : {}),
    },
  )
}

function adviceFor(cause: RaggedCause, mark: string, otherDelimiter: string): string {
  if (cause === 'comment') return adviseComment(mark)
  return cause === 'other-delimiter' ? adviseDelimiter(otherDelimiter) : advices[cause]
}

function findCause(
  chunk: FileChunks,
  row: SplitRow,
  start: number,
  { dialect, expected, firstRow, start: firstData }: RaggedContext,
): RaggedCause {
  const got = countFields(row)
  const isFirst = chunk.offset + start === firstData
  const mark =
    commentMark(chunk.bytes[start]!) ?? (isFirst ? commentMark(firstRow.firstByte) : undefined)
  if (mark !== undefined && dialect.comment < 0) return 'comment'
  if (hasOtherLineEnd(chunk, row, dialect)) return 'line-ends'
  const next = takeRows(chunk, row.next, dialect, nextRows)
  const areAlike = next.every((one) => countFields(one) === got)
  if (isFirst && areAlike && isBelowTitle(chunk, row, next, { dialect, expected })) return 'title'
  if (firstRow.otherDelimiter !== undefined) return 'other-delimiter'
  const quotes = findQuotes(chunk, row)
  if (got > expected && quotes !== undefined) return quotes
  if (got < expected)
    return got === expected - 1 && firstRow.endsBlank ? 'header-delimiter' : 'short-row'
  if (got > expected + 1) return 'unquoted-delimiter'
  const asLong = [row, ...next.filter((one) => countFields(one) === got)]
  if (asLong.every((one) => isBlank(chunk, one, got - 1))) return 'trailing-delimiter'
  return isFirst && areAlike && !firstRow.rowNames ? 'row-names' : 'unquoted-delimiter'
}

/** Whether fields of a row begin with quotes that mean nothing: single ones, or double ones after a blank. */
function findQuotes(
  { bytes }: FileChunks,
  { places }: SplitRow,
): 'quote-after-blank' | 'single-quotes' | undefined {
  let isSingle = false
  for (let i = 0; i < places.length; i += 2) {
    const [from, to] = [places[i]!, places[i + 1]!]
    if (bytes[from - 1] === quote) continue
    if (hasQuoteAfterBlank(bytes, from, to)) return 'quote-after-blank'
    // The closing quote ends another field, as the delimiter between them has cut the text.
    const text = Buffer.from(bytes.buffer, from, to - from)
      .toString('latin1')
      .trim()
    if (text.startsWith("'") && !text.slice(1).endsWith("'")) isSingle = true
    else if (isSingle && text.endsWith("'")) return 'single-quotes'
  }
  return undefined
}

/** Rows that are looked at behind the ragged one. */
const nextRows = 20

/** Whether the first row seems to be a title, and this one the header: it has no numbers, others have. */
function isBelowTitle(
  chunk: FileChunks,
  row: SplitRow,
  next: readonly SplitRow[],
  { dialect, expected }: Pick<RaggedContext, 'dialect' | 'expected'>,
): boolean {
  if (countFields(row) <= expected || next.length === 0) return false
  const hasNumber = (one: SplitRow): boolean => {
    for (let i = 0; i < countFields(one); i++) {
      const [from, to] = [one.places[2 * i]!, one.places[2 * i + 1]!]
      const text = Buffer.from(chunk.bytes.buffer, from, to - from).toString('latin1')
      if (parseNumberText(text.trim(), dialect.decimal) !== undefined) return true
    }
    return false
  }
  return !hasNumber(row) && next.some(hasNumber)
}

function isBlank({ bytes }: FileChunks, { places }: SplitRow, field: number): boolean {
  return bytes.subarray(places[2 * field], places[2 * field + 1]).every((byte) => byte <= 0x20)
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

const advices: Record<Exclude<RaggedCause, 'comment' | 'other-delimiter'>, string> = {
  'line-ends':
    "The row contains a line end of another kind. Convert all line ends to line feeds: `tr '\\r' '\\n' < FILE`.",
  title: 'The first row looks like a title above the header. If it is one, pass `skipRows: 1`.',
  'header-delimiter':
    'The header ends with a delimiter. If rows do not, pass `trailingDelimiter: true`.',
  'trailing-delimiter':
    'The row ends with a delimiter. If rows do so, pass `trailingDelimiter: true`.',
  'row-names':
    "The rows have one field more than the header, as in files of R's write.table. If they begin " +
    'with the name of the row, pass `rowNames: true`.',
  'short-row':
    "If rows may leave out their last fields, pass `shortRows: 'fill'`; the fields left out are missing.",
  'quote-after-blank': `A quote that follows a blank is part of the text. ${adviseSkipBlanks}`,
  'single-quotes':
    'Single quotes are part of the text. A field that contains a delimiter must be in double quotes.',
  'unquoted-delimiter': 'A field that contains a delimiter must be in double quotes.',
}
