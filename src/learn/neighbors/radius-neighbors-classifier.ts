/** Predicts the class that most of the rows within a distance have. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { checkClasses } from '../contract/check-classes.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { EncodedLabels, Label } from '../inputs/labels.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { NearRowsClassifier, type TakeVotes } from './near-rows-classifier.ts'
import { insteadOfMetrics, radiusNames, type RadiusOptions } from './neighbor-options.ts'
import { averageWithin, requireRadius, trialNeighbors } from './radius-search.ts'

/** Options of {@link RadiusNeighborsClassifier}. */
export interface RadiusNeighborsClassifierOptions extends RadiusOptions {
  /**
   * Weights of votes: `'uniform'` (default) for equal ones, `'distance'` for 1 / distance. With `'distance'`, rows at distance 0 are
   * the only ones that vote when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
  /**
   * Class of a row without neighbours: one of the classes, or `'mostFrequent'` for that with the greatest weight in `fit`. Default: null,
   * such rows are refused.
   */
  readonly outlierLabel?: Label | null
}

/**
 * Classification by the votes of all rows within a distance. The search is exact. Of classes with the same votes the first one wins.
 *
 * `fit` copies no row. The model keeps `X` and reads it in `predict`; don't change it as long as you use the model. Row weights of
 * `fit` multiply votes; a row of weight 0 is never a neighbour. A search holds 16 bytes for each neighbour of up to eight rows in each
 * thread.
 *
 * @example
 * ```ts
 * const model = await new RadiusNeighborsClassifier({ radius: 2, outlierLabel: 'mostFrequent' }).fit(X, labels)
 * const probabilities = await model.predictProba(newX) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.neighbors.RadiusNeighborsClassifier`
 */
export class RadiusNeighborsClassifier<L extends Label = number> extends NearRowsClassifier<
  L,
  RadiusNeighborsClassifier<string>,
  RadiusNeighborsClassifier<boolean>,
  RadiusNeighborsClassifier<number | string>
> {
  static override readonly name: string = 'RadiusNeighborsClassifier'
  radius: number
  outlierLabel: Label | null
  /** Number of the class of rows without neighbours; -1: there is none. */
  declare outlierCode_: number

  constructor(options: RadiusNeighborsClassifierOptions = {}) {
    super(options)
    if (new.target === RadiusNeighborsClassifier)
      requireLearnOptions('RadiusNeighborsClassifier', options, names, insteadOfMetrics)
    this.radius = options.radius ?? 1
    this.outlierLabel = options.outlierLabel ?? null
  }

  protected override requireReach(): number {
    return requireRadius(this)
  }

  protected override trialNeighbors(): number {
    return trialNeighbors
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const count = checkClasses(values)
    const outlier = values.number('outlierCode_', -1)
    if (outlier < count) return
    const expected = `-1 or the number of one of ${count} classes`
    throw values.refuse('outlierCode_', expected, `${outlier}`)
  }

  protected override requireLabels(labels: EncodedLabels): void {
    this.#outlierCode(labels)
  }

  protected override keepLabels(labels: EncodedLabels): this {
    this.outlierCode_ = this.#outlierCode(labels)
    return super.keepLabels(labels)
  }

  #outlierCode({ classes, weights }: EncodedLabels): number {
    const { outlierLabel } = this
    if (outlierLabel === null) return -1
    const code = [...classes].indexOf(outlierLabel)
    if (code !== -1) return code
    if (outlierLabel === 'mostFrequent') return weights.indexOf(Math.max(...weights))
    throw refuseOutlier(this)
  }

  protected override countVotes(queries: NDArray, rows: Rows, take: TakeVotes): Promise<void> {
    const { length: width } = this.classes_
    const what = { codes: this.codes_.toTypedArray(), classes: width, width }
    return averageWithin(this, { queries, rows }, what, (row, shares, count) => {
      if (count === 0) {
        if (this.outlierCode_ === -1) throw noNeighbors(this, row)
        shares.fill(0)
        shares[this.outlierCode_] = 1
      }
      take(row, shares, shares.indexOf(Math.max(...shares)))
    })
  }

  /** The votes are shares already. */
  protected override totalOf(): number {
    return 1
  }
}

registerEstimator(RadiusNeighborsClassifier, 'onecopy.RadiusNeighborsClassifier', import.meta.url)

const names: OptionNames<RadiusNeighborsClassifierOptions> = { ...radiusNames, outlierLabel: true }

/** The error for an `outlierLabel` that is no class. */
export function refuseOutlier(model: { readonly outlierLabel: unknown }): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`outlierLabel\` of ${model.constructor.name} to be one of the classes, 'mostFrequent' or null, got ${show(model.outlierLabel)}.`,
    { details: { name: 'outlierLabel' } },
  )
}

function noNeighbors({ radius }: { readonly radius: number }, row: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected neighbours within ${radius} of every row, got none for row ${row} (counted from 0). ` +
      "Raise `radius`, or set `outlierLabel` to the class of such rows, such as 'mostFrequent'.",
    { details: { row, radius } },
  )
}
