/** Steps before a learner, as one estimator. */

import type { NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { hasPrediction } from '../contract/classifier.ts'
import {
  clone,
  type Configurable,
  type Estimator,
  type FloatArray,
  type TableFitOptions,
  isConfigurable,
  isEstimator,
  isTransformer,
  learnedState,
  type LearnedState,
  type Params,
  type PredictOptions,
  type Transformer,
} from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { PredictedLabels } from '../contract/predict-labels.ts'
import { type RowMap, type RowMapper } from '../contract/row-map.ts'
import { transformRows } from '../features/transform-rows.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { Predictions } from '../features/predictions.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { checkPipeline } from './check-pipeline.ts'
import { fitPipeline } from './fit-pipeline.ts'
import {
  findStep,
  joinedMap,
  joinedTrainingMap,
  mapsOf,
  requireLearner,
  restoreSteps,
} from './fitted-steps.ts'
import { type LearnerRows, learnMapped, type MappedTraining } from './mapped-training.ts'
import { changeSteps, deepParams, nameSteps, type NamedStep, requireSteps } from './named-steps.ts'
import { type LearnerColumns, type PredictMethod, predictMapped } from './predict-mapped.ts'

/** Steps of a {@link Pipeline}: transformers, and a learner or a transformer at the end. */
export type PipelineSteps =
  Readonly<Record<string, Estimator | Transformer>> | readonly (Estimator | Transformer)[]

/** Options of {@link Pipeline}. */
export interface PipelineOptions {
  /** Steps by name, or a list of them, which are named after their classes (`standard-scaler`). */
  readonly steps?: PipelineSteps
}

/** How `predictProba` and `decisionFunction` of a classifier are called. */
type PredictNumbers = (X: FeatureInput, options?: PredictOptions) => Promise<FloatArray>

/**
 * Transformers and, at the end, a learner or another transformer, used as one. It is an estimator when its last step is
 * one, else a transformer.
 *
 * Rows pass through the steps in blocks of a few megabytes as they are read; mapped rows are not kept:
 *
 * - `predict` and `transform` map a block at a time, whatever the steps; affine steps before a linear model become
 *   part of its coefficients;
 * - `fit` reads moments of mapped blocks for steps and learners that learn from them (linear models, scalers, PCA);
 *   affine steps map moments instead of rows;
 * - logistic regression behind scalers reads `X` itself;
 * - other learners (trees, neighbours, your own), steps behind the first that learn from more than moments, and least
 *   squares on mapped columns that are nearly dependent get the mapped training rows in scratch memory, written once:
 *   8 bytes a value. It is freed at the end of `fit`, unless the learner keeps its rows as neighbours do.
 *
 * `fit` learns by clones of the steps, so the given ones stay unfitted; see {@link Pipeline.step}.
 *
 * @example
 * ```ts
 * const model = new Pipeline({ steps: { fill: new SimpleImputer(), scale: new StandardScaler(), ridge: new Ridge() } })
 * model.setParams({ 'ridge.alpha': 0.1 })
 * await model.fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.pipeline.Pipeline`
 */
export class Pipeline<L extends Label = number>
  extends BaseEstimator
  implements Transformer, RowMapper
{
  static override readonly name: string = 'Pipeline'
  steps: PipelineSteps
  /** Learned values of each step by its name. */
  declare steps_: Readonly<Record<string, LearnedState>>
  /** Number of columns before the first step and after each transformer. */
  declare widths_: Int32Array
  /**
   * Bytes of the largest copy of mapped training rows that `fit` wrote; 0 when steps and learner needed none, because they
   * learned from moments or scaled columns in place.
   */
  declare copiedBytes_: number
  /**
   * Columns that the learner at the end takes: those that the steps return, or raw ones, which it scales itself as neighbours
   * and trees of an ensemble do.
   */
  declare learnerColumns_: LearnerColumns
  #fitted: { readonly from: object; readonly steps: readonly NamedStep[] } | undefined

  constructor(options: PipelineOptions = {}) {
    super()
    if (Array.isArray(options) || isConfigurable(options)) {
      throw new TypeError(
        `Expected one object of options, got ${show(options)}. Write new Pipeline({ steps: { scale: new StandardScaler(), ridge: new Ridge() } }).`,
      )
    }
    if (new.target === Pipeline) requireLearnOptions('Pipeline', options, names)
    const { steps = {} } = options
    this.steps = steps
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /** The steps as they are; only the first ones see columns of a table. */
  get stepsInOrder(): readonly unknown[] {
    return nameSteps(this.steps).map(([, step]) => step)
  }

  /** What the last step makes of the pipeline. */
  get role(): 'learner' | 'transformer' {
    return isEstimator(this.#lastStep()) ? 'learner' : 'transformer'
  }

  /** What a learner at the end says that it learns. */
  get learns(): 'numbers' | 'classes' {
    const { learns } = (this.#lastStep() ?? {}) as Configurable
    return learns! // typed as present, so that it can be that of an estimator
  }

  /** Whether a step needs `y`. */
  get usesTarget(): boolean {
    return nameSteps(this.steps).some(
      ([, step]) => isEstimator(step) || (isTransformer(step) && step.usesTarget === true),
    )
  }

  /** Steps have options of their own. */
  get hasSteps(): true {
    return true
  }

  /**
   * The options.
   *
   * @param options - `deep: true` adds the steps by name and their options by path, such as `scale.withMean`
   */
  override getParams(options: { readonly deep?: boolean } = {}): Params {
    requireKnown('Pipeline.getParams', options, { deep: true })
    const params = super.getParams()
    return options.deep === true ? { ...params, ...deepParams(nameSteps(this.steps)) } : params
  }

  /**
   * Replaces all steps (`steps`), one step by its name, or an option of a step by its path, such as
   * `'ridge.alpha'`. Changed steps are copies. Learned values stay until the next `fit`.
   *
   * @throws OneCopyError `ERR_OPTION` for a path that leads nowhere
   */
  override setParams(params: Params): this {
    const { steps, ...others } = params
    const named = nameSteps(steps ?? this.steps)
    const changed = changeSteps('Pipeline', named, others, ['steps'])
    this.steps = (
      Object.keys(others).length === 0 ? (steps ?? this.steps) : Object.fromEntries(changed)
    ) as PipelineSteps
    return this
  }

  /**
   * A fitted step; don't change it.
   *
   * @param name - its name in `steps`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_OPTION` when there is no such step
   */
  step(name: string): Estimator | Transformer {
    return findStep(this.#fittedSteps(), name)
  }

  /** The classes of a fitted classifier at the end; undefined for other pipelines. */
  get classes_(): Classes | undefined {
    if (this.steps_ === undefined) return undefined
    const last = this.#fittedSteps().at(-1)![1]
    return 'classes_' in last ? (last.classes_ as Classes | undefined) : undefined
  }

  /**
   * Fits the steps one after the other.
   *
   * @param X - values, shape (n, d), any real dtype; read in place
   * @param y - target, when a step needs one: numbers, or a list of texts or of true and false, which a classifier at the
   *   end gets as it is
   * @throws TypeError for steps that can't stand where they do; OneCopyError `ERR_OPTION` without steps, and what the
   *   steps throw
   */
  fit(X: FeatureInput, y: readonly string[], options?: TableFitOptions): Promise<Pipeline<string>>
  fit(X: FeatureInput, y: readonly boolean[], options?: TableFitOptions): Promise<Pipeline<boolean>>
  fit(X: FeatureInput, y?: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(X: Table, y: string | Column, options?: TableFitOptions): Promise<Pipeline<number | string>>
  async fit(X: FeatureInput, y?: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitFeatures(this, { X, y, options }, async (X, y, options) => {
      const steps = requireSteps('Pipeline', this.steps).map(
        ([name, step]) => [name, clone(step)] as const,
      )
      const { widths, copiedBytes } = await fitPipeline(this, steps, { X, y, options })
      this.steps_ = Object.fromEntries(steps.map(([name, step]) => [name, learnedState(step)]))
      this.widths_ = widths
      this.copiedBytes_ = copiedBytes
      this.learnerColumns_ = 'mapped'
      this.#fitted = { from: this.steps_, steps }
      return this
    })
  }

  /**
   * Fits the learner alone, on rows that the same steps have mapped for several learners.
   *
   * @param mapped - made of the same data and options by a pipeline with the same steps
   * @returns the pipeline itself
   * @throws what the learner throws
   */
  async fitMapped(
    mapped: MappedTraining,
    X: NDArray,
    y: NDArray,
    options: LearnerRows,
  ): Promise<this> {
    const named = requireSteps('Pipeline', this.steps)
    const [name, last] = named.at(-1)!
    const learner = clone(last) as Estimator
    const copiedBytes = await learnMapped(learner, mapped, { X, y, options })
    this.steps_ = { ...mapped.states, [name]: learnedState(learner) }
    this.widths_ = mapped.widths
    this.copiedBytes_ = copiedBytes
    this.learnerColumns_ = 'mapped'
    const steps = [...restoreSteps(named.slice(0, -1), mapped.states), [name, learner] as const]
    this.#fitted = { from: this.steps_, steps }
    return this
  }

  /**
   * Predicts by the learner at the end.
   *
   * @param X - values, shape (n, d)
   * @returns an array; a list for labels that are texts or true and false, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_OPTION` when the last step is no learner
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    const { learner, maps } = this.#parts('predict')
    const predicted = await this.#predict(X, options, (X, options) =>
      predictMapped(X, learner, maps, options),
    )
    return predicted as PredictedLabels<L>
  }

  /** Predicts the probability of each class, when the learner at the end does; otherwise undefined. */
  get predictProba(): PredictNumbers {
    return this.#forward('predictProba')! // typed as present, so that callers need no check
  }

  /** Tells how far on the side of its class each row is, when the learner at the end does; otherwise undefined. */
  get decisionFunction(): PredictNumbers {
    return this.#forward('decisionFunction')! // as above
  }

  /**
   * Transforms rows by all steps, when the last one is a transformer.
   *
   * @param X - values, shape (n, d)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_OPTION` when the last step is a learner
   */
  transform(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    return transformRows(this, X, options)
  }

  /** The maps of all steps as one. */
  rowMap(): RowMap {
    return joinedMap(this.#fittedSteps(), this.widths_)
  }

  /** The maps of all steps for the rows of the last `fit`. */
  trainingMap(): RowMap {
    return joinedTrainingMap(this.#fittedSteps(), this.widths_)
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    checkPipeline(values, requireSteps('Pipeline', this.steps))
  }

  #lastStep(): unknown {
    return nameSteps(this.steps).at(-1)?.[1]
  }

  /** A method of the learner at the end, for mapped rows; undefined when it has none. */
  #forward(method: Exclude<PredictMethod, 'predict'>): PredictNumbers | undefined {
    const last = this.#lastStep()
    if (!isEstimator(last) || !hasPrediction(last, method)) return undefined
    return async (X, options = {}) => {
      requirePredictOptions(this, 'predict', options)
      const { learner, maps } = this.#parts(method)
      const predicted = await this.#predict(X, options, (X, options) =>
        predictMapped(X, learner, maps, options, method),
      )
      return predicted as FloatArray
    }
  }

  /** Predicts rows whose columns are checked, in memory that is held. */
  #predict(
    X: FeatureInput,
    options: PredictOptions,
    predict: (X: NDArray, options: PredictOptions) => Promise<Predictions>,
  ): Promise<Predictions> {
    return predictFeatures(this, X, options, (X, options) =>
      keepInputs({ X, options }, () => predict(this.#matrix(X), options), 'predict'),
    )
  }

  #matrix(matrix: NDArray): NDArray {
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, this.widths_[0]!)
    return matrix
  }

  #parts(method: string): { learner: Estimator; maps: RowMap[] } {
    const steps = this.#fittedSteps()
    const learner = requireLearner(steps, method)
    const mapping = this.learnerColumns_ === 'raw' ? [] : steps.slice(0, -1)
    return { learner, maps: mapsOf(mapping, this.widths_) }
  }

  /** The steps as they were fitted, or made again from learned values that came from elsewhere. */
  #fittedSteps(): readonly NamedStep[] {
    requireFitted(this, 'steps_')
    if (this.#fitted?.from === this.steps_) return this.#fitted.steps
    const steps = restoreSteps(requireSteps('Pipeline', this.steps), this.steps_)
    this.#fitted = { from: this.steps_, steps }
    return steps
  }
}

registerEstimator(Pipeline, 'onecopy.Pipeline', import.meta.url)

const names: OptionNames<PipelineOptions> = { steps: true }
