/** Encodes the values of a column as matrix columns. */

import { OneCopyError } from '../../errors.ts'
import { isStringList } from '../../options.ts'
import { badCode, type CategoryColumn } from '../columns/category-column.ts'
import type { NumberColumn } from '../columns/number-column.ts'
import type { PlainColumn } from '../columns/plain-column.ts'

/** A column of tables that is encoded. */
export interface Feature {
  readonly name: string
  readonly kind: 'number' | 'category'
  /** Its categories by their text, ascending; none for numbers. */
  readonly categories: readonly string[]
}

/** How categories are encoded. */
export interface EncodingRules {
  readonly categories: 'one-hot' | 'ordinal'
  readonly unknown: 'error' | 'ignore'
  /** Most columns that one column may become. */
  readonly maxCategories: number
}

/** Writes the values of one column into rows of a matrix. */
export interface Encoder {
  /** How many of the matrix's columns it fills. */
  readonly columns: number
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
 * Learns what a column holds.
 *
 * @throws OneCopyError `ERR_INDEX` for too many categories
 */
export function learnFeature(column: PlainColumn, rules: EncodingRules): Feature {
  const { name, kind } = column
  if (kind === 'number') return { name, kind, categories: [] }
  const { maxCategories } = rules
  const count = column.categories.length
  if (rules.categories === 'one-hot' && count > maxCategories) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected at most ${maxCategories} different texts in column '${name}' for one-hot columns, got ` +
        `${count}. Leave it out through \`columns\`, choose categories: 'ordinal', or raise \`maxCategories\`.`,
      { details: { column: name, categories: count, maxCategories } },
    )
  }
  return { name, kind, categories: column.categories.toSorted((a, b) => (a < b ? -1 : 1)) }
}

/**
 * Returns what was learned of columns, which a file may hold.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function requireFeatures(features: unknown): readonly Feature[] {
  if (Array.isArray(features) && features.length > 0 && features.every(isFeature)) return features
  throw new OneCopyError(
    'ERR_FORMAT',
    'Expected columns with a name, a kind and categories that ascend, got others.',
  )
}

function isFeature(value: unknown): value is Feature {
  const { name, kind, categories } = (value ?? {}) as Partial<Feature>
  if (typeof name !== 'string' || !isStringList(categories)) return false
  if (kind === 'number') return categories.length === 0
  return kind === 'category' && categories.every((text, i) => i === 0 || categories[i - 1]! < text)
}

/** What the columns of a matrix are called that a column becomes. */
export function featureNames(
  { name, kind, categories }: Feature,
  how: 'one-hot' | 'ordinal',
): readonly string[] {
  if (kind === 'number' || how === 'ordinal') return [name]
  return categories.map((text) => `${name}=${text}`)
}

/**
 * Makes the encoder of a column: numbers as they are, categories as the rules say.
 *
 * @param column - of the feature's kind, or without any value; NaN stands for missing ones
 * @param feature - what was learned of it
 * @param rows - rows that are encoded, or how many from the first one on
 * @throws OneCopyError `ERR_INDEX` for an unknown category in one of the rows; its `encode` throws
 * `ERR_FORMAT` for a code without a category
 */
export function encodeColumn(
  column: PlainColumn,
  feature: Feature,
  rules: EncodingRules,
  rows: Int32Array | number,
): Encoder {
  const isOneHot = feature.kind === 'category' && rules.categories === 'one-hot'
  const columns = isOneHot ? feature.categories.length : 1
  if (feature.kind === 'number') {
    // A column of texts without any value.
    return column.kind === 'number' ? encodeNumbers(column) : { columns, encode: putNaN }
  }
  if (column.kind === 'number') {
    const encode: Encoder['encode'] = (_, out, place) => void out.fill(NaN, place, place + columns)
    return { columns, encode }
  }
  const ranks = findRanks(column, feature, rules, rows)
  const { data, offset } = column.values
  const stride = column.values.strides[0]!
  const encode: Encoder['encode'] = isOneHot
    ? (row, out, place) => {
        const code = data[offset + row * stride]!
        if (code < 0) out.fill(NaN, place, place + columns)
        else {
          const rank = ranks[code] ?? badCode(column, row, code)
          if (rank >= 0) out[place + rank] = 1
        }
      }
    : (row, out, place) => {
        const code = data[offset + row * stride]!
        out[place] = code < 0 ? NaN : (ranks[code] ?? badCode(column, row, code))
      }
  return { columns, encode }
}

/** The encoder of numbers as they are. */
export function encodeNumbers({ values }: NumberColumn): Encoder {
  const { data, offset } = values
  const stride = values.strides[0]!
  const encode: Encoder['encode'] = (row, out, place) => {
    out[place] = Number(data[offset + row * stride])
  }
  return { columns: 1, encode }
}

function putNaN(_: number, out: Float64Array, place: number): void {
  out[place] = NaN
}

/** For each code of a column the place of its category among the learned ones; NaN for unknown ones. */
function findRanks(
  column: CategoryColumn,
  { categories }: Feature,
  rules: EncodingRules,
  rows: Int32Array | number,
): Float64Array {
  const places = new Map(categories.map((text, rank) => [text, rank]))
  const ranks = Float64Array.from(column.categories, (text) => places.get(text) ?? NaN)
  if (rules.unknown === 'error' && ranks.some(Number.isNaN))
    requireKnownCategories(column, ranks, rules, rows)
  return ranks
}

function requireKnownCategories(
  column: CategoryColumn,
  ranks: Float64Array,
  rules: EncodingRules,
  rows: Int32Array | number,
): void {
  const { name, categories, values } = column
  const { data, offset } = values
  const stride = values.strides[0]!
  const count = typeof rows === 'number' ? rows : rows.length
  for (let i = 0; i < count; i++) {
    const row = typeof rows === 'number' ? i : rows[i]!
    const code = data[offset + row * stride]!
    if (code < 0 || !Number.isNaN(ranks[code] ?? badCode(column, row, code))) continue
    const text = categories[code]!
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected a category of column '${name}' that the fitted table has, got '${text}' in row ${row} ` +
        `(counted from 0). To encode it as ${rules.categories === 'one-hot' ? 'zeros' : 'NaN'}, ` +
        "make the encoder with `designMatrix(table, { target, unknown: 'ignore' })` or " +
        "`new TableEncoder({ unknown: 'ignore' })`.",
      { details: { column: name, row, got: text } },
    )
  }
}
