/** Finds the rows of a table that fulfil a condition. */

import type { Rows } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import { show } from '../../errors.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { CellValue } from '../columns/column-base.ts'
import type { Table } from '../table/table.ts'
import { compileCondition, type Condition } from './condition.ts'
import { makeRowNumbers, requireTable, tableCells } from './table-cells.ts'

/** A row that a function looks at: the value of each column by its name, as {@link Table.row} gives it. */
export type RowView = Readonly<Record<string, CellValue>>

/** Fewest rows of a range, on average, for which ranges are returned; and most ranges. */
const rowsOfRange = 16
const mostRanges = 1 << 16

/**
 * Finds the rows that fulfil a condition. No row is copied: the result is a few ranges where such rows come in runs, else their numbers in memory
 * that workers share, 4 bytes each. Every `rows` option takes it.
 *
 * A row whose value is missing fulfils no condition on that column but null; `not` chooses exactly the other rows.
 *
 * @param table - fewer than 2^31 rows
 * @param condition - as data, which native threads test; or a function of a row, which is called for each and takes about 100 times as long. The
 *   function gets the same object each time, with the values of the current row
 * @returns in ascending order
 * @throws OneCopyError `ERR_INDEX` for a column that there isn't, or one of texts; `ERR_FORMAT` for damaged codes; TypeError for a value that
 *   doesn't go with its column
 *
 * @example
 * ```ts
 * const table = await readCsv('sites.csv')
 * const rows = await findRows(table, { POS: { from: 1000, below: 2000 }, REF: ['A', 'C'] })
 * const same = await findRows(table, ({ POS, REF }) => Number(POS) >= 1000 && Number(POS) < 2000 && 'AC'.includes(String(REF)))
 * ```
 */
export async function findRows(
  table: Table,
  condition: Condition | ((row: RowView) => boolean),
): Promise<Rows> {
  const { rows } = requireTable(table, 'findRows')
  const bits = new Uint8Array(Math.ceil(rows / 8))
  if (typeof condition === 'function') {
    markRows(table, condition, bits)
    return listMarked(bits, rows, countMarked(bits))
  }
  const { columns, steps } = compileCondition(table, condition)
  const cells = columns.map((column) => tableCells(column, 'findRows'))
  return listMarked(
    bits,
    rows,
    await native.findTableRows(cells, steps, rows, bits, kernelThreads()),
  )
}

async function listMarked(
  bits: Uint8Array,
  rows: number,
  { hits, runs }: { hits: number; runs: number },
): Promise<Rows> {
  if (hits === rows) return allRows(rows)
  if (hits === 0) return { ranges: [] }
  if (runs <= mostRanges && hits >= runs * rowsOfRange) {
    const edges = new Int32Array(2 * runs)
    await native.listBits(bits, rows, edges, true, 1)
    return {
      ranges: Array.from({ length: runs }, (_, i) => [edges[2 * i]!, edges[2 * i + 1]!] as const),
    }
  }
  const numbers = makeRowNumbers(hits).toTypedArray()
  await native.listBits(bits, rows, numbers, false, kernelThreads())
  return { numbers }
}

/** Calls a function for each row. */
function markRows(table: Table, condition: (row: RowView) => unknown, bits: Uint8Array): void {
  let row = 0
  const view = Object.create(null) as RowView
  for (const column of table.columns)
    Object.defineProperty(view, column.name, { get: () => column.get(row), enumerable: true })
  for (; row < table.rows; row++) {
    const isWanted = condition(view)
    if (isWanted === true) bits[row >> 3]! |= 1 << (row & 7)
    else if (isWanted !== false)
      throw new TypeError(
        `Expected true or false from the condition for row ${row}, got ${show(isWanted)}.`,
      )
  }
}

function countMarked(bits: Uint8Array): { hits: number; runs: number } {
  let [hits, runs, before] = [0, 0, 0]
  for (const byte of bits) {
    for (let k = 0; k < 8; k++) {
      const bit = (byte >> k) & 1
      hits += bit
      runs += bit & ~before
      before = bit
    }
  }
  return { hits, runs }
}
