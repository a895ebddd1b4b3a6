/** Base of linear models that choose their penalty by cross-validation. */

import { array, type NDArray, type Rows } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { requireBoolean } from '../contract/base-estimator.ts'
import { collectLearned, forget } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { isSplitter } from '../contract/splitter.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { LinearPredictor } from '../linear/linear-predictor.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import {
  type CrossValidatedFitOptions,
  type FoldsOption,
  pickLabels,
  requireCrossValidatedOptions,
  splitPositions,
  splitRowFolds,
} from './cross-validation-folds.ts'
import { type FoldMoments, readFoldMoments } from './fold-moments.ts'
import { groupsOf } from '../features/column-inputs.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'

/** Options of every such model. */
export interface CrossValidatedOptions {
  /** Number of folds, which are contiguous, or a splitter, such as a KFold; default: 5. */
  readonly folds?: FoldsOption
  /** Whether the model has an intercept, which is not penalized; default: true. */
  readonly fitIntercept?: boolean
}

/** The rows that a model is fitted on. */
export interface ChosenRows {
  readonly X: NDArray
  readonly y: NDArray
  readonly rows: Rows
  readonly weights: Float64Array | null
}

/** Penalties that were tried, and the mean square error of each on what each fold holds out. */
export interface TriedPenalties {
  readonly alphas: Float64Array
  /** Shape (alphas, folds). */
  readonly errors: Float64Array
}

/** A linear model whose penalty is the one with the least mean square error on held-out rows. */
export abstract class CrossValidatedModel extends LinearPredictor {
  /** `'leaveOneOut'` for RidgeCV only. */
  folds: FoldsOption | 'leaveOneOut'
  fitIntercept: boolean
  /** The penalty that was chosen. */
  declare alpha_: number
  /** Penalties that were tried, in the order of `msePath_`. */
  declare alphas_: Float64Array
  /** Mean square error of each penalty on what each fold holds out, shape (alphas, folds). */
  declare msePath_: NDArray<'float64'>

  constructor(options: CrossValidatedOptions) {
    super()
    this.folds = options.folds ?? 5
    this.fitIntercept = options.fitIntercept ?? true
  }

  /** Nothing that is learned holds rows. */
  get freesRows(): true {
    return true
  }

  /** Checks options before any row is read. */
  protected abstract requireOptions(): void

  /** Tries penalties, and keeps what is learned with the best one in this model. */
  protected abstract choose(moments: FoldMoments, rows: ChosenRows): Promise<object>

  /**
   * Chooses the penalty and learns from all rows, in one pass over them; ill-conditioned least squares takes more.
   *
   * @param X - values, shape (n, d), any real dtype; read in place, lists are copied once
   * @param y - target, shape (n); RidgeCV also takes (n, m)
   * @param given - rows, weights, and the groups of rows for splitters that need them
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`, `ERR_FOLDS`
   */
  async fit(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    given: CrossValidatedFitOptions = {},
  ): Promise<this> {
    requireCrossValidatedOptions(this, given)
    const { groups, ...options } = given
    return fitInputs(this, { X, y, options, groups }, async (values, y, options) => {
      forget(this)
      requireBoolean(this, 'fitIntercept')
      this.requireOptions()
      const target = toArray(y, '`y`')
      const checked = checkInputs(values, target, readOptions(options))
      const [chosen, n] = [checked.groups[0]!, values.shape[0]!]
      const data = {
        y: isSplitter(this.folds) ? pickLabels('y', y, chosen, n) : undefined,
        groups: pickLabels('groups', groupsOf(X, groups), chosen, n),
      }
      const folds = splitRowFolds(chosen, n, (count) => splitPositions(this, count, data))
      const moments = await readFoldMoments(values, target, chosen, folds, checked.weights)
      for (const { train, test } of moments.folds) {
        requireSamples(this, train, this.targets)
        requireSamples(this, test, this.targets)
      }
      const read = { X: values, y: target, rows: chosen, weights: checked.weights }
      return Object.assign(this, collectLearned(await this.choose(moments, read)))
    })
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('alpha_', 0, Infinity, false)
    const { length } = values.floats('alphas_')
    values.array('msePath_', { dtype: 'float64', shape: [length, undefined] })
  }

  /** How many targets it takes. */
  protected get targets(): 'one' | 'some' {
    return 'one'
  }

  /** Keeps what was tried; returns the position of the best penalty: the first with the least mean error. */
  protected keepTried({ alphas, errors }: TriedPenalties, { folds }: FoldMoments): number {
    const best = leastError(errors, folds)
    this.alpha_ = alphas[best.position]!
    this.alphas_ = alphas
    this.msePath_ = array(errors, { shape: [alphas.length, folds.length] })
    return best.position
  }
}

/** The first penalty with the least mean error; folds count by the weights of what they hold out when rows have weights. */
export function leastError(
  errors: Float64Array,
  folds: FoldMoments['folds'],
): { position: number; error: number } {
  const isWeighted = folds.some(({ test }) => test.weight !== test.count)
  const shares = folds.map(({ test }) => (isWeighted ? test.weight : 1))
  const means = new Float64Array(errors.length / folds.length)
  for (const [i, error] of errors.entries())
    means[Math.floor(i / folds.length)]! += error * shares[i % folds.length]!
  const error = Math.min(...means)
  return { position: means.indexOf(error), error }
}

/** Checks a list of penalties. @throws OneCopyError `ERR_OPTION` */
export function requireAlphas(
  estimator: { readonly alphas: unknown },
  alsoCount: boolean,
): Float64Array | number {
  const { alphas } = estimator
  if (alsoCount && typeof alphas === 'number' && Number.isInteger(alphas) && alphas >= 1)
    return alphas
  const list: readonly unknown[] =
    Array.isArray(alphas) || alphas instanceof Float64Array ? Array.from<unknown>(alphas) : []
  if (list.length > 0 && list.every((one) => typeof one === 'number' && one >= 0 && one < Infinity))
    return Float64Array.from(list as number[])
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`alphas\` of ${estimator.constructor.name} to be ${alsoCount ? 'a whole number >= 1 or ' : ''}` +
      `a list of finite numbers >= 0, got ${show(alphas)}.`,
    { details: { name: 'alphas' } },
  )
}
