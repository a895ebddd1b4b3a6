/** Refuses inputs from which nothing can be learned. */

import { basename } from 'node:path'
import { NDArray } from '../../arrays/index.ts'
import { UsageError } from '../output/failure.ts'
import { type Input, shapeOf } from './input.ts'
import { formatCount } from '../../format.ts'

/** Most classes that learners take. */
const mostClasses = 1000

/** What is known of a target. */
export interface TargetFacts {
  /** Standard deviation of numbers; NaN when there are such values, which learners refuse. */
  readonly deviation: number
  /** Labels of the classes; none for numbers. */
  readonly classes: readonly (string | number)[]
}

/**
 * Checks that every fold gets a row, and that the target differs between rows.
 *
 * @throws UsageError
 */
export function requireLearnable(
  { X, y, groups, task, target }: Input,
  folds: number,
): TargetFacts {
  const rows = shapeOf(X)[0]
  if (rows < folds) {
    throw new UsageError(
      `Expected at least ${folds} rows for ${folds} folds, got ${rows}. ` +
        'Use fewer folds with --folds, or more rows.',
    )
  }
  requireGroups(groups, folds)
  if (task === 'classification') return { deviation: 0, classes: requireClasses(y, target, folds) }
  const deviation = standardDeviation(y as NDArray)
  if (deviation === 0) throw refuseConstant(target, Number((y as NDArray).get(0)), rows)
  return { deviation, classes: [] }
}

/** Refuses fewer groups than folds: each is held out by one of them. */
function requireGroups(groups: Input['groups'], folds: number): void {
  if (groups === undefined) return
  const count = new Set<unknown>(groups instanceof NDArray ? groups.toTypedArray() : groups).size
  if (count >= folds) return
  if (folds === 2)
    throw new UsageError(
      `Expected at least 2 groups, got ${count}: each fold holds out whole groups. Name another column with --groups, or leave it out.`,
    )
  throw new UsageError(
    `Expected at least ${folds} groups for ${folds} folds, got ${count}. Use fewer folds with --folds, or another column with --groups.`,
  )
}

/**
 * Refuses a test with classes that no model can predict, because it has not seen them.
 *
 * @param files - the one of the test, and the one that was learned from
 * @throws UsageError
 */
export function requireSeenClasses(
  { y, target, task }: Input,
  { classes }: TargetFacts,
  { file, first }: { readonly file: string; readonly first: string },
): void {
  if (task === 'regression') return
  const known = new Set<unknown>(classes)
  const labels = y instanceof NDArray ? Array.from(y.copy().toTypedArray(), Number) : y
  const unseen = labels.filter((label) => !known.has(label))
  if (unseen.length === 0) return
  throw new UsageError(
    `Expected '${target}' of ${basename(file)} to have classes of ${basename(first)} only, got '${unseen[0]}', ` +
      `in ${formatCount(unseen.length, 'row')} of classes that are not there. A model can't predict what it has not seen: take these rows out of the test.`,
  )
}

/** Counts the rows of each class: the folds share those of one class at least. */
function requireClasses(y: Input['y'], target: string, folds: number): (string | number)[] {
  const labels = y instanceof NDArray ? y.copy().toTypedArray() : y
  const counts = new Map<string | number, number>()
  for (const label of labels) {
    const known = typeof label === 'bigint' ? Number(label) : label
    counts.set(known, (counts.get(known) ?? 0) + 1)
    if (counts.size <= mostClasses) continue
    throw new UsageError(
      `Expected at most ${mostClasses} classes in '${target}', got more different values. ` +
        (typeof known === 'number'
          ? 'To predict numbers, leave out --task classification.'
          : 'Name another column with --target.'),
    )
  }
  const most = Math.max(...counts.values())
  const classes = [...counts.keys()].sort((a, b) => (a < b ? -1 : 1))
  if (counts.size === 1) throw refuseConstant(target, classes[0]!, labels.length)
  if (most >= folds) return classes
  throw new UsageError(
    `Expected at least ${folds} rows of some class for ${folds} folds, but no value of '${target}' is in more than ${formatCount(most, 'row')}. ` +
      'Use fewer folds with --folds, or name another column with --target.',
  )
}

function refuseConstant(target: string, value: string | number, rows: number): UsageError {
  return new UsageError(
    `There is nothing to predict: '${target}' is ${value} in all ${formatCount(rows, 'row')}.`,
  )
}

/** Of a vector's values, about their first one, so that large equal parts cost no digits. */
function standardDeviation({ data, offset, strides: [step = 1], size }: NDArray): number {
  const first = Number(data[offset])
  let sum = 0
  let squares = 0
  for (let i = 0; i < size; i++) {
    const difference = Number(data[offset + i * step]) - first
    sum += difference
    squares += difference * difference
  }
  return Math.sqrt(Math.max(0, squares / size - (sum / size) ** 2))
}
