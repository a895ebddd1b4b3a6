/** Numbers categories from 0. */

import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireFitted, requireOneOf } from '../contract/base-estimator.ts'
import type { TableFitOptions } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { RowMap } from '../contract/row-map.ts'
import { BlockTransformer } from '../preprocessing/block-transformer.ts'
import { startFit } from '../preprocessing/fit-rows.ts'
import { type Categories, codesOf, findCategories, unknownCategory } from './categories.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link OrdinalEncoder}. */
export interface OrdinalEncoderOptions {
  /** Categories of each column in their order; default: `'auto'`, the values in `fit`, ascending. */
  readonly categories?: Categories
  /** Whether a value that is no category is refused or gets `unknownValue`; default: `'error'`. */
  readonly handleUnknown?: 'error' | 'useEncodedValue'
  /** The number for values that are no category; default: NaN. */
  readonly unknownValue?: number
  /** The number for NaN; default: NaN. */
  readonly encodedMissingValue?: number
}

/**
 * Replaces each category by its number: 0, 1, 2 … in each column. NaN is a missing value and stays NaN, or gets
 * `encodedMissingValue`.
 *
 * Categories are numbers, such as the codes of a table's column. A column has at most 1,048,576 of them; those of all
 * columns are held in memory while they are counted, in one pass over the rows.
 *
 * @example
 * ```ts
 * const encoder = await new OrdinalEncoder({ handleUnknown: 'useEncodedValue', unknownValue: -1 }).fit(X)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.OrdinalEncoder`
 */
export class OrdinalEncoder extends BlockTransformer {
  static override readonly name: string = 'OrdinalEncoder'
  categories: Categories
  handleUnknown: 'error' | 'useEncodedValue'
  unknownValue: number
  encodedMissingValue: number
  /** Categories of each column, in the order of their numbers; NaN last. */
  declare categories_: readonly Float64Array[]

  constructor(options: OrdinalEncoderOptions = {}) {
    super()
    if (new.target === OrdinalEncoder) requireLearnOptions('OrdinalEncoder', options, names)
    const { categories = 'auto', handleUnknown = 'error' } = options
    const { unknownValue = Number.NaN, encodedMissingValue = Number.NaN } = options
    this.categories = categories
    this.handleUnknown = handleUnknown
    this.unknownValue = unknownValue
    this.encodedMissingValue = encodedMissingValue
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
        requireOneOf(this, 'handleUnknown', unknownChoices, foreignUnknown) === 'useEncodedValue'
      const numbers = {
        unknownValue: this.unknownValue,
        encodedMissingValue: this.encodedMissingValue,
      }
      for (const [name, value] of Object.entries(numbers)) requireCode(name, value)
      const limits = { most: mostCategories, unknown }
      const found = await findCategories(this, input, this.categories, limits)
      for (const [column, { values }] of found.entries()) {
        const count = values.filter((value) => !Number.isNaN(value)).length
        requireFree('unknownValue', unknown ? this.unknownValue : Number.NaN, count, column)
        requireFree('encodedMissingValue', this.encodedMissingValue, count, column)
      }
      this.categories_ = found.map(({ values }) => values)
      return this
    })
  }

  /** Texts of a table are categories: the sorted texts of a column have the numbers 0, 1, 2 … */
  get takesCategories(): true {
    return true
  }

  checkLearned(values: LearnedValues): void {
    values.floatLists('categories_')
  }

  override rowMap(): RowMap {
    requireFitted(this, 'categories_')
    const { handleUnknown, unknownValue, encodedMissingValue, categories_: categories } = this
    const codes = categories.map((list) => codesOf(list))
    const columns = codes.length
    return {
      columns,
      width: columns,
      apply(from, to, count, rowAt) {
        for (let j = 0; j < columns; j++) {
          const codeOf = codes[j]!
          for (let i = 0, at = j; i < count; i++, at += columns) {
            const value = from[at]!
            const code = codeOf(value)
            if (code >= 0) to[at] = Number.isNaN(value) ? encodedMissingValue : code
            else if (handleUnknown === 'useEncodedValue') to[at] = unknownValue
            else throw unknownCategory(value, rowAt(i), j, advice)
          }
        }
      },
    }
  }
}

registerEstimator(OrdinalEncoder, 'onecopy.OrdinalEncoder', import.meta.url)

const names: OptionNames<OrdinalEncoderOptions> = {
  categories: true,
  handleUnknown: true,
  unknownValue: true,
  encodedMissingValue: true,
}

const mostCategories = 1 << 20
const advice = "Set handleUnknown: 'useEncodedValue' to give such values unknownValue."

const unknownChoices = ['error', 'useEncodedValue'] as const
const foreignUnknown = { use_encoded_value: 'useEncodedValue' }

function requireCode(name: string, value: unknown): void {
  if (typeof value === 'number') return
  throw new TypeError(
    `Expected \`${name}\` of OrdinalEncoder to be a number or NaN, got ${show(value)}.`,
  )
}

/** Refuses a number that is already that of a category. */
function requireFree(name: string, value: number, count: number, column: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value < count)) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of OrdinalEncoder to be other than the numbers of categories, 0 to ${count - 1} in column ${column}, got ${value}.`,
    { details: { name, value, column } },
  )
}
