/** Puts what classifiers predict into columns of all classes. */

import { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { MemberOutput } from './member-output.ts'

/** Which rows predictions are of. */
interface PredictedRows {
  readonly count: number
  readonly rowAt: (i: number) => number
}

/**
 * The codes of the classes that a fitted model knows, in the order of its columns.
 *
 * @param classes - how many there are in all
 * @param given - the model's `classes_`; undefined: all of them
 * @throws OneCopyError `ERR_VALUE` for anything but ascending codes
 */
export function knownClasses(classes: number, given: unknown): readonly number[] {
  if (given === undefined) return Array.from({ length: classes }, (_, code) => code)
  const values: unknown = given instanceof NDArray ? given.toTypedArray() : given
  const isList = typeof values === 'object' && values !== null && 'length' in values
  const codes = isList ? Array.from(values as ArrayLike<unknown>) : []
  const isCode = (code: unknown, at: number): code is number =>
    Number.isInteger(code) &&
    (code as number) > (at === 0 ? -1 : (codes[at - 1] as number)) &&
    (code as number) < classes
  if (codes.length > 0 && codes.every(isCode)) return codes
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected \`classes_\` to hold the labels that it was fitted on, of 0 to ${classes - 1}, ascending, got ${show(given)}.`,
    { details: { classes } },
  )
}

/**
 * Writes predictions of some rows to the columns of all classes. A class that the model has not learned has the probability 0, and
 * the least decision value of the row.
 *
 * @param found - what the model returned: probabilities, decision values or labels
 * @param known - codes of its classes
 * @param out - columns of the learner, shape (n, ...rowShape)
 * @throws TypeError or OneCopyError `ERR_SHAPE` when `found` is something else, `ERR_VALUE` for an unknown label
 */
export function alignClasses(
  found: unknown,
  known: readonly number[],
  { method, classes, rowShape }: MemberOutput,
  out: NDArray,
  { count, rowAt }: PredictedRows,
): void {
  const values = requireValues(found, method, known.length, count)
  const fill = fillers[method]
  const row = new Float64Array(classes)
  const width = values.length / Math.max(count, 1)
  const own = new Float64Array(width)
  const { data, offset, strides } = out
  const [rowStride, columnStride = 0] = strides as [number, number?]
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) own[j] = Number(values[i * width + j])
    fill(own, known, row)
    const at = offset + rowAt(i) * rowStride
    if (rowShape[0] === 1) data[at] = row[1]!
    else for (let k = 0; k < classes; k++) data[at + k * columnStride] = row[k]!
  }
}

/** Fills the values of all classes of one row from those that a model has predicted. */
type FillRow = (values: Float64Array, known: readonly number[], row: Float64Array) => void

const fillers: Readonly<Record<MemberOutput['method'], FillRow>> = {
  predictProba: (values, known, row) => {
    row.fill(0)
    for (let j = 0; j < known.length; j++) row[known[j]!] = values[j]!
  },
  decisionFunction: (values, known, row) => {
    if (values.length === known.length && known.length > 1) {
      row.fill(values.reduce((least, value) => Math.min(least, value), Infinity))
      for (let j = 0; j < known.length; j++) row[known[j]!] = values[j]!
      return
    }
    // One value is that of the last of one or two classes: above 0 on its side.
    const [value] = values as unknown as [number]
    // A support vector machine that knows one class has the value 0 for it, which would tie with all others.
    const certainty = known.length === 1 ? Math.abs(value) || 1 : value
    row.fill(-Math.abs(certainty))
    row[known[0]!] = -certainty
    row[known.at(-1)!] = certainty
  },
  predict: ([label], known, row) => {
    if (!known.includes(label!))
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected predict() to return labels that it was fitted on, of 0 to ${row.length - 1}, got ${label}.`,
        { details: { value: label } },
      )
    row.fill(0)
    row[label!] = 1
  },
}

/** The values of all rows, each with as many columns as there are known classes; one for labels and decisions of two classes. */
function requireValues(
  found: unknown,
  method: MemberOutput['method'],
  known: number,
  count: number,
): ArrayLike<number | bigint> {
  const isOne = method === 'predict' || (method === 'decisionFunction' && known <= 2)
  const columns = isOne ? 1 : known
  const expected =
    `Expected ${method}() to return an array of shape (${count}${isOne ? '' : `, ${columns}`})` +
    (isOne ? '' : ', a column for each of `classes_`')
  if (!(found instanceof NDArray)) throw new TypeError(`${expected}, got ${show(found)}.`)
  const { shape } = found
  const isVector = shape.length === 1 && columns === 1
  const isMatrix =
    shape.length === 2 &&
    (shape[1] === columns || (method === 'decisionFunction' && shape[1] === known))
  if (shape[0] !== count || !(isVector || isMatrix)) {
    throw new OneCopyError('ERR_SHAPE', `${expected}, got shape (${shape.join(', ')}).`, {
      details: { expected: isOne ? [count] : [count, columns], shape: [...shape] },
    })
  }
  return found.toTypedArray()
}
