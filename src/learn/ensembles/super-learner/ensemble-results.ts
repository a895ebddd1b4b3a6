/** What can be read of a fitted ensemble: scores, models, predictions. */

import type { NDArray } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import type { Estimator, Transformer } from '../../contract/estimator.ts'
import type { Classes } from '../../inputs/labels.ts'
import type { ScoreTable } from '../../selection/score-table.ts'
import type { FittedEnsembleMember } from '../members/ensemble-member.ts'
import type { FittedEnsemble } from './fit-ensemble.ts'
import { type LearnerWeight, learnerWeights } from './learner-weights.ts'
import type { EnsembleLayer } from '../plan/fitted-layer.ts'

/** What a fitted ensemble has learned, read only. */
export abstract class EnsembleResults {
  #fitted: FittedEnsemble | undefined

  /** Puts what a fit has learned in the place of what was learned before. */
  protected keepFitted(fitted: FittedEnsemble): void {
    this.#fitted = fitted
  }

  /** @throws OneCopyError `ERR_NOT_FITTED` */
  protected requireFitted(): FittedEnsemble {
    if (this.#fitted !== undefined) return this.#fitted
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      `This ${this.constructor.name} has not learned anything yet. Call fit() first and await it.`,
    )
  }

  /** Scores and times of every learner and of the ensemble, on held-out rows. */
  get scores(): ScoreTable {
    return this.requireFitted().scores
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
    return this.requireFitted().stages.map(({ shown }) => shown)
  }

  /**
   * Out-of-fold predictions of the ensemble itself: of its meta learner, fitted on the out-of-fold predictions of the other folds. Shape (n) or
   * (n, m); in a classification the probability of each class, shape (n, classes), or what a meta learner without probabilities says.
   * Undefined without a meta learner. Shared memory that the ensemble keeps.
   */
  get combinedOutOfFold(): NDArray<'float64'> | undefined {
    return this.requireFitted().combined
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
    const { stages, meta } = this.requireFitted()
    const { propagated, columns } = this.#lastLayer
    const names = stages.at(-1)!.members.map(({ name }) => name)
    return meta && learnerWeights(meta, [...propagated, ...names], [...propagated, ...columns])
  }

  /** The fitted meta learner, undefined when there is none. A combiner of a classification is in a `CombinedClassifier`. */
  get meta(): Estimator | undefined {
    return this.requireFitted().meta
  }

  get #lastLayer(): EnsembleLayer {
    return this.requireFitted().stages.at(-1)!.shown
  }

  get #fittedMembers(): readonly FittedEnsembleMember[] {
    return this.requireFitted().stages.flatMap(({ members }) => members)
  }
}
