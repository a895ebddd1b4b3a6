/** writeCsv: writes a table to a CSV file or a stream. */

import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { countRows, type Rows, type RowSelection } from '../../../arrays/index.ts'
import { openPendingFile, requireRows } from '../../../arrays/internal.ts'
import { OneCopyError, show } from '../../../errors.ts'
import { csvHint } from '../foreign-options.ts'
import { boolean, isString, type OptionTypes, requireOptions, signal } from '../../../options.ts'
import { writeWhole } from '../../../pending-file.ts'
import type { Column } from '../../columns/columns.ts'
import type { Table } from '../../table/table.ts'
import type { NumberColumn } from '../../columns/number-column.ts'
import { nameByPlace, nameColumns } from '../column-names.ts'
import type { ColumnKind, CsvOptions } from '../csv-options.ts'
import { makePause } from '../pause.ts'
import {
  chooseMissing,
  type FieldRules,
  fieldWriter,
  isWritable,
  quoteField,
} from './cell-texts.ts'
import { isStream, putToStream } from './put-to-stream.ts'

/** Options of {@link writeCsv}. */
export interface WriteCsvOptions {
  /** The ASCII character between fields. Default: `','`. */
  readonly delimiter?: string | undefined
  /** Whether the first line holds the names. Default true. */
  readonly header?: boolean | undefined
  /** What is written for no value. Default: nothing, or where a text of the table is empty, the first of `NA`, `null`, `<NA>` and `#N/A` that no text is. */
  readonly missing?: string | undefined
  /** Rows to write, in their order. Default: all. */
  readonly rows?: RowSelection | undefined
  /** Stops writing; the promise rejects with the signal's reason, and no file appears. */
  readonly signal?: AbortSignal | undefined
}

/** What was written. */
export interface WrittenCsv {
  readonly rows: number
  readonly bytes: number
  /** Options with which `readCsv` reads the same values. */
  readonly readOptions: Pick<CsvOptions, 'delimiter' | 'header' | 'missing' | 'schema'>
}

/** Bytes of a block. */
const blockLength = 1 << 16

const types: OptionTypes<WriteCsvOptions> = {
  delimiter: [isString, 'one character'],
  header: boolean,
  missing: [isString, "a text such as '' or 'NA'"],
  rows: [(value) => typeof value === 'object' && value !== null, 'a selection of rows'],
  signal,
}

/**
 * Writes a table as CSV, UTF-8 with line feeds, block by block. `readCsv` with the options that this returns reads the same values: numbers in the
 * fewest digits that give the same double, integers in all of their digits, texts in quotes where they need them. True, false and dates (ISO 8601),
 * and integers beyond 64 bits with a sign, come back as texts. Names lose blanks around them, and a column without a name gets one.
 *
 * @param table - is read, and not kept
 * @param target - path or file: URL; the file appears whole, in place of an older one, or not at all. Or a stream such as `process.stdout`,
 * which stays open
 * @returns how much was written, and how to read it
 * @throws OneCopyError `ERR_FILE` when the file can't be written; `ERR_VALUE` for a text that no CSV file can hold, or that is like `missing`;
 * `ERR_INDEX`, `ERR_OPTION`; TypeError
 * @see rfc-editor.org/rfc/rfc4180
 *
 * @example
 * ```ts
 * const table = await readCsv('diamonds.csv')
 * const { readOptions } = await writeCsv(table.select(['cut', 'price']), 'prices.csv')
 * const same = await readCsv('prices.csv', readOptions)
 * ```
 */
export async function writeCsv(
  table: Table,
  target: string | URL | Writable,
  options: WriteCsvOptions = {},
): Promise<WrittenCsv> {
  requireOptions('writeCsv', options, types, csvHint(types))
  const { delimiter = ',', header = true, signal: stop } = options
  stop?.throwIfAborted()
  requireDelimiter(delimiter)
  const rows = requireRows(options.rows, table.rows)
  const { columns } = table
  if (columns.length === 0)
    throw new OneCopyError('ERR_VALUE', 'Expected a table with columns to write, got one without.')
  const missing = chooseMissing(columns, options.missing)
  const rules: FieldRules = { delimiter, missing, isAlone: columns.length === 1 }
  const write = async (put: (bytes: Uint8Array) => Promise<void>): Promise<number> => {
    const pause = makePause(stop)
    let bytes = 0
    for (const block of blocksOf(columns, rows, rules, header)) {
      await put(block)
      await pause()
      stop?.throwIfAborted()
      bytes += block.length
    }
    return bytes
  }
  const bytes = await writeTo(target, write, stop)
  return {
    rows: countRows(rows),
    bytes,
    readOptions: { delimiter, header, missing: [missing], schema: schemaOf(columns, header) },
  }
}

/** Kinds that make `readCsv` read the same values; whole numbers of 64 bits are inferred. */
function schemaOf(columns: readonly Column[], header: boolean): Record<string, ColumnKind> {
  const { names } = header
    ? nameColumns(columns.map(({ name }) => name))
    : { names: columns.map((_, k) => nameByPlace(k)) }
  const kindOf = (column: Column): ColumnKind | undefined => {
    if (column.kind !== 'number') return 'category'
    if (!column.values.dtype.endsWith('int64')) return 'number'
    return isInferred(column) ? undefined : 'category'
  }
  return Object.fromEntries(
    columns.flatMap((column, k): [string, ColumnKind][] => {
      const kind = kindOf(column)
      return kind === undefined ? [] : [[names[k]!, kind]]
    }),
  )
}

/** Whether `readCsv` reads integers of 64 bits as such, which it doesn't beyond those with a sign. */
function isInferred(column: NumberColumn): boolean {
  const { data, offset, strides, size } = column.values
  const isMissing = column.missingTest()
  for (let row = 0; row < size; row++) {
    const value = data[offset + row * strides[0]!]!
    if ((value >= 2n ** 63n || value === -(2n ** 63n)) && !isMissing(row)) return false
  }
  return true
}

async function writeTo(
  target: unknown,
  write: (put: (bytes: Uint8Array) => Promise<void>) => Promise<number>,
  stop: AbortSignal | undefined,
): Promise<number> {
  if (isStream(target)) return write((bytes) => putToStream(target, bytes, stop))
  const path = target instanceof URL && target.protocol === 'file:' ? fileURLToPath(target) : target
  if (typeof path !== 'string') {
    throw new TypeError(
      `Expected \`target\` to be the path of a file as a string or file: URL, or a stream to write to, got ${show(target)}.`,
    )
  }
  let written = 0
  await writeWhole(openPendingFile(path), async (file) => {
    written = await write((bytes) => file.write(bytes))
  })
  return written
}

/** The text of a table in blocks. */
function* blocksOf(
  columns: readonly Column[],
  rows: Rows,
  rules: FieldRules,
  header: boolean,
): Generator<Uint8Array, void, undefined> {
  const writers = columns.map((column) => fieldWriter(column, rules))
  let text = header ? headerOf(columns, rules) : ''
  requireNoSeparator(text)
  const last = writers.length - 1
  let isFirst = true
  for (const row of numbersOf(rows)) {
    for (let k = 0; k < last; k++) text += writers[k]!(row) + rules.delimiter
    text += `${writers[last]!(row)}\n`
    if (isFirst) requireNoSeparator(text)
    isFirst = false
    if (text.length < blockLength) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

function* numbersOf(rows: Rows): Generator<number, void, undefined> {
  if ('numbers' in rows) yield* rows.numbers
  else for (const [start, stop] of rows.ranges) for (let row = start; row < stop; row++) yield row
}

/** A first line that readers take for the delimiter, and not for a row. */
function requireNoSeparator(text: string): void {
  if (!/^("?)sep=[,;\t|: ]\1\n/i.test(text)) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected another first line than ${show(text.slice(0, text.indexOf('\n')))}, by which readers are told the delimiter. ` +
      'Rename the column by table.rename, or write names above the rows.',
  )
}

function headerOf(columns: readonly Column[], rules: FieldRules): string {
  const fields = columns.map(({ name }) => {
    if (!isWritable(name))
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected names that a CSV file can hold, got ${show(name)}.`,
      )
    return quoteField(name, rules)
  })
  return `${fields.join(rules.delimiter)}\n`
}

function requireDelimiter(delimiter: string): void {
  if (/^[^\w"\r\n.+\-\u0080-\uffff]$/.test(delimiter)) return
  throw new OneCopyError(
    'ERR_OPTION',
    "Expected `delimiter` to be one ASCII character such as ',' or '\\t', no letter, digit, quote, sign, point or line end, " +
      `got ${show(delimiter)}.`,
  )
}
