/** Stacks many learners over K folds of one copy of the data. */

import { type NDArray, openArray, shared, zeros } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { type Column, Table } from '../../tables/index.ts'
import {
  clone,
  type Estimator,
  forget,
  type TableFeatures,
  type Transformer,
} from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { PredictedLabels } from '../contract/predict-labels.ts'
import { toFloats } from '../contract/write-output.ts'
import { groupsOf } from '../features/column-inputs.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { predictFeatures } from '../features/predict-features.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import type { FeatureInput } from '../inputs/feature-input.ts'
import type { Classes, Label, LabelInput } from '../inputs/labels.ts'
import { labelsOfCodes } from '../outputs/class-predictions.ts'
import { columnNames } from '../outputs/member-output.ts'
import { predictOutput } from '../outputs/predict-output.ts'
import type { ScoreTable } from '../selection/score-table.ts'
import {
  type AddOptions,
  type AnyLearner,
  type EnsembleMember,
  type Learners,
  makeMembers,
  requireEstimator,
  requireOneArgument,
} from './ensemble-member.ts'
import { fitEnsemble, type FittedEnsemble } from './fit-ensemble.ts'
import { predictLayer } from './layer.ts'
import { type LearnerWeight, learnerWeights } from './learner-weights.ts'
import { explainFailure } from './layer-tasks.ts'
import {
  type EnsembleFitOptions,
  requireAddOptions,
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
  #members: readonly EnsembleMember[] = []
  #meta: Estimator | undefined
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
   * Adds learners; the ensemble keeps unfitted copies of them. The steps before learners that are added together are fitted once
   * for each fold when these learn from mapped rows, which are written once for all of them.
   *
   * @param learners - one, several, or a record that names them; without names, learners are
   *   named by their classes: `linear-regression`, then `linear-regression-2` …
   * @param options - steps before the learners, and what of them is stacked
   * @throws TypeError when something is not a learner or transformer
   */
  add(learners: Learners, options: AddOptions = {}): this {
    requireOneArgument(learners, options)
    requireAddOptions(options)
    // A new list, so that a running fit keeps its own.
    this.#members = [...this.#members, ...makeMembers(learners, options, this.#members)]
    return this
  }

  /** Sets the learner that combines the others, a classifier for labels; the ensemble keeps an unfitted copy of it. */
  addMeta(learner: AnyLearner): this {
    this.#meta = clone(requireEstimator(learner))
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
    requireEnsembleFitOptions(options)
    const groups = groupsOf(given, options.groups)
    return fitInputs(this, { X: given, y: target, options, groups }, async (X, y, { weights }) => {
      if (this.#members.length === 0)
        throw new OneCopyError('ERR_ROWS', 'Expected learners to fit, got none. Call add() first.')
      const parts = { members: this.#members, meta: this.#meta, options: this.#options }
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
    requireNoOptions('predict', options)
    const { target } = this.#requireFitted()
    const predicted = await this.#combine(X, async (meta, Z) => {
      const found = toFloats(await meta.predict(Z))
      // A meta learner of your own may return a view of its inputs.
      return found.buffer === Z.buffer ? found.copy() : found
    })
    const { labels, rowShape } = target
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
    requireNoOptions('predictProba', options)
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
    const Z = await this.transform(X)
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
    requireNoOptions('transform', options)
    this.#requireFitted()
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
    if (found.mapping !== undefined) return found
    const out = shared(found.shape, 'float64')
    out.data.set(found.toTypedArray(), out.offset)
    return out
  }

  #predictRows(matrix: NDArray): Promise<NDArray<'float64'>> {
    const { members, columns } = this.#requireFitted()
    const predict = async (): Promise<NDArray<'float64'>> => {
      const [, d] = requireMatrix(matrix, '`X`')
      if (d === columns) return predictLayer(members, matrix)
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
   * Out-of-fold predictions, shape (n, columns): those of each learner side by side, predicted by models that were not
   * fitted on the row. Shared memory that the ensemble keeps; copy it before you change it.
   */
  get outOfFold(): NDArray<'float64'> {
    return this.#requireFitted().outOfFold
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
    const { members, target } = this.#requireFitted()
    return members.flatMap(({ name, output }) => columnNames(name, output, target.labels))
  }

  /**
   * The fitted learners by name. Their inputs are the columns that `preprocessing` returns; neighbours and trees behind
   * scalers take raw columns, also as the last step of a `Pipeline`, which then passes raw columns on to them. Classifiers
   * have learned positions in `classes_` in place of labels, and predict these.
   */
  get learners(): Readonly<Record<string, Estimator>> {
    const { members } = this.#requireFitted()
    return Object.fromEntries(members.map(({ name, learner }) => [name, learner]))
  }

  /** The fitted transformers before each learner, in order, by the learner's name; none where it takes raw columns. */
  get preprocessing(): Readonly<Record<string, readonly Transformer[]>> {
    const { members } = this.#requireFitted()
    return Object.fromEntries(members.map(({ name, preprocess }) => [name, preprocess]))
  }

  /**
   * Bytes of the largest copy of mapped training rows that a fit of a learner read, by the learner's name. Only learners that share
   * nothing over folds and read rows many times need one, behind steps that don't just scale columns. Learners that were
   * added together read the same copy; it is freed after the last of them, unless a model keeps its rows as neighbours do. All others
   * are left out: they read `X` in place or in blocks.
   */
  get copiedBytes(): Readonly<Record<string, number>> {
    const { members } = this.#requireFitted()
    const copying = members.filter(({ copiedBytes }) => copiedBytes > 0)
    return Object.fromEntries(copying.map(({ name, copiedBytes }) => [name, copiedBytes]))
  }

  /**
   * The weight that the meta learner gives each learner, by the learner's name: coefficients of a linear one, or what a combiner such
   * as `NonNegativeLeastSquares` has learned. By the names of `outOfFoldColumns` where learners have several columns. Undefined for other
   * meta learners, and without one.
   */
  get weights(): Readonly<Record<string, LearnerWeight>> | undefined {
    const { members, meta } = this.#requireFitted()
    const names = members.map(({ name }) => name)
    return meta && learnerWeights(meta, names, this.outOfFoldColumns)
  }

  /** The fitted meta learner, undefined when there is none. A combiner of a classification is in a `CombinedClassifier`. */
  get meta(): Estimator | undefined {
    return this.#requireFitted().meta
  }

  #requireFitted(): FittedEnsemble {
    if (this.#fitted !== undefined) return this.#fitted
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      'This SuperLearner has not learned anything yet. Call fit() first and await it.',
    )
  }
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
