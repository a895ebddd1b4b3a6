/** Classes of a target, and the number of each row's class. */

import { array, type NDArray, toRowNumbers, zeros } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { labelNumber } from '../inputs/labels.ts'
import type { CheckedInputs } from '../statistics/read-moments.ts'

/** The classes of the rows that count. */
export interface ClassCodes {
  /** Distinct labels, ascending. */
  readonly classes: Float64Array
  /** Position of each row's label among them, shape (n); 0 for rows that don't count. */
  readonly codes: NDArray
}

/** More classes than this are hardly meant: every tree of a round is one for each. */
const mostClasses = 1000

/**
 * Finds the classes of a target.
 *
 * @param y - labels that are numbers, shape (n) or (n, 1)
 * @throws OneCopyError `ERR_VALUE` for NaN, infinity, integers that are no numbers of float64, and more than 1000 labels, `ERR_ROWS` when no row counts
 */
export function findClasses(y: NDArray, { weighedGroups }: CheckedInputs): ClassCodes {
  const rows = toRowNumbers(weighedGroups[0]!)
  const found = new Map<number, number>()
  const codes = zeros([y.shape[0]!], 'uint16')
  for (const row of rows) {
    const label = labelNumber(y.ndim === 1 ? y.get(row) : y.get(row, 0), row)
    let code = found.get(label)
    if (code === undefined) {
      if (!Number.isFinite(label)) throw wrongLabel(`${label}`, row)
      if (found.size === mostClasses)
        throw wrongLabel('one more', row, `at most ${mostClasses} different labels in \`y\``)
      code = found.size
      found.set(label, code)
    }
    codes.data[row] = code
  }
  if (found.size === 0) {
    throw new OneCopyError(
      'ERR_ROWS',
      'Expected at least one row with a weight above 0 to find classes in, got none.',
    )
  }
  const classes = Float64Array.from(found.keys()).sort()
  const order = Uint16Array.from(found.keys(), (label) => classes.indexOf(label))
  for (const row of rows) codes.data[row] = order[codes.data[row]!]!
  return { classes, codes: array(codes.data) }
}

function wrongLabel(
  found: string,
  row: number,
  expected = 'labels in `y` to be finite numbers',
): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected ${expected}, got ${found} at row ${row} (counted from 0).`,
    { details: { row } },
  )
}
