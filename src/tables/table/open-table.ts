/** Opens tables from folders, and checks their files. */

import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type DType, type NDArray, openArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { isStringList } from '../../options.ts'
import { BooleanColumn } from '../columns/boolean-column.ts'
import { CategoryColumn, codeTypes } from '../columns/category-column.ts'
import type { Column } from '../columns/columns.ts'
import { DateColumn, dateTypes, isDateUnit } from '../columns/date-column.ts'
import type { DateUnit } from '../columns/date-text.ts'
import { NumberColumn, numberTypes } from '../columns/number-column.ts'
import { listTypes } from '../columns/saved-columns.ts'
import { offsetTypes, TextColumn } from '../columns/text-column.ts'
import { Table } from './table.ts'
import { isTableWarning, type TableWarning } from './table-warning.ts'

/** The file of a table's folder that describes the others. */
export const schemaName = 'table.json'
export const formatName = 'onecopy-table'
/**
 * The version of tables of which all columns are float64 numbers or categories with signed codes, and none has a bitmap; and
 * that of others. Each version reads those before.
 */
export const formatVersions = { plain: 1, any: 2 } as const

/** What `table.json` says of a column. */
export interface StoredColumn {
  readonly name: string
  readonly kind: Column['kind']
  /** The `.npy` file of its values, in the same folder; of texts, that of the offsets. */
  readonly file: string
  /** The `.npy` file with the bytes of texts. */
  readonly bytes?: string
  /** The `.npy` file with a bit for each row, 1 where there is a value. */
  readonly validity?: string
  /** What dates count. */
  readonly unit?: DateUnit
  /** Time zone of dates. */
  readonly zone?: string
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
  if (!Object.values<unknown>(formatVersions).includes(schema.version)) {
    throw badFolder(
      folder,
      `its version is ${schema.version}, this onecopy reads versions up to ${formatVersions.any}`,
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
        (column.validity === undefined || isPlainName(column.validity)) &&
        isKindFine(column),
    )
  if (!isFine) throw badFolder(folder, `${schemaName} is damaged`)
  return schema
}

/** Whether a column has the files and facts that its kind needs. */
function isKindFine({ kind, categories, bytes, unit, zone }: Partial<StoredColumn>): boolean {
  switch (kind) {
    case 'number':
    case 'boolean':
      return true
    case 'category':
      return isPlainName(categories)
    case 'text':
      return isPlainName(bytes)
    case 'date':
      return isDateUnit(unit) && (zone === undefined || typeof zone === 'string')
    default:
      return false
  }
}

function openColumn(folder: string, column: StoredColumn, rows: number): Column {
  const { name, file, missing, validity } = column
  const open = <D extends DType>(
    stored: string,
    dtypes: readonly D[],
    size: number | undefined,
  ): NDArray<D> => {
    const array = openArray(join(folder, stored))
    const isFine = array.shape.length === 1 && (size === undefined || array.size === size)
    if (isFine && dtypes.some((dtype) => dtype === array.dtype)) return array as NDArray<D>
    throw badFolder(
      folder,
      `${stored} holds ${array.dtype} of shape [${array.shape.join(', ')}], expected ${listTypes(dtypes)} of shape [${size ?? 'n'}]`,
    )
  }
  const options = {
    missing,
    validity:
      validity === undefined
        ? undefined
        : () => open(validity, ['uint8'] as const, Math.ceil(rows / 8)),
  }
  switch (column.kind) {
    case 'number':
      return new NumberColumn(name, () => open(file, numberTypes, rows), options)
    case 'boolean':
      return new BooleanColumn(name, () => open(file, ['bool'], rows), options)
    case 'date':
      return new DateColumn(name, () => open(file, dateTypes, rows), column.unit!, {
        ...options,
        zone: column.zone,
      })
    case 'text': {
      const bytes = (): NDArray<'uint8'> => open(column.bytes!, ['uint8'], undefined)
      const arrays = () => ({ offsets: open(file, offsetTypes, rows + 1), bytes: bytes() })
      return new TextColumn(name, arrays, options)
    }
    default: {
      const categories = column.categories!
      const readTexts = (): readonly string[] => {
        const texts = readJson(folder, categories)
        if (isStringList(texts)) return texts
        throw badFolder(folder, `${categories} holds no list of texts`)
      }
      return new CategoryColumn(name, () => open(file, codeTypes, rows), readTexts, options)
    }
  }
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
