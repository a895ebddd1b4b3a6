/** Stacks many learners over K folds of one copy of the data. */

import { type NDArray, openArray, shared } from '../../arrays/index.ts'
import { requireMatrix, requireVector } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type EnsembleProgress, FitProgress } from './ensemble-progress.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { columnsOf, type FeatureInput } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import type { ColumnSchema } from '../inputs/table-columns.ts'
import { type Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { toFloats } from '../contract/write-output.ts'
import { predictFeatures } from '../features/predict-features.ts'
import { readersOf, reasonOf } from './failed-members.ts'
import { requireWeights } from '../inputs/weights.ts'
import {
  type FloatArray,
  clone,
  type Estimator,
  forget,
  type TableFeatures,
  type Transformer,
} from '../contract/estimator.ts'
import { splitLayer } from './folds/split-layer.ts'
import { planMetaFits } from './folds/meta-folds.ts'
import { type LayerData, requireWeighedFolds } from './layer-data.ts'
import { countCalls, fitLayer, predictLayer } from './layer.ts'
import type { LayerWork } from './layer-work.ts'
import { type LearnerWeight, learnerWeights } from './learner-weights.ts'
import {
  type FittedEnsembleMember,
  type Learners,
  makeMembers,
  type EnsembleMember,
  requireEstimator,
  requireOneArgument,
} from './ensemble-member.ts'
import { fitMeta, metaMember, scoreFolds } from './meta-learner.ts'
import { requireScorer } from '../scores/scorer-names.ts'
import { ScoreTable, scoreRow } from '../selection/score-table.ts'
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
import { keepInputs } from '../contract/keep-inputs.ts'

/** An array or lists, or the path of a `.npy` file, which is mapped. */
export type ArraySource = ArrayInput | string

/** Features: as {@link ArraySource}, or a table. */
export type FeatureSource = FeatureInput | string

/** A target: as {@link ArraySource}, or with a table the name of a column or a column. */
export type TargetSource = ArraySource | Column

/**
 * A super learner, or stacked ensemble: every learner predicts each fold by a model that has not seen
 * it, and a meta learner learns from these out-of-fold predictions how to combine them.
 *
 * Folds are row ranges: no row of `X` is copied, for any number of folds, learners and scalings.
 * Linear models share one pass over the data, nearest neighbours an index, trees a matrix of bins, and learners of
 * your own what their `foldSharing` says; those in a `Pipeline` and behind scalers do, too. What is shared is made once and freed
 * after its last user. The result has the same bytes for any number of workers, on any backend.
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
export class SuperLearner implements TableFeatures {
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
  #fitted: Fitted | undefined

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
   * @param options - `preprocess`: transformers to apply before each of these learners, fitted on the
   *   training rows of each fold
   * @throws TypeError when something is not a learner or transformer
   */
  add(
    learners: Learners,
    options: { preprocess?: Transformer | readonly Transformer[] } = {},
  ): this {
    requireOneArgument(learners, options)
    requireAddOptions(options)
    const { preprocess = [] } = options
    // A new list, so that a running fit keeps its own.
    this.#members = [...this.#members, ...makeMembers(learners, preprocess, this.#members)]
    return this
  }

  /** Sets the learner that combines the others; the ensemble keeps an unfitted copy of it. */
  addMeta(learner: Estimator): this {
    this.#meta = clone(requireEstimator(learner))
    return this
  }

  /**
   * Fits every learner on every fold and on all rows, and the meta learner on the out-of-fold
   * predictions. Out-of-fold predictions are for rows that the model was not fitted on.
   *
   * @param X - values, shape (n, d), any real dtype, or the path of such a `.npy`; read in place. Lists are
   *   copied once
   * @param y - target, shape (n), or the path of such a `.npy`; numbers, which are scored as numbers, not as classes
   * @returns the ensemble itself
   * @throws OneCopyError `ERR_LEARNER` naming learner and fold, `ERR_SHAPE`, `ERR_VALUE`,
   *   `ERR_ROWS`, `ERR_FILE`; the signal's reason
   */
  async fit(X: FeatureSource, y: TargetSource, options: EnsembleFitOptions = {}): Promise<this> {
    const given = typeof X === 'string' ? openArray(X) : X
    const target = typeof y === 'string' && !(given instanceof Table) ? openArray(y) : y
    return fitInputs(this, { X: given, y: target, options }, async (X, y, { weights }) => {
      requireEnsembleFitOptions(options)
      if (this.#members.length === 0)
        throw new OneCopyError('ERR_ROWS', 'Expected learners to fit, got none. Call add() first.')
      const { signal } = options
      const { onError } = this.#options
      const added = this.#members
      const { readable, refused } = await readersOf(added, schemaOf(X), onError)
      const { groups } = options
      const data = await this.#checkData(X, numbersOfTarget(y), { weights, groups })
      const scorer = requireScorer(this.#options.scorer, { task: 'regression' })
      const meta = this.#meta && metaMember(this.#meta)
      const metaData: LayerData = {
        ...data,
        ...planMetaFits(data, {
          n: X.shape[0]!,
          weights: data.weights,
          seed: this.#options.seed,
        }),
      }
      const progress = new FitProgress(options, {
        learners: countCalls(readable, data),
        meta: meta === undefined ? 0 : countCalls([meta], metaData),
      })
      const work = (phase: EnsembleProgress['phase']): LayerWork => ({
        parallel: this.#options.parallel,
        signal,
        step: () => progress.step(phase),
      })
      const layer = await fitLayer(readable, data, work('learners'), onError)
      const { members, failed, outOfFold } = layer
      if (members.length === 0) throw failed[0]!.error
      const learners = members.map(({ name, partition, fitSeconds, predictSeconds }, l) => {
        const scores = scoreFolds(scorer, data, outOfFold.column(l), partition)
        return scoreRow(name, scores, fitSeconds, predictSeconds)
      })
      const stacked = { ...metaData, X: outOfFold }
      const fittedMeta = meta && (await fitMeta(meta, stacked, work('meta'), scorer))
      signal?.throwIfAborted()
      progress.end()
      forget(this)
      this.#fitted = {
        columns: data.X.shape[1]!,
        members,
        meta: fittedMeta?.meta,
        outOfFold,
        scores: new ScoreTable({
          scorer: scorer.name,
          greaterIsBetter: scorer.greaterIsBetter,
          learners,
          ensemble: fittedMeta?.row,
          skipped: [...refused, ...failed].map((one) => ({
            name: one.name,
            reason: reasonOf(one, added, X),
          })),
        }),
      }
      return this
    })
  }

  /**
   * Predicts new rows: every learner's model of all rows, combined by the meta learner.
   *
   * @param X - values, shape (n, d) with the `d` of `fit`, or the path of such a `.npy`
   * @param options - there are none: it predicts all rows of `X`
   * @returns shape (n), float64
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_LEARNER`; TypeError for any option
   */
  async predict(
    X: FeatureSource,
    options: Readonly<Record<string, never>> = {},
  ): Promise<FloatArray> {
    requireNoOptions('predict', options)
    const { meta } = this.#requireFitted()
    if (meta === undefined) {
      throw new OneCopyError(
        'ERR_NOT_FITTED',
        'This ensemble has no meta learner to combine its learners. ' +
          'Call addMeta(new Ridge()) before fit(), or transform() for the predictions of each.',
      )
    }
    const Z = await this.transform(X)
    try {
      const predicted = toFloats(await meta.predict(Z))
      // A meta learner of your own may return a view of its inputs.
      return predicted.buffer === Z.buffer ? predicted.copy() : predicted
    } finally {
      Z[Symbol.dispose]()
    }
  }

  /**
   * Predicts new rows by every learner's model of all rows, not combined.
   *
   * @param X - as for `predict`, like `options`
   * @returns shape (n, L), float64 in scratch memory, a column for each learner
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

  /**
   * Out-of-fold predictions, shape (n, L): a column for each learner, predicted by models that were not
   * fitted on the row. Shared memory that the ensemble keeps; copy it before you change it.
   */
  get outOfFold(): NDArray<'float64'> {
    return this.#requireFitted().outOfFold
  }

  /**
   * The fitted learners by name. Their inputs are the columns that `preprocessing` returns; neighbours and trees behind
   * scalers take raw columns, also as the last step of a `Pipeline`, which then passes raw columns on to them.
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
   * as `NonNegativeLeastSquares` has learned. Undefined for other meta learners, and without one.
   */
  get weights(): Readonly<Record<string, LearnerWeight>> | undefined {
    const { members, meta } = this.#requireFitted()
    const names = members.map(({ member }) => member.name)
    return meta && learnerWeights(meta, names)
  }

  /** The fitted meta learner, undefined when there is none. */
  get meta(): Estimator | undefined {
    return this.#requireFitted().meta
  }

  #requireFitted(): Fitted {
    if (this.#fitted !== undefined) return this.#fitted
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      'This SuperLearner has not learned anything yet. Call fit() first and await it.',
    )
  }

  async #checkData(
    X: NDArray,
    y: NDArray,
    { weights, groups }: { weights: ArrayInput | undefined; groups: RowLabels | undefined },
  ): Promise<LayerData> {
    const [n] = requireMatrix(X, '`X`')
    const rows = requireVector(y, '`y`')
    if (rows !== n) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected \`y\` to have ${n} rows like \`X\`, got ${rows}. Both must describe the same samples.`,
        { details: { expected: n, rows } },
      )
    }
    const { folds, seed } = this.#options
    const checked = weights === undefined ? undefined : requireWeights(weights, n)
    const split = await splitLayer(folds, { X, y, groups, seed })
    requireWeighedFolds(split.folds.slice(0, split.splits), checked)
    return { X, y, weights: checked, ...split }
  }
}

interface Fitted {
  readonly columns: number
  readonly members: readonly FittedEnsembleMember[]
  readonly meta: Estimator | undefined
  readonly outOfFold: NDArray<'float64'>
  readonly scores: ScoreTable
}

/** Names and categories of columns; none of an array. */
function schemaOf(X: NDArray): ColumnSchema {
  return columnsOf(X) ?? { names: [], categories: [] }
}

/** The target, which scores and the meta learner read as numbers. */
function numbersOfTarget(y: LabelInput | undefined): NDArray {
  const first: unknown = Array.isArray(y) ? y[0] : undefined
  if (typeof first !== 'string') return toArray(y, '`y`')
  throw new TypeError(
    `Expected \`y\` of SuperLearner to hold numbers, got ${show(first)} in row 0. SuperLearner stacks regressions: ` +
      'it would score numbers of classes by their distances. To stack classifiers, see docs/from-scikit-learn.md.',
  )
}
