/** Splits the rows of a layer by its option `folds`. */

import {
  countRows,
  type NDArray,
  type Rows,
  rowRanges,
  shared,
  toRowNumbers,
} from '../../../arrays/index.ts'
import { rowNumbers } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'
import { BaseEstimator } from '../../contract/base-estimator.ts'
import type { Fold } from '../../contract/fold-sharing.ts'
import { type RowLabels, type Splitter, splitterFor } from '../../contract/splitter.ts'
import type { Classes, LabelInput } from '../../inputs/labels.ts'
import { takeRows } from '../../inputs/take-rows.ts'
import { labelsOfCodes } from '../../outputs/class-predictions.ts'
import { RowBits } from '../../row-parts/row-bits.ts'
import { takeGroups } from '../../splits/read-groups.ts'
import { requireFolds, requireRefitRows } from '../../splits/require-folds.ts'
import { type LayerFolds, planFits } from './layer-folds.ts'
import { shuffledFolds } from './shuffled-folds.ts'

/** What rows are split by. */
export interface SplitInputs {
  readonly X: NDArray
  /** Numbers, or the code of each row's class. */
  readonly y: NDArray
  /** Labels of the classes; undefined: a regression. */
  readonly labels: Classes | undefined
  readonly groups: RowLabels | undefined
  /** Seed of the shuffle of a number of folds. */
  readonly seed: number
}

/**
 * Splits rows for a layer. A number of folds stands for shuffled ones, see {@link shuffledFolds}.
 *
 * @param rows - those to split, each once: the splitter sees their positions in this order; undefined: all
 * @returns fits of ascending rows
 * @throws what the splitter and `requireFolds` throw
 */
export async function splitLayer(
  folds: number | Splitter,
  given: SplitInputs,
  rows?: Rows,
): Promise<LayerFolds> {
  const [n] = given.X.shape as [number, number]
  if (rows === undefined || isWhole(rows, n)) {
    const { split, refit } = await splitAll(folds, given)
    return requirePredicted(planFits(split, n, refit))
  }
  const readsValues = typeof folds !== 'number' && folds.forData !== undefined
  const X = readsValues ? takeRows(given.X, rows) : given.X
  const { split, refit } = await splitAll(folds, { ...takeInputs(given, rows), X })
  const at = placeIn(rows)
  const placed = split.map((fold): Fold => ({
    test: at(fold.test),
    // Listed on each access, as in the fold itself.
    get train(): Rows {
      return at(fold.train)
    },
    ...(fold.partition !== undefined && { partition: fold.partition }),
  }))
  return requirePredicted(planFits(placed, n, refit === undefined ? ascending(rows) : at(refit)))
}

/** Whether rows are all of n, in their order. */
function isWhole(rows: Rows, n: number): boolean {
  return countRows(rows) === n && isAscending(rows)
}

function isAscending(rows: Rows): boolean {
  return 'ranges' in rows || rows.numbers.every((row, i) => i === 0 || row > rows.numbers[i - 1]!)
}

/** Rows in an order of their own; undefined: they ascend. */
export function ownOrder(rows: Rows | undefined): Rows | undefined {
  return rows === undefined || isAscending(rows) ? undefined : rows
}

/**
 * Some of `order`'s rows in its order.
 *
 * @param rows - ascending
 * @param order - undefined: ascending
 * @param n - of all rows
 */
export function inOrderOf(order: Rows | undefined, rows: Rows, n: number): Rows {
  if (order === undefined || 'ranges' in order || isAscending(order)) return rows
  const chosen = new RowBits(n)
  chosen.add(rows)
  return rowNumbers(order.numbers.filter((row) => chosen.has(row)))
}

function ascending(rows: Rows): Rows {
  return 'ranges' in rows || isAscending(rows) ? rows : rowNumbers(rows.numbers.toSorted())
}

function requirePredicted(planned: LayerFolds): LayerFolds {
  const { partitions, predicted } = planned
  if (countRows(predicted) > 0) return planned
  throw new OneCopyError(
    'ERR_FOLDS',
    `Expected rows that every one of ${partitions} partitions holds out in some fold, got none. ` +
      'The next layer and the meta learner learn from rows that have a prediction of each partition.',
    { details: { partitions } },
  )
}

async function splitAll(
  folds: number | Splitter,
  { X, y, labels, groups, seed }: SplitInputs,
): Promise<{ readonly split: readonly Fold[]; readonly refit: Rows | undefined }> {
  const [n] = y.shape as [number]
  if (typeof folds === 'number') {
    const task = labels === undefined ? 'regression' : 'classification'
    const splitter = shuffledFolds(folds, seed, task, groups)
    return { split: requireFolds(splitter, n, { y, groups }), refit: undefined }
  }
  let room: NDArray<'float64'> | undefined
  const makeRoom = (shape: readonly number[]): NDArray<'float64'> =>
    (room = shared(shape, 'float64'))
  // A list of labels has one type.
  const target = (
    labels === undefined ? y : labelsOfCodes(y.toTypedArray(), labels, [], makeRoom)
  ) as LabelInput
  const splitter = await splitterFor(folds, X, target)
  const split = requireFolds(splitter, n, { y: target, groups })
  const refit = requireRefitRows(splitter, n)
  // A splitter of the user's may keep what it was given.
  if (splitter instanceof BaseEstimator) room?.[Symbol.dispose]()
  return { split, refit }
}

/** What splitters read of some rows. */
function takeInputs({ y, groups, ...others }: SplitInputs, rows: Rows): SplitInputs {
  const [n] = y.shape as [number]
  return {
    ...others,
    y: takeRows(y, rows),
    groups: groups && takeGroups(groups, n, toRowNumbers(rows)),
  }
}

/** Turns positions among rows into ascending row numbers. */
function placeIn(rows: Rows): (positions: Rows) => Rows {
  if ('ranges' in rows && rows.ranges.length === 1) {
    const [start] = rows.ranges[0]!
    return (positions) =>
      'ranges' in positions
        ? rowRanges(positions.ranges.map(([from, to]) => [from + start, to + start] as const))
        : rowNumbers(positions.numbers.map((position) => position + start))
  }
  const numbers = toRowNumbers(rows)
  const isSorted = isAscending(rows)
  return (positions) => {
    const placed = toRowNumbers(positions).map((position) => numbers[position]!)
    return rowNumbers(isSorted ? placed : placed.sort())
  }
}
