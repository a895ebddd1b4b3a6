/** Makes a column of what an Arrow file holds of it. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { float16ToFloat32 } from '../../arrays/internal.ts'
import { BooleanColumn } from '../columns/boolean-column.ts'
import { DateColumn } from '../columns/date-column.ts'
import { NumberColumn } from '../columns/number-column.ts'
import { TextColumn } from '../columns/text-column.ts'
import { isValid } from '../columns/validity.ts'
import { type Dictionaries, openCategories } from './arrow-dictionary.ts'
import type { ArrowMemory, BufferKind } from './arrow-memory.ts'
import { readTexts, textCopyReason, textWidth } from './arrow-texts.ts'
import type { ArrowField } from './arrow-type.ts'
import type { ColumnPart } from './column-parts.ts'
import type { OpenedColumn } from './opened-column.ts'

/**
 * Opens a column. Its values are looked for when they are first used.
 *
 * @returns undefined for a type that has no column here
 * @throws OneCopyError `ERR_FORMAT`
 */
export function openColumn(
  memory: ArrowMemory,
  field: ArrowField,
  parts: readonly ColumnPart[],
  dictionaries: Dictionaries,
): OpenedColumn | undefined {
  const { name, type } = field
  if (field.dictionary !== undefined)
    return textWidth(type) && openCategories(memory, field, parts, dictionaries)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const validity = () => memory.validity(parts)
  const inPlace = <D extends 'int32' | 'int64' | NumberKind>(dtype: D) => {
    const kind: BufferKind<D> = { dtype, buffer: 1 }
    return { values: () => memory.elements(parts, kind), reason: memory.copyReason(parts, kind) }
  }
  const numbers = (dtype: NumberKind): OpenedColumn => {
    const { values, reason } = inPlace(dtype)
    return { column: new NumberColumn(name, values, { validity }), reason }
  }
  const dates = (
    dtype: 'int32' | 'int64',
    unit: DateColumn['unit'],
    zone?: string,
  ): OpenedColumn => {
    const { values, reason } = inPlace(dtype)
    return { column: new DateColumn(name, values, unit, { validity, zone }), reason }
  }
  switch (type.kind) {
    case 'int':
      return numbers(`${type.signed ? '' : 'u'}int${type.bits}`)
    case 'float':
      if (type.bits !== 16) return numbers(`float${type.bits}`)
      return {
        column: new NumberColumn(name, () => readHalves(memory, parts), { validity }),
        reason: 'float16 becomes float32',
      }
    case 'duration':
      return numbers('int64')
    case 'time':
      return numbers(`int${type.bits}`)
    case 'date':
      return type.unit === 'day' ? dates('int32', 'day') : dates('int64', 'ms')
    case 'timestamp':
      return dates('int64', type.unit, type.zone === '' ? undefined : type.zone)
    case 'bool':
      return {
        column: new BooleanColumn(name, () => readBits(memory, parts), { validity }),
        reason: 'bits become bytes',
      }
    case 'decimal': {
      if (type.bits % 64 !== 0 || type.bits < 64 || type.bits > 256) return undefined
      const read = () => readDecimals(memory, parts, type.bits, type.scale)
      return {
        column: new NumberColumn(name, read, { validity }),
        reason: 'decimals become the nearest float64',
      }
    }
    case 'null': {
      const nothing = () => shared([Math.ceil(rows / 8)], 'uint8')
      const zeros = () => shared([rows], 'int8')
      const column = new NumberColumn(name, zeros, { validity: nothing, missing: rows })
      return { column, reason: 'no value is stored' }
    }
    case 'text':
    case 'textView': {
      const width = textWidth(type)!
      const column = new TextColumn(name, () => readTexts(memory, parts, width), { validity })
      return { column, reason: textCopyReason(memory, parts, width) }
    }
    default:
      return undefined
  }
}

type NumberKind =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'

function readHalves(memory: ArrowMemory, parts: readonly ColumnPart[]): NDArray<'float32'> {
  const halves = memory.elements(parts, { dtype: 'uint16', buffer: 1 })
  const result = shared([halves.size], 'float32')
  for (let i = 0; i < halves.size; i++)
    result.data[result.offset + i] = float16ToFloat32(halves.data[halves.offset + i]!)
  return result
}

function readBits(memory: ArrowMemory, parts: readonly ColumnPart[]): NDArray<'bool'> {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const bits = memory.bits(parts, 1)
  const result = shared([rows], 'bool')
  for (let i = 0; i < rows; i++) if (isValid(bits, i)) result.data[result.offset + i] = 1
  return result
}

/** The largest power of 10 that is a double. */
const mostPower = 22

/** The nearest float64 of each decimal: a whole number of `bits` bits, with `scale` digits behind the point. */
function readDecimals(
  memory: ArrowMemory,
  parts: readonly ColumnPart[],
  bits: number,
  scale: number,
): NDArray<'float64'> {
  const words = memory.elements(parts, { dtype: 'uint64', buffer: 1, perRow: bits / 64 })
  const perRow = bits / 64
  const rows = words.size / perRow
  const result = shared([rows], 'float64')
  for (let row = 0; row < rows; row++) {
    let whole = 0n
    for (let i = perRow - 1; i >= 0; i--)
      whole = (whole << 64n) | words.data[words.offset + row * perRow + i]!
    whole = BigInt.asIntN(bits, whole)
    const number = Number(whole)
    // Both are exact, so that their quotient is rounded once.
    const isShort = Number.isSafeInteger(number) && scale >= 0 && scale <= mostPower
    result.data[result.offset + row] = isShort ? number / 10 ** scale : Number(`${whole}e${-scale}`)
  }
  return result
}
