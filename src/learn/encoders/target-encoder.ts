/** Replaces categories by means of the target. */

import type { NDArray } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireFitted, requireNumber } from '../contract/base-estimator.ts'
import type { FloatArray, TableFitOptions, PredictOptions } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type RowMap } from '../contract/row-map.ts'
import type { Splitter } from '../contract/splitter.ts'
import { transformRows } from '../features/transform-rows.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { BlockTransformer } from '../preprocessing/block-transformer.ts'
import { startFit } from '../preprocessing/fit-rows.ts'
import { distinctValues } from '../statistics/column-values.ts'
import { codesOf } from './categories.ts'
import { chooseFolds } from './encoder-folds.ts'
import { readGroups, type TargetByCategory, type TargetGroup } from './group-means.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link TargetEncoder}. */
export interface TargetEncoderOptions {
  /**
   * How far means of categories are drawn towards the mean of all rows: as if that many rows with this mean were added to
   * each category; or `'auto'`, by how much the target varies within and between categories. Default: `'auto'`.
   */
  readonly smoothing?: 'auto' | number
  /**
   * Number of folds for the training rows, a whole number >= 2, or a splitter whose folds test each row once, such as a `KFold`;
   * default: 5.
   */
  readonly folds?: number | Splitter
  /** Seed of a number of folds, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/**
 * Replaces each category by the mean of the target in it, drawn towards the mean of all rows where the category is
 * rare. NaN is a category of its own; an unknown category gets the mean of all rows.
 *
 * A model that learned from these means would see the target of each row in its own feature. So training rows are
 * cross-fitted: each gets means of rows in other folds. {@link TargetEncoder.fitTransform} returns them, and a
 * `Pipeline` uses them when it fits what comes behind. `transform` always uses the means of all rows of `fit`.
 *
 * Categories are numbers, at most 131,072 in a column. The target is one number for each row; 0 and 1 for two classes
 * give the share of the class. `fit` takes two passes over the rows.
 *
 * @example
 * ```ts
 * const model = new Pipeline({ steps: { encode: new TargetEncoder(), ridge: new Ridge() } })
 * await model.fit(codes, y)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.TargetEncoder`; Micci-Barreca: A preprocessing scheme for
 *   high-cardinality categorical attributes, SIGKDD Explorations 3 (2001)
 */
export class TargetEncoder extends BlockTransformer {
  static override readonly name: string = 'TargetEncoder'
  smoothing: 'auto' | number
  folds: number | Splitter
  seed: number
  /** Categories of each column, ascending; NaN last. */
  declare categories_: readonly Float64Array[]
  /** What replaces each of them. */
  declare encodings_: readonly Float64Array[]
  /** Mean of the target of all rows. */
  declare targetMean_: number
  /** How the training rows are mapped: known in the process that fitted. */
  #training: { readonly of: object; readonly map: RowMap } | undefined

  constructor(options: TargetEncoderOptions = {}) {
    super()
    if (new.target === TargetEncoder) requireLearnOptions('TargetEncoder', options, names, instead)
    const { smoothing = 'auto', folds = 5, seed = 0 } = options
    this.smoothing = smoothing
    this.folds = folds
    this.seed = seed
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /** `fit` needs a target. */
  get usesTarget(): true {
    return true
  }

  /**
   * Learns the means of the categories.
   *
   * @param X - categories as numbers, shape (n, d), any real dtype; read in place
   * @param y - target, shape (n) or (n, 1)
   * @throws OneCopyError `ERR_VALUE` for infinity, too many categories and NaN in `y`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`,
   *   `ERR_FOLDS` for folds that don't test each row once
   */
  override async fit(
    X: FeatureInput,
    y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitFeatures(this, { X, y, options }, async (X, y, options) => {
      const target = toArray(y, '`y`')
      const input = { ...startFit(this, X, options, target), y: requireOneTarget(target) }
      const smoothing = requireSmoothing(this)
      const { folds, foldOf } = chooseFolds(this, requireRows(options.rows, X.shape[0]), input.y)
      const found = await distinctValues(input, mostCategories)
      const categories = found.map(({ values }) => values)
      const codes = categories.map((list) => codesOf(list))
      const sizes = categories.map(({ length }) => length)
      const groups = await readGroups(input, sizes, codes, { folds, foldOf })
      const all = encode(groups, sizes, smoothing)
      this.categories_ = categories
      this.encodings_ = all.encodings
      this.targetMean_ = all.mean
      const others = Array.from({ length: folds }, (_, fold) =>
        encode(groups, sizes, smoothing, fold),
      )
      const map = mapOf(codes, (row) => others[foldOf(row)]!)
      this.#training = { of: this.encodings_, map }
      return this
    })
  }

  /**
   * Fits, and returns the training rows with the means of other folds.
   *
   * @returns float64 values, one row for each chosen row; or `options.out`, with one row for every row of `X`
   * @throws OneCopyError as `fit` and `transform`
   */
  async fitTransform(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    options: TableFitOptions & Pick<PredictOptions, 'out'> = {},
  ): Promise<FloatArray> {
    const { out, ...fitOptions } = options
    await this.fit(X, y, fitOptions)
    const { rows } = fitOptions
    const rowOptions = {
      ...(rows === undefined ? {} : { rows }),
      ...(out === undefined ? {} : { out }),
    }
    return transformRows(this, X, rowOptions, this.trainingMap())
  }

  /** Texts of a table are categories: the sorted texts of a column have the numbers 0, 1, 2 … */
  get takesCategories(): true {
    return true
  }

  checkLearned(values: LearnedValues): void {
    const categories = values.floatLists('categories_')
    const encodings = values.floatLists('encodings_')
    const fits = encodings.every((list, j) => list.length === categories[j]?.length)
    if (
      encodings.length !== categories.length ||
      !fits ||
      encodings.some((list) => list.some(Number.isNaN))
    )
      throw values.refuse('encodings_', 'a finite number for each category')
    values.number('targetMean_', -Infinity, Infinity, false)
  }

  override rowMap(): RowMap {
    requireFitted(this, 'encodings_')
    const codes = this.categories_.map((list) => codesOf(list))
    const all = { encodings: this.encodings_, mean: this.targetMean_ }
    return mapOf(codes, () => all)
  }

  /** The map of training rows, which gives each the means of other folds. */
  trainingMap(): RowMap {
    requireFitted(this, 'encodings_')
    return this.#training?.of === this.encodings_ ? this.#training.map : this.rowMap()
  }
}

registerEstimator(TargetEncoder, 'onecopy.TargetEncoder', import.meta.url)

const names: OptionNames<TargetEncoderOptions> = { smoothing: true, folds: true, seed: true }

const instead = {
  categories: 'they are found in `fit`',
  target_type: 'the target is a number; use 0 and 1 for two classes',
  shuffle: 'folds are always drawn at random',
}

const mostCategories = {
  most: 1 << 17,
  advice:
    'A column of measured numbers has no categories: select others, or divide it into ranges first.',
}

/** What replaces the categories of each column. */
interface Encodings {
  readonly encodings: readonly Float64Array[]
  /** For unknown categories. */
  readonly mean: number
}

/** Encodings of all rows, or of those outside a fold. */
function encode(
  { columns, whole }: TargetByCategory,
  sizes: readonly number[],
  smoothing: 'auto' | number,
  without?: number,
): Encodings {
  const rest = whole.group(0, without)
  // With so few rows that all of them are in one fold there are no others to learn from.
  const fold = rest.weight > 0 ? without : undefined
  const all = rest.weight > 0 ? rest : whole.group(0)
  const encodings = columns.map((groups, j) =>
    Float64Array.from({ length: sizes[j]! }, (_, code) =>
      shrink(groups.group(code, fold), all, smoothing),
    ),
  )
  return { encodings, mean: all.mean }
}

/** The mean of a category, drawn towards that of all rows. */
function shrink(group: TargetGroup, all: TargetGroup, smoothing: 'auto' | number): number {
  const { weight, mean, squares } = group
  if (weight === 0) return all.mean
  if (smoothing !== 'auto') return all.mean + ((mean - all.mean) * weight) / (weight + smoothing)
  const between = (all.squares / all.weight) * weight
  const share = between / (between + squares / weight)
  return Number.isNaN(share) ? all.mean : share * mean + (1 - share) * all.mean
}

function mapOf(
  codes: readonly ((value: number) => number)[],
  encodingsOf: (row: number) => Encodings,
): RowMap {
  const columns = codes.length
  return {
    columns,
    width: columns,
    apply(from, to, count, rowAt) {
      for (let i = 0, at = 0; i < count; i++) {
        const { encodings, mean } = encodingsOf(rowAt(i))
        for (let j = 0; j < columns; j++, at++) {
          const code = codes[j]!(from[at]!)
          to[at] = code < 0 ? mean : encodings[j]![code]!
        }
      }
    },
  }
}

function requireSmoothing(owner: { readonly smoothing: unknown }): 'auto' | number {
  if (owner.smoothing === 'auto') return 'auto'
  if (typeof owner.smoothing === 'number') return requireNumber(owner, 'smoothing', { min: 0 })
  throw new TypeError(
    `Expected \`smoothing\` of TargetEncoder to be 'auto' or a number >= 0, got ${show(owner.smoothing)}.`,
  )
}

function requireOneTarget(y: NDArray): NDArray {
  if (y.ndim === 1 || y.shape[1] === 1) return y
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`y\` to have one target, shape (n), to fit TargetEncoder on, got ${y.shape[1]}. Fit one for each.`,
    { details: { targets: y.shape[1] } },
  )
}
