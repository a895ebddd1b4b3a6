/** Opens models of scikit-learn that skops has saved. */

import type { Estimator, Transformer } from '../../learn/index.ts'
import { type OpenSkopsOptions, readSkops } from './read-skops.ts'

/**
 * Opens a fitted model of scikit-learn from a .skops file, without Python. It becomes the model of onecopy that predicts the same:
 *
 * - `LinearRegression`, `Ridge`, `Lasso`, `ElasticNet`, the last three also as `…CV`, `LogisticRegression`,
 *   `RidgeClassifier`, `LinearSVC`, `LinearSVR`;
 * - `StandardScaler`, `MinMaxScaler`, `RobustScaler`, `SimpleImputer`, `OneHotEncoder` of numbers;
 * - `KNeighborsRegressor` and `KNeighborsClassifier` with a Minkowski metric, whose index is made anew;
 * - `DecisionTree…`, `ExtraTree…`, `RandomForest…`, `ExtraTrees…`, `GradientBoosting…` and `HistGradientBoosting…` for one target;
 * - `Pipeline`, `ColumnTransformer`, `StackingRegressor` and `StackingClassifier` of these.
 *
 * Trees send every float64 value to the side to which scikit-learn sends it, which rounds rows to float32. No name in the file is imported or
 * called; parts that no prediction needs, such as random states, are not read. Arrays that lie aligned are mapped.
 *
 * @param path - a .skops file of skops 0.1 to 0.14
 * @returns the fitted model; its importances of features are 0, since the file has none
 * @throws OneCopyError `ERR_FILE` when it can't be opened; `ERR_FORMAT`, with class and place, when it is damaged or holds another class or an
 *   option without counterpart; `ERR_MEMORY` when compressed members are larger than `maxUnpackedBytes`
 * @see skops.readthedocs.io/en/stable/persistence.html
 *
 * @example
 * ```ts
 * const model = await openSkops('model.skops')
 * if ('predict' in model) console.log(await model.predict(X))
 * ```
 */
export async function openSkops(
  path: string,
  options: OpenSkopsOptions = {},
): Promise<Estimator | Transformer> {
  const { value, file } = await readSkops('openSkops', path, options)
  const { makeModel } = await import('./make-model.ts')
  return makeModel(value, file)
}
