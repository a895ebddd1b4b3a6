/** Labels and probabilities of the columns that a classifier fills. */

import { type NDArray, shared, zeros } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import type { MemberOutput } from './member-output.ts'

/**
 * The likeliest class of each row; of several the first one.
 *
 * @param columns - those of one learner, shape (n, ...rowShape)
 * @returns codes, shape (n); 0 for a row without predictions
 */
export function likeliestCodes(columns: NDArray, { method, rowShape }: MemberOutput): Uint16Array {
  const [n] = columns.shape as [number]
  const codes = new Uint16Array(n)
  const { data, offset, strides } = columns
  const [rowStride, columnStride = 1] = strides as [number, number?]
  const width = rowShape[0] ?? 1
  const border = method === 'decisionFunction' ? 0 : 0.5
  for (let row = 0; row < n; row++) {
    const first = offset + row * rowStride
    if (width === 1) {
      if (Number(data[first]) > border) codes[row] = 1
      continue
    }
    let most = -Infinity
    for (let k = 0; k < width; k++) {
      const value = Number(data[first + k * columnStride])
      if (!(value > most)) continue
      most = value
      codes[row] = k
    }
  }
  return codes
}

/**
 * The probability of each class, of columns that hold probabilities.
 *
 * @returns shape (n, classes), in scratch memory
 */
export function classProbabilities(
  columns: NDArray,
  { classes, rowShape }: MemberOutput,
): NDArray<'float64'> {
  const [n] = columns.shape as [number]
  const all = shared([n, classes], 'float64')
  for (let row = 0; row < n; row++) {
    if (rowShape[0] === 1) {
      const second = Number(columns.get(row, 0))
      all.set(1 - second, row, 0)
      all.set(second, row, 1)
    } else for (let k = 0; k < classes; k++) all.set(Number(columns.get(row, k)), row, k)
  }
  return all
}

/**
 * Labels of codes: numbers in an array, others as a list.
 *
 * @param rowShape - of the labels that were learned: [1] for a matrix of one column
 * @param makeRoom - makes an array for so many numbers; default: private memory
 * @throws OneCopyError `ERR_VALUE` for a number that is no code
 */
export function labelsOfCodes(
  given: ArrayLike<number | bigint>,
  labels: Classes,
  rowShape: readonly number[] = [],
  makeRoom = (shape: readonly number[]): NDArray<'float64'> => zeros(shape, 'float64'),
): NDArray<'float64'> | Label[] {
  const { length } = given
  if (!(labels instanceof Float64Array)) {
    const list: Label[] = []
    writeLabels(given, labels, list)
    return list
  }
  const numbers = makeRoom([length, ...rowShape])
  writeLabels(given, labels, numbers.data)
  return numbers
}

function writeLabels(
  given: ArrayLike<number | bigint>,
  labels: Classes,
  into: { [row: number]: Label },
): void {
  for (let i = 0; i < given.length; i++) {
    const code = Number(given[i])
    const label = labels[code]
    if (label === undefined) throw refuseCode(code, labels)
    into[i] = label
  }
}

function refuseCode(code: number, labels: Classes): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected labels that it was fitted on, of 0 to ${labels.length - 1}, got ${code}.`,
    { details: { value: code } },
  )
}
