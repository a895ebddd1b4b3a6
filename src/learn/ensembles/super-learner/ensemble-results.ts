/** What can be read of a fitted ensemble: scores, models, predictions. */

import type { NDArray } from '../../../arrays/index.ts'
import { BaseEstimator, requireFitted } from '../../contract/base-estimator.ts'
import {
  collectLearned,
  type Estimator,
  forget,
  type Transformer,
} from '../../contract/estimator.ts'
import { LearnedValues } from '../../contract/learned-values.ts'
import type { Classes } from '../../inputs/labels.ts'
import type { ScoreTable } from '../../selection/score-table.ts'
import type { FittedEnsembleMember } from '../members/ensemble-member.ts'
import {
  type EnsembleLayer,
  type FittedStage,
  noTraining,
  showLayer,
} from '../plan/fitted-layer.ts'
import type { EnsemblePlan } from '../plan/layer-spec.ts'
import { type EnsembleState, restoreEnsemble, stateOf } from './ensemble-state.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'
import { type LearnerWeight, learnerWeights } from './learner-weights.ts'

/** What was made of learned values, known by the list of what the layers have learned. */
interface KnownFit {
  readonly from: unknown
  readonly fitted: FittedEnsemble
}

/** What a fitted ensemble has learned, read only. */
export abstract class EnsembleResults extends BaseEstimator {
  /** Labels of the classes: numbers ascending in a Float64Array, or a list; undefined for a regression, and before `fit`. */
  declare readonly classes_: Classes | undefined
  /** Columns of `X`. */
  declare readonly columnsIn_: number
  /** Shape of one row of `y`. */
  declare readonly targetShape_: readonly number[]
  /** What the learners of each layer have learned; see {@link layers}. */
  declare readonly layers_: EnsembleState['layers_']
  /** What the meta learner has learned; null without one. */
  declare readonly meta_: EnsembleState['meta_']
  /** {@link scores} as plain data. */
  declare readonly scores_: EnsembleState['scores_']
  abstract plan: EnsemblePlan
  #fitted: KnownFit | undefined
  #checked: KnownFit | undefined

  /** Puts what a fit has learned in the place of what was learned before. */
  protected keepFitted(fitted: FittedEnsemble): void {
    const state = stateOf(fitted)
    forget(this)
    Object.assign(this, state)
    this.#fitted = { from: this.layers_, fitted }
  }

  /**
   * What was fitted, or made again from learned values that came from elsewhere.
   *
   * @throws OneCopyError `ERR_NOT_FITTED`
   */
  protected requireFitted(): FittedEnsemble {
    requireFitted(this, 'layers_')
    if (this.#fitted?.from === this.layers_) return this.#fitted.fitted
    if (this.#checked?.from === this.layers_) return this.#checked.fitted
    const values = new LearnedValues(this.constructor.name, collectLearned(this))
    const fitted = restoreEnsemble(this.plan, values)
    this.#fitted = { from: this.layers_, fitted }
    return fitted
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const fitted = restoreEnsemble(this.plan, values)
    // The plan may change before what was restored is used.
    this.#checked = { from: values.state['layers_'], fitted }
  }

  /** Scores and times of every learner and of the ensemble, on held-out rows. */
  get scores(): ScoreTable {
    return this.requireFitted().scores
  }

  /**
   * Out-of-fold predictions of the last layer, shape (n, columns): those of each learner side by side, predicted by models that were not
   * fitted on the row; the mean where several folds hold out the row, NaN where none does. Shared memory that the ensemble keeps; copy it before you change it.
   */
  get outOfFold(): NDArray<'float64'> {
    const { training } = this.#lastStage
    if (training === undefined) throw noTraining()
    return training.outOfFold
  }

  /** The fitted layers, in order. */
  get layers(): readonly EnsembleLayer[] {
    return this.requireFitted().stages.map(showLayer)
  }

  /**
   * Out-of-fold predictions of the ensemble itself: of its meta learner, fitted on the out-of-fold predictions of the other folds. Shape (n) or
   * (n, m); in a classification the probability of each class, shape (n, classes), or what a meta learner without probabilities says.
   * Undefined without a meta learner. Shared memory that the ensemble keeps.
   */
  get combinedOutOfFold(): NDArray<'float64'> | undefined {
    const { combined, meta } = this.requireFitted()
    if (combined === undefined && meta !== undefined) throw noTraining()
    return combined
  }

  /**
   * Names of the columns of `outOfFold` and `transform`, such as `ridge`; with the number of the target or the label of the class where
   * a learner has columns for several, `ridge:0` or `svc:setosa`. Of two classes, the column is that of the second one.
   */
  get outOfFoldColumns(): readonly string[] {
    return this.#lastStage.names
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
    const { meta } = this.requireFitted()
    const { propagated, names, members } = this.#lastStage
    const learners = members.map(({ name }) => name)
    return (
      meta && learnerWeights(meta.learner, [...propagated, ...learners], [...propagated, ...names])
    )
  }

  /** The fitted meta learner, undefined when there is none. A combiner of a classification is in a `CombinedClassifier`. */
  get meta(): Estimator | undefined {
    return this.requireFitted().meta?.learner
  }

  get #lastStage(): FittedStage {
    return this.requireFitted().stages.at(-1)!
  }

  get #fittedMembers(): readonly FittedEnsembleMember[] {
    return this.requireFitted().stages.flatMap(({ members }) => members)
  }
}
