/** Opens models of LightGBM. */

import type { GradientBoostingClassifier, GradientBoostingRegressor } from '../../learn/index.ts'
import { type BoostedFileOptions, requireBoostedOptions } from '../boosted/boosted-options.ts'

/**
 * Opens a model that LightGBM saved as text, by `booster.save_model('model.txt')` in Python. It predicts what LightGBM predicts:
 * every split is taken over as it is, for float64 values, missing values and categories, which are whole numbers. Nothing
 * in the file is run, and every index in it is checked.
 *
 * The file has the best number of rounds when LightGBM stopped early; `rounds` keeps fewer. Names of columns other than
 * LightGBM's own (`Column_0`) are kept, so that the model predicts tables. `loss_` is `'squared'` where onecopy has no loss of the
 * model's objective.
 *
 * @param path - a file that no one changes meanwhile; at most 511 MiB
 * @returns a fitted `GradientBoostingClassifier` for the objectives `binary`, `multiclass` and `cross_entropy`, else a
 *   `GradientBoostingRegressor`, which predicts scores for objectives of ranks
 * @throws OneCopyError `ERR_FILE` when the file can't be read; `ERR_FORMAT`, with the line, when it is damaged, or has linear
 *   trees or an objective without counterpart (`multiclassova`, `cross_entropy_lambda`, `regression sqrt`); `ERR_OPTION`
 *
 * @example
 * ```ts
 * const model = await openLightGBM('model.txt')
 * const predicted = await model.predict(X)
 * ```
 *
 * @see lightgbm.readthedocs.io/en/latest/C-API.html#c.LGBM_BoosterSaveModel
 */
export async function openLightGBM(
  path: string | URL,
  options: BoostedFileOptions = {},
): Promise<GradientBoostingRegressor | GradientBoostingClassifier> {
  requireBoostedOptions('openLightGBM', options)
  const { readModelFile } = await import('../boosted/read-model-file.ts')
  const file = await readModelFile(path)
  const { parseLightGBM } = await import('./parse-lightgbm.ts')
  return parseLightGBM(file.path, file.bytes.toString('utf8'), options)
}
