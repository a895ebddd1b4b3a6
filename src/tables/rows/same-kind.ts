/** Columns of the same kind with other values. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { BooleanColumn } from '../columns/boolean-column.ts'
import { CategoryColumn, type CodeType } from '../columns/category-column.ts'
import { DateColumn, type DateType } from '../columns/date-column.ts'
import { NumberColumn, type NumberType } from '../columns/number-column.ts'
import type { Validity } from '../columns/validity.ts'
import type { FixedColumn } from './table-cells.ts'

/** A column like another one, of the same dtype, categories, unit and zone, with other values. */
export function sameKind(
  column: FixedColumn,
  name: string,
  values: NDArray,
  validity: Validity | undefined,
): FixedColumn {
  const options = { validity }
  if (column.kind === 'number')
    return new NumberColumn(name, values as NDArray<NumberType>, options)
  if (column.kind === 'category')
    return new CategoryColumn(name, values as NDArray<CodeType>, () => column.categories, options)
  if (column.kind === 'boolean') return new BooleanColumn(name, values as NDArray<'bool'>, options)
  const { unit, zone } = column
  return new DateColumn(name, values as NDArray<DateType>, unit, { ...options, zone })
}

/** The values of a few rows as a column in shared memory; none where the row is -1. */
export function pickCells(column: FixedColumn, name: string, rows: Int32Array): FixedColumn {
  const { values } = column
  const { data, offset } = values
  const stride = values.strides[0]!
  const isMissing = column.missingTest()
  const picked = makeShared(rows.length, values.dtype)
  const bits = makeShared((rows.length + 7) >>> 3, 'uint8')
  const [to, marks] = [picked.toTypedArray(), bits.toTypedArray()]
  let missing = 0
  for (const [i, row] of rows.entries()) {
    if (row < 0 || isMissing(row)) {
      missing++
      continue
    }
    to[i] = data[offset + row * stride]!
    marks[i >>> 3]! |= 1 << (i & 7)
  }
  return sameKind(column, name, picked, missing === 0 ? undefined : bits)
}

/** Shared memory of any length. */
export function makeShared<D extends NDArray['dtype']>(length: number, dtype: D): NDArray<D> {
  return shared([Math.max(1, length)], dtype).rows(0, length)
}
