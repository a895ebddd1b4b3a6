/** Boosted regression trees on binned values. */

import { requireOneOf } from '../contract/base-estimator.ts'
import { type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import type { Estimator } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { addedLeaves, type LeafRule } from './check-trees.ts'
import { valueAt } from '../statistics/sampled-means.ts'
import { foreignLosses, treeHint } from './foreign-options.ts'
import {
  boostingNames,
  type BoostingModelOptions,
  GradientBoosting,
  type Objective,
} from './gradient-boosting.ts'
import { requireNumbers, type ScoreMap, type TreeData } from './tree-ensemble.ts'
import { requireAbove } from './tree-options.ts'
import { requireSame } from './continued-trees.ts'

/** What a {@link GradientBoostingRegressor} can minimize. */
export type RegressionLoss = (typeof losses)[number]

/** Squares of gradients must be numbers. */
const leastDelta = 1e-140

const losses = ['squared', 'absolute', 'quantile', 'huber', 'poisson', 'gamma', 'tweedie'] as const

/** Options of {@link GradientBoostingRegressor}. */
export interface GradientBoostingRegressorOptions extends BoostingModelOptions {
  /**
   * What is minimized: `'squared'` (default) errors predict means, `'absolute'` ones medians, `'quantile'` the quantile that
   * the option of this name says; `'huber'` is squared up to `delta` and linear beyond; `'poisson'` is for counts,
   * `'gamma'` for sizes above 0 and `'tweedie'` for sizes of which many are 0; these three predict what is never negative.
   */
  readonly loss?: RegressionLoss
  /** The quantile of the loss of this name, above 0 and below 1; default: 0.5. */
  readonly quantile?: number
  /** Where the Huber loss becomes linear, in units of `y`, above 1e-140; default: 1. */
  readonly delta?: number
  /** Power of the Tweedie loss, above 1 and below 2: the variance grows as this power of the mean; default: 1.5. */
  readonly power?: number
}

/**
 * Gradient boosting: trees that are grown one after the other, each on the errors of those before.
 *
 * `X` is read twice, in place, and becomes one byte a value in shared memory for the time of the fit: bins at exact
 * quantiles, and one for missing values (NaN), which go to the side of a split where they lower the loss. ±Infinity is an
 * extreme value. The same data, options and seed give the same bytes on any number of threads; with the squared loss, no weights
 * and no draws also for any order of the rows.
 *
 * @example
 * ```ts
 * const model = new GradientBoostingRegressor({ maxIter: 500, earlyStopping: true })
 * await model.fit(X, y, { rows: fold.train })
 * const predicted = await model.predict(X, { rows: fold.test })
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.HistGradientBoostingRegressor`; Ke et al., LightGBM, NeurIPS 2017
 */
export class GradientBoostingRegressor extends GradientBoosting implements Estimator {
  static override readonly name: string = 'GradientBoostingRegressor'
  loss: RegressionLoss
  quantile: number
  delta: number
  power: number
  /** What is predicted before the first tree; with the Poisson, gamma and Tweedie losses its logarithm. */
  declare baseline_: number
  /** How the values of leaves become predictions. */
  declare map_: 'score' | 'exp'
  /** The loss that all trees lower. */
  declare loss_: RegressionLoss
  /** Its `quantile`, `delta` or `power`; 0 for a loss without one. */
  declare lossParameter_: number

  constructor(options: GradientBoostingRegressorOptions = {}) {
    super(options)
    if (new.target === GradientBoostingRegressor)
      requireKnown('GradientBoostingRegressor', options, names, treeHint(names))
    this.loss = options.loss ?? 'squared'
    this.quantile = options.quantile ?? 0.5
    this.delta = options.delta ?? 1
    this.power = options.power ?? 1.5
  }

  protected override async learn(given: TreeData): Promise<void> {
    const checked = requireNumbers(this, given)
    const data = { ...checked, heldOut: this.heldOutRows(checked) }
    const objective = this.#requireObjective()
    const isPositive = ['poisson', 'gamma', 'tweedie'].includes(this.loss)
    for (const rows of [data.inputs.weighedGroups[0]!, data.heldOut])
      if (isPositive && rows !== undefined) requirePositive(data.y, rows, this.loss)
    const { baselines } = await this.boost(data, objective, (from) => {
      requireSame(this, 'loss', [from['loss_'] as string, this.loss])
      const parameter = parameterOf[this.loss]
      if (parameter !== undefined)
        requireSame(this, parameter, [from['lossParameter_'] as number, objective.lossParameter])
      return Float64Array.of(from['baseline_'] as number)
    })
    this.baseline_ = baselines[0]!
    this.map_ = isPositive ? 'exp' : 'score'
    this.loss_ = this.loss
    this.lossParameter_ = objective.lossParameter
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.oneOf('map_', ['score', 'exp'])
    values.oneOf('loss_', losses)
    values.finite('lossParameter_')
  }

  protected override leafRule(values: LearnedValues): LeafRule {
    return addedLeaves(values, [values.finite('baseline_')])
  }

  protected override scoreMap(): ScoreMap {
    return { baselines: Float64Array.of(this.baseline_), factor: 1, map: this.map_ }
  }

  #requireObjective(): Objective {
    requireOneOf(this, 'loss', losses, foreignLosses)
    const quantile = requireAbove(this, 'quantile', { below: 1 })
    const delta = requireAbove(this, 'delta', { above: leastDelta })
    const power = requireAbove(this, 'power', { above: 1, below: 2 })
    const parameters = { quantile, delta, power }
    const name = parameterOf[this.loss]
    const lossParameter = name === undefined ? 0 : parameters[name]
    return { loss: this.loss, lossParameter, classes: 1 }
  }
}

registerEstimator(GradientBoostingRegressor, 'onecopy.GradientBoostingRegressor', import.meta.url)

const names: OptionNames<GradientBoostingRegressorOptions> = {
  loss: true,
  quantile: true,
  delta: true,
  power: true,
  ...boostingNames,
}

/** Checks targets of losses of which the logarithm is learned. @throws OneCopyError `ERR_VALUE` */
function requirePositive(y: NDArray, rows: Rows, loss: RegressionLoss): void {
  for (const row of toRowNumbers(rows)) {
    const value = valueAt(y, row, 0)
    if (!(value < 0) && !(value === 0 && loss === 'gamma')) continue
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected targets ${loss === 'gamma' ? '> 0' : '>= 0'} for the ${lossNames[loss]} loss, got ${value} in \`y\` at row ${row} (counted from 0).`,
      { details: { row, value } },
    )
  }
}

/** Options that losses depend on. */
const parameterOf: Partial<Record<RegressionLoss, 'quantile' | 'delta' | 'power'>> = {
  quantile: 'quantile',
  huber: 'delta',
  tweedie: 'power',
}

const lossNames: Partial<Record<RegressionLoss, string>> = {
  poisson: 'Poisson',
  gamma: 'gamma',
  tweedie: 'Tweedie',
}
