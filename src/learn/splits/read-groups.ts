/** Reads the class or the group of each row. */

import { array, NDArray } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { targetOf } from '../features/column-inputs.ts'
import { toArray } from '../inputs/as-array.ts'
import { isColumn, type NumberColumn, plainColumn } from '../../tables/index.ts'
import { encodeLabels, type Label, type LabelInput } from '../inputs/labels.ts'

/** The groups of rows. */
export interface Groups {
  /** Distinct groups: numbers ascending, texts in the order of their code units, false before true. */
  readonly labels: readonly (Label | bigint)[]
  /** Place of each row's group among them, shape (n). */
  readonly codes: Int32Array
  /** Number of rows of each group. */
  readonly sizes: Int32Array
}

/**
 * The place of each row's class among the sorted ones.
 *
 * @param owner - name of the splitter, for error texts
 * @param codes - zeros for the codes, shape (n); default: new ones
 * @throws TypeError without labels; OneCopyError `ERR_SHAPE`, `ERR_VALUE` for a row without a label and for more than 1000
 *   different ones
 */
export function classCodes(
  owner: string,
  n: number,
  y: RowLabels | undefined,
  codes?: Uint16Array,
): Uint16Array {
  if (y === undefined)
    throw new TypeError(`${owner} needs the label of each row: pass \`y\`, as in split(n, y).`)
  const labels = targetOf(undefined, y, {})!
  const count = countOf(labels)
  if (count !== undefined && count !== n) throw wrongCount('y', 'a label', n, count)
  return encodeLabels(labels, n, allRows(n), null, codes).codes
}

/**
 * Finds the groups of rows; there may be as many as rows.
 *
 * @param owner - name of the splitter, for error texts
 * @throws TypeError without groups and for groups of different types; OneCopyError `ERR_SHAPE`, `ERR_VALUE` for a row without
 *   a group
 */
export function readGroups(owner: string, n: number, groups: RowLabels | undefined): Groups {
  if (groups === undefined || groups === null) {
    throw new TypeError(
      `${owner} needs the group of each row: pass \`groups\`, as in split(n, y, groups).`,
    )
  }
  const values = valuesOf(groups)
  if (values.length !== n) throw wrongCount('groups', 'a group', n, values.length)
  const found = new Map<Label | bigint, number>()
  const codes = new Int32Array(n)
  for (let row = 0; row < n; row++) {
    const value = values[row]!
    let code = found.get(value)
    if (code === undefined) {
      if (typeof value === 'number' && !Number.isFinite(value)) throw noGroup(groups, value, row)
      code = found.size
      found.set(value, code)
    }
    codes[row] = code
  }
  return sortGroups([...found.keys()], codes)
}

/**
 * The groups of some rows, in the form in which they were given; those of a column as numbers or texts. Others are not read.
 *
 * @param n - number of all rows
 * @throws as {@link readGroups} does
 */
export function takeGroups(groups: RowLabels, n: number, rows: Int32Array): RowLabels {
  const values = valuesOf(groups)
  if (values.length !== n) throw wrongCount('groups', 'a group', n, values.length)
  const taken = Array.from(rows, (row) => values[row]!)
  const wrong = taken.findIndex((group) => typeof group === 'number' && !Number.isFinite(group))
  if (wrong !== -1) throw noGroup(groups, taken[wrong] as number, rows[wrong]!)
  const isList = typeof taken[0] === 'string' || typeof taken[0] === 'boolean'
  if (isList) return taken as string[]
  if (typeof taken[0] !== 'bigint') return array(taken as number[])
  const long = taken as bigint[]
  return array(long, { dtype: long.some((group) => group < 0) ? 'int64' : 'uint64' })
}

function sortGroups(found: (Label | bigint)[], codes: Int32Array): Groups {
  const order = Int32Array.from(found.keys()).sort((a, b) => (found[a]! < found[b]! ? -1 : 1))
  const places = new Int32Array(found.length)
  for (const [place, code] of order.entries()) places[code] = place
  const sizes = new Int32Array(found.length)
  for (let row = 0; row < codes.length; row++) {
    const place = places[codes[row]!]!
    codes[row] = place
    sizes[place]!++
  }
  return { labels: Array.from(order, (code) => found[code]!), codes, sizes }
}

/** How many rows labels are of; undefined for what is refused as labels. */
function countOf(labels: LabelInput): number | undefined {
  if (labels instanceof NDArray) return labels.shape[0]
  return Array.isArray(labels) || ArrayBuffer.isView(labels) ? labels.length : undefined
}

/** The groups as a list or a typed array. */
function valuesOf(groups: RowLabels): ArrayLike<Label | bigint> {
  if (isColumn(groups)) {
    if (groups.kind === 'number') return (plainColumn(groups) as NumberColumn).values.toTypedArray()
    return Array.from({ length: groups.size }, (_, row) => groups.text(row) ?? Number.NaN)
  }
  const first: unknown = Array.isArray(groups) ? groups[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean') {
    const list = groups as readonly (string | boolean)[]
    const wrong = list.findIndex((group) => typeof group !== typeof first)
    if (wrong === -1) return list
    throw new TypeError(
      `Expected groups of one type in \`groups\`, got ${show(first)} in row 0 and ${show(list[wrong])} in row ${wrong}.`,
    )
  }
  const array = toArray(groups, '`groups`')
  if (array.ndim === 1 || (array.ndim === 2 && array.shape[1] === 1)) return array.toTypedArray()
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`groups\` to have one group for each row, shape (n), got (${array.shape.join(', ')}).`,
    { details: { shape: [...array.shape] } },
  )
}

function noGroup(groups: RowLabels, value: number, row: number): OneCopyError {
  const place = isColumn(groups) ? `column '${groups.name}'` : '`groups`'
  const got = isColumn(groups) && Number.isNaN(value) ? 'none' : String(value)
  return new OneCopyError(
    'ERR_VALUE',
    `Expected a group for every row in ${place}, got ${got} at row ${row} (counted from 0). Give such rows a group of their own.`,
    { details: { row } },
  )
}

function wrongCount(name: string, one: string, n: number, count: number): OneCopyError {
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected \`${name}\` to have ${one} for each of ${n} rows, got ${count}.`,
    { details: { expected: n, rows: count } },
  )
}

/** Checks that each fold can have a group. @throws OneCopyError `ERR_ROWS` */
export function requireEnoughGroups({ labels }: Groups, folds: number): void {
  if (labels.length >= folds) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least ${folds} groups for ${folds} folds, got ${labels.length}. Use fewer folds.`,
    { details: { folds, groups: labels.length } },
  )
}
