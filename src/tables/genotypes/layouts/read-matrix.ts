/** Reads matrices with a row a site and a column an individual. */

import { OneCopyError } from '../../../errors.ts'
import { defaultMissing } from '../../csv/csv-options.ts'
import { readCsv } from '../../csv/read-csv.ts'
import { Table } from '../../table/table.ts'
import { readHead } from '../text-lines.ts'
import type { ReadGenotypes } from './layout.ts'

/** What a matrix is read with. */
export interface MatrixOptions {
  /** A file whose first line holds the names of the columns, where the matrix has none. */
  readonly header?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Bytes in which a line of names ends. */
const longestHeader = 1 << 26

/**
 * Reads a matrix: positions as numbers, everything else as categories, a byte each where there are few.
 *
 * @throws OneCopyError as readCsv does
 */
export async function readGenotypeMatrix(
  path: string,
  { header, signal }: MatrixOptions,
): Promise<ReadGenotypes> {
  const { names, delimiter } = readNames(header ?? path)
  const columns = header === undefined ? names : names.map((_, k) => `column${k + 1}`)
  const isPosition = (name: string): boolean =>
    ['pos', 'position', 'bp'].includes(name.toLowerCase())
  const schema = Object.fromEntries(
    columns.map((column, k) => [column, isPosition(names[k]!) ? 'number' : 'category'] as const),
  )
  const table = await readCsv(path, {
    schema,
    delimiter: delimiter === ' ' ? undefined : delimiter,
    header: header === undefined,
    missing: [...defaultMissing, '.'],
    signal,
  })
  const isPlain = header === undefined
  return {
    table: isPlain ? table : renameColumns(table, names),
    layout: 'matrix',
    notation: undefined,
    lines: { path, first: isPlain ? 2 : 1 },
  }
}

/**
 * Reads a HapMap file: its eleven columns of sites, and an individual each from then on.
 *
 * @throws OneCopyError as readCsv does
 */
export async function readHapmap(path: string, options: MatrixOptions): Promise<ReadGenotypes> {
  const read = await readGenotypeMatrix(path, options)
  return { ...read, layout: 'hapmap', notation: 'letters' }
}

function readNames(path: string): { names: string[]; delimiter: string } {
  let text = readHead(path, 1 << 20).toString('utf8')
  if (!text.includes('\n')) text = readHead(path, longestHeader).toString('utf8')
  const [line = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const delimiter = ['\t', ',', ';', ' '].find((one) => line.includes(one)) ?? '\t'
  return { names: line.split(delimiter).map((name) => name.replace(/^"(.*)"$/, '$1')), delimiter }
}

function renameColumns(table: Table, names: readonly string[]): Table {
  if (names.length !== table.columns.length)
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected a name for each of ${table.columns.length} columns in the file of names, got ${names.length}.`,
    )
  return new Table(
    table.columns.map((column, k) => column.renamed(names[k]!)),
    table.rows,
    [],
    table.warnings,
  )
}
