/** Opens tables from folders, and checks their files. */

import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type NDArray, openArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { isStringList } from '../../options.ts'
import { CategoryColumn, type CodeType, type Column, NumberColumn } from '../columns/columns.ts'
import { Table } from './table.ts'
import { isTableWarning, type TableWarning } from './table-warning.ts'

/** The file of a table's folder that describes the others. */
export const schemaName = 'table.json'
export const formatName = 'onecopy-table'
export const formatVersion = 1

/** What `table.json` says of a column. */
export interface StoredColumn {
  readonly name: string
  readonly kind: 'number' | 'category'
  /** The `.npy` file, in the same folder. */
  readonly file: string
  /** A JSON array of the category's texts, in the same folder; one text a line. */
  readonly categories?: string
  readonly missing: number
}

/** What `table.json` holds. */
export interface StoredTable {
  readonly format: typeof formatName
  readonly version: number
  readonly rows: number
  readonly columns: readonly StoredColumn[]
  readonly warnings?: readonly TableWarning[]
}

/**
 * Opens a table that `readCsv` wrote with `out`. Columns are mapped when they are first used; nothing
 * is loaded.
 *
 * @param path - the folder
 * @throws OneCopyError `ERR_FORMAT` when it holds no table, and on first use of a column that is damaged
 */
export function openTable(path: string): Table {
  const folder = resolve(path)
  const { rows, columns, warnings } = readSchema(folder)
  return new Table(
    columns.map((column) => openColumn(folder, column, rows)),
    rows,
    [],
    warnings,
  )
}

function readSchema(folder: string): StoredTable {
  const schema = readJson(folder, schemaName) as StoredTable | null
  if (schema?.format !== formatName) throw badFolder(folder, `${schemaName} is no table's`)
  if (schema.version !== formatVersion) {
    throw badFolder(
      folder,
      `its version is ${schema.version}, this onecopy reads version ${formatVersion}`,
    )
  }
  const isFine =
    Number.isSafeInteger(schema.rows) &&
    Array.isArray(schema.columns) &&
    (schema.warnings === undefined ||
      (Array.isArray(schema.warnings) && schema.warnings.every(isTableWarning))) &&
    schema.columns.every(
      // It may be anything, whatever its type says.
      (column: Partial<StoredColumn> | null) =>
        typeof column?.name === 'string' &&
        isPlainName(column.file) &&
        Number.isSafeInteger(column.missing) &&
        (column.kind === 'number' ||
          (column.kind === 'category' && isPlainName(column.categories))),
    )
  if (!isFine) throw badFolder(folder, `${schemaName} is damaged`)
  return schema
}

function openColumn(folder: string, column: StoredColumn, rows: number): Column {
  const { name, file, categories, missing } = column
  const open = <D extends 'float64' | CodeType>(...dtypes: readonly D[]): NDArray<D> => {
    const array = openArray(join(folder, file))
    if (
      array.shape.length === 1 &&
      array.size === rows &&
      dtypes.some((dtype) => dtype === array.dtype)
    )
      return array as NDArray<D>
    throw badFolder(
      folder,
      `${file} holds ${array.dtype} of shape [${array.shape.join(', ')}], expected ${dtypes.join(' or ')} of shape [${rows}]`,
    )
  }
  if (categories === undefined) return new NumberColumn(name, () => open('float64'), missing)
  const readTexts = (): readonly string[] => {
    const texts = readJson(folder, categories)
    if (isStringList(texts)) return texts
    throw badFolder(folder, `${categories} holds no list of texts`)
  }
  return new CategoryColumn(name, () => open('int8', 'int16', 'int32'), readTexts, missing)
}

function readJson(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'))
  } catch (cause) {
    throw badFolder(folder, `${name} can't be read: ${(cause as Error).message}`, cause)
  }
}

/** Whether a name stays inside its folder. */
function isPlainName(name: unknown): boolean {
  return typeof name === 'string' && name !== '..' && basename(name) === name
}

function badFolder(folder: string, why: string, cause?: unknown): OneCopyError {
  return new OneCopyError('ERR_FORMAT', `Expected a table in ${folder}, but ${why}.`, {
    ...(cause === undefined ? {} : { cause }),
    details: { path: folder },
  })
}
