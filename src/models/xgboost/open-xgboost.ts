/** Opens models of XGBoost. */

import type { GradientBoostingClassifier, GradientBoostingRegressor } from '../../learn/index.ts'
import { type BoostedFileOptions, requireBoostedOptions } from '../boosted/boosted-options.ts'

/**
 * Opens a model that XGBoost saved as JSON or UBJSON, by `booster.save_model('model.json')` or `'model.ubj'` in Python. Every row comes to the same leaves as
 * in XGBoost: numbers are compared as if they were rounded to float32 first, and missing values (NaN) and categories, which are
 * whole numbers, go the same way. Values of leaves are added in float64, where XGBoost adds them in float32. Nothing in the file
 * is run, and every index in it is checked.
 *
 * Trees of `dart` keep their weights, and those of a forest (`num_parallel_tree`) stay together. Names of columns are kept, so that the
 * model predicts tables. `loss_` is `'squared'` where onecopy has no loss of the model's objective.
 *
 * @param path - a file that no one changes meanwhile; at most 511 MiB
 * @param options - `rounds` is by default up to `best_iteration`, as in XGBoost's `XGBRegressor` and `XGBClassifier`
 * @returns a fitted `GradientBoostingClassifier` for the objectives `binary:logistic`, `reg:logistic`, `multi:softprob` and
 *   `multi:softmax`, else a `GradientBoostingRegressor`, which predicts scores for objectives of ranks
 * @throws OneCopyError `ERR_FILE` when the file can't be read; `ERR_FORMAT`, with the field, when it is damaged or of another format, or has a
 *   linear model (`gblinear`), several targets or an objective without counterpart (`binary:hinge`, `survival:…`); `ERR_OPTION`
 *
 * @example
 * ```ts
 * const model = await openXGBoost('model.json', { classes: ['no', 'yes'] })
 * const predicted = await model.predict(X)
 * ```
 *
 * @see xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
 */
export async function openXGBoost(
  path: string | URL,
  options: BoostedFileOptions = {},
): Promise<GradientBoostingRegressor | GradientBoostingClassifier> {
  requireBoostedOptions('openXGBoost', options)
  const { readModelFile } = await import('../boosted/read-model-file.ts')
  const file = await readModelFile(path)
  const { parseXGBoost } = await import('./parse-xgboost.ts')
  return parseXGBoost(file.path, file.bytes, options)
}
