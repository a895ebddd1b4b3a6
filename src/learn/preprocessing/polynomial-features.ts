/** Products of columns. */

import { array, type NDArray, zeros } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireFitted } from '../contract/base-estimator.ts'
import type { TableFitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { RowMap } from '../contract/row-map.ts'
import { BlockTransformer } from './block-transformer.ts'
import { startFit } from './fit-rows.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link PolynomialFeatures}. */
export interface PolynomialFeaturesOptions {
  /** Largest number of factors of a product, or the least and the largest; default: 2. */
  readonly degree?: number | readonly [least: number, largest: number]
  /** Whether a column is at most once a factor of a product; default: false. */
  readonly interactionOnly?: boolean
  /** Whether to add a column of ones, the product of no factors; default: true. */
  readonly includeBias?: boolean
}

/**
 * Adds products of columns: for columns a and b and degree 2 the columns 1, a, b, a², ab, b².
 *
 * `fit` reads no values, only the number of columns; NaN and infinity go into the products that they are factors of.
 *
 * @example
 * ```ts
 * const products = await new PolynomialFeatures({ degree: 2, includeBias: false }).fit(X)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.PolynomialFeatures`
 */
export class PolynomialFeatures extends BlockTransformer {
  static override readonly name: string = 'PolynomialFeatures'
  degree: number | readonly [least: number, largest: number]
  interactionOnly: boolean
  includeBias: boolean
  /** Number of columns before the map. */
  declare inputColumns_: number
  /** The factors of each product, shape (m, degree): column numbers, then -1. */
  declare factors_: NDArray<'int32'>

  constructor(options: PolynomialFeaturesOptions = {}) {
    super()
    if (new.target === PolynomialFeatures) requireLearnOptions('PolynomialFeatures', options, names)
    const { degree = 2, interactionOnly = false, includeBias = true } = options
    this.degree = degree
    this.interactionOnly = interactionOnly
    this.includeBias = includeBias
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /** The exponent of each column in each product, shape (m, d). */
  get powers(): NDArray<'int32'> {
    requireFitted(this, 'factors_')
    const [m, most] = this.factors_.shape as [number, number]
    const powers = zeros([m, this.inputColumns_], 'int32')
    const factors = this.factors_.toTypedArray()
    for (const [at, column] of factors.entries())
      if (column >= 0) powers.data[Math.floor(at / most) * this.inputColumns_ + column]!++
    return powers
  }

  /**
   * Learns the number of columns.
   *
   * @param X - values, shape (n, d)
   * @param _y - ignored
   * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitFeatures(this, { X, but: _y, options }, async (X, _, options) => {
      const { columns } = startFit(this, X, options)
      const [least, most] = requireDegree(this.degree)
      const interactionOnly = requireBoolean(this, 'interactionOnly')
      const products = listProducts(columns, { most, interactionOnly })
      const includeBias = requireBoolean(this, 'includeBias')
      const kept = products.filter(({ length }) => (length === 0 ? includeBias : length >= least))
      if (kept.length === 0) {
        throw new OneCopyError(
          'ERR_OPTION',
          `Expected options of PolynomialFeatures that leave at least one product of the ${columns} columns, got none. Raise degree.`,
        )
      }
      const width = Math.max(1, most)
      const factors = new Int32Array(kept.length * width).fill(-1)
      for (const [product, list] of kept.entries()) factors.set(list, product * width)
      this.inputColumns_ = columns
      this.factors_ = array(factors, { shape: [kept.length, width] })
      return this
    })
  }

  checkLearned(values: LearnedValues): void {
    const columns = values.columnCount('inputColumns_')
    const factors = values.array('factors_', { dtype: 'int32', shape: [undefined, undefined] })
    const fits = (factors.toTypedArray() as Int32Array).every((j) => j >= -1 && j < columns)
    if (!fits || factors.size === 0) throw values.refuse('factors_', 'column numbers or -1')
  }

  override rowMap(): RowMap {
    requireFitted(this, 'factors_')
    const { inputColumns_: columns } = this
    const [width, most] = this.factors_.shape as [number, number]
    const factors = this.factors_.toTypedArray()
    const listed = factors.filter((column) => column >= 0)
    // Where the factors of each product begin.
    const starts = new Int32Array(width + 1)
    for (const [at, column] of factors.entries())
      if (column >= 0) starts[Math.floor(at / most) + 1]!++
    for (let k = 0; k < width; k++) starts[k + 1]! += starts[k]!
    return {
      columns,
      width,
      apply(from, to, count) {
        for (let i = 0, row = 0, target = 0; i < count; i++, row += columns)
          for (let k = 0; k < width; k++, target++) {
            const start = starts[k]!
            const end = starts[k + 1]!
            let product = end > start ? from[row + listed[start]!]! : 1
            for (let f = start + 1; f < end; f++) product *= from[row + listed[f]!]!
            to[target] = product
          }
      },
    }
  }
}

registerEstimator(PolynomialFeatures, 'onecopy.PolynomialFeatures', import.meta.url)

const names: OptionNames<PolynomialFeaturesOptions> = {
  degree: true,
  interactionOnly: true,
  includeBias: true,
}

/** More products than this can hardly be meant. */
const mostProducts = 1 << 22

/** Lists of factors, the shorter ones first, then in the order of their columns. */
function listProducts(
  columns: number,
  { most, interactionOnly }: { most: number; interactionOnly: boolean },
): number[][] {
  requireFewProducts(columns, { most, interactionOnly })
  const all: number[][] = [[]]
  let last = all
  for (let degree = 1; degree <= most && last.length > 0; degree++) {
    const next: number[][] = []
    for (const list of last) {
      const from = (list.at(-1) ?? 0) + (interactionOnly && list.length > 0 ? 1 : 0)
      for (let column = from; column < columns; column++) next.push([...list, column])
    }
    for (const list of next) all.push(list)
    last = next
  }
  return all
}

/** Counts products before any is listed. */
function requireFewProducts(
  columns: number,
  { most, interactionOnly }: { most: number; interactionOnly: boolean },
): void {
  let [all, last] = [1, 1]
  for (let degree = 1; degree <= most && last > 0; degree++) {
    last = (last * (interactionOnly ? columns - degree + 1 : columns + degree - 1)) / degree
    all += last
    if (all > mostProducts) {
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected at most ${mostProducts} products of columns, got more from ${columns} columns and degree ${most}. Lower degree.`,
        { details: { columns, degree: most } },
      )
    }
  }
}

function requireDegree(degree: unknown): [least: number, largest: number] {
  const pair = Array.isArray(degree) ? (degree as unknown[]) : [0, degree]
  const isWhole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
  if (pair.length === 2 && pair.every(isWhole)) {
    const [least, largest] = pair as [number, number]
    if (least <= largest) return [least, largest]
  }
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`degree\` of PolynomialFeatures to be a whole number >= 0, or two of them in ascending order, got ${show(degree)}.`,
    { details: {} },
  )
}
