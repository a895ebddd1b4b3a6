/** Statistics of columns for each group of rows. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { Column } from '../columns/columns.ts'
import { NumberColumn } from '../columns/number-column.ts'
import { Table } from '../table/table.ts'
import { Groups } from './groups.ts'
import { makeShared, pickCells } from './same-kind.ts'
import { type FixedColumn, requireFixed, tableCells } from './table-cells.ts'

/** What can be computed of a column's values in a group; missing ones are left out. */
export type Statistic = 'count' | 'sum' | 'mean' | 'std' | 'min' | 'max'

const statistics: readonly Statistic[] = ['count', 'sum', 'mean', 'std', 'min', 'max']

/** Statistics by the names of columns. */
export type AggregateSpec = Readonly<Record<string, Statistic | readonly Statistic[]>>

/**
 * Computes statistics of columns for each group. The values are read where they are, on native threads; results are the same for any number of
 * them.
 *
 * - `count`: how many rows have a value
 * - `sum`: 0 without values; of integers exact until it is rounded once to a double
 * - `mean`: NaN without values
 * - `std`: with n − 1 in the denominator; NaN for fewer than two values
 * - `min`, `max`: of the same dtype as the column; missing without values
 *
 * Columns of numbers and booleans have all of them, dates `count`, `min` and `max`, categories `count`.
 *
 * @returns a row for each group, in the order of the groups: the key columns, then a column for each statistic, such as `price_mean`
 * @throws OneCopyError `ERR_INDEX` for a column that there isn't or that has no such statistic; `ERR_OPTION` for another statistic
 *
 * @example
 * ```ts
 * const table = await readCsv('diamonds.csv')
 * const groups = await groupRows(table, ['cut'])
 * console.log(String(await aggregate(groups, { price: ['mean', 'max'], carat: 'mean' })))
 * ```
 */
export async function aggregate(groups: Groups, spec: AggregateSpec): Promise<Table> {
  if (!((groups as unknown) instanceof Groups))
    throw new TypeError(`Expected Groups as groupRows returns them, got ${show(groups)}.`)
  const wanted = requireSpec(groups.table, spec)
  const { order, isRuns, starts, firstRows } = groups.parts
  const all = wanted.flatMap(({ names }) => names)
  const sums = await native.summariseGroups(
    wanted.map(({ column }) => tableCells(column, 'aggregate')),
    groups.table.rows,
    order.toTypedArray(),
    starts,
    isRuns,
    all.includes('std'),
    all.includes('min') || all.includes('max'),
    kernelThreads(),
  )
  const keys = groups.names.map((name) =>
    pickCells(requireFixed(groups.table.column(name), 'aggregate'), name, firstRows),
  )
  const count = groups.length
  const results = wanted.flatMap(({ column, names }, c) =>
    names.map((statistic): Column => {
      const name = `${column.name}_${statistic}`
      const part = <A extends Float64Array | Int32Array>(list: A): A =>
        list.subarray(c * count, (c + 1) * count) as A
      if (statistic === 'min') return pickCells(column, name, part(sums.leastRow))
      if (statistic === 'max') return pickCells(column, name, part(sums.mostRow))
      const [counts, totals, squares] = [part(sums.count), part(sums.sum), part(sums.squares)]
      const valueOf = (g: number): number => {
        if (statistic === 'count') return counts[g]!
        if (statistic === 'sum') return totals[g]!
        if (statistic === 'mean') return totals[g]! / counts[g]!
        return counts[g]! < 2 ? NaN : Math.sqrt(squares[g]! / (counts[g]! - 1))
      }
      return new NumberColumn(name, fill(makeShared(count, 'float64'), valueOf))
    }),
  )
  return new Table([...keys, ...results])
}

function fill(array: NDArray<'float64'>, valueOf: (i: number) => number): NDArray<'float64'> {
  const values = array.toTypedArray()
  for (let i = 0; i < values.length; i++) values[i] = valueOf(i)
  return array
}

interface Wanted {
  readonly column: FixedColumn
  readonly names: readonly Statistic[]
}

function requireSpec(table: Table, spec: AggregateSpec): Wanted[] {
  if (typeof (spec as unknown) !== 'object' || (spec as unknown) === null || Array.isArray(spec))
    throw new TypeError(
      `Expected statistics by column, as in { price: ['mean', 'max'] }, got ${show(spec)}.`,
    )
  return Object.entries(spec).map(([name, given]) => {
    const column = requireFixed(table.column(name), 'aggregate')
    const names = (Array.isArray(given) ? given : [given]) as readonly Statistic[]
    for (const statistic of names) {
      if (!statistics.includes(statistic))
        throw new OneCopyError(
          'ERR_OPTION',
          `Expected ${statistics.join(', ')} for column '${name}', got ${show(statistic)}.`,
        )
      if (statisticsOf(column).includes(statistic)) continue
      throw new OneCopyError(
        'ERR_INDEX',
        `Expected ${statisticsOf(column).join(', ')} for column '${name}', which is of kind '${column.kind}', got '${statistic}'.`,
        { details: { column: name, kind: column.kind } },
      )
    }
    return { column, names }
  })
}

function statisticsOf({ kind }: FixedColumn): readonly Statistic[] {
  if (kind === 'category') return ['count']
  return kind === 'date' ? ['count', 'min', 'max'] : statistics
}
