/** Options of tree learners that name columns. */

import { OneCopyError, show } from '../../errors.ts'
import { suggestNames } from '../../nearest-names.ts'
import type { ColumnSets } from '../../native/index.ts'
import { columnsOf, type Features } from '../inputs/feature-input.ts'

/**
 * Columns that hold categories, whose order means nothing: their numbers, or their names in the table that the learner is
 * fitted on.
 */
export type CategoricalFeatures = readonly number[] | Int32Array | readonly string[]

/**
 * For each column, whether predictions must not fall (1), must not rise (-1) or are free (0) as it grows: a list, or
 * `{ [name]: sign }` for columns of the table that the learner is fitted on, where others are free.
 */
export type MonotonicConstraints = readonly number[] | Int8Array | Readonly<Record<string, number>>

/**
 * Sets of columns that may be on one path of a tree, by their numbers, or their names in the table that the learner is fitted
 * on; columns in none are one more set.
 */
export type InteractionConstraints =
  'pairwise' | 'noInteractions' | readonly (readonly number[] | Int32Array | readonly string[])[]

/**
 * Checks numbers or names of columns, and adds the columns of texts of a table.
 *
 * @returns their numbers, ascending
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function requireCategorical(
  learner: { readonly categoricalFeatures: CategoricalFeatures | null },
  X: Features,
): Int32Array {
  const { categoricalFeatures: given } = learner
  const numbers = new Set(
    given === null ? [] : requireColumnNumbers(learner, 'categoricalFeatures', given, X),
  )
  const { categories = [] } = columnsOf(X) ?? {}
  for (const [j, texts] of categories.entries()) if (texts !== null) numbers.add(j)
  return Int32Array.from(numbers).sort()
}

/** The number of a column that an option names. @throws OneCopyError `ERR_OPTION` when there is no such column */
function placeOf(option: string, column: string, names: readonly string[]): number {
  const place = names.indexOf(column)
  if (place !== -1) return place
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${option}\` to name columns of the table, got '${column}'. ${suggestNames(column, names)}`,
    { details: { name: option, column } },
  )
}

/** Checks directions of columns; null when all are free. @throws OneCopyError `ERR_OPTION` */
export function requireMonotone(
  learner: { readonly monotonicCst: MonotonicConstraints | null },
  X: Features,
  categorical: Int32Array,
): Int8Array | null {
  const { monotonicCst } = learner
  if (monotonicCst === null) return null
  const columns = X.shape[1]
  const { names } = columnsOf(X) ?? {}
  const signs = signsOf(learner, monotonicCst, columns, names)
  if (signs.length !== columns || !signs.every(isSign)) {
    const wrong = signs.find((sign) => !isSign(sign))
    throw refuse(
      learner,
      'monotonicCst',
      `1, -1 or 0 for each of ${columns} columns`,
      signs.length === columns ? show(wrong) : `${signs.length} values`,
    )
  }
  const bound = categorical.find((column) => signs[column] !== 0)
  if (bound !== undefined) {
    throw refuse(
      learner,
      'monotonicCst',
      '0 for columns of `categoricalFeatures`, which have no order',
      `${signs[bound]} for column ${names === undefined ? bound : `'${names[bound]}'`}`,
    )
  }
  return signs.some((sign) => sign !== 0) ? Int8Array.from(signs) : null
}

function isSign(value: unknown): value is -1 | 0 | 1 {
  return value === 0 || value === 1 || value === -1
}

/** The sign of each column, not yet checked. */
function signsOf(
  learner: object,
  given: unknown,
  columns: number,
  names: readonly string[] | undefined,
): readonly unknown[] {
  if (Array.isArray(given) || given instanceof Int8Array) return Array.from<unknown>(given)
  const expected = `1, -1 or 0 for each of ${columns} columns`
  if (typeof given !== 'object' || given === null || ArrayBuffer.isView(given)) {
    throw new TypeError(
      `Expected \`monotonicCst\` of ${learner.constructor.name} to be ${expected}, got ${show(given)}.`,
    )
  }
  if (names === undefined)
    throw refuse(learner, 'monotonicCst', expected, 'names of columns', noNames)
  const signs = Array.from<unknown, unknown>({ length: columns }, () => 0)
  for (const [column, sign] of Object.entries(given))
    signs[placeOf('monotonicCst', column, names)] = sign
  return signs
}

/** Checks sets of columns; null when all columns may be together. @throws TypeError, OneCopyError `ERR_OPTION` */
export function requireInteractions(
  learner: { readonly interactionConstraints: InteractionConstraints | null },
  X: Features,
): ColumnSets | null {
  const { interactionConstraints: given } = learner
  if (given === null) return null
  const columns = X.shape[1]
  const sets = listSets(learner, given, X)
  const named = new Set(sets.flatMap((set) => [...set]))
  const others = Int32Array.from({ length: columns }, (_, j) => j).filter((j) => !named.has(j))
  if (others.length > 0) sets.push(others)
  if (sets.some((set) => set.length === columns)) return null
  const starts = new Float64Array(sets.length + 1)
  for (const [s, set] of sets.entries()) starts[s + 1] = starts[s]! + set.length
  return { columns: Int32Array.from(sets.flatMap((set) => [...set])), starts }
}

function listSets(learner: object, given: unknown, X: Features): Int32Array[] {
  const columns = X.shape[1]
  const all = Array.from({ length: columns }, (_, j) => j)
  if (given === 'noInteractions') return all.map((j) => Int32Array.of(j))
  if (given === 'pairwise') {
    if (columns === 1) return [Int32Array.of(0)]
    return all.flatMap((j) => all.slice(j + 1).map((k) => Int32Array.of(j, k)))
  }
  if (Array.isArray(given)) {
    return given.map((set: unknown) =>
      requireColumnNumbers(learner, 'interactionConstraints', set, X),
    )
  }
  throw new TypeError(
    `Expected \`interactionConstraints\` of ${learner.constructor.name} to be 'pairwise', 'noInteractions', null or a list of lists ` +
      `of numbers or names of columns, got ${show(given)}.`,
  )
}

/** Numbers of columns that are given by number, or by name in a table. */
function requireColumnNumbers(
  learner: object,
  option: string,
  given: unknown,
  X: Features,
): Int32Array {
  const columns = X.shape[1]
  const { names } = columnsOf(X) ?? {}
  const expected = `whole numbers of columns from 0 to ${columns - 1}, each once`
  if (!Array.isArray(given) && !(given instanceof Int32Array)) {
    const advice = names === undefined ? noNames : ' Put names of columns in a list.'
    throw new TypeError(
      `Expected \`${option}\` of ${learner.constructor.name} to be a list of ${expected}, got ${show(given)}.` +
        (typeof given === 'string' ? advice : ''),
    )
  }
  const numbers = Array.from<unknown, unknown>(given, (column) =>
    typeof column === 'string' && names !== undefined ? placeOf(option, column, names) : column,
  ).toSorted((a, b) => Number(a) - Number(b))
  for (const [i, column] of numbers.entries()) {
    const isColumn = Number.isInteger(column) && Number(column) >= 0 && Number(column) < columns
    const advice = typeof column === 'string' ? noNames : ''
    if (!isColumn || column === numbers[i - 1])
      throw refuse(learner, option, expected, show(column), advice)
  }
  return Int32Array.from(numbers, Number)
}

const noNames = ' Columns of a matrix have no names.'

function refuse(
  learner: object,
  name: string,
  expected: string,
  found: string,
  advice = '',
): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of ${learner.constructor.name} to be ${expected}, got ${found}.${advice}`,
    { details: { name } },
  )
}
