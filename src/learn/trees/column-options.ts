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

/** For each column, whether predictions must not fall (1), must not rise (-1) or are free (0) as it grows. */
export type MonotonicConstraints = readonly number[] | Int8Array

/** Sets of columns that may be on one path of a tree; columns in none are one more set. */
export type InteractionConstraints =
  'pairwise' | 'noInteractions' | readonly (readonly number[] | Int32Array)[]

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
  const { names, categories = [] } = columnsOf(X) ?? {}
  const numbers = new Set(
    given === null
      ? []
      : requireColumnNumbers(learner, 'categoricalFeatures', placesOf(given, names), X.shape[1]),
  )
  for (const [j, texts] of categories.entries()) if (texts !== null) numbers.add(j)
  return Int32Array.from(numbers).sort()
}

/** Names of columns as their numbers; anything else as it is. */
function placesOf(given: unknown, names: readonly string[] | undefined): unknown {
  if (!Array.isArray(given) || names === undefined) return given
  return given.map((column: unknown) => {
    if (typeof column !== 'string') return column
    const place = names.indexOf(column)
    if (place !== -1) return place
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`categoricalFeatures\` to name columns of the table, got '${column}'. ${suggestNames(column, names)}`,
      { details: { name: 'categoricalFeatures', column } },
    )
  })
}

/** Checks directions of columns; null when all are free. @throws OneCopyError `ERR_OPTION` */
export function requireMonotone(
  learner: { readonly monotonicCst: MonotonicConstraints | null },
  columns: number,
  categorical: Int32Array,
): Int8Array | null {
  const { monotonicCst } = learner
  if (monotonicCst === null) return null
  const signs = Array.from(monotonicCst)
  const isSign = (sign: number): boolean => sign === 0 || Math.abs(sign) === 1
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
      `${signs[bound]} for column ${bound}`,
    )
  }
  return signs.some((sign) => sign !== 0) ? Int8Array.from(signs) : null
}

/** Checks sets of columns; null when all columns may be together. @throws TypeError, OneCopyError `ERR_OPTION` */
export function requireInteractions(
  learner: { readonly interactionConstraints: InteractionConstraints | null },
  columns: number,
): ColumnSets | null {
  const { interactionConstraints: given } = learner
  if (given === null) return null
  const sets = listSets(learner, given, columns)
  const named = new Set(sets.flatMap((set) => [...set]))
  const others = Int32Array.from({ length: columns }, (_, j) => j).filter((j) => !named.has(j))
  if (others.length > 0) sets.push(others)
  if (sets.some((set) => set.length === columns)) return null
  const starts = new Float64Array(sets.length + 1)
  for (const [s, set] of sets.entries()) starts[s + 1] = starts[s]! + set.length
  return { columns: Int32Array.from(sets.flatMap((set) => [...set])), starts }
}

function listSets(learner: object, given: unknown, columns: number): Int32Array[] {
  const all = Array.from({ length: columns }, (_, j) => j)
  if (given === 'noInteractions') return all.map((j) => Int32Array.of(j))
  if (given === 'pairwise') {
    if (columns === 1) return [Int32Array.of(0)]
    return all.flatMap((j) => all.slice(j + 1).map((k) => Int32Array.of(j, k)))
  }
  if (Array.isArray(given)) {
    return given.map((set: unknown) =>
      requireColumnNumbers(learner, 'interactionConstraints', set, columns),
    )
  }
  throw new TypeError(
    `Expected \`interactionConstraints\` of ${learner.constructor.name} to be 'pairwise', 'noInteractions', null or a list of lists ` +
      `of column numbers, got ${show(given)}.`,
  )
}

function requireColumnNumbers(
  learner: object,
  name: string,
  given: unknown,
  columns: number,
): Int32Array {
  const expected = `whole numbers of columns from 0 to ${columns - 1}, each once`
  if (!Array.isArray(given) && !(given instanceof Int32Array)) {
    const text = `Expected \`${name}\` of ${learner.constructor.name} to be a list of ${expected}, got ${show(given)}.`
    throw new TypeError(
      typeof given === 'string' ? `${text} Columns of a matrix have no names.` : text,
    )
  }
  const numbers = Array.from<unknown>(given).toSorted((a, b) => Number(a) - Number(b))
  for (const [i, column] of numbers.entries()) {
    const isColumn = Number.isInteger(column) && Number(column) >= 0 && Number(column) < columns
    if (!isColumn || column === numbers[i - 1]) throw refuse(learner, name, expected, show(column))
  }
  return Int32Array.from(numbers as number[])
}

function refuse(learner: object, name: string, expected: string, found: string): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of ${learner.constructor.name} to be ${expected}, got ${found}.`,
    { details: { name } },
  )
}
