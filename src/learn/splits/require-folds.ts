/** Checks the folds of any splitter. */

import { countRows, type Rows } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { awaitAdvice, isOneCopyError, OneCopyError, show } from '../../errors.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import {
  type RowLabels,
  type SplitRows,
  type Splitter,
  splitterName,
} from '../contract/splitter.ts'
import { isKnownFold, makeFold, requireRowCount } from './make-folds.ts'

/** What rows are split by. */
export interface SplitData {
  /** Labels. */
  readonly y?: RowLabels | undefined
  /** The group of each row. */
  readonly groups?: RowLabels | undefined
}

/** A splitter that returns more folds than this never ends, or is not meant. */
const mostFolds = 2 ** 17

/**
 * Splits `n` rows, and checks what the splitter of a user returns. Folds of the splitters of onecopy are not read again.
 *
 * @returns at least one fold, with ascending rows
 * @throws OneCopyError `ERR_FOLDS` naming the fold whose rows can't be used, `ERR_INDEX` for a row outside [0, n), `ERR_SHAPE` for a mask of
 *   another length; TypeError for what is no list of folds; otherwise what the splitter throws
 */
export function requireFolds(splitter: Splitter, n: number, { y, groups }: SplitData = {}): Fold[] {
  const name = splitterName(splitter)
  if (groups !== undefined && (splitter as { ignoresGroups?: boolean }).ignoresGroups === true)
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected folds that keep the rows of a group together, got those of ${name}, which ignores \`groups\`. ` +
        'Pass a GroupKFold or a ShuffleSplit({ grouped: true }) as `folds`, or leave `groups` out.',
      { details: { name: 'groups' } },
    )
  const given: unknown = splitter.split(requireRowCount(n), y, groups)
  const folds: Fold[] = []
  for (const one of requireIterable(given, name)) {
    const place = `fold ${folds.length} of ${name}`
    if (folds.length === mostFolds)
      throw wrongFolds(`Expected at most ${mostFolds} folds from ${name}, got more.`, folds.length)
    folds.push(requireFold(one, n, { place, fold: folds.length }))
  }
  if (folds.length === 0) throw wrongFolds(`Expected at least one fold from ${name}, got none.`)
  requirePartitions(folds, name)
  return folds
}

/**
 * Checks the rows that final models learn from, as `refitRows` of a splitter says.
 *
 * @returns undefined when the splitter says nothing: then these are all rows
 * @throws as {@link requireFolds} does
 */
export function requireRefitRows(splitter: Splitter, n: number): Rows | undefined {
  if (splitter.refitRows === undefined) return undefined
  const place = `\`refitRows\` of ${splitterName(splitter)}`
  return requireAscending(splitter.refitRows(n), n, { place })
}

function requireIterable(given: unknown, name: string): Iterable<unknown> {
  if (typeof given === 'object' && given !== null && Symbol.iterator in given)
    return given as Iterable<unknown>
  const isAsync = typeof given === 'object' && given !== null && Symbol.asyncIterator in given
  const advice = isAsync ? ' Use a generator that is not async.' : awaitAdvice(given)
  throw new TypeError(
    `Expected \`split\` of ${name} to return folds, such as [{ train, test }], got ${show(given)}.${advice}`,
  )
}

/** Where rows come from, for error texts. */
interface Place {
  readonly place: string
  readonly fold?: number
}

function requireFold(given: unknown, n: number, where: Place): Fold {
  if (typeof given !== 'object' || given === null || !('train' in given) || !('test' in given)) {
    const isPair = Array.isArray(given) && given.length === 2
    const advice = isPair ? ' Return { train, test } in place of [train, test].' : ''
    throw new TypeError(
      `Expected ${where.place} to have \`train\` and \`test\`, got ${show(given)}.${advice}`,
    )
  }
  if (isKnownFold(given, n)) return given
  const { partition, ...rows } = given as SplitRows
  const sides = {
    train: requireAscending(rows.train, n, { ...where, place: `\`train\` of ${where.place}` }),
    test: requireAscending(rows.test, n, { ...where, place: `\`test\` of ${where.place}` }),
  }
  const common = firstCommon(sides.train, sides.test)
  if (common !== undefined) {
    throw wrongFolds(
      `Expected rows of ${where.place} in \`train\` or in \`test\`, got row ${common} in both. A score would be too good.`,
      where.fold,
      common,
    )
  }
  if (partition === undefined) return makeFold(sides, n)
  if (Number.isSafeInteger(partition) && partition >= 0) return makeFold({ ...sides, partition }, n)
  throw new TypeError(
    `Expected \`partition\` of ${where.place} to be a whole number >= 0, got ${show(partition)}.`,
  )
}

/** Rows of `n` as ranges or numbers, at least one, each once and in their order. */
function requireAscending(given: unknown, n: number, { place, fold }: Place): Rows {
  if (given === undefined)
    throw new TypeError(
      `Expected ${place} to be row numbers, a mask or { ranges: [[start, stop]] }, got undefined.`,
    )
  const rows = explained(place, () => requireRows(given as SplitRows['test'], n))
  if (countRows(rows) === 0)
    throw wrongFolds(`Expected at least one row in ${place}, got none.`, fold)
  if ('ranges' in rows) return rows
  const { numbers } = rows
  for (let i = 1; i < numbers.length; i++) {
    if (numbers[i]! > numbers[i - 1]!) continue
    const wrong = numbers[i] === numbers[i - 1] ? 'again' : `after row ${numbers[i - 1]}`
    const advice = numbers[i] === numbers[i - 1] ? 'Leave out the second.' : 'Sort the numbers.'
    throw wrongFolds(
      `Expected ascending row numbers in ${place}, got row ${numbers[i]} ${wrong}. ${advice}`,
      fold,
      numbers[i],
    )
  }
  return rows
}

/** Adds to an error which fold it is about. */
function explained<T>(place: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (isOneCopyError(cause)) {
      const { code, details } = cause
      throw new OneCopyError(code, `In ${place}: ${cause.message}`, { cause, details })
    }
    if (cause instanceof TypeError) throw new TypeError(`In ${place}: ${cause.message}`, { cause })
    throw cause
  }
}

/** Ascending rows as ranges: a number is a range of one row. */
interface Runs {
  readonly length: number
  start(i: number): number
  stop(i: number): number
}

function runsOf(rows: Rows): Runs {
  if ('numbers' in rows) {
    const { numbers } = rows
    return {
      length: numbers.length,
      start: (i) => numbers[i]!,
      stop: (i) => numbers[i]! + 1,
    }
  }
  const { ranges } = rows
  return { length: ranges.length, start: (i) => ranges[i]![0], stop: (i) => ranges[i]![1] }
}

/** The first row that both have. */
function firstCommon(some: Rows, others: Rows): number | undefined {
  const [a, b] = [runsOf(some), runsOf(others)]
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    const start = Math.max(a.start(i), b.start(j))
    if (start < Math.min(a.stop(i), b.stop(j))) return start
    if (a.stop(i) <= b.stop(j)) i++
    else j++
  }
  return undefined
}

/** Checks that all folds or none have a partition, and that none is left out. */
function requirePartitions(folds: readonly Fold[], name: string): void {
  const found = new Set(folds.map(({ partition }) => partition))
  if (found.size === 1 && found.has(undefined)) return
  const without = folds.findIndex(({ partition }) => partition === undefined)
  if (without !== -1) {
    throw wrongFolds(
      `Expected a \`partition\` of every fold of ${name}, or of none, got none of fold ${without}.`,
      without,
    )
  }
  for (let partition = 0; partition < found.size; partition++) {
    if (found.has(partition)) continue
    throw wrongFolds(
      `Expected partitions 0 to ${found.size - 1} of ${name}, got no fold of partition ${partition}. Number them from 0.`,
    )
  }
}

function wrongFolds(text: string, fold?: number, row?: number): OneCopyError {
  return new OneCopyError('ERR_FOLDS', text, {
    details: { ...(fold !== undefined && { fold }), ...(row !== undefined && { row }) },
  })
}
