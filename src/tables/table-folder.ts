/** A table as a folder of .npy columns with a schema. */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { createArray, type NDArray, openArray } from '../arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../errors.ts'
import { CategoryColumn, type CodeType, type Column, NumberColumn } from './columns.ts'
import { Table } from './table.ts'

const schemaName = 'table.json'
const formatName = 'onecopy-table'
const formatVersion = 1

/** What `table.json` says of a column. */
interface StoredColumn {
  readonly name: string
  readonly kind: 'number' | 'category'
  /** The `.npy` file, in the same folder. */
  readonly file: string
  /** A JSON array of the category's texts, in the same folder; one text a line. */
  readonly categories?: string
  readonly missing: number
}

interface StoredTable {
  readonly format: typeof formatName
  readonly version: number
  readonly rows: number
  readonly columns: readonly StoredColumn[]
}

/**
 * Opens a table that `readCsv` wrote with `out`. Columns are mapped when they are first used; nothing
 * is loaded.
 *
 * @param path - the folder
 * @throws OneCopyError `ERR_TABLE` when it holds no table
 */
export function openTable(path: string): Table {
  const folder = resolve(path)
  const { rows, columns } = readSchema(folder)
  return new Table(
    columns.map((column) => openColumn(folder, column, rows)),
    rows,
  )
}

/**
 * A folder that is being filled. It appears under its name only when {@link TableFolder.save} is
 * done; disposing of it before leaves nothing behind.
 */
export class TableFolder {
  /** Absolute path that the folder will have. */
  readonly path: string
  readonly #temporary: string
  readonly #files = new Map<string, string>()

  /** @throws OneCopyError `ERR_FILE` when there is something under that name, or it can't be made */
  constructor(path: string) {
    this.path = resolve(path)
    this.#temporary = join(dirname(this.path), `.${basename(this.path)}.${process.pid}.tmp`)
    if (existsSync(this.path) && !isEmptyFolder(this.path)) {
      throw new OneCopyError(
        'ERR_FILE',
        `Expected no file or folder ${this.path} yet. Remove it, or choose another name.`,
        { details: { path: this.path } },
      )
    }
    attempt(this.path, () => mkdirSync(this.#temporary))
  }

  /**
   * Makes the file of a column, open for writing.
   *
   * @param place - of the column in the table, for the name of the file
   * @param name - of the column
   * @param dtype - of its values
   * @param rows - how many
   */
  makeColumn<D extends 'float64' | CodeType>(
    place: number,
    name: string,
    dtype: D,
    rows: number,
  ): NDArray<D> {
    const stem = `${String(place).padStart(3, '0')}-${name.replaceAll(/[^\w.-]+/g, '_').slice(0, 80)}`
    this.#files.set(name, stem)
    return createArray(join(this.#temporary, `${stem}.npy`), { dtype, shape: [rows] })
  }

  /** Writes categories and schema, brings all to the disk and gives the folder its name. */
  save(table: Table): Table {
    const columns = table.columns.map((column) => this.#storeColumn(column))
    const { rows } = table
    const schema: StoredTable = { format: formatName, version: formatVersion, rows, columns }
    attempt(this.path, () => {
      this.#write(schemaName, [JSON.stringify(schema, undefined, 2), '\n'])
      for (const file of readdirSync(this.#temporary)) sync(join(this.#temporary, file))
      sync(this.#temporary)
      renameSync(this.#temporary, this.path)
      sync(dirname(this.path))
    })
    return openTable(this.path)
  }

  /** Removes what was not saved. */
  [Symbol.dispose](): void {
    rmSync(this.#temporary, { recursive: true, force: true })
  }

  #storeColumn(column: Column): StoredColumn {
    const { name, kind, missing } = column
    const stem = this.#files.get(name)!
    const stored: StoredColumn = { name, kind, file: `${stem}.npy`, missing }
    if (column.kind === 'number') return stored
    const categories = `${stem}.categories.json`
    this.#write(categories, jsonLines(column.categories))
    return { ...stored, categories }
  }

  #write(name: string, parts: Iterable<string>): void {
    const file = openSync(join(this.#temporary, name), 'wx')
    try {
      for (const part of parts) writeSync(file, part)
    } finally {
      closeSync(file)
    }
  }
}

function readSchema(folder: string): StoredTable {
  let schema: StoredTable
  try {
    schema = JSON.parse(readFileSync(join(folder, schemaName), 'utf8')) as StoredTable
  } catch (cause) {
    throw badFolder(folder, `${schemaName} can't be read: ${(cause as Error).message}`, cause)
  }
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
    schema.columns.every(
      ({ name, kind, file, categories }) =>
        typeof name === 'string' &&
        isPlainName(file) &&
        (kind === 'number' || (kind === 'category' && isPlainName(categories))),
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
  const readTexts = (): readonly string[] =>
    JSON.parse(readFileSync(join(folder, categories), 'utf8')) as string[]
  return new CategoryColumn(name, () => open('int8', 'int16', 'int32'), readTexts, missing)
}

/** A JSON array in pieces, one element a line, since a string has no room for all of a large one. */
function* jsonLines(texts: readonly string[]): Generator<string, void, undefined> {
  let piece = '['
  for (const [i, text] of texts.entries()) {
    piece += `${i === 0 ? '' : ','}\n${JSON.stringify(text)}`
    if (piece.length < 1 << 16) continue
    yield piece
    piece = ''
  }
  yield `${piece}\n]\n`
}

/** Whether a name stays inside its folder. */
function isPlainName(name: unknown): boolean {
  return typeof name === 'string' && name !== '..' && basename(name) === name
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (isOneCopyError(cause)) throw cause
    throw new OneCopyError('ERR_FILE', `${path} can't be made: ${(cause as Error).message}.`, {
      cause,
      details: { path },
    })
  }
}

function badFolder(folder: string, why: string, cause?: unknown): OneCopyError {
  return new OneCopyError('ERR_TABLE', `Expected a table in ${folder}, but ${why}.`, {
    ...(cause === undefined ? {} : { cause }),
    details: { path: folder },
  })
}
