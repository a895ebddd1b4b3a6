/** Says which elements a reduction joins, and in which order. */

import type { Elements } from '../layout/elements.ts'
import { countElements } from '../layout/layout.ts'
import { requireAxis } from '../layout/slices.ts'
import { blockSize, type MatrixBox } from './number-reader.ts'

/** Options of a reduction. */
export interface ReduceOptions {
  /** The axis whose elements are joined; a negative one counts from the end. Default: all axes. */
  readonly axis?: number | undefined
  /** Keep the joined axes with length 1, so that the result broadcasts against the array. Default false. */
  readonly keepDims?: boolean | undefined
}

/** Whether a reduction gives a scalar. */
export function isWhole({ axis, keepDims }: ReduceOptions): boolean {
  return axis === undefined && keepDims !== true
}

/**
 * A reduction as a matrix in C order. Only the shape decides which way it lies, so that equal values give equal bits,
 * whatever their strides are.
 */
export interface Reduction {
  /** Elements in the order of the matrix; a view. */
  readonly elements: Elements
  /** How many elements are joined to each result. */
  readonly joined: number
  /** How many results there are. */
  readonly results: number
  /** Whether the rows of the matrix are joined; else its columns are. */
  readonly joinsRows: boolean
  /** Shape of the results. */
  readonly shape: readonly number[]
}

/**
 * Plans a reduction.
 *
 * @throws OneCopyError `ERR_SHAPE` when there is no such axis
 */
export function planReduction(elements: Elements, { axis, keepDims }: ReduceOptions): Reduction {
  const { shape, strides } = elements
  if (axis === undefined)
    return {
      elements,
      joined: countElements(shape),
      results: 1,
      joinsRows: true,
      shape: keepDims === true ? shape.map(() => 1) : [],
    }
  const chosen = requireAxis(axis, shape.length)
  const joined = shape[chosen]!
  const rest = shape.toSpliced(chosen, 1)
  const results = countElements(rest)
  const kept = keepDims === true ? shape.with(chosen, 1) : rest
  // One column lies in memory as one row does.
  if (chosen === shape.length - 1 || results === 1)
    return { elements, joined, results, joinsRows: true, shape: kept }
  const { dtype, data, offset } = elements
  const moved: Elements = {
    dtype,
    data,
    offset,
    shape: [joined, ...rest],
    strides: [strides[chosen]!, ...strides.toSpliced(chosen, 1)],
  }
  return { elements: moved, joined, results, joinsRows: false, shape: kept }
}

/** Columns that are joined side by side: eight rows of them are a block. */
const tileColumns = blockSize / 8

/**
 * The matrix of a reduction in boxes of at most {@link blockSize} elements. Those of a result come one after the other, and
 * begin at multiples of 8 elements; from 128 elements on, at multiples of 128.
 */
export function* boxesOf({
  joined,
  results,
  joinsRows,
}: Reduction): Generator<MatrixBox, void, undefined> {
  if (joined === 0 || results === 0) return
  if (joinsRows) {
    const columns = Math.min(joined, blockSize)
    const rows = Math.floor(blockSize / columns)
    for (let row = 0; row < results; row += rows)
      for (let column = 0; column < joined; column += columns)
        yield {
          row,
          rows: Math.min(rows, results - row),
          column,
          columns: Math.min(columns, joined - column),
          width: joined,
        }
    return
  }
  const columns = Math.min(results, tileColumns)
  const rows = 1 << Math.floor(Math.log2(blockSize / columns))
  for (let column = 0; column < results; column += columns)
    for (let row = 0; row < joined; row += rows)
      yield {
        row,
        rows: Math.min(rows, joined - row),
        column,
        columns: Math.min(columns, results - column),
        width: results,
      }
}
