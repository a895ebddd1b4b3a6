/** Splits rows once into training and test rows. */

import { rowRange } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { Table } from '../../tables/index.ts'
import { requireBoolean } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { toArray } from '../inputs/as-array.ts'
import type { FeatureInput } from '../inputs/feature-input.ts'
import { drawGroups, drawRows, drawStratified } from './draw-rows.ts'
import { makeFold, requireRowCount } from './make-folds.ts'
import { requireSeed, seededRandom } from './random-order.ts'
import { classCodes, readGroups } from './read-groups.ts'
import { type SizeOptions, type SizeRule, splitSizes } from './split-sizes.ts'

/** Options of {@link trainTestSplit}. */
export interface TrainTestSplitOptions extends SizeOptions {
  /** Rows to test: a share of all in (0, 1), rounded up, or a count >= 1; default: 0.25, or all rows but those of `trainSize`. */
  readonly testSize?: number
  /** Rows to train on: a share of all in (0, 1), rounded down, or a count >= 1; default: all others. */
  readonly trainSize?: number
  /** Whether rows are drawn at random; otherwise the first ones are trained on, and those behind them are tested. Default: true. */
  readonly shuffle?: boolean
  /** Labels, shape (n): both parts have nearly the same share of each. Default: none. */
  readonly stratify?: RowLabels
  /** The group of each row, shape (n): whole groups are drawn, and sizes count groups. Default: none. */
  readonly groups?: RowLabels
  /** Seed, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/**
 * Splits rows into those to train on and those to test. No row is copied: both parts are rows that `fit`, `predict` and
 * metrics take.
 *
 * @param data - a number of rows, or the data whose rows are counted: an array, a list or a table
 * @returns `train` and `test`, each in ascending order
 * @throws OneCopyError `ERR_ROWS` when there are not enough rows, groups or rows of a class, `ERR_OPTION`, `ERR_VALUE`, `ERR_SHAPE`;
 *   TypeError
 *
 * @example
 * ```ts
 * const rows = trainTestSplit(X, { testSize: 0.2, seed: 1 })
 * const model = await new Ridge().fit(X, y, { rows: rows.train })
 * const predicted = await model.predict(X, { rows: rows.test })
 * console.log(rmse(y, predicted, { rows: rows.test }))
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.train_test_split`: the same sizes; it copies rows
 */
export function trainTestSplit(
  data: number | FeatureInput,
  options: TrainTestSplitOptions = {},
): Fold {
  requireLearnOptions('trainTestSplit', options, names)
  const { shuffle = true, seed = 0, stratify, groups, testSize, trainSize } = options
  // Checks of options name the class of their owner.
  const owner = { shuffle, seed, constructor: { name } }
  const n = rowsIn(data)
  const random = seededRandom(requireSeed(owner))
  const isRandom = requireBoolean(owner, 'shuffle')
  if (stratify !== undefined && groups !== undefined)
    throw refuse('`stratify` or `groups`, got both. Take a fold of StratifiedGroupKFold')
  if (!isRandom && (stratify ?? groups) !== undefined)
    throw refuse('no `stratify` and no `groups` with `shuffle: false`, which draws no rows')
  const found = groups === undefined ? undefined : readGroups(name, n, groups)
  const rule = found === undefined ? sizeRule : { ...sizeRule, what: 'groups' }
  const sizes = splitSizes(name, { testSize, trainSize }, found?.labels.length ?? n, rule)
  if (found !== undefined) return drawGroups(found, sizes, random)
  if (stratify !== undefined) return drawStratified(classCodes(name, n, stratify), sizes, random)
  if (isRandom) return drawRows(n, sizes, random)
  const { train } = sizes
  return makeFold({ train: rowRange(0, train), test: rowRange(train, train + sizes.test) }, n)
}

const name = 'trainTestSplit'
const sizeRule: SizeRule = { testShare: 0.25, round: Math.ceil }

const names: OptionNames<TrainTestSplitOptions> = {
  testSize: true,
  trainSize: true,
  shuffle: true,
  stratify: true,
  groups: true,
  seed: true,
}

function rowsIn(data: unknown): number {
  if (typeof data === 'number') return requireRowCount(data)
  if (data instanceof Table) return data.rows
  if (Array.isArray(data)) return data.length
  return toArray(data, 'the data').shape[0] ?? 0
}

function refuse(expected: string): OneCopyError {
  return new OneCopyError('ERR_OPTION', `Expected ${expected}.`)
}
