/** Opens models of scikit-learn that skops has saved. */

import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { type Estimator, learnedState, restore, type Transformer } from '../../learn/index.ts'
import { boostedConverters } from './boosted-objects.ts'
import type { Converter, FittedObject } from './converter.ts'
import { histConverters } from './hist-objects.ts'
import { linearConverters } from './linear-objects.ts'
import { neighborConverters } from './neighbor-objects.ts'
import { ObjectFields } from './object-fields.ts'
import { pipelineConverters } from './pipeline-objects.ts'
import { type OpenSkopsOptions, readSkops } from './read-skops.ts'
import { scalerConverters } from './scaler-objects.ts'
import { ObjectArray, showSkops, SkopsObject, type SkopsValue } from './skops-values.ts'
import { stackConverters } from './stack-objects.ts'
import { treeConverters } from './tree-objects.ts'

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
  const { model, fields } = await new ModelMaker(file).make(value, '')
  return withNames(model, fields)
}

/** What makes our models of objects of scikit-learn, by module and class. */
const converters: Readonly<Record<string, Converter>> = {
  ...linearConverters,
  ...scalerConverters,
  ...neighborConverters,
  ...treeConverters,
  ...boostedConverters,
  ...histConverters,
  ...pipelineConverters,
  ...stackConverters,
}

/** More models in one are no result of training: an object that stands in many places would be made for each. */
const mostModels = 1000

/** Makes models of the objects of one file. */
class ModelMaker {
  readonly #path: string
  #made = 0

  constructor(path: string) {
    this.#path = path
  }

  /** @param place - where the object stands; empty for the whole file */
  async make(value: SkopsValue, place: string): Promise<FittedObject> {
    const converter = value instanceof SkopsObject ? converterOf(value) : undefined
    if (converter === undefined) throw unknownModel(value, this.#path, place)
    if (++this.#made > mostModels) {
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected at most ${mostModels} models in ${this.#path}, got more.`,
        { details: { path: this.#path } },
      )
    }
    const fields = new ObjectFields(value as SkopsObject, this.#path, place)
    try {
      return await converter(fields, (inner, at) => this.make(inner, at))
    } catch (cause) {
      if (!isOneCopyError(cause) || 'path' in cause.details) throw cause
      const { path, place: where, className } = fields
      const at = where === '' ? '' : ` at \`${where}\``
      throw new OneCopyError(
        cause.code,
        `Could not make a model of ${className}${at} in ${path}: ${cause.message}`,
        { cause, details: { ...cause.details, path, place, className } },
      )
    }
  }
}

function unknownModel(value: SkopsValue, path: string, place: string): OneCopyError {
  const where = place === '' ? path : `\`${place}\` of ${path}`
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected a model of scikit-learn that openSkops() knows in ${where}, got ${showSkops(value)}. ` +
      'openSkopsArrays() reads its arrays. docs/array-files.md lists the classes that are models.',
    {
      details: { path, place, ...(value instanceof SkopsObject && { className: value.className }) },
    },
  )
}

/** Only classes of scikit-learn itself count, wherever its versions keep them within a module. */
function converterOf({ className, loader }: SkopsObject): Converter | undefined {
  const [, module, name] = /^sklearn\.(\w+)\.(?:\w+\.)*(\w+)$/.exec(className) ?? []
  const key = `${module}.${name}`
  return loader === 'ObjectNode' && Object.hasOwn(converters, key) ? converters[key] : undefined
}

/** Names of the columns of the table that a model was fitted on. */
function withNames(model: Estimator | Transformer, fields: ObjectFields): Estimator | Transformer {
  const names = fields.value('feature_names_in_')
  if (!(names instanceof ObjectArray)) return model
  const isTexts = names.values.every((name) => typeof name === 'string')
  if (!isTexts || new Set(names.values).size !== names.values.length) return model
  return restore(model, {
    ...learnedState(model),
    featureNamesIn_: names.values,
    featureCategoriesIn_: names.values.map(() => null),
    copiedBytes_: 0,
  })
}
