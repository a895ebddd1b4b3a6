/** Columns as models take them: numbers or codes without a bitmap. */

import { shared } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { CategoryColumn, type CodeType } from './category-column.ts'
import type { Column } from './columns.ts'
import { NumberColumn } from './number-column.ts'

/** A column without a bitmap: NaN, or a code below 0, is the only mark of a missing value. */
export type PlainColumn = NumberColumn | CategoryColumn

/** Those that were made before, so that a model that predicts many times copies once. */
const made = new WeakMap<Column, PlainColumn>()

/**
 * The column itself where its values alone say which are missing, as nearly always; else a copy in shared memory that says so. True and false
 * become 1 and 0.
 * Integers of 64 bits stay as they are; models calculate with the nearest doubles, as with an array of them.
 *
 * @param column - numbers, categories, or true and false
 * @throws OneCopyError `ERR_INDEX` for texts and dates, naming what turns them into numbers or categories
 */
export function plainColumn(column: Column): PlainColumn {
  if (column.kind === 'text' || column.kind === 'date') throw refuse(column)
  if (column.kind !== 'boolean' && column.validity === undefined) return column
  const known = made.get(column)
  if (known !== undefined && known.values.mapping?.isGone !== true) return known
  const plain = makePlain(column)
  made.set(column, plain)
  return plain
}

function makePlain(column: Exclude<Column, { kind: 'text' | 'date' }>): PlainColumn {
  if (column.kind === 'boolean') return makePlain(column.toNumbers())
  if (column.kind === 'category') return makeCodes(column)
  return column.validity === undefined ? column : makeFloats(column)
}

/** Numbers with NaN where there is none; those of a column without missing values stay where they are. */
function makeFloats(column: NumberColumn): NumberColumn {
  if (column.missing === 0) return new NumberColumn(column.name, column.values, 0)
  const { data, offset, strides, size } = column.values
  const isMissing = column.missingTest()
  const floats = shared([size], 'float64')
  for (let row = 0; row < size; row++)
    floats.data[row] = isMissing(row) ? NaN : Number(data[offset + row * strides[0]!])
  return new NumberColumn(column.name, floats, column.missing)
}

/** Codes with -1 where there is none. */
function makeCodes(column: CategoryColumn): CategoryColumn {
  const categories = (): readonly string[] => column.categories
  if (column.missing === 0) return new CategoryColumn(column.name, column.values, categories, 0)
  const { data, offset, strides, size, dtype } = column.values
  const isMissing = column.missingTest()
  const codes = shared([size], signedTypes[dtype])
  for (let row = 0; row < size; row++)
    codes.data[row] = isMissing(row) ? -1 : data[offset + row * strides[0]!]!
  return new CategoryColumn(column.name, codes, categories, column.missing)
}

/** Dtypes that hold all codes and -1; a list of categories is never as long as int32 goes. */
const signedTypes: Readonly<Record<CodeType, 'int8' | 'int16' | 'int32'>> = {
  int8: 'int8',
  uint8: 'int16',
  int16: 'int16',
  uint16: 'int32',
  int32: 'int32',
  uint32: 'int32',
}

function refuse(column: Column): OneCopyError {
  const isText = column.kind === 'text'
  const way = isText ? 'toCategories' : 'toNumbers'
  return new OneCopyError(
    'ERR_INDEX',
    `Expected numbers or categories in column '${column.name}', got ${isText ? 'a TextColumn' : 'a DateColumn'}. ` +
      `Leave it out, or turn it into ${isText ? 'categories' : 'numbers'}: table.withColumn(table.column(${show(column.name)}).${way}()).`,
    { details: { column: column.name, kind: column.kind } },
  )
}
