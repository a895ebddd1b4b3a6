/** readCsv: reads a CSV or TSV file into a table. */

import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { shared } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { BlockType, ColumnPlace } from '../blocks/block-layout.ts'
import {
  type Note,
  noteNumericHeader,
  noteOneColumn,
  noteQuote,
  noteRenamed,
  placeWarnings,
} from './describe-notes.ts'
import { CsvFault } from './csv-fault.ts'
import { type CsvOptions, settleOptions, type SettledOptions } from './csv-options.ts'
import {
  closeSource,
  type CsvSource,
  type CsvInput,
  openSource,
  requireInput,
  requireUnchanged,
} from './source/csv-source.ts'
import { suggestNames } from '../../nearest-names.ts'
import { parseNumberText } from '../numbers/number-parser.ts'
import { adviseComment, adviseDelimiter, commentMark } from './ragged-row.ts'
import { type PassContext, readParts, readPass } from './read-pass.ts'
import type { FieldPlan } from './row-rules.ts'
import { type Layout, sniffLayout, sniffNewline } from './sniff.ts'
import { type Dialect, lineFeed } from './split-row.ts'
import { Table } from '../table/table.ts'
import { TableFolder } from '../table/table-folder.ts'
import type { TableWarning } from '../table/table-warning.ts'

/**
 * Reads a CSV or TSV file into columns that workers share. This takes at most 64 MB beyond the result, plus
 * 1.5 kB for each column beyond 10,000.
 *
 * A column is numeric when every value in it is a number or missing. Numbers are those that
 * `Number()` gives, in decimal notation, and `inf`; a missing one is NaN. Any other column holds
 * texts exactly as in the file, as codes; a missing one is -1. If the first text comes late, the column is
 * read again from the start, so that `1.0` and `007` are kept as they are.
 * Delimiters and line ends between double quotes belong to the field (RFC 4180).
 * Empty lines and lines of blanks are skipped.
 *
 * @param path - path or file: URL of text, in UTF-8, in UTF-16 with a byte order mark, or in `encoding`; gzip and zstd are unpacked. Or
 * a stream of bytes or texts, such as `process.stdin`. A stream, a FIFO and text that is packed or no UTF-8 are first copied to a temporary file
 * @param options - layout of the file, kinds of columns, where the result goes
 * @returns the table; its columns are in scratch memory, or in the files of `options.out`
 * @throws OneCopyError `ERR_FORMAT` for text that is not a table, naming path and line; `ERR_FILE`
 * when the file can't be read or changes while it is read; `ERR_INDEX` and `ERR_OPTION` for wrong options
 * @see rfc-editor.org/rfc/rfc4180
 *
 * @example
 * ```ts
 * const table = await readCsv('diamonds.csv', { schema: { clarity: 'category' } })
 * table.rows // 53940
 * ```
 */
export async function readCsv(path: CsvInput, options: CsvOptions = {}): Promise<Table> {
  const input = requireInput(path)
  const settled = settleOptions(options)
  settled.signal?.throwIfAborted()
  const { out, signal } = settled
  const scratch = out === undefined ? tmpdir() : dirname(resolve(out))
  const source = await openSource(input, { folder: scratch, encoding: settled.encoding }, signal)
  let newline: Dialect['newline'] | undefined
  try {
    newline = sniffNewline(source.file)
    const layout = sniffLayout(source.file, source.size, newline, settled, settled.chunkBytes)
    return out === undefined
      ? await readIntoMemory(source, layout, settled)
      : await readIntoFolder(source, layout, settled, out)
  } catch (error) {
    throw placeFault(error, source, newline)
  } finally {
    closeSource(source)
  }
}

/**
 * Reads a CSV or TSV file part by part, so that a file of any size takes the memory of two parts. As the first rows are gone when a
 * later one comes, kinds of columns are not changed: a column is one of numbers when `schema` says so or when the first 256 kB have no text in it, and a text
 * in it is an error.
 *
 * @param path - as for {@link readCsv}
 * @param options - as for {@link readCsv}, and how many rows a part has at least; codes of a text stay the same from part to part
 * @returns tables in the order of the file, at least one; free each with `[Symbol.dispose]()` when it has been used. Warnings come with the last one
 * @throws OneCopyError as {@link readCsv}; `ERR_FORMAT` also for a text in a column of numbers
 *
 * @example
 * ```ts
 * for await (const part of readCsvParts('diamonds.csv', { schema: { cut: 'category' } })) {
 *   console.log(part.rows)
 *   part[Symbol.dispose]()
 * }
 * ```
 */
export async function* readCsvParts(
  path: CsvInput,
  options: CsvPartOptions = {},
): AsyncGenerator<Table, void> {
  const input = requireInput(path)
  const { partRows, ...others } = options
  if ('out' in others && others.out !== undefined)
    throw new OneCopyError(
      'ERR_OPTION',
      'Expected no `out` for readCsvParts, which keeps no rows. Use readCsv to make a folder of a table.',
    )
  const settled = settleOptions(others)
  const leastRows = requirePartRows(partRows)
  settled.signal?.throwIfAborted()
  const source = await openSource(
    input,
    { folder: tmpdir(), encoding: settled.encoding },
    settled.signal,
  )
  let newline: Dialect['newline'] | undefined
  try {
    newline = sniffNewline(source.file)
    const layout = sniffLayout(source.file, source.size, newline, settled, settled.chunkBytes)
    const context = {
      source,
      layout,
      options: settled,
      makeColumns: makeShared,
      scratch: undefined,
    }
    const plans = planColumns(layout, settled, source.path).map((plan) =>
      plan.kind === 'skip' ? plan : { ...plan, strict: true },
    )
    const header = noteHeader(layout, plans, settled)
    for await (const part of readParts(context, plans, leastRows)) {
      const notes = part.isLast ? [...header, ...part.notes] : []
      const warnings = placeWarnings(source.file, layout.dialect.newline, notes)
      yield new Table([...part.columns.values()], part.rows, part.memory, warnings)
    }
  } catch (error) {
    throw placeFault(error, source, newline)
  } finally {
    closeSource(source)
  }
}

/** Options of {@link readCsvParts}. */
export interface CsvPartOptions extends Omit<CsvOptions, 'out'> {
  /** Rows that a part has at least, but the last one; a whole number from 1. Default: 65,536. */
  readonly partRows?: number | undefined
}

function requirePartRows(rows: unknown = 1 << 16): number {
  if (Number.isSafeInteger(rows) && (rows as number) >= 1) return rows as number
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`partRows\` to be a whole number from 1, got ${show(rows)}.`,
    { details: { partRows: rows } },
  )
}

/** The error of a fault, with its place in the file. */
function placeFault(
  error: unknown,
  source: CsvSource,
  newline: Dialect['newline'] | undefined,
): unknown {
  if (!(error instanceof CsvFault)) return error
  // A program that still writes the file may have cut a row in two: report the change, not the row.
  requireUnchanged(source)
  return error.locate(source.file, source.path, newline ?? lineFeed)
}

function readIntoMemory(
  source: CsvSource,
  layout: Layout,
  options: SettledOptions,
): Promise<Table> {
  return readTable({ source, layout, options, makeColumns: makeShared, scratch: undefined })
}

async function readIntoFolder(
  source: CsvSource,
  layout: Layout,
  options: SettledOptions,
  out: string,
): Promise<Table> {
  const folder = new TableFolder(out)
  try {
    const table = await readTable({
      source,
      layout,
      options,
      makeColumns: (dtype, columns, rows, part) =>
        columns.map((k) => {
          const memory = folder.makeColumn(k, layout.names[k]!, dtype, rows, part)
          return { memory, start: memory.offset }
        }),
      scratch: dirname(folder.path),
    })
    return folder.save(table)
  } finally {
    folder[Symbol.dispose]()
  }
}

/** Reads in one pass, and a second one for columns in which text came late. */
async function readTable(context: PassContext): Promise<Table> {
  const { layout, source } = context
  const plans = planColumns(layout, context.options, source.path)
  const header = noteHeader(layout, plans, context.options)
  const first = await readPass(context, plans, 1)
  const warn = (notes: readonly Note[]): TableWarning[] =>
    placeWarnings(source.file, layout.dialect.newline, [...header, ...first.notes, ...notes])
  if (first.givenUp.size === 0)
    return new Table([...first.columns.values()], first.rows, first.memory, warn([]))
  const again = plans.map(({ name }, k): FieldPlan =>
    first.givenUp.has(k) ? { name, kind: 'category' } : { name, kind: 'skip' },
  )
  const second = await readPass(context, again, 2)
  const columns = plans.flatMap((_, k) => first.columns.get(k) ?? second.columns.get(k) ?? [])
  return new Table(columns, first.rows, [...first.memory, ...second.memory], warn(second.notes))
}

/** Notes on the names and the number of the columns. */
function noteHeader(
  layout: Layout,
  plans: readonly FieldPlan[],
  { isHeaderKnown, decimal }: SettledOptions,
): Note[] {
  const { names, renamed, quoted, otherDelimiter, dialect, firstRow } = layout
  const isRead = (column: number): boolean => plans[column]!.kind !== 'skip'
  const notes = renamed
    .filter(({ column }) => isRead(column))
    .map((place) => noteRenamed(names[place.column]!, place, firstRow))
  for (const column of quoted.filter(isRead))
    notes.push(noteQuote(names[column]!, firstRow, names[column]!))
  const isNumber = (name: string): boolean =>
    parseNumberText(name, decimal.charCodeAt(0)) !== undefined
  if (!isHeaderKnown && names.every(isNumber)) notes.push(noteNumericHeader(names[0]!, firstRow))
  if (otherDelimiter === undefined || plans[0]!.kind === 'skip') return notes
  const delimiter = String.fromCharCode(dialect.delimiter)
  return [...notes, noteOneColumn(names[0]!, { delimiter, otherDelimiter }, firstRow)]
}

function planColumns(layout: Layout, options: SettledOptions, path: string): FieldPlan[] {
  const { names, hasText } = layout
  const asked = new Set([...(options.columns ?? []), ...options.schema.keys()])
  const unknown = [...asked].filter((name) => !names.includes(name))
  if (unknown.length > 0) throw unknownColumns(unknown, layout, path)
  const wanted = new Set(options.columns ?? names)
  return names.map((name, k): FieldPlan => {
    const given = options.schema.get(name)
    if (!wanted.has(name)) return { name, kind: 'skip' }
    if (given !== undefined) return { name, kind: given, strict: true }
    return { name, kind: hasText[k] === true ? 'category' : 'number' }
  })
}

/** The first row may be no header at all, or the delimiter a wrong one. */
function unknownColumns(unknown: readonly unknown[], layout: Layout, path: string): OneCopyError {
  const { names } = layout
  const [name, ...others] = unknown
  const why = explainNames(layout, name)
  const what =
    others.length === 0
      ? `a column ${show(name)} in ${path}, got a file without it`
      : `columns ${unknown.slice(0, 12).map(show).join(', ')}${unknown.length > 12 ? ` and ${unknown.length - 12} more` : ''} in ${path}, got a file without them`
  return new OneCopyError(
    'ERR_INDEX',
    `Expected ${what}. ` +
      `${suggestNames(name, names)}${why === undefined ? '' : ` ${why.advice}`}`,
    { details: { path, column: name, ...why } },
  )
}

/** Details of an error: the likely cause, what to do, and with which character. */
interface Explanation {
  readonly likely: string
  readonly advice: string
  readonly comment?: string
  readonly delimiter?: string
}

/** Why the names may not be those of the columns. */
function explainNames(
  { names, firstByte, otherDelimiter }: Layout,
  wanted: unknown,
): Explanation | undefined {
  const comment = commentMark(firstByte)
  if (comment !== undefined) return { likely: 'comment', advice: adviseComment(comment), comment }
  const hasSpaces = names.length === 1 && names[0]!.split(' ').includes(String(wanted))
  const delimiter = otherDelimiter ?? (hasSpaces ? ' ' : undefined)
  if (delimiter !== undefined)
    return { likely: 'other-delimiter', advice: adviseDelimiter(delimiter), delimiter }
  if (names.some((text) => parseNumberText(text) === undefined)) return undefined
  return { likely: 'no-header', advice: 'If the first row is no header, pass `header: false`.' }
}

/** All columns of one dtype in one segment: a table takes a worker few maps, whatever its width. */
function makeShared(
  dtype: BlockType | 'uint8',
  columns: readonly number[],
  rows: number,
): readonly ColumnPlace[] {
  const memory = shared([columns.length, rows], dtype)
  return columns.map((_, row) => ({ memory, row, start: row * rows }))
}
