/** The target of an ensemble: numbers, or labels of classes as codes. */

import { type NDArray, type Rows, shared } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { toArray } from '../inputs/as-array.ts'
import { type Classes, encodeLabels, type LabelInput, requireLabelCount } from '../inputs/labels.ts'

/** What all learners of an ensemble learn. */
export interface StackTarget {
  /** Numbers, shape (n) or (n, m); or the code of each row's class, shape (n), in shared memory. */
  readonly y: NDArray
  /** Labels of the classes, which the codes are positions of; undefined: a regression. */
  readonly labels: Classes | undefined
  /** Shape of one row of what was given: [] for a vector, [m] for a matrix. */
  readonly rowShape: readonly number[]
}

/**
 * Reads the target of a regression.
 *
 * @param n - rows of `X`
 * @param cause - why it is one, and what to do for classes, as sentences
 * @throws TypeError for texts; OneCopyError `ERR_SHAPE`
 */
export function readNumbers(y: LabelInput | undefined, n: number, cause: string): StackTarget {
  const first: unknown = Array.isArray(y) ? y[0] : undefined
  if (typeof first === 'string')
    throw new TypeError(
      `Expected \`y\` of SuperLearner to hold numbers, got ${show(first)} in row 0. ${cause}`,
    )
  const values = toArray(y, '`y`')
  const [rows, targets] = values.shape
  if (values.ndim < 1 || values.ndim > 2 || targets === 0)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`y\` to have shape (n) or (n, m), got (${values.shape.join(', ')}).`,
      { details: { shape: [...values.shape] } },
    )
  requireLabelCount(rows!, n)
  return { y: values, labels: undefined, rowShape: values.shape.slice(1) }
}

/**
 * Encodes the labels of a classification once for all learners and folds.
 *
 * @param weights - rows of weight 0 may have any label
 * @param rows - those that are learned from; default: all
 * @throws OneCopyError `ERR_VALUE` for a single class, and what `encodeLabels` throws
 */
export function encodeTarget(
  y: LabelInput | undefined,
  n: number,
  weights: Float64Array | undefined,
  rows: Rows = allRows(n),
): StackTarget {
  const codes = shared([n], 'uint16')
  const { classes, shape } = encodeLabels(y, n, rows, weights ?? null, codes.toTypedArray())
  if (classes.length > 1) return { y: codes, labels: classes, rowShape: shape }
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected labels of at least two classes in \`y\`, got ${show(classes[0])} in every row that counts.`,
    { details: { label: classes[0] } },
  )
}
