/** Base of linear models that learn from moments of the rows. */

import type { NDArray } from '../../arrays/index.ts'
import { requireFitOptions } from '../contract/base-estimator.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { forget, type TableFitOptions } from '../contract/estimator.ts'
import type { FoldFit, FoldSharing, SharingEstimator } from '../contract/fold-sharing.ts'
import { fitStatistics, type MomentsEstimator } from '../contract/moments-estimator.ts'
import { type FoldStatistics, momentsOfFolds } from '../contract/moments-of-folds.ts'
import { isOverridden } from '../contract/overridden-methods.ts'
import { Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import { LinearPredictor } from './linear-predictor.ts'
import { readOptions } from '../statistics/read-moments.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'

/** A model y = X w + b, solved from moments of the rows. */
export abstract class LinearModel
  extends LinearPredictor
  implements MomentsEstimator, SharingEstimator<FoldStatistics>
{
  abstract fitMoments(moments: Moments): this

  /**
   * Learns from rows of `X` and `y` in one pass over them; least squares takes a few more when
   * columns are nearly linear combinations of others.
   *
   * @param X - values, shape (n, d), any real dtype; read in place, lists are copied once
   * @param y - target, shape (n), or (n, m) where the model takes several
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const rows = { X: X, y: toArray(y, '`y`'), read: readOptions(options) }
      const [moments] = await Moments.compute(rows.X, rows.y, rows.read)
      const readFactor = async (): Promise<QrFactor> =>
        (await QrFactor.compute(rows.X, rows.y, rows.read, moments!.mean))[0]!
      return fitStatistics(this, moments!, readFactor, () => rows)
    })
  }

  foldSharing(): FoldSharing<FoldStatistics> {
    return momentsOfFolds
  }

  fitFold(statistics: FoldStatistics, _X: NDArray, _y: NDArray, fit: FoldFit): Promise<this> {
    return statistics.fit(this, fit)
  }
}

/** Intercepts that make predictions exact at the means; 0 without `fitIntercept`. */
export function interceptsOf(
  coefficients: readonly Float64Array[],
  { columns, mean }: { readonly columns: number; readonly mean: Float64Array },
  fitIntercept: boolean,
): Float64Array {
  return Float64Array.from(coefficients, (w, target) =>
    fitIntercept ? w.reduce((sum, wj, j) => sum - wj * mean[j]!, mean[columns + target]!) : 0,
  )
}

/**
 * Tells whether an estimator predicts by linear functions, so that many can predict in one pass. A subclass with a `predict`
 * of its own doesn't.
 */
export function isLinearModel(value: unknown): value is LinearModel {
  return (
    typeof value === 'object' &&
    value !== null &&
    'linearTerms' in value &&
    typeof value.linearTerms === 'function' &&
    !isOverridden(value, 'predict', 'linearTerms')
  )
}
