/** Stacks many learners over K folds of one copy of the data. */

import { type NDArray, openArray } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import { type Column, Table } from '../../../tables/index.ts'
import { forget, isEstimator, type TableFeatures } from '../../contract/estimator.ts'
import type { PredictedLabels } from '../../contract/predict-labels.ts'
import { groupsOf } from '../../features/column-inputs.ts'
import { fitInputs } from '../../features/fit-inputs.ts'
import type { Label } from '../../inputs/labels.ts'
import {
  type AddOptions,
  type AnyLearner,
  type EnsembleMember,
  type Learners,
  makeMembers,
  requireOneArgument,
} from '../members/ensemble-member.ts'
import { fitEnsemble } from './fit-ensemble.ts'
import { metaMember } from './meta-learner.ts'
import {
  addLayer,
  addMembers,
  type LayerOptions,
  type LayerSpec,
  removeMember,
  replaceMember,
} from '../plan/layer-spec.ts'
import {
  type EnsembleFitOptions,
  requireAddOptions,
  requireLayerOptions,
  requireEnsembleFitOptions,
  requireNames,
  requireNoOptions,
  type SettledOptions,
  settleOptions,
  type SuperLearnerOptions,
} from './super-learner-options.ts'
import type { ArraySource, FeatureSource, TargetSource } from '../../inputs/data-source.ts'
import { copyShared } from './copy-shared.ts'
import { EnsembleResults } from './ensemble-results.ts'
import {
  predictCombined,
  type PredictingEnsemble,
  predictLearners,
  predictProbabilities,
} from './predict-ensemble.ts'

/**
 * A super learner, or stacked ensemble: every learner predicts each fold by a model that has not seen
 * it, and a meta learner learns from these out-of-fold predictions how to combine them.
 *
 * Folds are row ranges: no row of `X` is copied, for any number of folds, learners and scalings.
 * Linear models share one pass over the data, nearest neighbours an index, trees a matrix of bins, and learners of
 * your own what their `foldSharing` says; those in a `Pipeline` and behind scalers do, too. What is shared is made once and freed
 * after its last user. The result has the same bytes for any number of workers, on any backend.
 *
 * With a classifier as its meta learner it learns labels of classes: numbers, texts, or true and false. Probabilities that the learners
 * predict are stacked, a column for each class, also where a fold lacks a class; of two classes that of the second one. `L` is the type of the
 * labels.
 *
 * @example
 * ```ts
 * const ensemble = new SuperLearner({ folds: 5 })
 *   .add([new LinearRegression(), new Lasso({ alpha: 0.01 })])
 *   .add(new KNeighborsRegressor(), { preprocess: new StandardScaler() })
 *   .addMeta(new Ridge())
 * await ensemble.fit('X.npy', 'y.npy')
 * console.log(String(ensemble.scores))
 * const predicted = await ensemble.predict(newX)
 * ```
 *
 * @see van der Laan, Polley, Hubbard: Super Learner (2007), doi.org/10.2202/1544-6115.1309
 */
export class SuperLearner<L extends Label = number>
  extends EnsembleResults
  implements TableFeatures
{
  /** Names of the columns, when it was fitted on a table. */
  declare readonly featureNamesIn_?: readonly string[]
  /** For each column of that table its texts, ascending; null for numbers. */
  declare readonly featureCategoriesIn_?: readonly (readonly string[] | null)[]
  /**
   * Bytes of the matrix that `fit` made of a table for all learners and folds; 0 when it read the columns in place. Copies
   * of learners (`copiedBytes`) exist beside it.
   */
  declare readonly copiedBytes_?: number
  readonly #options: SettledOptions
  #layers: readonly LayerSpec[] = []
  #metas: readonly EnsembleMember[] = []

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: SuperLearnerOptions = {}) {
    super()
    if (new.target === SuperLearner) requireNames(options)
    this.#options = settleOptions(options)
  }

  /** Learners take columns of texts, or refuse them. */
  get takesCategories(): true {
    return true
  }

  /** Learners may keep the rows that they were fitted on. */
  get hasSteps(): true {
    return true
  }

  /**
   * Adds learners to the last layer, which is the first one unless {@link addLayer} was called; the ensemble keeps unfitted copies of them. The steps before learners that are added together are fitted once
   * for each fold when these learn from mapped rows, which are written once for all of them.
   *
   * @param learners - one, several, or a record that names them; without names, learners are
   *   named by their classes: `linear-regression`, then `linear-regression-2` …
   * @param options - steps before the learners, and what of them is stacked
   * @throws TypeError when something is not a learner or transformer
   */
  add(learners: Learners, options: AddOptions = {}): this {
    requireOneArgument(learners, options)
    requireAddOptions(this, options)
    // A new list, so that a running fit keeps its own.
    this.#layers = addMembers(this.#layers, learners, options)
    return this
  }

  /**
   * Adds a layer of learners, which learn from the out-of-fold predictions of the layer before; calls of {@link add} that follow add to
   * it. The first call makes the first layer.
   *
   * @param learners - as for {@link add}
   * @param options - those of {@link add}; `folds` of this layer; and `propagateFeatures`: columns of what the layer learns from that the next
   *   layer, or the meta learner, gets to the left of the predictions
   * @throws TypeError when something is not a learner, transformer, splitter or list of columns
   */
  addLayer(learners: Learners, options: LayerOptions = {}): this {
    requireOneArgument(learners, options)
    requireLayerOptions(this, options)
    this.#layers = addLayer(this.#layers, learners, options)
    return this
  }

  /**
   * Sets the learner that combines the others, a classifier for labels; the ensemble keeps an unfitted copy of it. Of several, `fit`
   * keeps the one with the best score.
   *
   * @throws TypeError when something is not a learner
   */
  addMeta(learners: Learners): this {
    const isOne = isEstimator(learners) || typeof learners !== 'object'
    this.#metas = isOne ? [metaMember(learners)] : makeMembers(learners, {}, [])
    return this
  }

  /**
   * Takes a learner out. A layer without learners is taken out, too.
   *
   * @param name - the name of the learner in `learners`
   * @throws OneCopyError `ERR_OPTION` for another name
   */
  remove(name: string): this {
    this.#layers = removeMember(this.#layers, name)
    return this
  }

  /**
   * Puts an unfitted copy of another learner in the place of one, behind the same steps.
   *
   * @param name - the name of the learner in `learners`
   * @throws OneCopyError `ERR_OPTION` for another name; TypeError for no learner
   */
  replace(name: string, learner: AnyLearner): this {
    this.#layers = replaceMember(this.#layers, name, learner)
    return this
  }

  /**
   * Fits every learner on every fold and on all rows, and the meta learner on the out-of-fold
   * predictions. Out-of-fold predictions are for rows that the model was not fitted on.
   *
   * @param X - values, shape (n, d), any real dtype, or the path of such a `.npy`; read in place. Lists are
   *   copied once
   * @param y - target, shape (n), or (n, m) where learners take several, or the path of such a `.npy`. Labels in a classification: numbers,
   *   or a list of texts or of true and false
   * @returns the ensemble itself
   * @throws OneCopyError `ERR_LEARNER` naming learner and fold, `ERR_SHAPE`, `ERR_VALUE`,
   *   `ERR_ROWS`, `ERR_FILE`, `ERR_OPTION`; TypeError for learners of another kind than the target; the signal's reason
   */
  fit(
    X: FeatureSource,
    y: readonly string[],
    options?: EnsembleFitOptions,
  ): Promise<SuperLearner<string>>
  fit(
    X: FeatureSource,
    y: readonly boolean[],
    options?: EnsembleFitOptions,
  ): Promise<SuperLearner<boolean>>
  fit(X: FeatureSource, y: ArraySource | Column, options?: EnsembleFitOptions): Promise<this>
  async fit(X: FeatureSource, y: TargetSource, options: EnsembleFitOptions = {}): Promise<unknown> {
    const given = typeof X === 'string' ? openArray(X) : X
    const target = typeof y === 'string' && !(given instanceof Table) ? openArray(y) : y
    requireEnsembleFitOptions(this, options)
    const groups = groupsOf(given, options.groups)
    return fitInputs(this, { X: given, y: target, options, groups }, async (X, y, { weights }) => {
      if (this.#layers.length === 0)
        throw new OneCopyError('ERR_ROWS', 'Expected learners to fit, got none. Call add() first.')
      const parts = { layers: this.#layers, metas: this.#metas, options: this.#options }
      const { weights: _weights, groups: _groups, ...others } = options
      const read = { ...others, ...(weights && { weights }), ...(groups && { groups }) }
      const fitted = await fitEnsemble(parts, X, y, read)
      forget(this)
      this.keepFitted(fitted)
      return this
    })
  }

  /**
   * Predicts new rows: every learner's model of all rows, combined by the meta learner.
   *
   * @param X - values, shape (n, d) with the `d` of `fit`, or the path of such a `.npy`
   * @param options - there are none: it predicts all rows of `X`
   * @returns shape (n) or (n, m), float64; labels of a classification: an array for numbers, otherwise a list
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_LEARNER`; TypeError for any option
   */
  async predict(
    X: FeatureSource,
    options: Readonly<Record<string, never>> = {},
  ): Promise<PredictedLabels<L>> {
    requireNoOptions(this, 'predict', options)
    return predictCombined(this.#predicting(), X)
  }

  /**
   * Predicts the probability of each class, by the meta learner.
   *
   * @param X - as for `predict`, like `options`
   * @returns shape (n, classes), in the order of `classes_`
   * @throws as `predict` does; OneCopyError `ERR_OPTION` for a regression, and for a meta learner without probabilities
   */
  async predictProba(
    X: FeatureSource,
    options: Readonly<Record<string, never>> = {},
  ): Promise<NDArray<'float64'>> {
    requireNoOptions(this, 'predictProba', options)
    return predictProbabilities(this.#predicting(), X)
  }

  /**
   * Predicts new rows by every learner's model of all rows, not combined.
   *
   * @param X - as for `predict`, like `options`
   * @returns shape (n, columns), float64 in scratch memory: the columns of each learner, see `outOfFoldColumns`
   * @throws as `predict` does
   */
  async transform(
    X: FeatureSource,
    options: Readonly<Record<string, never>> = {},
  ): Promise<NDArray<'float64'>> {
    requireNoOptions(this, 'transform', options)
    return predictLearners(this.#predicting(), X)
  }

  /**
   * Fits the ensemble and returns out-of-fold predictions of its rows, as `transform` returns predictions of new rows: no row is
   * predicted by a model that was fitted on it.
   *
   * @param X - as for `fit`, like `y` and `options`
   * @returns a copy of `outOfFold`, shape (n, columns), in scratch memory
   * @throws as `fit` does
   */
  async fitTransform(
    X: FeatureSource,
    y: TargetSource,
    options: EnsembleFitOptions = {},
  ): Promise<NDArray<'float64'>> {
    await this.fit(X, y as ArraySource | Column, options)
    return copyShared(this.outOfFold)
  }

  /** What it has learned until now: a fit that ends while rows are predicted changes nothing of the result. */
  #predicting(): PredictingEnsemble {
    const fitted = this.requireFitted()
    return { features: this, fitted: () => fitted }
  }
}
