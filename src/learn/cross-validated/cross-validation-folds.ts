/** Splits the rows that an estimator learns from into folds. */

import { countRows, NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { TableFitOptions } from '../contract/estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { isSplitter, type RowLabels, type Splitter } from '../contract/splitter.ts'
import { toArray } from '../inputs/as-array.ts'
import { isColumn } from '../../tables/index.ts'
import { KFold } from '../splits/k-fold.ts'
import { divideRows } from '../splits/make-folds.ts'
import { requireFolds, type SplitData } from '../splits/require-folds.ts'

/** What an estimator learns from without a fold, and what the fold holds out. */
export interface RowFold {
  readonly train: Rows
  readonly test: Rows
}

/** The folds of some rows. */
export interface RowFolds {
  readonly folds: readonly RowFold[]
  /** Whether each row is held out by one fold, which learns from all others. */
  readonly areParts: boolean
  /** The folds as positions in the rows, and how many these are. */
  readonly positions: { readonly folds: readonly Fold[]; readonly count: number }
  /** The rows at some positions. */
  readonly at: (positions: Rows) => Rows
}

/** Which folds an estimator chooses its penalty by. */
export type FoldsOption = number | Splitter

/** Options of `fit` of estimators that choose their penalty by folds. */
export interface CrossValidatedFitOptions extends TableFitOptions {
  /**
   * The group of each row of `X`, shape (n), for splitters that need it, such as {@link GroupKFold}: numbers, a list of texts or of true and
   * false, or a column; with a table also the name of one of its columns, which is then not learned from. Default: none.
   */
  readonly groups?: RowLabels | string
}

/** Refuses unknown options of `fit`. */
export function requireCrossValidatedOptions(
  estimator: object,
  options: CrossValidatedFitOptions,
): void {
  requireLearnOptions(`${estimator.constructor.name}.fit`, options, fitNames)
}

const fitNames: OptionNames<CrossValidatedFitOptions> = { rows: true, weights: true, groups: true }

/**
 * Splits rows into folds.
 *
 * @param rows - rows to split, of n
 * @param split - makes the folds of so many positions
 */
export function splitRowFolds(
  rows: Rows,
  n: number,
  split: (count: number) => readonly Fold[],
): RowFolds {
  const count = countRows(rows)
  const folds = split(count)
  const at = rowsAt(rows, n)
  return {
    folds: folds.map((fold) => ({
      test: at(fold.test),
      // Listed only where they are read: of many rows they are long.
      get train() {
        return at(fold.train)
      },
    })),
    areParts: divideRows(folds, count),
    positions: { folds, count },
    at,
  }
}

function rowsAt(rows: Rows, n: number): (positions: Rows) => Rows {
  if (isAll(rows, n)) return (positions) => positions
  const numbers = toRowNumbers(rows)
  return (positions) => {
    const [range] = 'ranges' in positions && positions.ranges.length === 1 ? positions.ranges : []
    if (range !== undefined) return rowNumbers(numbers.subarray(...range))
    return rowNumbers(toRowNumbers(positions).map((position) => numbers[position]!))
  }
}

/**
 * Splits so many positions as the option `folds` says.
 *
 * @param data - labels and groups of the positions
 * @param byCount - the splitter of a number of folds; default: contiguous folds
 * @throws OneCopyError `ERR_OPTION`, `ERR_ROWS`, `ERR_FOLDS`; otherwise what a splitter throws
 */
export function splitPositions(
  estimator: { readonly folds: unknown },
  count: number,
  data: SplitData,
  byCount: (folds: number) => Splitter = (folds) => new KFold({ folds }),
): Fold[] {
  const { folds } = estimator
  const splitter = isSplitter(folds) ? folds : byCount(requireFoldCount(estimator))
  return requireFolds(splitter, count, data)
}

/** Checks a number of folds. @throws OneCopyError `ERR_OPTION` */
export function requireFoldCount(estimator: { readonly folds: unknown }): number {
  const { folds } = estimator
  if (typeof folds === 'number' && Number.isInteger(folds) && folds >= 2) return folds
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`folds\` of ${estimator.constructor.name} to be a whole number >= 2 or a splitter, such as a KFold, got ${show(folds)}.`,
    { details: { name: 'folds' } },
  )
}

/**
 * Labels or groups of some rows, in their order.
 *
 * @param name - of the argument, for error texts
 * @param rows - of n; all rows give the labels themselves
 * @throws OneCopyError `ERR_SHAPE` when there is not one for each row; TypeError
 */
export function pickLabels(
  name: 'y' | 'groups',
  labels: RowLabels | undefined,
  rows: Rows,
  n: number,
): RowLabels | undefined {
  if (labels === undefined) return undefined
  const values = listOf(name, labels)
  const count = values instanceof NDArray ? values.shape[0] : values.length
  if (count !== n) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`${name}\` to have ${n} rows like \`X\`, got ${count}. Both must describe the same samples.`,
      { details: { expected: n, rows: count } },
    )
  }
  if (isAll(rows, n)) return labels
  const numbers = toRowNumbers(rows)
  if (!(values instanceof NDArray))
    return Array.from(numbers, (row) => values[row]) as readonly string[]
  if (values.ndim > 1) return Array.from(numbers, (row) => values.row(row).toTypedArray())
  const all = values.toTypedArray()
  const picked = new (all.constructor as Float64ArrayConstructor)(numbers.length)
  for (let i = 0; i < numbers.length; i++) picked[i] = all[numbers[i]!] as number
  return picked
}

function listOf(name: string, labels: RowLabels): readonly unknown[] | NDArray {
  if (isColumn(labels)) return labels.kind === 'number' ? labels.values : labels.toArray()
  return Array.isArray(labels) ? labels : toArray(labels, `\`${name}\``)
}

function isAll(rows: Rows, n: number): boolean {
  return 'ranges' in rows && countRows(rows) === n
}
