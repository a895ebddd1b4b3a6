/** How the values of a column become columns of a matrix. */

import { OneCopyError } from '../../errors.ts'
import type { CategoryColumn, Column, NumberColumn } from '../columns/columns.ts'

/** Writes the values of one column into rows of a matrix. */
export interface Encoder {
  /** What each of the matrix's columns is. */
  readonly names: readonly string[]
  /**
   * Writes the row `row` of the column.
   *
   * @param row - row of the table
   * @param out - memory that holds zeros there
   * @param place - where the first of the columns is
   */
  readonly encode: (row: number, out: Float64Array, place: number) => void
}

/**
 * Makes the encoder of a column: numbers as they are, categories as `how` says.
 *
 * @param column - values; NaN stands for missing ones
 * @param how - what to do with categories
 * @param maxCategories - most columns that one column may become
 * @throws OneCopyError `ERR_INDEX` for more categories
 */
export function encodeColumn(
  column: Column,
  how: 'one-hot' | 'ordinal',
  maxCategories: number,
): Encoder {
  if (column.kind === 'number') return encodeNumbers(column)
  return how === 'ordinal' ? encodeRanks(column) : encodeIndicators(column, maxCategories)
}

function encodeNumbers({ name, values }: NumberColumn): Encoder {
  const { data, offset } = values
  const stride = values.strides[0]!
  const encode: Encoder['encode'] = (row, out, place) => {
    out[place] = data[offset + row * stride]!
  }
  return { names: [name], encode }
}

function encodeRanks(column: CategoryColumn): Encoder {
  const { ranks } = sortCategories(column)
  const { data, offset } = column.values
  const stride = column.values.strides[0]!
  const encode: Encoder['encode'] = (row, out, place) => {
    const code = data[offset + row * stride]!
    out[place] = code < 0 ? NaN : ranks[code]!
  }
  return { names: [column.name], encode }
}

function encodeIndicators(column: CategoryColumn, maxCategories: number): Encoder {
  const { name, categories } = column
  if (categories.length > maxCategories) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected at most ${maxCategories} different texts in column '${name}' for one-hot columns, got ` +
        `${categories.length}. Leave it out through \`columns\`, choose categories: 'ordinal', or raise \`maxCategories\`.`,
      { details: { column: name, categories: categories.length, maxCategories } },
    )
  }
  const { sorted, ranks } = sortCategories(column)
  const { data, offset } = column.values
  const stride = column.values.strides[0]!
  const encode: Encoder['encode'] = (row, out, place) => {
    const code = data[offset + row * stride]!
    if (code < 0) out.fill(NaN, place, place + sorted.length)
    else out[place + ranks[code]!] = 1
  }
  return { names: sorted.map((text) => `${name}=${text}`), encode }
}

/** Categories by their text, and the place of each code among them. */
function sortCategories({ categories }: CategoryColumn): {
  sorted: readonly string[]
  ranks: Float64Array
} {
  const codes = [...categories.keys()].sort((a, b) => (categories[a]! < categories[b]! ? -1 : 1))
  const ranks = new Float64Array(codes.length)
  for (const [rank, code] of codes.entries()) ranks[code] = rank
  return { sorted: codes.map((code) => categories[code]!), ranks }
}
