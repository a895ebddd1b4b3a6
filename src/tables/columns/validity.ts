/** Validity bitmaps: which rows of a column have a value. */

import { NDArray } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'

/**
 * One bit a row, shape (ceil(n / 8)): bit `j % 8` of byte `j / 8` counted from the lowest, 1 = there is a value. Bits behind
 * the last row mean nothing.
 *
 * @see arrow.apache.org/docs/format/Columnar.html#validity-bitmaps
 */
export type Validity = NDArray<'uint8'>

/** Whether row `row` has a value. */
export function isValid({ data, offset }: Validity, row: number): boolean {
  return ((data[offset + (row >>> 3)]! >>> (row & 7)) & 1) === 1
}

/** How many of the first `rows` rows have no value. */
export function countInvalid({ data, offset }: Validity, rows: number): number {
  let valid = 0
  const whole = rows >>> 3
  for (let i = offset; i < offset + whole; i++) valid += bitCounts[data[i]!]!
  const rest = rows & 7
  if (rest > 0) valid += bitCounts[data[offset + whole]! & ((1 << rest) - 1)]!
  return rows - valid
}

const bitCounts = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let bits = byte; bits !== 0; bits >>= 1) count += bits & 1
  return count
})

/**
 * The bitmap of rows `start` up to `stop`: a view where `start` is a multiple of 8, else a copy in private memory.
 *
 * @param validity - of a column with at least `stop` rows
 */
export function sliceValidity(validity: Validity, start: number, stop: number): Validity {
  const first = start >>> 3
  const last = (stop + 7) >>> 3
  const shift = start & 7
  if (shift === 0) return validity.rows(first, last)
  const { data, offset } = validity
  const bytes = new Uint8Array((stop - start + 7) >>> 3)
  for (let i = 0, at = offset + first; i < bytes.length; i++, at++) {
    const next = at + 1 < offset + last ? data[at + 1]! : 0
    bytes[i] = (data[at]! >>> shift) | (next << (8 - shift))
  }
  return new NDArray([bytes.length], 'uint8', bytes)
}

/**
 * Returns the bitmap of a column.
 *
 * @param name - of the column
 * @param rows - how many it has
 * @throws TypeError for no uint8 array; OneCopyError `ERR_SHAPE` for a bitmap of another length or with gaps, `ERR_DTYPE`,
 *   `ERR_DETACHED`
 */
export function requireValidity(name: string, validity: unknown, rows: number): Validity {
  if (!(validity instanceof NDArray)) {
    throw new TypeError(
      `Expected \`validity\` of column '${name}' to be an NDArray of bits, got ${show(validity)}.`,
    )
  }
  if (validity.dtype !== 'uint8') {
    throw new OneCopyError(
      'ERR_DTYPE',
      `Expected \`validity\` of column '${name}' as uint8, one bit a row, got ${validity.dtype}.`,
      { details: { column: name, dtype: validity.dtype } },
    )
  }
  const bytes = Math.ceil(rows / 8)
  const { ndim, shape, size, strides } = validity
  if (ndim !== 1 || size !== bytes || (size > 1 && strides[0] !== 1)) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`validity\` of column '${name}' to have ${bytes} bytes side by side, one bit for each of ${rows} rows, ` +
        `got shape [${shape.join(', ')}] with strides [${strides.join(', ')}].`,
      { details: { column: name, rows } },
    )
  }
  if (validity.mapping?.isGone === true) requireAttached(validity)
  return validity as Validity
}
