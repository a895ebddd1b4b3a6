/** Opens a .npy file as features and a target. */

import { isOneCopyError } from '../../errors.ts'
import { type NDArray, openArray, openForeignArray, shared } from '../../arrays/index.ts'
import { UsageError } from '../output/failure.ts'
import type { Input, InputRequest } from './input.ts'
import { refuseTableFlags } from './table-flags.ts'
import { formatCount } from '../../format.ts'

/**
 * Maps a matrix; nothing is read yet. The other columns are a view when the target is the first or
 * the last one, and are copied once, into memory that all workers share, when it is between them.
 *
 * @param request - its target is the number of a column, from 0; negative ones count from the end
 * @throws UsageError, or OneCopyError that says what is wrong with the file
 */
export async function readMatrix({ file, target, task, table }: InputRequest): Promise<Input> {
  refuseTableFlags(table, file)
  const matrix = openMatrix(file)
  const [rows = 0, columns = 0] = matrix.shape
  if (matrix.ndim !== 2 || columns < 2) {
    throw new UsageError(
      `Expected ${file} to hold a matrix of at least 2 columns, got shape (${matrix.shape.join(', ')}).`,
    )
  }
  if (rows === 0) throw new UsageError(`Expected rows to learn from, ${file} has none.`)
  const column = requireColumn(target, columns, file)
  const others = Array.from({ length: columns }, (_, index) => index).filter((i) => i !== column)
  return {
    X: withoutColumn(matrix, column),
    y: matrix.column(column),
    task: task ?? 'regression',
    features: others.map((index) => `column ${index}`),
    target: `column ${column}`,
    notes: [],
  }
}

/** Half floats and numbers of the other byte order are converted once. */
function openMatrix(file: string): NDArray {
  try {
    return openArray(file)
  } catch (error) {
    if (!isOneCopyError(error) || error.code !== 'ERR_DTYPE') throw error
    const foreign = openForeignArray(file)
    if (/c\d+$/.test(foreign.descr)) {
      throw new UsageError(`Expected real numbers in ${file}, got complex ones.`)
    }
    return foreign.toNative()
  }
}

function requireColumn(target: string, columns: number, file: string): number {
  const column = /^-?\d+$/.test(target) ? Number(target) : Number.NaN
  if (column >= -columns && column < columns) return column < 0 ? column + columns : column
  throw new UsageError(
    `Expected --target to be a column number from 0 to ${columns - 1}, got '${target}': ` +
      `${file} has ${formatCount(columns, 'column')} without names.`,
  )
}

function withoutColumn(matrix: NDArray, column: number): NDArray {
  const [rows = 0, columns = 0] = matrix.shape
  if (column === 0) return matrix.slice(null, [1])
  if (column === columns - 1) return matrix.slice(null, [0, column])
  const rest = shared([rows, columns - 1], matrix.dtype)
  const [rowStep = 0, columnStep = 0] = matrix.strides
  for (let row = 0, to = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) {
      if (j === column) continue
      rest.data[to++] = matrix.data[matrix.offset + row * rowStep + j * columnStep]!
    }
  }
  return rest
}
