/** Sums the elements of each result of a reduction. */

import { isBigInt } from '../layout/dtype.ts'
import { NumberReader } from './number-reader.ts'
import { boxesOf, type Reduction } from './reduction.ts'
import { addRows, addSquaredRows, leafSize, squaresRun, sumRun } from './sum-kernels.ts'
import { ExactTotals, PairwiseTotals, type Sums, type Totals } from './totals.ts'

/** The sum of the elements of each result; exact for integers of up to 32 bits. */
export function sumMatrix(reduction: Reduction): Sums {
  const { dtype } = reduction.elements
  const values = new Float64Array(reduction.results)
  const isInteger = !dtype.startsWith('float') && !isBigInt(dtype)
  const sums: Sums = isInteger ? { values, carries: new Float64Array(values.length) } : { values }
  const { joinsRows } = reduction
  if (joinsRows) sumRows(reduction, sums, (data, start, count) => sumRun(data, start, count))
  else sumColumns(reduction, sums, (block, leaf) => addRows(leaf, block))
  return sums
}

/** The sum of squared distances of the elements from the mean of their result. */
export function sumSquares(reduction: Reduction, means: Float64Array): Float64Array {
  const values = new Float64Array(reduction.results)
  if (reduction.joinsRows)
    sumRows(reduction, { values }, (data, start, count, result) =>
      squaresRun(data, start, count, means[result]!),
    )
  else
    sumColumns(reduction, { values }, (block, leaf, first) =>
      addSquaredRows(leaf, block, means, first),
    )
  return values
}

type RowSum = (data: Float64Array, start: number, count: number, result: number) => number

function sumRows(reduction: Reduction, sums: Sums, sumOf: RowSum): void {
  const { elements, joined } = reduction
  const reader = new NumberReader(elements)
  const totals = totalsOf(sums, 1)
  const part = new Float64Array(1)
  for (const box of boxesOf(reduction)) {
    reader.readBox(box)
    const { data, step } = reader
    for (let i = 0; i < box.rows; i++) {
      const first = i * step
      const sum = sumOf(data, first, box.columns, box.row + i)
      if (box.columns === joined) {
        sums.values[box.row + i] = sum
        continue
      }
      part[0] = sum
      totals.add(part)
      if (box.column + box.columns === joined) totals.take(sums, box.row + i, 1)
    }
  }
}

type ColumnLeaf = (
  block: {
    readonly data: Float64Array
    readonly start: number
    readonly step: number
    readonly rows: number
    readonly columns: number
  },
  leaf: Float64Array,
  firstResult: number,
) => void

function sumColumns(reduction: Reduction, sums: Sums, add: ColumnLeaf): void {
  const { elements, joined } = reduction
  const reader = new NumberReader(elements)
  let leaf = new Float64Array(0)
  let totals = totalsOf(sums, 0)
  for (const box of boxesOf(reduction)) {
    const { row, rows, column, columns } = box
    if (leaf.length < columns) totals = totalsOf(sums, columns)
    // -0 is what changes no sum, not even that of negative zeros.
    if (leaf.length !== columns) leaf = new Float64Array(columns).fill(-0)
    reader.readBox(box)
    const { data, step } = reader
    for (let at = 0; at < rows; at += leafSize) {
      const count = Math.min(leafSize, rows - at)
      add({ data, start: at * step, step, rows: count, columns }, leaf, column)
      const isEnd = row + at + count === joined
      if (!isEnd && (row + at + count) % leafSize !== 0) continue
      totals.add(leaf)
      leaf.fill(-0)
    }
    if (row + rows === joined) totals.take(sums, column, columns)
  }
}

function totalsOf({ carries }: Sums, width: number): Totals {
  return carries === undefined ? new PairwiseTotals(width) : new ExactTotals(width)
}
