/** Opens a .npy file as features and a target. */

import { basename } from 'node:path'
import { isOneCopyError } from '../../errors.ts'
import { array, type NDArray, openArray, openForeignArray, shared } from '../../arrays/index.ts'
import { UsageError } from '../output/failure.ts'
import type { Input, InputRequest } from './input.ts'
import { refuseGroup, requireOwnColumns, takeWeights } from './row-columns.ts'
import { refuseTableFlags } from './table-flags.ts'
import { formatCount } from '../../format.ts'

/**
 * Maps a matrix; nothing is read yet. The columns to learn from are a view when they lie side by side, and are
 * copied once, into memory that all workers share, when others lie between them.
 *
 * @param request - its target, weights and groups are numbers of columns, from 0; negative ones count from the end
 * @throws UsageError, or OneCopyError that says what is wrong with the file
 */
export async function readMatrix(request: InputRequest): Promise<Input> {
  const { file, task, table } = request
  refuseTableFlags(table, file)
  const matrix = openMatrix(file)
  const [rows = 0, columns = 0] = matrix.shape
  if (matrix.ndim !== 2 || columns < 2) {
    throw new UsageError(
      `Expected ${file} to hold a matrix of at least 2 columns, got shape (${matrix.shape.join(', ')}).`,
    )
  }
  if (rows === 0) throw new UsageError(`Expected rows to learn from, ${file} has none.`)
  const { target, weights, groups } = requireColumns(request, columns)
  const taken = [target, weights, groups]
  const others = Array.from({ length: columns }, (_, i) => i).filter((i) => !taken.includes(i))
  if (others.length === 0)
    throw new UsageError(
      `Expected columns to predict column ${target} from in ${file}. It has no other column.`,
    )
  const features = others.map((index) => `column ${index}`)
  return {
    X: takeColumns(matrix, others),
    y: matrix.column(target),
    ...(weights !== undefined && { weights: weightsOf(matrix.column(weights), weights, file) }),
    ...(groups !== undefined && { groups: groupsOf(matrix.column(groups), groups, file) }),
    task: task ?? 'regression',
    features,
    sources: features.map((name, i) => ({ name, range: [i, i + 1] })),
    target: `column ${target}`,
    notes: [],
  }
}

/**
 * Opens other rows of the same kind.
 *
 * @param input - what was read of the first file
 * @throws as {@link readMatrix} does
 */
export async function readOtherMatrix(request: InputRequest, input: Input): Promise<Input> {
  const found = await readMatrix({ ...request, task: input.task })
  const [given, expected] = [found.features.length, input.features.length]
  if (found.features.join() === input.features.join()) return found
  throw new UsageError(
    `Expected ${request.file} to have the columns of the file that was learned from: ${formatCount(expected, 'feature')}, got ${given}.`,
  )
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

/** The numbers of columns that options name. */
function requireColumns(
  request: InputRequest,
  columns: number,
): { target: number; weights: number | undefined; groups: number | undefined } {
  const numberOf = (option: 'target' | 'weights' | 'groups'): number | undefined => {
    const text = request[option]
    return text === undefined ? undefined : requireColumn(option, text, columns, request.file)
  }
  const [target, weights, groups] = [numberOf('target')!, numberOf('weights'), numberOf('groups')]
  // -1 and 5 may be the same column.
  const shown = (column: number | undefined) => (column === undefined ? column : String(column))
  requireOwnColumns({
    target: String(target),
    weights: shown(weights),
    groups: shown(groups),
    table: request.table,
  })
  return { target, weights, groups }
}

function requireColumn(option: string, text: string, columns: number, file: string): number {
  const column = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
  if (column >= -columns && column < columns) return column < 0 ? column + columns : column
  throw new UsageError(
    `Expected --${option} to be a column number from 0 to ${columns - 1}, got '${text}': ` +
      `${file} has ${formatCount(columns, 'column')} without names.`,
  )
}

function weightsOf(column: NDArray, number: number, file: string): NDArray<'float64'> {
  const valueAt = (row: number): number => Number(column.get(row))
  return takeWeights(valueAt, column.size, { name: `column ${number}`, file: basename(file) })
}

function groupsOf(column: NDArray, number: number, file: string): NDArray<'float64'> {
  const groups = Float64Array.from({ length: column.size }, (_, row) => Number(column.get(row)))
  const missing = groups.findIndex(Number.isNaN)
  if (missing >= 0) throw refuseGroup(`column ${number}`, file, missing)
  return array(groups)
}

/** A view of columns that lie side by side, or else a copy. */
function takeColumns(matrix: NDArray, columns: readonly number[]): NDArray {
  const [first, last] = [columns[0]!, columns.at(-1)!]
  if (last - first === columns.length - 1) return matrix.slice(null, [first, last + 1])
  const [rows = 0] = matrix.shape
  const rest = shared([rows, columns.length], matrix.dtype)
  const [rowStep = 0, columnStep = 0] = matrix.strides
  for (let row = 0, to = 0; row < rows; row++) {
    const from = matrix.offset + row * rowStep
    for (const column of columns) rest.data[to++] = matrix.data[from + column * columnStep]!
  }
  return rest
}
