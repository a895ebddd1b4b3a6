/** Keeps the columns that say most about the target. */

import { requireOneOf } from '../contract/base-estimator.ts'
import { OneCopyError, show } from '../../errors.ts'
import { array, type NDArray } from '../../arrays/index.ts'
import type { OptionNames } from '../../options.ts'
import type { FitOptions, TableFitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { toArray } from '../inputs/as-array.ts'
import { readCodes, type LabelInput } from '../inputs/labels.ts'
import { isTexts } from '../inputs/targets.ts'
import { ColumnChoice } from './column-choice.ts'
import { type ColumnScores, scoreByClasses, scoreByCorrelation } from './column-scores.ts'
import { type FitRows, startFit } from './fit-rows.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link SelectKBest}. */
export interface SelectKBestOptions {
  /**
   * How columns are compared: `'fClassif'` by the differences of their means between classes, `'fRegression'` by
   * their correlation with a number; default: `'fClassif'`.
   */
  readonly score?: ColumnScoreName
  /** How many columns to keep, or `'all'`; default: 10. */
  readonly k?: number | 'all'
}

/** A test by which {@link SelectKBest} compares columns. */
export type ColumnScoreName = 'fClassif' | 'fRegression'

/**
 * Keeps the k columns with the highest scores, in their order. Scores come from moments: one pass over the rows in
 * place for every 256 columns.
 *
 * Weights count repetitions of a row. A constant column has the score 0; one from which the target follows exactly
 * has the greatest number of float64. Of equal scores the later column is kept, as in scikit-learn.
 *
 * @example
 * ```ts
 * const best = await new SelectKBest({ score: 'fRegression', k: 5 }).fit(X, y)
 * console.log(best.columns_)
 * ```
 *
 * @see scikit-learn's `sklearn.feature_selection.SelectKBest`
 */
export class SelectKBest extends ColumnChoice {
  static override readonly name: string = 'SelectKBest'
  score: ColumnScoreName
  k: number | 'all'
  /** F statistics of the columns, shape (d). */
  declare scores_: Float64Array
  /** Probabilities of a greater F if the column said nothing about the target, shape (d). */
  declare pValues_: Float64Array

  constructor(options: SelectKBestOptions = {}) {
    super()
    if (new.target === SelectKBest) requireLearnOptions('SelectKBest', options, names)
    const { score = 'fClassif', k = 10 } = options
    this.score = score
    this.k = k
  }

  /** `fit` needs a target. */
  get usesTarget(): true {
    return true
  }

  /**
   * Scores the columns.
   *
   * @param X - values, shape (n, d), any real dtype; read in place
   * @param y - target, shape (n) or (n, 1): numbers, or labels of classes; `'fClassif'` also takes a list of texts
   * @throws OneCopyError `ERR_VALUE` for NaN and infinity, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(
    X: FeatureInput,
    y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      const score = requireOneOf(this, 'score', scoreNames, foreignScores)
      const input = startOnTarget(this, X, options, score === 'fClassif' ? y : requireNoTexts(y))
      const k = requireCount(this.k, input.columns)
      const found: ColumnScores = await (
        score === 'fClassif' ? scoreByClasses : scoreByCorrelation
      )(this, input)
      const order = Array.from(found.scores.keys()).sort(
        (a, b) => found.scores[b]! - found.scores[a]! || b - a,
      )
      this.inputColumns_ = input.columns
      this.columns_ = Int32Array.from(order.slice(0, k)).sort()
      this.scores_ = found.scores
      this.pValues_ = found.pValues
      return this
    })
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const columns = values.columnCount('inputColumns_')
    values.ascendingColumns('columns_', columns)
    for (const name of ['scores_', 'pValues_']) values.floats(name, columns)
  }
}

registerEstimator(SelectKBest, 'onecopy.SelectKBest', import.meta.url)

const names: OptionNames<SelectKBestOptions> = { score: true, k: true }

const scoreNames: readonly ColumnScoreName[] = ['fClassif', 'fRegression']
const foreignScores = { f_classif: 'fClassif', f_regression: 'fRegression' }

/** Starts a fit on numbers, or on the codes of texts. */
function startOnTarget(
  owner: SelectKBest,
  X: NDArray,
  options: FitOptions,
  y: LabelInput | undefined,
): FitRows<NDArray> {
  if (!isTexts(y)) return startFit(owner, X, options, toArray(y, '`y`'))
  const input = startFit(owner, X, options)
  const { codes } = readCodes(y, input.X.shape[0]!, input.rows, input.weights)
  return { ...input, y: array(codes) }
}

function requireNoTexts(y: LabelInput | undefined): LabelInput | undefined {
  if (!isTexts(y)) return y
  throw new TypeError(
    `Expected numbers in \`y\` for score: 'fRegression' of SelectKBest, got ${show(y[0])} in row 0. Use score: 'fClassif' for labels.`,
  )
}

function requireCount(k: unknown, columns: number): number {
  if (k === 'all') return columns
  const expected = `Expected \`k\` of SelectKBest to be a whole number from 1 to ${columns}, the number of columns, or 'all'`
  if (typeof k !== 'number') throw new TypeError(`${expected}, got ${show(k)}.`)
  if (Number.isInteger(k) && k >= 1 && k <= columns) return k
  throw new OneCopyError('ERR_OPTION', `${expected}, got ${k}.`, { details: { k, columns } })
}
