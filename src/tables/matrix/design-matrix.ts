/** Columns of a table as a matrix and a target. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { isString, isStringList, type OptionTypes, requireOptions } from '../check-options.ts'
import type { Column, NumberColumn } from '../columns/columns.ts'
import { type Encoder, encodeColumn } from './encoders.ts'
import { chooseRows, type MissingRule } from './missing-rows.ts'
import { listNames } from '../../nearest-names.ts'
import { writeBytes } from '../columns/scratch-bytes.ts'
import { Table } from '../table/table.ts'

/** Options of {@link designMatrix}. */
export interface DesignOptions {
  /** Name of the numeric column to be predicted. */
  readonly target: string
  /** Names of the columns to predict it from, in this order. Default: all others. */
  readonly columns?: readonly string[] | undefined
  /**
   * How texts become numbers: `'one-hot'` (default) makes a column of 0 and 1 for each category,
   * `'ordinal'` one column with the place of the category among all, sorted.
   */
  readonly categories?: 'one-hot' | 'ordinal' | undefined
  /**
   * What becomes of rows in which a column that is used has no value: `'error'` (default) refuses
   * them, `'drop'` leaves them out, `'keep'` puts NaN. A row without a target is never kept.
   */
  readonly missing?: MissingRule | undefined
  /** Most categories of a column for `'one-hot'`. Default 256. */
  readonly maxCategories?: number | undefined
}

/** A table made into numbers. */
export interface DesignMatrix {
  /** Features, shape (n, d), row after row in scratch memory. */
  readonly X: NDArray<'float64'>
  /** Target, shape (n), in scratch memory. */
  readonly y: NDArray<'float64'>
  /** What each column of `X` is: `carat`, or `cut=Ideal` for a category. */
  readonly names: readonly string[]
  /** For each row of `X` its number in the table; undefined when no row was left out. */
  readonly rows: Int32Array | undefined
  /** How many rows of the table were left out. */
  readonly droppedRows: number
}

/** Rows that are put together at a time. */
const blockRows = 1024

/**
 * Makes a matrix of a table's columns. Categories are sorted, so that files with the same ones give
 * the same columns, whatever the order of their rows.
 *
 * @param table - is read, and not needed afterwards
 * @param options - target, columns, and what to do with categories and missing values
 * @returns copies in scratch memory, X of shape (n, d) and y of shape (n)
 * @throws OneCopyError `ERR_INDEX` for a column that doesn't exist or can't be used, `ERR_VALUE` for
 * missing values, `ERR_OPTION`
 * @see scikit-learn.org/stable/modules/preprocessing.html#encoding-categorical-features
 *
 * @example
 * ```ts
 * const { X, y, names } = designMatrix(await readCsv('diamonds.csv'), { target: 'price' })
 * X.shape // [53940, 26]
 * names.slice(0, 3) // ['carat', 'cut=Fair', 'cut=Good']
 * ```
 */
export function designMatrix(table: Table, options: DesignOptions): DesignMatrix {
  requireTable(table)
  requireOptions<DesignOptions>('designMatrix', options, types)
  const { categories = 'one-hot', missing = 'error', maxCategories = 256 } = options
  requireChoice('categories', categories, ['one-hot', 'ordinal'])
  requireChoice('missing', missing, ['error', 'drop', 'keep'])
  const target = requireTarget(table, options.target)
  const columns = requireFeatures(table, target, options.columns)
  for (const column of [target, ...columns]) requireValues(column, table.rows)
  const encoders = columns.map((column) => encodeColumn(column, categories, maxCategories))
  const rows = chooseRows(table.rows, target, columns, missing)

  const n = rows?.length ?? table.rows
  const names = encoders.flatMap((encoder) => encoder.names)
  const X = shared([n, names.length], 'float64')
  const y = shared([n], 'float64')
  fillRows(X, encoders, rows)
  fillRows(y, [encodeColumn(target, categories, maxCategories)], rows)
  return { X, y, names, rows, droppedRows: table.rows - n }
}

const types: OptionTypes<DesignOptions> = {
  target: [isString, 'the name of a column'],
  columns: [isStringList, 'a list of names of columns'],
  categories: [isString, "'one-hot' or 'ordinal'"],
  missing: [isString, "'error', 'drop' or 'keep'"],
  maxCategories: [(value) => typeof value === 'number', 'a number'],
}

function requireTable(table: unknown): asserts table is Table {
  if (table instanceof Table) return
  const advice =
    table instanceof Promise ? 'Did you forget `await`?' : 'Read one with `await readCsv(path)`.'
  throw new TypeError(`Expected \`table\` to be a Table, got ${show(table)}. ${advice}`)
}

/** Puts rows together in private memory and copies them, block by block. */
function fillRows(
  out: NDArray<'float64'>,
  encoders: readonly Encoder[],
  rows: Int32Array | undefined,
): void {
  const [n = 0, width = 1] = out.shape
  const block = new Float64Array(blockRows * width)
  for (let start = 0; start < n; start += blockRows) {
    const stop = Math.min(n, start + blockRows)
    block.fill(0)
    let place = 0
    for (const { names, encode } of encoders) {
      for (let i = start; i < stop; i++) encode(rows?.[i] ?? i, block, (i - start) * width + place)
      place += names.length
    }
    writeBytes(out, start * width * 8, new Uint8Array(block.buffer, 0, (stop - start) * width * 8))
  }
}

function requireTarget(table: Table, name: string | undefined): NumberColumn {
  if (name === undefined) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`target\` to name the column to be predicted, got undefined. There are ${listNames(table.names)}`,
    )
  }
  const target = table.column(name)
  if (target.kind === 'number') return target
  const shown = target.categories.slice(0, 3).map((text) => `'${text}'`)
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected a target of numbers, got column '${name}' of texts such as ${shown.join(', ')}. ` +
      adviseTarget(table),
    { details: { column: name } },
  )
}

function adviseTarget({ columns }: Table): string {
  const numeric = columns.filter(({ kind }) => kind === 'number').map(({ name }) => name)
  if (numeric.length > 0) return `Columns of numbers: ${listNames(numeric)}`
  return 'No column of this table holds numbers alone.'
}

function requireFeatures(
  table: Table,
  target: Column,
  wanted: readonly string[] | undefined,
): readonly Column[] {
  const names = wanted ?? table.names.filter((name) => name !== target.name)
  if (names.includes(target.name) || new Set(names).size !== names.length) {
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    throw new OneCopyError(
      'ERR_INDEX',
      twice === undefined
        ? `Expected \`columns\` without the target '${target.name}', which they shall predict. Leave it out.`
        : `Expected each of \`columns\` once, got '${twice}' twice.`,
      { details: { column: twice ?? target.name } },
    )
  }
  if (names.length === 0) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected at least one column to predict '${target.name}' from, got none.`,
    )
  }
  return names.map((name) => table.column(name))
}

function requireValues(column: Column, rows: number): void {
  if (rows === 0) throw new OneCopyError('ERR_ROWS', 'Expected rows to fit on, the table has none.')
  if (column.missing < rows) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected values in column '${column.name}', got none in all ${rows} rows. Leave it out through \`columns\`.`,
    { details: { column: column.name, missing: rows } },
  )
}

function requireChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` to be one of ${choices.map((choice) => `'${choice}'`).join(', ')}, got ${show(value)}.`,
  )
}
