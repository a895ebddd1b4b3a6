/** Splits rows into folds that were chosen elsewhere. */

import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { Column } from '../../tables/index.ts'
import { BaseEstimator } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { isColumn } from '../../tables/index.ts'
import { collectFolds, compactRows, holdOut, requireRowCount } from './make-folds.ts'
import { mapNumbers } from '../inputs/row-vectors.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link PredefinedSplit}. */
export interface PredefinedSplitOptions {
  /** The fold that tests each row, shape (n): whole numbers >= 0, or -1 for rows that are trained on in every fold. */
  readonly testFold: ArrayInput | Column
}

/**
 * Splitting by a list that says which fold tests each row. Use it to compare with folds of another program, or for one validation set.
 *
 * @example
 * ```ts
 * const splitter = new PredefinedSplit({ testFold: [0, 1, -1, 1] })
 * console.log(splitter.split(4)[1]!.test) // { numbers: Int32Array(2) [ 1, 3 ] }
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.PredefinedSplit`
 */
export class PredefinedSplit extends BaseEstimator {
  testFold: ArrayInput | Column

  constructor(options: PredefinedSplitOptions) {
    super()
    if (new.target === PredefinedSplit) requireLearnOptions('PredefinedSplit', options, names)
    this.testFold = options.testFold
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows, that of `testFold`
   * @param _y - ignored
   * @param _groups - ignored
   * @returns a fold for each number of `testFold`, ascending; rows of -1 are in no test set
   * @throws OneCopyError `ERR_SHAPE` when `testFold` has another number of rows, `ERR_VALUE` for what is no number of a fold, `ERR_ROWS` when no row
   *   is tested, or none is left to train on; TypeError
   */
  split(n: number, _y?: RowLabels, _groups?: RowLabels): Fold[] {
    const values = readFolds(this.testFold)
    if (values.length !== requireRowCount(n)) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected \`testFold\` of PredefinedSplit to have a fold for each of ${n} rows, got ${values.length}.`,
        { details: { expected: n, rows: values.length } },
      )
    }
    const numbers = [...new Set(values)].filter((fold) => fold >= 0).sort((a, b) => a - b)
    const places = new Map(numbers.map((fold, place) => [fold, place]))
    const foldOf = mapNumbers(values, (fold) => places.get(fold) ?? -1)
    const tests = collectFolds(foldOf, numbers.length)
    const isPart = numbers.length > 0 && tests.every(({ length }) => length < n)
    if (isPart) return tests.map((test) => holdOut(compactRows(test), n))
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected \`testFold\` of PredefinedSplit to leave rows to train on and to test some, got the same number, ${values[0] ?? 'none'}, for all rows.`,
    )
  }
}

registerEstimator(PredefinedSplit, 'onecopy.PredefinedSplit', import.meta.url)

const names: OptionNames<PredefinedSplitOptions> = { testFold: true }

/** The number of each row's fold. */
function readFolds(testFold: ArrayInput | Column): Float64Array {
  const given = isColumn(testFold) && testFold.kind === 'number' ? testFold.values : testFold
  const array = toArray(given, '`testFold`')
  if (array.ndim !== 1) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`testFold\` to have shape (n), got (${array.shape.join(', ')}).`,
      { details: { shape: [...array.shape] } },
    )
  }
  const values = array.toTypedArray()
  return Float64Array.from({ length: values.length }, (_, row) => {
    const fold = Number(values[row])
    if (Number.isSafeInteger(fold) && fold >= -1) return fold
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected whole numbers >= -1 in \`testFold\`, got ${show(values[row])} at row ${row} (counted from 0).`,
      { details: { row } },
    )
  })
}
