/** Principal components, from moments in one pass. */

import { array, type NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireFitOptions, requireFitted } from '../contract/base-estimator.ts'
import { forget, type TableFitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import type { RowMap } from '../contract/row-map.ts'
import { Moments } from '../statistics/moments.ts'
import { type SymmetricEigen, symmetricEigen } from '../statistics/symmetric-eigen.ts'
import { BlockTransformer } from './block-transformer.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { readOptions } from '../statistics/read-moments.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link PCA}. */
export interface PCAOptions {
  /**
   * How many components to keep; a number below 1 is the share of the variance that they must explain together.
   * Default: as many as there are columns, or rows if these are fewer.
   */
  readonly components?: number | undefined
  /** Whether to scale the components to variance 1; those without variance become 0. Default: false. */
  readonly whiten?: boolean
}

/**
 * Principal component analysis: maps rows to the directions in which they vary most, in descending order of variance.
 *
 * Learns from moments: one pass over the rows in place, then a decomposition of the covariance matrix, so it needs about
 * 64 d² bytes for d columns. The largest coefficient of each component is positive (the first one, of several that are
 * equal up to rounding), so signs don't depend on the machine.
 *
 * @example
 * ```ts
 * const pca = await new PCA({ components: 0.95 }).fit(X)
 * const Z = await pca.transform(X)
 * ```
 *
 * @see scikit-learn's `sklearn.decomposition.PCA`
 */
export class PCA extends BlockTransformer {
  static override readonly name: string = 'PCA'
  components: number | undefined
  whiten: boolean
  /** Means of the columns, shape (d). */
  declare mean_: Float64Array
  /** Directions of length 1, shape (components, d). */
  declare components_: NDArray<'float64'>
  /** Variance of each component, with the sum of the weights minus 1 as divisor. */
  declare explainedVariance_: Float64Array
  /** Share of each component in the variance of all columns. */
  declare explainedVarianceRatio_: Float64Array
  /** Square roots of the sums of squares of the components. */
  declare singularValues_: Float64Array
  /** Mean variance of the components that were left out; 0 when none was. */
  declare noiseVariance_: number

  constructor(options: PCAOptions = {}) {
    super()
    if (new.target === PCA) requireLearnOptions('PCA', options, names)
    const { components, whiten = false } = options
    this.components = components
    this.whiten = whiten
  }

  /**
   * Learns the components in one pass over the rows.
   *
   * @param X - values, shape (n, d), any real dtype; read in place
   * @param _y - ignored
   * @throws OneCopyError `ERR_VALUE` for NaN and infinity, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`, `ERR_MEMORY`
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, but: _y, options }, async (X, _, options) => {
      requireFitOptions(this, options)
      forget(this)
      const [moments] = await Moments.compute(X, null, readOptions(options))
      return this.fitMoments(moments!)
    })
  }

  /**
   * Learns from moments of the rows; the target is ignored.
   *
   * @throws OneCopyError `ERR_ROWS`, `ERR_OPTION`
   */
  fitMoments(moments: Moments): this {
    requireSamples(this, moments)
    requireBoolean(this, 'whiten')
    const { columns: d, weight, count, mean } = moments
    if (!(weight > 1) || count < 2) {
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected at least two rows, with weights that sum to more than 1, to fit PCA on, got ${count} with sum ${weight}.`,
      )
    }
    const most = Math.min(count, d)
    const cross = crossOfColumns(moments)
    const { values, vectors } = withoutRounding(symmetricEigen(cross, d), cross, d)
    const total = values.reduce((sum, value) => sum + value, 0)
    const kept = requireComponents(this.components, most, values.subarray(0, most), total)
    forget(this)
    this.mean_ = mean.slice(0, d)
    this.components_ = array(withSigns(vectors.subarray(0, kept * d), d), { shape: [kept, d] })
    this.explainedVariance_ = values.slice(0, kept).map((value) => value / (weight - 1))
    this.explainedVarianceRatio_ = values
      .slice(0, kept)
      .map((value) => (total > 0 ? value / total : 0))
    this.singularValues_ = values.slice(0, kept).map((value) => Math.sqrt(value))
    const left = values.subarray(kept, most)
    this.noiseVariance_ =
      left.length === 0
        ? 0
        : left.reduce((sum, value) => sum + value, 0) / left.length / (weight - 1)
    return this
  }

  checkLearned(values: LearnedValues): void {
    const { length: d } = values.floats('mean_')
    const kept = values.finiteArray('components_', { shape: [undefined, d] }).length / d
    if (!(kept >= 1)) throw values.refuse('components_', 'at least one component', 'none')
    for (const name of ['explainedVariance_', 'explainedVarianceRatio_', 'singularValues_'])
      values.floats(name, kept)
    values.number('noiseVariance_', 0, Infinity, false)
  }

  override rowMap(): RowMap {
    requireFitted(this, 'components_')
    const { mean_: mean, explainedVariance_: variance, whiten } = this
    const [width, columns] = this.components_.shape as [number, number]
    const directions = this.components_.toTypedArray().slice()
    if (whiten)
      for (let at = 0; at < directions.length; at++) {
        const own = variance[Math.floor(at / columns)]!
        directions[at]! *= own > 0 ? 1 / Math.sqrt(own) : 0
      }
    const centred = new Float64Array(columns)
    return {
      columns,
      width,
      apply(from, to, count) {
        for (let i = 0, row = 0; i < count; i++, row += columns) {
          for (let j = 0; j < columns; j++) centred[j] = from[row + j]! - mean[j]!
          for (let k = 0, at = 0; k < width; k++) {
            let sum = 0
            for (let j = 0; j < columns; j++, at++) sum += centred[j]! * directions[at]!
            to[i * width + k] = sum
          }
        }
      },
    }
  }
}

registerEstimator(PCA, 'onecopy.PCA', import.meta.url)

const names: OptionNames<PCAOptions> = { components: true, whiten: true }

/** Products of the columns of X, without those of the target. */
function crossOfColumns({ columns: d, cross, mean }: Moments): Float64Array {
  const p = mean.length
  const products = new Float64Array(d * d)
  for (let i = 0; i < d; i++) products.set(cross.subarray(i * p, i * p + d), i * d)
  return products
}

/** Sets eigenvalues to 0 that are no more than rounding of the columns that their vectors combine. */
function withoutRounding(
  { values, vectors }: SymmetricEigen,
  cross: Float64Array,
  d: number,
): SymmetricEigen {
  const cleared = values.map((value, k) => {
    let size = 0
    for (let j = 0; j < d; j++) size += vectors[k * d + j]! ** 2 * cross[j * d + j]!
    return value > 4 * d * Number.EPSILON * size ? value : 0
  })
  return { values: cleared, vectors }
}

/** Coefficients that differ by less than this share count as equal. */
const rounding = 1e-8

/** Turns vectors so that the largest coefficient of each is positive. */
function withSigns(vectors: Float64Array, d: number): Float64Array {
  const turned = vectors.slice()
  for (let start = 0; start < vectors.length; start += d) {
    const vector = turned.subarray(start, start + d)
    const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const first = vector.find((value) => Math.abs(value) >= largest * (1 - rounding))!
    if (first < 0) for (let j = 0; j < d; j++) vector[j] = 0 - vector[j]!
  }
  return turned
}

/** The number of components to keep. */
function requireComponents(
  components: unknown,
  most: number,
  values: Float64Array,
  total: number,
): number {
  if (components === undefined) return most
  const expected = `Expected \`components\` of PCA to be a whole number from 1 to ${most} (the smaller of rows and columns), or a share of the variance between 0 and 1`
  if (typeof components !== 'number') throw new TypeError(`${expected}, got ${show(components)}.`)
  if (Number.isInteger(components) && components >= 1 && components <= most) return components
  if (!(components > 0 && components < 1))
    throw new OneCopyError('ERR_OPTION', `${expected}, got ${components}.`, {
      details: { components, most },
    })
  let sum = 0
  const enough = values.findIndex((value) => (sum += value / (total || 1)) > components)
  return enough === -1 ? most : enough + 1
}
