/** The contract of splitters, which choose training and test rows. */

import type { RowSelection } from '../../arrays/index.ts'
import { show } from '../../errors.ts'
import type { Column } from '../../tables/index.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'

/** A label or a group for each row: numbers in any form, a list of texts or of true and false, or a column of a table. */
export type RowLabels = LabelInput | Column

/** One split as a splitter of your own returns it. Each row comes once in `train` or once in `test`, or in neither. */
export interface SplitRows {
  /** Rows to learn from: ascending row numbers, a mask, or ranges; an Int32Array is kept, not copied. */
  readonly train: RowSelection
  /** Rows to predict, in the same forms. */
  readonly test: RowSelection
  /** Number of the partition that the training rows belong to; see {@link Splitter.split}. */
  readonly partition?: number
}

/**
 * Chooses the training and test rows of each fold. Everything that takes `folds` takes any object with such a method.
 *
 * @example
 * ```ts
 * // Tests on each of the last three years, and trains on all years before it.
 * const years: Splitter = {
 *   *split(n, y, groups) {
 *     const year = asArray(groups as ArrayInput).toArray() as number[]
 *     for (const test of [2023, 2024, 2025])
 *       yield { train: year.map((one) => one < test), test: year.map((one) => one === test) }
 *   },
 * }
 * ```
 */
export interface Splitter {
  /**
   * Splits the rows 0 … n - 1.
   *
   * A row may be tested in several folds, such as those of a {@link RepeatedKFold}, or in none. When folds have a `partition`, a learner of an
   * ensemble is fitted for each partition by itself. Then every fold has one, and the numbers are 0, 1, 2 …
   *
   * @param n - number of rows
   * @param y - labels, for splitters that need them
   * @param groups - the group of each row, for splitters that need it
   * @returns folds, in a list or from a generator
   */
  split(n: number, y?: RowLabels, groups?: RowLabels): Iterable<SplitRows>
  /**
   * The rows that final models learn from. Default: all; with partitions, each model learns from all training rows of its partition.
   */
  refitRows?(n: number): RowSelection
  /**
   * Makes a splitter of some rows, for splitters that need their values. It is asked before `split`.
   *
   * @param X - values, shape (n, d), or a table
   * @param y - target
   */
  forData?(X: FeatureInput, y?: TargetInput): Promise<Splitter>
}

/** Whether a value is a splitter. */
export function isSplitter(value: unknown): value is Splitter {
  return (
    typeof value === 'object' &&
    value !== null &&
    'split' in value &&
    typeof value.split === 'function'
  )
}

/** What errors call a splitter: its class, or what it is. */
export function splitterName(splitter: object): string {
  const { name } = splitter.constructor ?? {}
  return name === undefined || name === '' || name === 'Object' ? 'the splitter' : name
}

/**
 * Checks an option `folds` that is a number of folds or a splitter.
 *
 * @throws TypeError for anything else
 */
export function requireSplitter(value: unknown, name = '`folds`'): Splitter {
  if (isSplitter(value)) return value
  throw new TypeError(
    `Expected ${name} to be a splitter, an object with a method \`split(n, y, groups)\`, got ${show(value)}.`,
  )
}

/**
 * The splitter for some rows: what `forData` makes, or the splitter itself.
 *
 * @throws TypeError when `forData` makes no splitter
 */
export async function splitterFor(
  splitter: Splitter,
  X: FeatureInput,
  y?: TargetInput,
): Promise<Splitter> {
  if (splitter.forData === undefined) return splitter
  return requireSplitter(
    await splitter.forData(X, y),
    `what ${splitterName(splitter)}.forData() makes`,
  )
}
