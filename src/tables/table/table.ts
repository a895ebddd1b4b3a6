/** Table: named columns of equal length. */

import { inspect } from 'node:util'
import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { CellValue } from '../columns/column-base.ts'
import { type Column, isColumn } from '../columns/columns.ts'
import { suggestNames } from '../../nearest-names.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { isStringList } from '../../options.ts'
import {
  requireSavedColumns,
  requireSavedRows,
  requireSavedWarnings,
  type TableState,
} from './saved-table.ts'
import { oneLine, showRows } from './table-text.ts'
import type { TableWarning } from './table-warning.ts'

/** A table of thousands of columns may have as many. */
const shownWarnings = 8

/**
 * Columns of one length under different names. A table never changes; its arrays are memory that
 * workers share, so writing to them is seen everywhere.
 *
 * @example
 * ```ts
 * const table = await readCsv('diamonds.csv')
 * console.log(String(table)) // the first rows
 * table.column('price', 'number').values // NDArray, shape (53940)
 * const cut = table.column('cut')
 * if (cut.kind === 'category') console.log(cut.categories) // ['Ideal', 'Premium', 'Good', …]
 * ```
 */
export class Table {
  /** Number of rows. */
  readonly rows: number
  /** All columns in order. */
  readonly columns: readonly Column[]
  /** Values and names that differ from those in the file; usually none. */
  readonly warnings: readonly TableWarning[]
  readonly #byName: ReadonlyMap<string, Column>
  readonly #memory: readonly NDArray[]

  /**
   * @param columns - kept, not copied
   * @param rows - how many rows each of them has; default: counted and compared
   * @param memory - scratch memory that is freed with the table; default: that of its columns
   * @param warnings - values and names that differ from those in the file
   * @throws OneCopyError `ERR_SHAPE` for columns of different lengths, `ERR_INDEX` for equal names
   */
  constructor(
    columns: readonly Column[],
    rows?: number,
    memory: readonly NDArray[] = [],
    warnings: readonly TableWarning[] = [],
  ) {
    this.rows = rows ?? countRows(columns)
    this.columns = Object.freeze([...columns])
    this.warnings = Object.freeze([...warnings])
    this.#memory = memory
    const byName = new Map<string, Column>()
    for (const column of columns) {
      if (byName.has(column.name)) {
        throw new OneCopyError(
          'ERR_INDEX',
          `Expected different column names, got '${column.name}' twice.`,
        )
      }
      byName.set(column.name, column)
    }
    this.#byName = byName
  }

  /** Names of all columns in order. */
  get names(): readonly string[] {
    return this.columns.map(({ name }) => name)
  }

  /** Whether there is a column of that name. */
  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /**
   * The column of that name.
   *
   * @param kind - which kind it must be; default: any
   * @throws OneCopyError `ERR_INDEX` when there is none, where the text says which names come close, and when it is of another kind
   */
  column(name: string): Column
  column<K extends Column['kind']>(name: string, kind: K): Extract<Column, { kind: K }>
  column(name: string, kind?: Column['kind']): Column {
    const found = this.#byName.get(name)
    if (found !== undefined && (kind === undefined || found.kind === kind)) return found
    if (found !== undefined) {
      throw new OneCopyError(
        'ERR_INDEX',
        `Expected column '${name}' to be of kind '${kind}', got kind '${found.kind}'.`,
        { details: { column: name, expected: kind, got: found.kind } },
      )
    }
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected the name of a column, got ${show(name)}. ${suggestNames(name, this.names)}`,
      { details: { column: name } },
    )
  }

  /**
   * A table of some columns, in this order. It shares their memory, and disposing of it frees nothing.
   *
   * @throws OneCopyError `ERR_INDEX` when there is no column of a name, or a name comes twice
   */
  select(names: readonly string[]): Table {
    return new SharedTable(
      requireNames(names, 'select').map((name) => this.column(name)),
      this.rows,
      [],
      this.warnings,
    )
  }

  /**
   * A table of all columns but some. It shares their memory, and disposing of it frees nothing.
   *
   * @throws OneCopyError `ERR_INDEX` when there is no column of a name
   */
  without(names: readonly string[]): Table {
    for (const name of requireNames(names, 'without')) this.column(name)
    return this.select(this.names.filter((name) => !names.includes(name)))
  }

  /**
   * A table in which some columns have other names. It shares their memory, and disposing of it frees nothing.
   *
   * @param names - the new name of a column by its present one, as in `{ age: 'years' }`; two columns may exchange theirs
   * @throws OneCopyError `ERR_INDEX` when there is no column of a name, or two would have the same; TypeError for anything but texts
   */
  rename(names: Readonly<Record<string, string>>): Table {
    const entries = requireRenames(names)
    for (const name of entries.keys()) this.column(name)
    const columns = this.columns.map((column) => {
      const name = entries.get(column.name)
      return name === undefined || name === column.name ? column : column.renamed(name)
    })
    const warnings = this.warnings.map((warning) => ({
      ...warning,
      column: entries.get(warning.column) ?? warning.column,
    }))
    return new SharedTable(columns, this.rows, [], warnings)
  }

  /**
   * A table with one column more, or with another one in the place of the column that has its name. It shares the memory of
   * all columns, and disposing of it frees nothing.
   *
   * @param column - of as many rows as the table; kept, not copied
   * @throws OneCopyError `ERR_SHAPE` for another number of rows; TypeError for anything but a column
   */
  withColumn(column: Column): Table {
    requireOneColumn(column)
    if (this.columns.length > 0 && column.size !== this.rows) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected ${this.rows} rows in column '${column.name}' like in the table, got ${column.size}.`,
        { details: { column: column.name, rows: column.size } },
      )
    }
    const isKnown = this.has(column.name)
    const columns = isKnown
      ? this.columns.map((one) => (one.name === column.name ? column : one))
      : [...this.columns, column]
    const warnings = isKnown
      ? this.warnings.filter((warning) => warning.column !== column.name)
      : this.warnings
    return new SharedTable(columns, column.size, [], warnings)
  }

  /** One row as an object of what the columns hold: NaN for no number, null for no other value. */
  row(row: number): Record<string, CellValue> {
    return Object.fromEntries(this.columns.map((column) => [column.name, column.get(row)]))
  }

  /** The first rows as aligned text, then the first warnings. */
  toString(): string {
    const warnings = this.warnings
      .slice(0, shownWarnings)
      .map(({ message, advice }) => oneLine(`Warning: ${message} ${advice}`))
    const rest = this.warnings.length - warnings.length
    const more = rest > 0 ? [`and ${rest} more ${rest === 1 ? 'warning' : 'warnings'}`] : []
    return [showRows(this.rows, this.columns), ...warnings, ...more].join('\n')
  }

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return this.toString()
  }

  /**
   * Frees the scratch memory of all columns, in every thread and process that sees it: at once, or when jobs and tasks that
   * use them have ended. The columns are refused then (`ERR_DETACHED`). Does nothing to files.
   */
  [Symbol.dispose](): void {
    const known = this.columns.flatMap(({ knownArrays }) => knownArrays)
    const mappings = new Set([...this.#memory, ...known].map(({ mapping }) => mapping))
    for (const mapping of mappings) mapping?.discard()
  }
}

/** A table whose memory is another's. */
class SharedTable extends Table {
  static override readonly name = 'Table';

  override [Symbol.dispose](): void {
    // Nothing is its own.
  }
}

registerTable(Table, 'onecopy.Table')
registerTable(SharedTable, 'onecopy.SharedTable')

function registerTable(Class: typeof Table, name: string): void {
  registerOwnClass<Table, TableState>(Class, {
    name,
    version: 1,
    module: import.meta.url,
    save: ({ rows, columns, warnings }) => ({ rows, columns, warnings }),
    load: (state) => {
      const columns = requireSavedColumns(state)
      return new Class(columns, requireSavedRows(state, columns), [], requireSavedWarnings(state))
    },
  })
}

function requireNames(names: unknown, method: string): readonly string[] {
  if (isStringList(names)) return names
  throw new TypeError(
    `Expected a list of names of columns, as in table.${method}(['age', 'city']), got ${show(names)}.`,
  )
}

function requireRenames(names: unknown): ReadonlyMap<string, string> {
  const entries = typeof names === 'object' && names !== null ? Object.entries(names) : []
  if (entries.length > 0 && entries.every(([, name]) => typeof name === 'string'))
    return new Map(entries as [string, string][])
  throw new TypeError(
    `Expected new names by the present ones, as in table.rename({ age: 'years' }), got ${show(names)}.`,
  )
}

/** @throws TypeError */
function requireOneColumn(column: unknown): void {
  if (isColumn(column)) return
  throw new TypeError(
    `Expected a column, as in table.withColumn(new NumberColumn('age', array([36, 41]))), got ${show(column)}.`,
  )
}

function countRows(columns: readonly Column[]): number {
  const rows = columns[0]?.size ?? 0
  for (const { name, size } of columns) {
    if (size !== rows) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected ${rows} values in column '${name}' like in the first column, got ${size}.`,
      )
    }
  }
  return rows
}
