/** Writes a table's folder, completely or not at all. */

import {
  accessSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { DType, NDArray } from '../../arrays/index.ts'
import { createPendingArray, PendingArrayFile } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { followLinks, syncFolder, temporaryName } from '../../pending-file.ts'
import type { ColumnPart } from '../blocks/block-layout.ts'
import type { Column } from '../columns/columns.ts'
import {
  formatName,
  formatVersions,
  openTable,
  schemaName,
  type StoredColumn,
  type StoredTable,
} from './open-table.ts'
import type { Table } from './table.ts'

/**
 * A folder that is being made. Its files have no names until {@link TableFolder.save} has written all
 * of them, so that a process that ends before leaves nothing behind.
 */
export class TableFolder {
  /** Absolute path that the folder will have; a link stays, and the folder appears where it points to. */
  readonly path: string
  readonly #parent: string
  /** The files so far, by the names to come. */
  readonly #files = new Map<string, PendingArrayFile>()
  /** What the files of a column are called, without their endings, by its name. */
  readonly #stems = new Map<string, string>()

  /** @throws OneCopyError `ERR_FILE` when there is something under that name, or it can't be made */
  constructor(path: string) {
    const given = resolve(path)
    if (existsSync(given) && !isEmptyFolder(given)) throw existsAlready(given)
    this.path = attempt(given, () => followLinks(given, () => {}))
    this.#parent = dirname(this.path)
    attempt(this.path, () => {
      accessSync(this.#parent, constants.W_OK)
      removeAbandoned(this.path)
    })
  }

  /**
   * Makes a file of a column, open for writing.
   *
   * @param place - of the column in the table, for the name of the file
   * @param name - of the column
   * @param dtype - of its values
   * @param size - how many
   * @param part - what the file holds
   */
  makeColumn<D extends DType>(
    place: number,
    name: string,
    dtype: D,
    size: number,
    part: ColumnPart = 'values',
  ): NDArray<D> {
    const stem = `${String(place).padStart(3, '0')}-${name.replaceAll(/[^\w.-]+/g, '_').slice(0, 80)}`
    this.#stems.set(name, stem)
    const { array, file } = createPendingArray(this.#parent, { dtype, shape: [size] })
    this.#files.set(`${stem}${endings[part]}`, file)
    return array
  }

  /** Writes categories and schema, brings all to the disk and gives the folder its name. */
  save(table: Table): Table {
    const columns = table.columns.map((column) => this.#storeColumn(column))
    const { rows } = table
    const warnings = table.warnings.length === 0 ? {} : { warnings: table.warnings }
    const schema: StoredTable = {
      format: formatName,
      version: table.columns.every(isPlain) ? formatVersions.plain : formatVersions.any,
      rows,
      columns,
      ...warnings,
    }
    // It has this name from when all is written until all files have their names: a moment.
    const temporary = temporaryName(this.path)
    attempt(this.path, () => {
      this.#write(schemaName, [JSON.stringify(schema, undefined, 2), '\n'])
      for (const { fd } of this.#files.values()) fsyncSync(fd)
      mkdirSync(temporary)
      try {
        for (const [name, file] of this.#files) file.nameAs(join(temporary, name))
        syncFolder(temporary)
        renameSync(temporary, this.path)
      } catch (error) {
        rmSync(temporary, { recursive: true, force: true })
        // Made meanwhile, perhaps by another import.
        if (existsSync(this.path) && !isEmptyFolder(this.path))
          throw existsAlready(this.path, error)
        throw error
      }
      syncFolder(this.#parent)
    })
    return openTable(this.path)
  }

  /** Closes the files; those that were not saved are gone. */
  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file.close()
    this.#files.clear()
  }

  #storeColumn(column: Column): StoredColumn {
    const { name, kind, missing } = column
    const stem = this.#stems.get(name)!
    const bitmap = `${stem}${endings.validity}`
    const stored: StoredColumn = {
      name,
      kind,
      file: `${stem}${endings.values}`,
      missing,
      ...(this.#files.has(bitmap) && { validity: bitmap }),
    }
    if (column.kind === 'text') return { ...stored, bytes: `${stem}${endings.bytes}` }
    if (column.kind === 'date') {
      const { unit, zone } = column
      return { ...stored, unit, ...(zone !== undefined && { zone }) }
    }
    if (column.kind !== 'category') return stored
    const categories = `${stem}.categories.json`
    this.#write(categories, jsonLines(column.categories))
    return { ...stored, categories }
  }

  #write(name: string, parts: Iterable<string>): void {
    const file = new PendingArrayFile(join(this.#parent, name))
    this.#files.set(name, file)
    for (const part of parts) writeAll(file.fd, Buffer.from(part))
  }
}

const endings: Readonly<Record<ColumnPart, string>> = {
  values: '.npy',
  bytes: '.bytes.npy',
  validity: '.validity.npy',
}

/** Whether the first version of the format has such columns. */
function isPlain(column: Column): boolean {
  if (column.validity !== undefined) return false
  if (column.kind === 'number') return column.values.dtype === 'float64'
  return column.kind === 'category' && column.values.dtype.startsWith('int')
}

/** Removes what a process left that was killed in that moment. */
function removeAbandoned(path: string): void {
  const start = `.${basename(path)}.`
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(start) || !/^\d+-[a-z\d]+\.tmp$/.test(name.slice(start.length))) continue
    const folder = join(dirname(path), name)
    const status = statSync(folder, { throwIfNoEntry: false })
    const isOld = status?.isDirectory() === true && Date.now() - status.mtimeMs > 600_000
    if (isOld) rmSync(folder, { recursive: true, force: true })
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
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

function existsAlready(path: string, cause?: unknown): OneCopyError {
  return new OneCopyError(
    'ERR_FILE',
    `Expected no file or folder ${path} yet. Choose another name, or remove it first.`,
    { ...(cause === undefined ? {} : { cause }), details: { path } },
  )
}

function isEmptyFolder(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).length === 0
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
