/** Base of combiners that choose learners. */

import { countRows, type NDArray, toRowNumbers } from '../../arrays/index.ts'
import { requireFitOptions } from '../contract/base-estimator.ts'
import type { ClassRows, Combiner, FoundWeights } from '../contract/combiner.ts'
import { forget, type FitOptions, type TableFitOptions } from '../contract/estimator.ts'
import type { FoldFit, FoldSharing, SharingEstimator } from '../contract/fold-sharing.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { type FoldStatistics, momentsOfFolds } from '../contract/moments-of-folds.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { LinearPredictor } from '../linear/linear-predictor.ts'
import { rmse } from '../scores/numbers/squared-errors.ts'
import type { AnyScorer, Scorer } from '../scores/scorer.ts'
import { requireScorer, type ScorerName } from '../scores/scorer-names.ts'
import { logLoss } from '../scores/probabilities/log-loss.ts'
import { Moments } from '../statistics/moments.ts'
import { findNonFinite, refusePlace } from '../statistics/non-finite.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import { condenseMoments } from './condense-moments.ts'
import { type Candidates, selectGreedily } from './greedy-steps.ts'
import { LogLosses } from './log-losses.ts'
import { ScoredClasses } from './scored-classes.ts'
import { ScoredColumns } from './scored-columns.ts'
import { SquaredLosses } from './squared-losses.ts'

/** The measure by which learners are chosen, of numbers or of classes: a name, a scorer, or null. */
export type CombinerScorer = ScorerName | AnyScorer | null

/** A combiner whose weights are shares of chosen learners. */
export abstract class SelectingCombiner
  extends LinearPredictor
  implements Combiner, SharingEstimator<FoldStatistics>
{
  abstract scorer: CombinerScorer
  /**
   * Numbers of the columns in the order in which they were chosen; one list for each target when the target had shape (n, m).
   */
  declare order_: Int32Array | readonly Int32Array[]

  /** How many times a learner is chosen, checked. */
  protected abstract requireSteps(): number

  /** The weight of each column: its share among the chosen ones. */
  get weights_(): NDArray<'float64'> {
    return this.coef_
  }

  /**
   * Learns the weights. With the scorer `'rmse'` it reads the rows once; otherwise each step reads all of them, with three values of
   * scratch for each row.
   *
   * @param X - predictions, shape (n, L), a column for each learner; read in place, lists are copied once
   * @param y - target, shape (n) or (n, m); each of several targets has weights of its own
   * @returns the combiner itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const target = toArray(y, '`y`')
      if (this.#scorer() !== rmse) return this.#fitRows(X, target, options)
      const [moments] = await Moments.compute(X, target, readOptions(options))
      return this.#fitMoments(moments!)
    })
  }

  foldSharing(): FoldSharing<FoldStatistics> | undefined {
    return this.#scorer() === rmse ? momentsOfFolds : undefined
  }

  async fitFold(
    statistics: FoldStatistics,
    _X: NDArray,
    _y: NDArray,
    { fold, map }: FoldFit,
  ): Promise<this> {
    const moments = statistics.momentsOf(fold)
    return this.#fitMoments(map === undefined ? moments : moments.affine(map))
  }

  weighClassRows(rows: ClassRows): Promise<FoundWeights> {
    const scorer =
      this.scorer === null ? logLoss : requireScorer(this.scorer, { task: 'classification' })
    const candidates = scorer === logLoss ? new LogLosses(rows) : new ScoredClasses(rows, scorer)
    return selectGreedily(candidates, this.requireSteps())
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const rule = { shape: [undefined], orShape: [undefined, undefined] }
    const weights = values.array('coef_', { dtype: 'float64', ...rule })
    const wrong = (weights.toTypedArray() as Float64Array).find((value) => value < 0 || value > 1)
    if (wrong !== undefined) throw values.refuse('coef_', 'numbers from 0 to 1', `${wrong}`)
    const columns = weights.shape.at(-1)!
    if (weights.ndim === 1) values.integers('order_', columns)
    else
      for (const order of values.arrayList('order_', Int32Array))
        if (order.some((column) => column < 0 || column >= columns))
          throw values.refuse('order_', `lists of whole numbers from 0 to ${columns - 1}`, 'others')
  }

  #scorer(): Scorer {
    return this.scorer === null ? rmse : requireScorer(this.scorer, { task: 'regression' })
  }

  #fitMoments(moments: Moments): Promise<this> {
    requireSamples(this, moments, 'some')
    const { X, targets } = condenseMoments(moments)
    const candidates = targets.map((target) => new SquaredLosses(X, target))
    return this.#select(candidates, moments.targetShape)
  }

  #fitRows(X: NDArray, y: NDArray, options: FitOptions): Promise<this> {
    const { targetShape, weighedGroups, weights } = checkInputs(X, y, readOptions(options))
    const [rows] = weighedGroups
    requireSamples(this, { weight: countRows(rows!), targetShape }, 'some')
    const place = findNonFinite(X, y, [rows!])
    if (place !== undefined) throw refusePlace(place, y)
    const numbers = toRowNumbers(rows!)
    const targets = y.ndim === 1 ? [y] : Array.from({ length: y.shape[1]! }, (_, t) => y.column(t))
    const candidates = targets.map(
      (target) => new ScoredColumns({ X, y: target, numbers, weights }, this.#scorer()),
    )
    return this.#select(candidates, targetShape)
  }

  async #select(candidates: readonly Candidates[], targetShape: readonly number[]): Promise<this> {
    const steps = this.requireSteps()
    const found: Required<FoundWeights>[] = []
    for (const one of candidates) found.push(await selectGreedily(one, steps))
    forget(this)
    const coefficients = found.map(({ weights }) => weights)
    this.learn(coefficients, new Float64Array(found.length), targetShape)
    this.order_ = targetShape.length === 0 ? found[0]!.order : found.map(({ order }) => order)
    return this
  }
}
