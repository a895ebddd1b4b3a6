/** Opens Arrow files as tables over their own memory. */

import { fstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mapWhole, requirePath, withFile } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { suggestNames } from '../../nearest-names.ts'
import { isStringList, oneOf, type OptionTypes, requireOptions } from '../../options.ts'
import { Table } from '../table/table.ts'
import { ArrowMemory } from './arrow-memory.ts'
import { type ArrowParts, readArrowParts } from './arrow-messages.ts'
import { type ArrowField, showType } from './arrow-type.ts'
import { splitBatches } from './column-parts.ts'
import { openColumn } from './open-column.ts'
import type { OpenedColumn } from './opened-column.ts'

/** Options of {@link openArrow}. */
export interface ArrowOptions {
  /** Names of the columns to open, in this order. Default: all. */
  readonly columns?: readonly string[]
  /**
   * Whether values may be copied to shared memory when they are first used, where they can't be used in the file: `'allow'` (default), or
   * `'never'`, which refuses such columns.
   */
  readonly copy?: 'allow' | 'never'
}

/** What {@link describeArrow} says of a column. */
export interface ArrowColumn {
  readonly name: string
  /** As Arrow names it: `int64`, `timestamp[us, UTC]`, `dictionary<int8, utf8>`. */
  readonly type: string
  /** Whether a table uses the values in the file, copies them to shared memory on first use, or can't have them. */
  readonly memory: 'mapped' | 'copied' | 'unsupported'
  /** Why they are copied. */
  readonly reason?: string
}

/** What {@link describeArrow} says of a file. */
export interface ArrowDescription {
  readonly rows: number
  readonly batches: number
  /** A file that can be read from its end, also known as Feather V2; or a stream. */
  readonly form: 'file' | 'stream'
  readonly columns: readonly ArrowColumn[]
}

/**
 * Opens an Arrow file (Feather V2) or stream. Columns of one uncompressed batch are used where they lie: any number of workers and processes
 * share the pages of the file, and opening reads the metadata only. Other columns are copied to shared memory when they are first
 * used: those of several batches, compressed ones (LZ4, ZSTD), booleans, decimals, float16 and views of texts.
 *
 * Integers and floats become a `NumberColumn` of their dtype, and so do times of day and durations; dates and timestamps a `DateColumn`,
 * texts a `TextColumn`, dictionaries of texts a `CategoryColumn`. Every offset and length in the file is checked before it is used.
 *
 * @param path - a file that no one changes while it is open; replacing it by renaming does no harm
 * @throws OneCopyError `ERR_FILE`; `ERR_FORMAT` for another format or a damaged file, here or when a column is first used; `ERR_INDEX` for a
 *   column that isn't there, or whose type has no column here, such as a list; `ERR_OPTION` where `copy: 'never'` refuses a column;
 *   `ERR_MEMORY`
 *
 * @example
 * ```ts
 * const table = openArrow('flights.arrow', { columns: ['delay', 'carrier'] })
 * const delay = table.column('delay')
 * ```
 *
 * @see arrow.apache.org/docs/format/Columnar.html
 */
export function openArrow(path: string | URL, options: ArrowOptions = {}): Table {
  requireOptions('openArrow', options, optionTypes)
  const { columns, copy = 'allow' } = options
  const file = openFile(path)
  const chosen = columns === undefined ? file.fields : chooseFields(file, columns)
  const opened = chosen.map((field) => requireOpened(file, field, chosen))
  if (copy === 'never') refuseCopies(file.path, opened)
  return new Table(
    opened.map(({ column }) => column),
    file.rows,
  )
}

const optionTypes: OptionTypes<ArrowOptions> = {
  columns: [isStringList, 'a list of names'],
  copy: oneOf('allow', 'never'),
}

/**
 * Tells what an Arrow file holds, and which columns {@link openArrow} uses in place. Reads the metadata only.
 *
 * @throws OneCopyError `ERR_FILE`, `ERR_FORMAT`
 */
export function describeArrow(path: string | URL): ArrowDescription {
  const file = openFile(path)
  const columns = file.fields.map((field): ArrowColumn => {
    const opened = file.open(field)
    const [name, type] = [field.name, showType(field)]
    if (opened === undefined) return { name, type, memory: 'unsupported' }
    const { reason } = opened
    return reason === undefined
      ? { name, type, memory: 'mapped' }
      : { name, type, memory: 'copied', reason }
  })
  const { rows, parts } = file
  return { rows, batches: parts.batches.length, form: parts.form, columns }
}

/** An opened file. */
interface ArrowFile {
  readonly path: string
  readonly parts: ArrowParts
  readonly fields: readonly ArrowField[]
  readonly rows: number
  readonly open: (field: ArrowField) => OpenedColumn | undefined
}

function openFile(given: string | URL): ArrowFile {
  const plain = given instanceof URL ? fileURLToPath(given) : given
  requirePath(plain)
  const path = resolve(plain)
  const memory = withFile(path, 'c', (fd) => {
    const { size } = fstatSync(fd)
    // The system can't map an empty file.
    if (size === 0) return readArrowParts(path, new Uint8Array()) as never
    return new ArrowMemory(path, mapWhole(fd, { kind: 'file', mode: 'c', path }, size))
  })
  const parts = readArrowParts(path, memory.bytes)
  const { fields, batches, dictionaries, form } = parts
  const columns = splitBatches(path, fields, batches)
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const open = (field: ArrowField): OpenedColumn | undefined =>
    openColumn(memory, field, columns[fields.indexOf(field)]!, { batches: dictionaries, form })
  return { path, parts, fields, rows, open }
}

function chooseFields({ path, fields }: ArrowFile, columns: readonly string[]): ArrowField[] {
  return columns.map((name) => {
    const field = fields.find((one) => one.name === name)
    if (field !== undefined) return field
    const names = fields.map((one) => one.name)
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected the name of a column of ${path}, got ${show(name)}. ${suggestNames(name, names)}`,
      { details: { column: name, path } },
    )
  })
}

function requireOpened(
  file: ArrowFile,
  field: ArrowField,
  chosen: readonly ArrowField[],
): OpenedColumn {
  const opened = file.open(field)
  if (opened !== undefined) return opened
  const others = chosen.filter((one) => file.open(one) !== undefined).map(({ name }) => name)
  const way =
    others.length === 0
      ? 'No other column was asked for.'
      : `Leave it out: openArrow(path, { columns: [${others.slice(0, 3).map(show).join(', ')}${others.length > 3 ? ', …' : ''}] }).`
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected columns of numbers, texts, dates, booleans or dictionaries of texts in ${file.path}, got ${showType(field)} in column '${field.name}'. ${way}`,
    { details: { path: file.path, column: field.name } },
  )
}

function refuseCopies(path: string, opened: readonly OpenedColumn[]): void {
  const copied = opened.filter(({ reason }) => reason !== undefined)
  if (copied.length === 0) return
  const shown = copied
    .slice(0, 5)
    .map(({ column, reason }) => `'${column.name}' (${reason})`)
    .join(', ')
  const more = copied.length > 5 ? ` and ${copied.length - 5} more columns` : ''
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected columns of ${path} that need no copy, as \`copy: 'never'\` says, got ${shown}${more}. ` +
      'Write the file uncompressed and in one batch, as writeArrow() does, or leave these columns out with `columns`.',
    { details: { path, columns: copied.map(({ column }) => column.name) } },
  )
}
