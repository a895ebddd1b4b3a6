/** Splits the rows of a layer by its option `folds`. */

import {
  array,
  countRows,
  type NDArray,
  type Rows,
  rowRanges,
  toRowNumbers,
} from '../../../arrays/index.ts'
import { rowNumbers } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'
import type { Fold } from '../../contract/fold-sharing.ts'
import { type RowLabels, type Splitter, splitterFor } from '../../contract/splitter.ts'
import type { Classes, LabelInput } from '../../inputs/labels.ts'
import { labelsOfCodes } from '../../outputs/class-predictions.ts'
import { KFold } from '../../splits/k-fold.ts'
import { readGroups } from '../../splits/read-groups.ts'
import { requireFolds, requireRefitRows } from '../../splits/require-folds.ts'
import { StratifiedKFold } from '../../splits/stratified-k-fold.ts'
import { type LayerFolds, planFits } from './layer-folds.ts'

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
 * Splits rows for a layer. Folds of a number are shuffled, those of classes within each class.
 *
 * @param rows - those to split, ascending; undefined: all
 * @throws what the splitter and `requireFolds` throw
 */
export async function splitLayer(
  folds: number | Splitter,
  given: SplitInputs,
  rows?: Rows,
): Promise<LayerFolds> {
  const [n] = given.X.shape as [number, number]
  if (rows === undefined || countRows(rows) === n) {
    const { split, refit } = await splitAll(folds, given)
    return requirePredicted(planFits(split, n, refit))
  }
  const readsValues = typeof folds !== 'number' && folds.forData !== undefined
  const X = readsValues ? takeRows(given.X, rows) : given.X
  const { split, refit } = await splitAll(folds, { ...takeInputs(given, rows), X })
  const at = placeIn(rows)
  const placed = split.map(({ test, train, partition }) => ({
    test: at(test),
    train: at(train),
    ...(partition !== undefined && { partition }),
  }))
  return requirePredicted(planFits(placed, n, refit === undefined ? rows : at(refit)))
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
    const options = { folds, shuffle: true, seed }
    const split =
      labels === undefined ? new KFold(options).split(n) : new StratifiedKFold(options).split(n, y)
    return { split, refit: undefined }
  }
  // A list of labels has one type.
  const target = (labels === undefined ? y : labelsOfCodes(y.toTypedArray(), labels)) as LabelInput
  const splitter = await splitterFor(folds, X, target)
  return {
    split: requireFolds(splitter, n, { y: target, groups }),
    refit: requireRefitRows(splitter, n),
  }
}

/** What splitters read of some rows; groups become numbers. */
function takeInputs({ y, groups, ...others }: SplitInputs, rows: Rows): SplitInputs {
  const numbers = toRowNumbers(rows)
  const codes = groups && readGroups('folds', y.shape[0]!, groups).codes
  return {
    ...others,
    y: takeRows(y, rows),
    groups: codes && array(Float64Array.from(numbers, (row) => codes[row]!)),
  }
}

/** Rows that follow each other as a view, others as a copy. */
function takeRows(values: NDArray, rows: Rows): NDArray {
  if ('ranges' in rows && rows.ranges.length === 1) return values.rows(...rows.ranges[0]!)
  const width = values.shape[1] ?? 1
  const numbers = toRowNumbers(rows)
  const copy = new Float64Array(numbers.length * width)
  for (const [i, row] of numbers.entries())
    for (let k = 0; k < width; k++)
      copy[i * width + k] = Number(values.ndim === 1 ? values.get(row) : values.get(row, k))
  return array(copy, { shape: [numbers.length, ...values.shape.slice(1)] })
}

/** Turns positions among rows into row numbers. */
function placeIn(rows: Rows): (positions: Rows) => Rows {
  if ('ranges' in rows && rows.ranges.length === 1) {
    const [start] = rows.ranges[0]!
    return (positions) =>
      'ranges' in positions
        ? rowRanges(positions.ranges.map(([from, to]) => [from + start, to + start] as const))
        : rowNumbers(positions.numbers.map((position) => position + start))
  }
  const numbers = toRowNumbers(rows)
  return (positions) => rowNumbers(toRowNumbers(positions).map((position) => numbers[position]!))
}
