/** Turns categories into columns of 0 and 1. */

import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireFitted, requireNumber, requireOneOf } from '../contract/base-estimator.ts'
import type { TableFitOptions } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { RowMap } from '../contract/row-map.ts'
import { BlockTransformer } from '../preprocessing/block-transformer.ts'
import { startFit } from '../preprocessing/fit-rows.ts'
import {
  type Categories,
  codesOf,
  type ColumnCategories,
  findCategories,
  unknownCategory,
} from './categories.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link OneHotEncoder}. */
export interface OneHotEncoderOptions {
  /** Categories of each column in their order; default: `'auto'`, the values in `fit`, ascending. */
  readonly categories?: Categories
  /**
   * Whether to leave out the first category of each column, or that of columns with two; then the others tell it.
   * Default: no.
   */
  readonly drop?: 'first' | 'ifBinary' | undefined
  /**
   * What becomes of a value that is no category: it is refused, it gives zeros (`'ignore'`), or it counts as
   * infrequent where a column has infrequent categories (`'infrequentIfExist'`). Default: `'error'`.
   */
  readonly handleUnknown?: UnknownCategory
  /**
   * Categories that occur less often share one column, which comes last: a number of rows, or below 1 a share of
   * them. Default: each has a column.
   */
  readonly minFrequency?: number | undefined
  /** Most columns for one column, with the one of infrequent categories; at least 2. Default: no limit. */
  readonly maxCategories?: number | undefined
}

/** What a {@link OneHotEncoder} does with a value that is no category. */
export type UnknownCategory = 'error' | 'ignore' | 'infrequentIfExist'

/**
 * Replaces a column of categories by one column of 0 and 1 for each category. NaN is a category of its own.
 *
 * Categories are numbers, such as the codes of a table's column; a column has at most 16,384. Results are dense: 8
 * bytes for each category and row. In a pipeline they exist for one block of rows at a time.
 *
 * @example
 * ```ts
 * const encoder = await new OneHotEncoder({ handleUnknown: 'ignore' }).fit(X)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.OneHotEncoder`
 */
export class OneHotEncoder extends BlockTransformer {
  static override readonly name: string = 'OneHotEncoder'
  categories: Categories
  drop: 'first' | 'ifBinary' | undefined
  handleUnknown: UnknownCategory
  minFrequency: number | undefined
  maxCategories: number | undefined
  /** Categories of each column; NaN last. */
  declare categories_: readonly Float64Array[]
  /** For each column, the column of the result that each category has; -1 for one that is left out. */
  declare outputColumns_: readonly Int32Array[]
  /** The columns of the result for infrequent categories, one for each column; -1 where there is none. */
  declare infrequentColumns_: Int32Array
  /** Number of columns of the result. */
  declare width_: number

  constructor(options: OneHotEncoderOptions = {}) {
    super()
    if (new.target === OneHotEncoder) requireLearnOptions('OneHotEncoder', options, names)
    const { categories = 'auto', handleUnknown = 'error' } = options
    this.categories = categories
    this.drop = options.drop
    this.handleUnknown = handleUnknown
    this.minFrequency = options.minFrequency
    this.maxCategories = options.maxCategories
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /**
   * Finds the categories.
   *
   * @param X - categories as numbers, shape (n, d), any real dtype; read in place
   * @param _y - ignored
   * @throws OneCopyError `ERR_VALUE` for infinity and too many categories, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitFeatures(this, { X, but: _y, options }, async (X, _, options) => {
      const input = startFit(this, X, options)
      const unknown =
        requireOneOf(this, 'handleUnknown', unknownChoices, foreignUnknown) !== 'error'
      if (this.drop !== undefined) requireOneOf(this, 'drop', ['first', 'ifBinary'], foreignDrop)
      const least =
        this.minFrequency === undefined
          ? 0
          : requireNumber(this as Frequency, 'minFrequency', { min: 0 })
      const most =
        this.maxCategories === undefined
          ? Infinity
          : requireNumber(this as Limit, 'maxCategories', { min: 2, integer: true })
      const limits = { most: mostCategories, unknown }
      const found = await findCategories(this, input, this.categories, limits)
      const outputs: Int32Array[] = []
      const infrequent: number[] = []
      let width = 0
      for (const column of found) {
        const layout = layOut(column, { drop: this.drop, least, most }, width)
        outputs.push(layout.outputs)
        infrequent.push(layout.infrequent)
        width += layout.width
      }
      if (width === 0) {
        throw new OneCopyError(
          'ERR_OPTION',
          'Expected at least one category that is not left out, got none. Leave out the option drop.',
        )
      }
      this.categories_ = found.map(({ values }) => values)
      this.outputColumns_ = outputs
      this.infrequentColumns_ = Int32Array.from(infrequent)
      this.width_ = width
      return this
    })
  }

  /** Texts of a table are categories: the sorted texts of a column have the numbers 0, 1, 2 … */
  get takesCategories(): true {
    return true
  }

  checkLearned(values: LearnedValues): void {
    const categories = values.floatLists('categories_')
    const width = values.number('width_', 1)
    const isColumn = (one: number): boolean => one >= -1 && one < width
    const outputs = values.arrayList('outputColumns_', Int32Array)
    const fits = outputs.every(
      (list, j) => list.length === categories[j]?.length && list.every(isColumn),
    )
    if (outputs.length !== categories.length || !fits)
      throw values.refuse('outputColumns_', 'a column of the result or -1 for each category')
    const infrequent = values.integers('infrequentColumns_', width, -1)
    if (infrequent.length !== categories.length)
      throw values.refuse('infrequentColumns_', `${categories.length} numbers`)
  }

  override rowMap(): RowMap {
    requireFitted(this, 'categories_')
    const { outputColumns_: outputs, infrequentColumns_: infrequent, width_: width } = this
    const { handleUnknown } = this
    const codes = this.categories_.map((list) => codesOf(list))
    const columns = codes.length
    return {
      columns,
      width,
      apply(from, to, count, rowAt) {
        to.fill(0)
        for (let i = 0, at = 0, row = 0; i < count; i++, row += width)
          for (let j = 0; j < columns; j++, at++) {
            const code = codes[j]!(from[at]!)
            let output = code < 0 ? -1 : outputs[j]![code]!
            if (code < 0 && handleUnknown === 'error')
              throw unknownCategory(from[at]!, rowAt(i), j, advice)
            if (code < 0 && handleUnknown === 'infrequentIfExist') output = infrequent[j]!
            if (output >= 0) to[row + output] = 1
          }
      },
    }
  }
}

registerEstimator(OneHotEncoder, 'onecopy.OneHotEncoder', import.meta.url)

interface Frequency {
  readonly minFrequency: unknown
}

interface Limit {
  readonly maxCategories: unknown
}

const names: OptionNames<OneHotEncoderOptions> = {
  categories: true,
  drop: true,
  handleUnknown: true,
  minFrequency: true,
  maxCategories: true,
}

const mostCategories = 1 << 14
const advice = "Set handleUnknown: 'ignore' to give such values zeros."

/** Which column of the result each category has. */
function layOut(
  { values, weights }: ColumnCategories,
  { drop, least, most }: { drop: OneHotEncoder['drop']; least: number; most: number },
  first: number,
): { outputs: Int32Array; infrequent: number; width: number } {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const limit = least < 1 ? least * total : least
  const isRare = Array.from(weights, (weight) => weight < limit)
  const frequent = isRare.filter((rare) => !rare).length
  if (most < frequent + 1 && most < values.length) {
    const order = Array.from(weights.keys()).sort((a, b) => weights[a]! - weights[b]! || a - b)
    for (const code of order.slice(0, 1 - most)) isRare[code] = true
  }
  const outputs = new Int32Array(values.length).fill(-1)
  let width = 0
  for (const [code, rare] of isRare.entries()) if (!rare) outputs[code] = width++
  const hasRare = isRare.includes(true)
  if (hasRare) {
    for (const [code, rare] of isRare.entries()) if (rare) outputs[code] = width
    width++
  }
  const drops = drop === 'first' || (drop === 'ifBinary' && width === 2) ? 1 : 0
  const place = (output: number): number => (output < drops ? -1 : first + output - drops)
  return {
    outputs: outputs.map(place),
    infrequent: hasRare ? place(width - 1) : -1,
    width: width - drops,
  }
}

const unknownChoices: readonly UnknownCategory[] = ['error', 'ignore', 'infrequentIfExist']
const foreignUnknown = { infrequent_if_exist: 'infrequentIfExist' }
const foreignDrop = { if_binary: 'ifBinary' }
