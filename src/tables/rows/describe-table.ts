/** Describes every column of a table. */

import { kernelThreads, native } from '../../native/index.ts'
import type { CellValue } from '../columns/column-base.ts'
import type { Column } from '../columns/columns.ts'
import type { Table } from '../table/table.ts'
import { countValues } from './count-values.ts'
import { type FixedColumn, requireTable, tableCells } from './table-cells.ts'

/** What is known of a column. */
export interface ColumnDescription {
  readonly name: string
  readonly kind: Column['kind']
  /** Rows that have a value. */
  readonly count: number
  /** Rows that have none. */
  readonly missing: number
  /** Different values; undefined for more than 10,000 numbers or dates. */
  readonly distinct: number | undefined
  /** Of numbers and booleans; NaN without values. */
  readonly mean?: number
  /** Standard deviation with n − 1 in the denominator, likewise; NaN for fewer than two values. */
  readonly sd?: number
  /** Least and greatest value of numbers, booleans and dates, exact; undefined without values. */
  readonly min?: CellValue | undefined
  readonly max?: CellValue | undefined
  /** First quartile, median and third quartile of numbers, exact, interpolated between the two nearest values; NaN without values. */
  readonly quartiles?: readonly [number, number, number]
  /** The five most frequent values of categories, texts and booleans, most frequent first. */
  readonly top?: readonly { readonly value: CellValue; readonly count: number }[]
}

/** How many of the most frequent values are named. */
const shownValues = 5

/**
 * Describes every column: counts, distinct values, mean, standard deviation, extremes and exact quartiles of numbers, and the most frequent texts. The
 * values are read where they are, on native threads.
 *
 * @param table - fewer than 2^31 rows; texts are coded once, which takes 4 bytes a row meanwhile
 * @throws OneCopyError `ERR_FORMAT` for damaged codes or texts
 *
 * @example
 * ```ts
 * const table = await readCsv('diamonds.csv')
 * for (const { name, count, mean, quartiles } of await describeTable(table)) console.log(name, count, mean, quartiles)
 * ```
 */
export async function describeTable(table: Table): Promise<ColumnDescription[]> {
  const { rows } = requireTable(table, 'describeTable')
  const fixed = table.columns.filter((column): column is FixedColumn => column.kind !== 'text')
  const ordered = fixed.filter(({ kind }) => kind !== 'category')
  const cells = ordered.map((column) => tableCells(column, 'describeTable'))
  const whole = Int32Array.of(0, rows)
  const [sums, quartiles] = await Promise.all([
    native.summariseGroups(
      cells,
      rows,
      whole,
      Float64Array.of(0, 1),
      true,
      true,
      true,
      kernelThreads(),
    ),
    native.tableQuartiles(cells, rows, kernelThreads()),
  ])
  const descriptions: ColumnDescription[] = []
  for (const column of table.columns) {
    const { name, missing } = column
    const known = { name, kind: column.kind, count: rows - missing, missing } as const
    if (column.kind === 'category' || column.kind === 'text') {
      descriptions.push({ ...known, ...(await describeTexts(column)) })
      continue
    }
    const c = ordered.indexOf(column)
    const [count, distinct] = [sums.count[c]!, quartiles.distinct[c]!]
    const valueAt = (row: number): CellValue | undefined => (row < 0 ? undefined : column.get(row))
    const ends = { min: valueAt(sums.leastRow[c]!), max: valueAt(sums.mostRow[c]!) }
    const values = { ...known, distinct: distinct < 0 ? undefined : distinct, ...ends }
    if (column.kind === 'date') {
      descriptions.push(values)
      continue
    }
    const mean = sums.sum[c]! / count
    const sd = count < 2 ? NaN : Math.sqrt(sums.squares[c]! / (count - 1))
    if (column.kind === 'boolean')
      descriptions.push({ ...values, mean, sd, top: await topValues(column) })
    else
      descriptions.push({
        ...values,
        mean,
        sd,
        quartiles: [1, 2, 3].map((q) =>
          quartileOf(q, count, quartiles.values.subarray(6 * c + 2 * (q - 1), 6 * c + 2 * q)),
        ) as [number, number, number],
      })
  }
  return descriptions
}

/** Between the two nearest values, as in NumPy's default. */
function quartileOf(quarter: number, count: number, [low, high]: Float64Array): number {
  const part = (((count - 1) * quarter) / 4) % 1
  return low === high || part === 0 ? low! : low! + (high! - low!) * part
}

async function describeTexts(column: Extract<Column, { kind: 'category' | 'text' }>) {
  const codes = column.kind === 'text' ? column.toCategories() : column
  const counts = await countValues(codes)
  const distinct = counts.rows - (codes.missing > 0 ? 1 : 0)
  return { distinct, top: topOf(counts, codes.name, distinct) }
}

async function topValues(column: FixedColumn) {
  const counts = await countValues(column)
  return topOf(counts, column.name, counts.rows - (column.missing > 0 ? 1 : 0))
}

function topOf(counts: Table, name: string, distinct: number) {
  const [values, numbers] = [counts.column(name), counts.columns[1]!]
  return Array.from({ length: Math.min(shownValues, distinct) }, (_, i) => ({
    value: values.get(i),
    count: numbers.get(i) as number,
  }))
}
