/** TableEncoder: encodes tables with the columns of a first one. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { awaitAdvice, isOneCopyError, OneCopyError, show } from '../../errors.ts'
import { listNames, suggestNames } from '../../nearest-names.ts'
import {
  isString,
  isStringList,
  type OptionTypes,
  requireOptions,
  requireChoice,
} from '../../options.ts'
import type { Column } from '../columns/columns.ts'
import { type PlainColumn, plainColumn } from '../columns/plain-column.ts'
import { tableHint } from '../csv/foreign-options.ts'
import { writeBytes } from '../columns/scratch-bytes.ts'
import type { ColumnKind } from '../csv/csv-options.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { Table } from '../table/table.ts'
import {
  type Encoder,
  encodeColumn,
  type Feature,
  featureNames,
  learnFeature,
  requireFeatures,
} from './encoders.ts'
import { chooseRows, type MissingRule } from './missing-rows.ts'

/** Options of {@link TableEncoder}. */
export interface TableEncoderOptions {
  /** Name of the column to predict, which is not encoded. Default: none. */
  readonly target?: string | undefined
  /** Names of the columns to encode, in this order. Default: all but the target. */
  readonly columns?: readonly string[] | undefined
  /**
   * How texts become numbers: `'one-hot'` (default) makes a column of 0 and 1 for each category,
   * `'ordinal'` one column with the place of the category among all, sorted.
   */
  readonly categories?: 'one-hot' | 'ordinal' | undefined
  /**
   * What to do with a category that the fitted table does not have: `'error'` (default) refuses it,
   * `'ignore'` puts 0 in all columns of `'one-hot'`, and NaN in the one of `'ordinal'`.
   */
  readonly unknown?: 'error' | 'ignore' | undefined
  /**
   * What to do with rows in which an encoded column has no value: `'error'` (default) refuses
   * them, `'drop'` leaves them out, `'keep'` puts NaN.
   */
  readonly missing?: MissingRule | undefined
  /** Most categories of a column for `'one-hot'`. Default 256. */
  readonly maxCategories?: number | undefined
}

/** The rows of a table as numbers. */
export interface EncodedTable {
  /** Features, shape (n, d), row after row in scratch memory. */
  readonly X: NDArray<'float64'>
  /** What each column of `X` is: `carat`, or `cut=Ideal` for a category. */
  readonly names: readonly string[]
  /** For each row of `X` its number in the table; undefined when no row was left out. */
  readonly rows: Int32Array | undefined
  /** How many rows of the table were left out. */
  readonly droppedRows: number
}

/** Rows that are put together at a time, unless they are long. */
const blockRows = 1024

/** Values that are put together at a time, at least a row of them. */
const blockValues = 1 << 17

/**
 * Turns tables into matrices with the columns and categories of the table that it was fitted to, so
 * that a model fitted to one table can predict the rows of another.
 *
 * @example
 * ```ts
 * const encoder = new TableEncoder({ target: 'price', unknown: 'ignore' }).fit(train)
 * const { X, y } = designMatrix(train, { target: 'price', encoder })
 * await model.fit(X, y)
 * const table = await readCsv('new.csv', { schema: encoder.schema })
 * const prices = await model.predict(encoder.transform(table).X)
 * ```
 *
 * @see scikit-learn's `OneHotEncoder`, `OrdinalEncoder` and `handle_unknown`
 */
export class TableEncoder {
  readonly target: string | undefined
  readonly columns: readonly string[] | undefined
  readonly categories: 'one-hot' | 'ordinal'
  readonly unknown: 'error' | 'ignore'
  readonly missing: MissingRule
  readonly maxCategories: number
  /** The columns of tables that are encoded, in order, with their sorted categories; set by `fit`. */
  declare features_: readonly Feature[]
  /** What each column of a matrix is; set by `fit`. */
  declare names_: readonly string[]

  /** @throws OneCopyError `ERR_OPTION`; TypeError */
  constructor(options: TableEncoderOptions = {}) {
    requireOptions('TableEncoder', options, encoderOptionTypes, tableHint(encoderOptionTypes))
    const { categories = 'one-hot', unknown = 'error', missing = 'error' } = options
    requireChoice('`categories`', categories, ['one-hot', 'ordinal'])
    requireChoice('`unknown`', unknown, ['error', 'ignore'])
    requireChoice('`missing`', missing, ['error', 'drop', 'keep'])
    this.target = options.target
    this.columns = options.columns
    this.categories = categories
    this.unknown = unknown
    this.missing = missing
    this.maxCategories = options.maxCategories ?? 256
  }

  /**
   * The option `schema` with which `readCsv` reads a table of the same kind.
   *
   * @throws OneCopyError `ERR_NOT_FITTED`
   */
  get schema(): Readonly<Record<string, ColumnKind>> {
    return Object.fromEntries(this.features.map(({ name, kind }) => [name, kind]))
  }

  /**
   * Learns which columns there are, and the categories of each. Categories are sorted, so that files
   * with the same ones give the same columns, whatever the order of their rows.
   *
   * @param table - is read, and not kept
   * @returns the encoder itself
   * @throws OneCopyError `ERR_INDEX` for a column that doesn't exist or has too many categories,
   * `ERR_VALUE` for one without any value, `ERR_ROWS`; TypeError for a second argument
   */
  fit(table: Table, ...others: never[]): this {
    requireNoOptions('fit', others)
    requireTable(table)
    const columns = chooseColumns(table, this.target, this.columns)
    for (const column of columns)
      requireValues(column, table.rows, 'Leave it out through `columns`.')
    return this.restoreFeatures(columns.map((column) => learnFeature(column, this)))
  }

  /** @internal Sets what is learned of each column. */
  restoreFeatures(features: readonly Feature[]): this {
    const names = features.map((feature) => featureNames(feature, this.categories))
    requireUnique(names, features)
    this.features_ = features
    this.names_ = names.flat()
    return this
  }

  /**
   * Encodes the rows of a table. It may have further columns, and needs no target.
   *
   * @param table - is read, and not needed afterwards
   * @returns a copy in scratch memory, X of shape (n, d)
   * @throws OneCopyError `ERR_NOT_FITTED`; `ERR_INDEX` for a column that is not there or of another
   * kind, or has an unknown category; `ERR_VALUE` for missing values; `ERR_MEMORY`;
   * TypeError for a second argument, because options are those of the encoder
   */
  transform(table: Table, ...others: never[]): EncodedTable {
    requireNoOptions('transform', others)
    requireTable(table)
    const columns = this.features.map((feature) => findColumn(table, feature))
    const rows = chooseRows(table.rows, undefined, columns, this.missing)
    return this.encodeRows(columns, rows, table.rows)
  }

  /** Does `fit`, then `transform`. */
  fitTransform(table: Table, ...others: never[]): EncodedTable {
    requireNoOptions('fitTransform', others)
    return this.fit(table).transform(table)
  }

  /**
   * @internal Encodes rows of columns that were found.
   *
   * @param rows - which ones; undefined for all
   * @param tableRows - how many rows there are
   */
  encodeRows(
    columns: readonly PlainColumn[],
    rows: Int32Array | undefined,
    tableRows: number,
  ): EncodedTable {
    const encoders = columns.map((column, i) =>
      encodeColumn(column, this.features_[i]!, this, rows ?? tableRows),
    )
    const n = rows?.length ?? tableRows
    const X = makeMatrix(n, this.names_.length)
    fillRows(X, encoders, rows)
    return { X, names: this.names_, rows, droppedRows: tableRows - n }
  }

  /** @internal What was learned of each column. */
  get features(): readonly Feature[] {
    // It is not there before fit, whatever its type says.
    const features = this.features_ as readonly Feature[] | undefined
    if (features !== undefined) return features
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      'Expected a fitted TableEncoder, got one that has not seen a table. Call fit(table) first.',
    )
  }
}

registerOwnClass<TableEncoder, TableEncoderOptions & { readonly features?: unknown }>(
  TableEncoder,
  {
    name: 'onecopy.TableEncoder',
    version: 1,
    module: import.meta.url,
    save: (encoder) => {
      const { target, columns, categories, unknown, missing, maxCategories } = encoder
      const options = { target, columns, categories, unknown, missing, maxCategories }
      // It is not there before fit, whatever its type says.
      const features: unknown = encoder.features_
      return features === undefined ? options : { ...options, features }
    },
    load: ({ features, ...options }) => {
      const encoder = new TableEncoder(options)
      if (features === undefined) return encoder
      return encoder.restoreFeatures(requireFeatures(features))
    },
  },
)

/** Scratch memory of shape (rows, columns); the error says what takes it. */
function makeMatrix(rows: number, columns: number): NDArray<'float64'> {
  try {
    return shared([rows, columns], 'float64')
  } catch (cause) {
    if (!isOneCopyError(cause) || cause.code !== 'ERR_MEMORY') throw cause
    const size = (rows * columns * 8) / 1e9
    const gigabytes = size.toFixed(size < 100 ? 1 : 0)
    throw new OneCopyError(
      'ERR_MEMORY',
      `Expected memory for a matrix of ${rows} rows and ${columns} columns, which takes ${gigabytes} GB; ` +
        "this machine or container has less. Choose fewer `columns`, or categories: 'ordinal', which " +
        'makes one column of each.',
      { cause, details: { rows, columns, bytes: rows * columns * 8 } },
    )
  }
}

/**
 * Options of a method would be passed over.
 *
 * @throws TypeError
 */
function requireNoOptions(method: string, [other]: readonly unknown[]): void {
  if (other === undefined) return
  throw new TypeError(
    `Expected \`${method}\` of a TableEncoder to get a table alone, got a second argument: ${show(other)}. ` +
      'Pass options to `new TableEncoder(options)` or `designMatrix(table, options)`.',
  )
}

/** Types of the options, also where they are among others. */
export const encoderOptionTypes: OptionTypes<TableEncoderOptions> = {
  target: [isString, 'the name of a column'],
  columns: [isStringList, 'a list of names of columns'],
  categories: [isString, "'one-hot' or 'ordinal'"],
  unknown: [isString, "'error' or 'ignore'"],
  missing: [isString, "'error', 'drop' or 'keep'"],
  maxCategories: [(value) => typeof value === 'number', 'a number'],
}

/** @throws TypeError */
export function requireTable(table: unknown): asserts table is Table {
  if (table instanceof Table) return
  const advice = awaitAdvice(table) || ' Read one with `await readCsv(path)`.'
  throw new TypeError(`Expected \`table\` to be a Table, got ${show(table)}.${advice}`)
}

/**
 * Refuses a column without any value.
 *
 * @param advice - what to do
 * @throws OneCopyError `ERR_ROWS`, `ERR_VALUE`
 */
export function requireValues(column: Column, rows: number, advice: string): void {
  if (rows === 0) throw new OneCopyError('ERR_ROWS', 'Expected rows to fit on, the table has none.')
  if (column.missing < rows) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected values in column '${column.name}', got none in all ${rows} rows. ${advice}`,
    { details: { column: column.name, missing: rows } },
  )
}

/**
 * Puts rows together in private memory and copies them, block by block.
 *
 * @param out - memory of a matrix or vector, all of it written
 * @param encoders - give the columns from the left to the right
 * @param rows - rows of the table; undefined for all
 */
export function fillRows(
  out: NDArray<'float64'>,
  encoders: readonly Encoder[],
  rows: Int32Array | undefined,
): void {
  const [n = 0, width = 1] = out.shape
  const step = Math.max(1, Math.min(blockRows, Math.floor(blockValues / width)))
  const block = new Float64Array(step * width)
  for (let start = 0; start < n; start += step) {
    const stop = Math.min(n, start + step)
    block.fill(0)
    let place = 0
    for (const { columns, encode } of encoders) {
      for (let i = start; i < stop; i++) encode(rows?.[i] ?? i, block, (i - start) * width + place)
      place += columns
    }
    writeBytes(out, start * width * 8, new Uint8Array(block.buffer, 0, (stop - start) * width * 8))
  }
}

function chooseColumns(
  table: Table,
  target: string | undefined,
  wanted: readonly string[] | undefined,
): readonly PlainColumn[] {
  const names = wanted ?? table.names.filter((name) => name !== target)
  if (target !== undefined && names.includes(target)) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected \`columns\` without the target '${target}'. Leave it out.`,
      { details: { column: target } },
    )
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected each of \`columns\` once, got '${twice}' twice.`,
      { details: { column: twice } },
    )
  }
  if (names.length > 0) return names.map((name) => plainColumn(table.column(name)))
  const purpose = target === undefined ? 'encode' : `predict '${target}' from`
  throw new OneCopyError('ERR_INDEX', `Expected at least one column to ${purpose}, got none.`)
}

/**
 * Refuses columns of a matrix with the same name, such as category `b` of `x=a` and category `a=b` of `x`.
 *
 * @param names - for each feature those of its columns
 */
function requireUnique(names: readonly (readonly string[])[], features: readonly Feature[]): void {
  const owners = new Map<string, string>()
  for (const [i, own] of names.entries()) {
    const { name: column } = features[i]!
    for (const name of own) {
      const other = owners.get(name)
      if (other !== undefined) {
        throw new OneCopyError(
          'ERR_INDEX',
          `Expected different names for the columns of the matrix, got '${name}' from both '${other}' and '${column}'. ` +
            "Rename one of them, leave one out, or pass categories: 'ordinal'.",
          { details: { column, other, name } },
        )
      }
      owners.set(name, column)
    }
  }
}

/** The column of a table that has the name and kind of one in fitting. */
export function findColumn(table: Table, { name, kind }: Feature): PlainColumn {
  if (!table.has(name)) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected a column '${name}' as in the fitted table, got a table without one. ${suggestNames(name, table.names)}`,
      { details: { column: name } },
    )
  }
  const column = plainColumn(table.column(name))
  // A column without any value is read as one of numbers, whatever it holds elsewhere.
  if (column.kind === kind || column.missing === table.rows) return column
  const found =
    column.kind === 'number'
      ? 'numbers'
      : `texts such as ${listNames(column.categories.slice(0, 3))}`
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected ${kind === 'number' ? 'numbers' : 'texts'} in column '${name}' as in the fitted table, ` +
      `got ${found.replace(/\.$/, '')}. Read the table with \`schema: encoder.schema\`.`,
    { details: { column: name, expected: kind, got: column.kind } },
  )
}
