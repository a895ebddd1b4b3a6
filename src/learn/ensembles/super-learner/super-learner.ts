/** Stacks many learners over K folds of one copy of the data. */

import { type NDArray, openArray, shared, zeros } from '../../../arrays/index.ts'
import { requireMatrix } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'
import { type Column, Table } from '../../../tables/index.ts'
import {
  type Estimator,
  forget,
  isEstimator,
  type TableFeatures,
  type Transformer,
} from '../../contract/estimator.ts'
import { keepInputs } from '../../contract/keep-inputs.ts'
import type { PredictedLabels } from '../../contract/predict-labels.ts'
import { groupsOf } from '../../features/column-inputs.ts'
import { fitInputs } from '../../features/fit-inputs.ts'
import { predictFeatures } from '../../features/predict-features.ts'
import { type ArrayInput, toArray } from '../../inputs/as-array.ts'
import type { FeatureInput } from '../../inputs/feature-input.ts'
import type { Classes, Label, LabelInput } from '../../inputs/labels.ts'
import { labelsOfCodes } from '../../outputs/class-predictions.ts'
import { predictOutput } from '../../outputs/predict-output.ts'
import { takePredictions } from '../../outputs/take-predictions.ts'
import type { ScoreTable } from '../../selection/score-table.ts'
import {
  type AddOptions,
  type AnyLearner,
  type EnsembleMember,
  type FittedEnsembleMember,
  type Learners,
  makeMembers,
  requireOneArgument,
} from '../members/ensemble-member.ts'
import { fitEnsemble, type FittedEnsemble } from './fit-ensemble.ts'
import { type LearnerWeight, learnerWeights } from './learner-weights.ts'
import { explainFailure } from '../calls/layer-tasks.ts'
import { metaMember } from './meta-learner.ts'
import { type EnsembleLayer, predictLayers } from '../plan/fitted-layer.ts'
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

/** An array or lists, or the path of a `.npy` file, which is mapped. */
export type ArraySource = ArrayInput | string

/** Features: as {@link ArraySource}, or a table. */
export type FeatureSource = FeatureInput | string

/** A target: as {@link ArraySource}, labels, or with a table the name of a column or a column. */
export type TargetSource = ArraySource | LabelInput | Column

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
export class SuperLearner<L extends Label = number> implements TableFeatures {
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
  #fitted: FittedEnsemble | undefined

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: SuperLearnerOptions = {}) {
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
      this.#fitted = fitted
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
    const { target } = this.#requireFitted()
    const { labels, rowShape } = target
    const predicted = await this.#combine(X, async (meta, Z) => {
      const out = zeros([Z.shape[0]!, ...(labels === undefined ? rowShape : [])], 'float64')
      const found: unknown = await meta.predict(Z)
      await explainFailure('meta', 'new rows', () => takePredictions(found, out))
      return out
    })
    if (labels === undefined) return predicted as PredictedLabels<L>
    return explainFailure(
      'meta',
      'new rows',
      () => labelsOfCodes(predicted.toTypedArray(), labels, rowShape) as PredictedLabels<L>,
    )
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
    const { target, meta } = this.#requireFitted()
    const { length: classes } = target.labels ?? []
    const isAble = meta === undefined || meta.predictProba !== undefined
    if (classes === 0 || !isAble) throw refuseProbabilities(classes === 0 ? undefined : meta)
    return this.#combine(X, async (meta, Z) => {
      const out = zeros([Z.shape[0]!, classes], 'float64')
      await predictOutput(
        {
          learner: meta,
          predict: (rows, options) => meta.predictProba!(rows, options),
          explain: (read) => explainFailure('meta', 'new rows', read),
        },
        { method: 'predictProba', classes, rowShape: [classes] },
        Z,
        undefined,
        out,
      )
      return out
    })
  }

  /** Runs the meta learner on the predictions of all learners. */
  async #combine<T>(
    X: FeatureSource,
    combine: (meta: Estimator, Z: NDArray<'float64'>) => Promise<T>,
  ): Promise<T> {
    const { meta, target } = this.#requireFitted()
    if (meta === undefined) {
      const example = target.labels === undefined ? 'Ridge' : 'LogisticRegression'
      throw new OneCopyError(
        'ERR_NOT_FITTED',
        'This ensemble has no meta learner to combine its learners. ' +
          `Call addMeta(new ${example}()) before fit(), or transform() for the predictions of each.`,
      )
    }
    const Z = await this.#predictLayers(X)
    try {
      return await combine(meta, Z)
    } finally {
      Z[Symbol.dispose]()
    }
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
    const { length: propagated } = this.#lastLayer.propagated
    const joined = await this.#predictLayers(X)
    if (propagated === 0) return joined
    try {
      return copyShared(joined.slice(null, [propagated, joined.shape[1]!]))
    } finally {
      joined[Symbol.dispose]()
    }
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

  /** Predicts rows layer by layer; returns what the meta learner reads, in scratch memory. */
  async #predictLayers(X: FeatureSource): Promise<NDArray<'float64'>> {
    const given = typeof X === 'string' ? openArray(X) : X
    if (!(given instanceof Table)) return this.#predictRows(toArray(given, '`X`'))
    let block: NDArray<'float64'> | undefined
    let found: NDArray<'float64'> | undefined
    try {
      found = await predictFeatures(this, given, {}, async (rows) => {
        // The block before has been copied.
        block?.[Symbol.dispose]()
        return (block = await this.#predictRows(rows))
      })
    } finally {
      if (block !== found) block?.[Symbol.dispose]()
    }
    return found.mapping === undefined ? copyShared(found) : found
  }

  #predictRows(matrix: NDArray): Promise<NDArray<'float64'>> {
    const { stages, columns } = this.#requireFitted()
    const predict = async (): Promise<NDArray<'float64'>> => {
      const [, d] = requireMatrix(matrix, '`X`')
      if (d === columns) return predictLayers(stages, matrix)
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected \`X\` to have ${columns} columns, as when this ensemble was fitted, got ${d}.`,
        { details: { expected: columns, columns: d } },
      )
    }
    return keepInputs({ X: matrix, options: {} }, predict, 'transform')
  }

  /** Scores and times of every learner and of the ensemble, on held-out rows. */
  get scores(): ScoreTable {
    return this.#requireFitted().scores
  }

  /** Labels of the classes: numbers ascending in a Float64Array, or a list; undefined for a regression, and before `fit`. */
  get classes_(): Classes | undefined {
    return this.#fitted?.target.labels
  }

  /**
   * Out-of-fold predictions of the last layer, shape (n, columns): those of each learner side by side, predicted by models that were not
   * fitted on the row; the mean where several folds hold out the row, NaN where none does. Shared memory that the ensemble keeps; copy it before you change it.
   */
  get outOfFold(): NDArray<'float64'> {
    return this.#lastLayer.outOfFold
  }

  /** The fitted layers, in order. */
  get layers(): readonly EnsembleLayer[] {
    return this.#requireFitted().stages.map(({ shown }) => shown)
  }

  /**
   * Out-of-fold predictions of the ensemble itself: of its meta learner, fitted on the out-of-fold predictions of the other folds. Shape (n) or
   * (n, m); in a classification the probability of each class, shape (n, classes), or what a meta learner without probabilities says.
   * Undefined without a meta learner. Shared memory that the ensemble keeps.
   */
  get combinedOutOfFold(): NDArray<'float64'> | undefined {
    return this.#requireFitted().combined
  }

  /**
   * Names of the columns of `outOfFold` and `transform`, such as `ridge`; with the number of the target or the label of the class where
   * a learner has columns for several, `ridge:0` or `svc:setosa`. Of two classes, the column is that of the second one.
   */
  get outOfFoldColumns(): readonly string[] {
    return this.#lastLayer.columns
  }

  /**
   * The fitted learners of all layers by name; with the number of the partition where there are several, `ridge/0`. Their inputs are the columns that `preprocessing` returns; neighbours and trees behind
   * scalers take raw columns, also as the last step of a `Pipeline`, which then passes raw columns on to them. Classifiers
   * have learned positions in `classes_` in place of labels, and predict these.
   */
  get learners(): Readonly<Record<string, Estimator>> {
    return Object.fromEntries(this.#fittedMembers.map(({ name, learner }) => [name, learner]))
  }

  /** The fitted transformers before each learner, in order, by the learner's name; none where it takes raw columns. */
  get preprocessing(): Readonly<Record<string, readonly Transformer[]>> {
    return Object.fromEntries(this.#fittedMembers.map(({ name, preprocess }) => [name, preprocess]))
  }

  /**
   * Bytes of the largest copy of mapped training rows that a fit of a learner read, by the learner's name. Only learners that share
   * nothing over folds and read rows many times need one, behind steps that don't just scale columns. Learners that were
   * added together read the same copy; it is freed after the last of them, unless a model keeps its rows as neighbours do. All others
   * are left out: they read `X` in place or in blocks.
   */
  get copiedBytes(): Readonly<Record<string, number>> {
    const copying = this.#fittedMembers.filter(({ copiedBytes }) => copiedBytes > 0)
    return Object.fromEntries(copying.map(({ name, copiedBytes }) => [name, copiedBytes]))
  }

  /**
   * The weight that the meta learner gives each learner, by the learner's name: coefficients of a linear one, or what a combiner such
   * as `NonNegativeLeastSquares` has learned. By the names of `outOfFoldColumns` where learners have several columns. Undefined for other
   * meta learners, and without one.
   */
  get weights(): Readonly<Record<string, LearnerWeight>> | undefined {
    const { stages, meta } = this.#requireFitted()
    const { propagated, columns } = this.#lastLayer
    const names = stages.at(-1)!.members.map(({ name }) => name)
    return meta && learnerWeights(meta, [...propagated, ...names], [...propagated, ...columns])
  }

  /** The fitted meta learner, undefined when there is none. A combiner of a classification is in a `CombinedClassifier`. */
  get meta(): Estimator | undefined {
    return this.#requireFitted().meta
  }

  get #lastLayer(): EnsembleLayer {
    return this.#requireFitted().stages.at(-1)!.shown
  }

  get #fittedMembers(): readonly FittedEnsembleMember[] {
    return this.#requireFitted().stages.flatMap(({ members }) => members)
  }

  #requireFitted(): FittedEnsemble {
    if (this.#fitted !== undefined) return this.#fitted
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      `This ${this.constructor.name} has not learned anything yet. Call fit() first and await it.`,
    )
  }
}

/** Copies rows to scratch memory. */
function copyShared(values: NDArray<'float64'>): NDArray<'float64'> {
  const out = shared(values.shape, 'float64')
  out.data.set(values.copy().toTypedArray(), out.offset)
  return out
}

/** @param meta - the meta learner of a classification; undefined: it is a regression */
function refuseProbabilities(meta: Estimator | undefined): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    meta === undefined
      ? 'Expected a classification to predict probabilities of, got a regression. Call predict().'
      : `Expected a meta learner with predictProba(), got ${meta.constructor.name}. Call predict(), or pass another one to addMeta(), such as new LogisticRegression().`,
    { details: {} },
  )
}
