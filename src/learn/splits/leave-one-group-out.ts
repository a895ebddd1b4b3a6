/** Tests each group of rows by itself. */

import { OneCopyError } from '../../errors.ts'
import { BaseEstimator } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { holdOutGroups, requireRowCount } from './make-folds.ts'
import { readGroups } from './read-groups.ts'

/**
 * Splitting in which each group is tested by itself, with all other groups as training rows.
 *
 * @example
 * ```ts
 * const folds = new LeaveOneGroupOut().split(4, undefined, ['b', 'a', 'b', 'c'])
 * console.log(folds.length) // 3: rows of a, of b, of c
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.LeaveOneGroupOut`
 */
export class LeaveOneGroupOut extends BaseEstimator {
  /** @param options - there are none */
  constructor(options: object = {}) {
    super()
    if (new.target === LeaveOneGroupOut) requireLearnOptions('LeaveOneGroupOut', options, {})
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows
   * @param _y - ignored
   * @param groups - the group of each row, shape (n): numbers, a list of texts or of true and false, or a column of a table
   * @returns a fold for each group, by ascending numbers or texts; every row is in exactly one test set
   * @throws OneCopyError `ERR_ROWS` for fewer than two groups, `ERR_VALUE` for a row without a group, `ERR_SHAPE`; TypeError
   *   without groups
   */
  split(n: number, _y?: RowLabels, groups?: RowLabels): Fold[] {
    const { codes, labels } = readGroups('LeaveOneGroupOut', requireRowCount(n), groups)
    if (labels.length < 2) {
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected at least 2 groups to leave one of them out, got ${labels.length}.`,
        { details: { groups: labels.length } },
      )
    }
    return holdOutGroups(codes, Int32Array.from(labels.keys()), labels.length)
  }
}

registerEstimator(LeaveOneGroupOut, 'onecopy.LeaveOneGroupOut', import.meta.url)
