/** Reads the rows to predict part by part. */

import { basename, extname } from 'node:path'
import { type NDArray, openArray, shared } from '../../arrays/index.ts'
import { openTable, plainColumn, readCsvParts, Table } from '../../tables/index.ts'
import { suggestNames } from '../../nearest-names.ts'
import type { TableFlags } from '../input/table-flags.ts'
import { csvOptions, refuseTableFlags } from '../input/table-flags.ts'
import { isArrowFile, openArrowColumns } from '../input/arrow-columns.ts'
import { statFile } from '../input/stat-file.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import type { PredictionModel } from './prediction-model.ts'

/** Some rows of the data, in their order. */
export interface FeaturePart {
  /** A table for a model of tables, else a matrix of shape (rows, d). */
  readonly X: Table | NDArray
  readonly rows: number
  /** Number of its first row in the data, from 0. */
  readonly first: number
  /** Frees what only this part needs. */
  readonly close: () => void
}

/** Rows of a part: enough to keep all threads busy, few enough for any memory. */
const partRows = 1 << 16

/**
 * Reads a .csv, .tsv, .arrow, .feather or .npy file or the folder of a table. The memory it takes does not depend on the number of rows.
 *
 * @param onRead - is told which part was read, between 0 and 1
 * @throws UsageError, or OneCopyError that names the file and line, or the column
 */
export async function* readFeatureParts(
  data: string,
  model: PredictionModel,
  flags: TableFlags,
  onRead: (done: number) => void,
): AsyncGenerator<FeaturePart, void> {
  if (statFile(data)?.isDirectory() === true) {
    refuseTableFlags(flags, data)
    yield* partsOfTable(await asUsage(() => openTable(data)), data, model, onRead)
  } else if (isArrowFile(data)) {
    refuseTableFlags(flags, data)
    const names = model.columns?.map(({ name }) => name)
    yield* partsOfTable(await asUsage(() => openArrowColumns(data, names)), data, model, onRead)
  } else if (extname(data).toLowerCase() === '.npy') {
    refuseTableFlags(flags, data)
    yield* partsOfMatrix(await asUsage(() => openArray(data)), data, model, onRead)
  } else yield* partsOfCsv(data, model, flags, onRead)
}

async function* partsOfCsv(
  data: string,
  { columns }: PredictionModel,
  flags: TableFlags,
  onRead: (done: number) => void,
): AsyncGenerator<FeaturePart, void> {
  const wanted =
    columns === undefined
      ? {}
      : {
          columns: columns.map(({ name }) => name),
          schema: Object.fromEntries(columns.map(({ name, kind }) => [name, kind])),
        }
  const parts = readCsvParts(data, {
    ...csvOptions(data, flags),
    ...wanted,
    partRows,
    onProgress: ({ bytes, totalBytes }) => onRead(totalBytes === 0 ? 1 : bytes / totalBytes),
  })
  let first = 0
  for (;;) {
    const { value: table, done } = await asUsage(() => parts.next())
    if (done === true) return
    const { rows } = table
    const X = columns === undefined ? matrixOf(table, data) : table
    const close = (): void => {
      if (X !== table) X[Symbol.dispose]()
      table[Symbol.dispose]()
    }
    if (rows > 0) yield { X, rows, first, close }
    else close()
    first += rows
  }
}

/** The numbers of all columns as one matrix, for a model that was fitted on one. */
function matrixOf(table: Table, data: string): NDArray {
  const text = table.columns.find(({ kind }) => kind !== 'number')
  if (text !== undefined)
    throw new UsageError(
      `Expected numbers in all columns of ${basename(data)}, as the model was fitted on a matrix without names, got texts in '${text.name}'.`,
    )
  return stackColumns(table)
}

function* partsOfMatrix(
  matrix: NDArray,
  data: string,
  { columns, file }: PredictionModel,
  onRead: (done: number) => void,
): Generator<FeaturePart, void> {
  if (matrix.ndim !== 2)
    throw new UsageError(
      `Expected ${data} to hold a matrix, got shape (${matrix.shape.join(', ')}).`,
    )
  const [rows, width] = matrix.shape as [number, number]
  if (columns?.some(({ kind }) => kind === 'category') === true)
    throw new UsageError(
      `Expected a table with columns of texts for ${basename(file)}, got the matrix ${data}. Pass a .csv or .tsv file.`,
    )
  if (columns !== undefined && columns.length !== width)
    throw new UsageError(
      `Expected ${columns.length} columns in ${data}, as ${basename(file)} was fitted on, got ${width}.`,
    )
  yield* viewParts(rows, (start, stop) => matrix.rows(start, stop), onRead)
}

function* partsOfTable(
  table: Table,
  data: string,
  { columns, file }: PredictionModel,
  onRead: (done: number) => void,
): Generator<FeaturePart, void> {
  if (columns === undefined)
    throw new UsageError(
      `Expected a matrix for ${basename(file)}, which was fitted on one, got the table ${data}. Pass a .npy or .csv file.`,
    )
  const names = table.columns.map(({ name }) => name)
  for (const { name } of columns)
    if (!names.includes(name))
      throw new UsageError(
        `Expected a column '${name}' in ${data}, got a table without it. ${suggestNames(name, names)}`,
      )
  const chosen = table.select(columns.map(({ name }) => name))
  yield* viewParts(table.rows, (start, stop) => rowsOfTable(chosen, start, stop), onRead)
}

/** Parts that are views, and hold no memory of their own. */
function* viewParts(
  rows: number,
  viewOf: (start: number, stop: number) => Table | NDArray,
  onRead: (done: number) => void,
): Generator<FeaturePart, void> {
  for (let first = 0; first < rows; first += partRows) {
    const stop = Math.min(first + partRows, rows)
    yield { X: viewOf(first, stop), rows: stop - first, first, close: () => {} }
    onRead(stop / rows)
  }
}

/** Columns of numbers side by side, shape (rows, columns) in scratch memory. */
function stackColumns({ rows, columns }: Table): NDArray<'float64'> {
  const X = shared([rows, columns.length], 'float64')
  const [to, width] = [X.data, columns.length]
  for (const [j, column] of columns.entries()) {
    const from = plainColumn(column).values.toTypedArray()
    for (let row = 0; row < rows; row++) to[X.offset + row * width + j] = Number(from[row])
  }
  return X
}

/** Some rows of a table, as views. */
function rowsOfTable(table: Table, start: number, stop: number): Table {
  const columns = table.columns.map((column) => column.rows(start, stop))
  return new Table(columns, stop - start)
}
