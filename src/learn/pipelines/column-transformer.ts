/** Transforms different columns in different ways. */

import { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { BaseEstimator, requireFitted } from '../contract/base-estimator.ts'
import {
  type FloatArray,
  clone,
  type FitOptions,
  type TableFitOptions,
  isTransformer,
  learnedState,
  type LearnedState,
  type Params,
  type PredictOptions,
  restore,
  type Transformer,
} from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type RowMap, type RowMapper } from '../contract/row-map.ts'
import { transformRows } from '../features/transform-rows.ts'
import {
  columnsOf,
  type FeatureInput,
  type Features,
  type TargetInput,
} from '../inputs/feature-input.ts'
import { numbersOf, readTarget, type Target } from '../inputs/targets.ts'
import { type FitRows, startFit } from '../preprocessing/fit-rows.ts'
import {
  type CheckedPart,
  type PartColumns,
  type ColumnPart,
  joinParts,
  mapOfPart,
  type MappedPart,
  requireParts,
} from './column-parts.ts'
import { StepFitter } from './fit-steps.ts'
import { changeSteps, deepParams } from './named-steps.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link ColumnTransformer}. */
export interface ColumnTransformerOptions {
  /** Parts by name; default: none. */
  readonly transformers?: Readonly<Record<string, ColumnPart>>
  /** What becomes of the columns that are in no part; default: `'drop'`. */
  readonly remainder?: Transformer | 'passthrough' | 'drop'
}

/**
 * Applies a transformer to each part of the columns and puts the results side by side, in the order of the parts; the
 * other columns come last.
 *
 * Columns that are evenly spaced, such as [0, 1, 2] or [1, 3], are a view of `X`. Others are gathered block by block;
 * only a transformer that learns from more than moments, such as `RobustScaler`, gets a copy of its own columns for
 * its `fit`.
 *
 * @example
 * ```ts
 * const columns = new ColumnTransformer({
 *   transformers: {
 *     sizes: { columns: [0, 1], transformer: new StandardScaler() },
 *     rest: { columns: [2, 3, 4], transformer: new SimpleImputer() },
 *   },
 * })
 * const model = await new Pipeline({ steps: { columns, ridge: new Ridge() } }).fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.compose.ColumnTransformer`
 */
export class ColumnTransformer extends BaseEstimator implements Transformer, RowMapper {
  static override readonly name: string = 'ColumnTransformer'
  transformers: Readonly<Record<string, ColumnPart>>
  remainder: Transformer | 'passthrough' | 'drop'
  /** Number of columns before the map. */
  declare inputColumns_: number
  /** Learned values of each transformer, by the name of its part. */
  declare transformers_: Readonly<Record<string, LearnedState>>
  /** Number of columns that each part adds, in order, without those that are dropped. */
  declare widths_: Int32Array
  #fitted: { readonly from: object; readonly parts: readonly MappedPart[] } | undefined

  constructor(options: ColumnTransformerOptions = {}) {
    super()
    if (new.target === ColumnTransformer) requireLearnOptions('ColumnTransformer', options, names)
    const { transformers = {}, remainder = 'drop' } = options
    this.transformers = transformers
    this.remainder = remainder
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /** Whether a transformer needs `y`. */
  get usesTarget(): boolean {
    return this.#named().some(([, step]) => isTransformer(step) && step.usesTarget === true)
  }

  /** Parts take columns of texts, or refuse them. */
  get takesCategories(): true {
    return true
  }

  /** Parts have options of their own. */
  get hasSteps(): true {
    return true
  }

  /**
   * The options.
   *
   * @param options - `deep: true` adds the transformers by the names of their parts, and their options by path, such as
   *   `sizes.withMean`
   */
  override getParams(options: { readonly deep?: boolean } = {}): Params {
    requireKnown('ColumnTransformer.getParams', options, { deep: true })
    const params = super.getParams()
    return options.deep === true ? { ...deepParams(this.#named()), ...params } : params
  }

  /**
   * Sets options, replaces the transformer of a part by its name, or sets an option by its path, such as
   * `'sizes.withMean'`. Changed transformers are copies.
   *
   * @throws OneCopyError `ERR_OPTION` for a path that leads nowhere
   */
  override setParams(params: Params): this {
    const { transformers = this.transformers, remainder = this.remainder, ...others } = params
    const parts = transformers as Readonly<Record<string, ColumnPart>>
    const named = this.#named(parts, remainder)
    const changed = changeSteps('ColumnTransformer', named, others, ['transformers', 'remainder'])
    const steps = Object.fromEntries(changed) as Record<string, ColumnPart['transformer']>
    const isSame = Object.keys(others).length === 0
    this.remainder = isSame ? (remainder as ColumnPart['transformer']) : steps['remainder']!
    this.transformers = isSame
      ? parts
      : Object.fromEntries(
          Object.entries(parts).map(([name, part]) => [
            name,
            { ...part, transformer: steps[name]! },
          ]),
        )
    return this
  }

  /**
   * Fits a clone of each transformer on its columns.
   *
   * @param X - values, shape (n, d), any real dtype; read in place
   * @param y - target, when a transformer needs one
   * @throws TypeError, or OneCopyError `ERR_INDEX` and `ERR_OPTION` for what is no part; what the transformers throw
   */
  async fit(X: FeatureInput, y?: TargetInput, options: TableFitOptions = {}): Promise<this> {
    return fitFeatures(this, { X, y, options }, async (X, y, options) => {
      const target = y === undefined ? undefined : readTarget(y)
      const numbers = target instanceof NDArray && this.usesTarget ? target : undefined
      const input = startFit(this, X, options, numbers)
      if (target !== undefined && this.usesTarget) numbersOf(target, input.X.shape[0])
      const { transformers, remainder } = this
      const parts = requireParts(transformers, remainder, columnsIn(X))
      const fitted: MappedPart[] = []
      const states: Record<string, LearnedState> = {}
      let copiedBytes = 0
      for (const part of parts) {
        const own = await fitPart(part, input, target, options)
        if (own.transformer !== 'passthrough') states[part.name] = learnedState(own.transformer)
        fitted.push(mapOfPart({ ...part, transformer: own.transformer }, own.width))
        copiedBytes = Math.max(copiedBytes, own.copiedBytes)
      }
      this.inputColumns_ = input.columns
      this.transformers_ = states
      this.widths_ = Int32Array.from(fitted, ({ map }) => map.width)
      if (copiedBytes > 0) Object.assign(this, { copiedBytes_: copiedBytes })
      this.#fitted = { from: states, parts: fitted }
      return this
    })
  }

  /**
   * Transforms rows of `X`, in blocks.
   *
   * @param X - values, shape (n, d)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  transform(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    return transformRows(this, X, options)
  }

  rowMap(): RowMap {
    requireFitted(this, 'transformers_')
    return joinParts(this.#parts(), this.inputColumns_)
  }

  /** The maps of all parts for the rows of the last `fit`. */
  trainingMap(): RowMap {
    requireFitted(this, 'transformers_')
    const parts = this.#parts().map(({ columns, trainingMap }) => ({ columns, map: trainingMap }))
    return joinParts(parts, this.inputColumns_)
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const columns = values.columnCount('inputColumns_')
    const states = values.record('transformers_')
    const names = values.has('featureNamesIn_')
      ? (values.list('featureNamesIn_') as string[])
      : undefined
    const parts = requireParts(this.transformers, this.remainder, { count: columns, names })
    const widths = values.integers('widths_', 2 ** 31)
    if (widths.length !== parts.length) throw values.refuse('widths_', `${parts.length} numbers`)
    for (const [i, part] of parts.entries()) {
      const restored = restorePart(part, states, (expected) =>
        values.refuse('transformers_', expected),
      )
      const { map } = mapOfPart(restored, widths[i]!)
      if (map.columns !== part.columns.length) {
        const expected = `learned values of ${part.columns.length} columns for ${part.name}`
        throw values.refuse('transformers_', expected, `some of ${map.columns}`)
      }
      if (map.width !== widths[i])
        throw values.refuse('widths_', `${map.width} for ${part.name}`, `${widths[i]}`)
    }
  }

  /** The parts as they were fitted, or made again from learned values that came from elsewhere. */
  #parts(): readonly MappedPart[] {
    if (this.#fitted?.from === this.transformers_) return this.#fitted.parts
    const parts = requireParts(this.transformers, this.remainder, {
      count: this.inputColumns_,
      names: this.featureNamesIn_,
    }).map((part, i) => mapOfPart(restorePart(part, this.transformers_), this.widths_[i]!))
    this.#fitted = { from: this.transformers_, parts }
    return parts
  }

  #named(
    parts: unknown = this.transformers,
    remainder: unknown = this.remainder,
  ): [string, unknown][] {
    const named = Object.entries(parts ?? {}).map(([name, part]): [string, unknown] => [
      name,
      (part as Partial<ColumnPart> | undefined)?.transformer,
    ])
    return [...named, ['remainder', remainder]]
  }
}

registerEstimator(ColumnTransformer, 'onecopy.ColumnTransformer', import.meta.url)

const names: OptionNames<ColumnTransformerOptions> = { transformers: true, remainder: true }

/** Gives a clone of a part's transformer what it has learned. */
function restorePart(
  part: CheckedPart,
  states: Readonly<Record<string, unknown>>,
  refuse?: (expected: string) => OneCopyError,
): CheckedPart {
  const { name, transformer } = part
  if (transformer === 'passthrough') return part
  const state = states[name]
  if (typeof state !== 'object' || state === null) {
    const expected = `a record with the learned values of ${name}`
    throw refuse?.(expected) ?? new OneCopyError('ERR_FORMAT', `Expected ${expected}, got none.`)
  }
  return { ...part, transformer: restore(clone(transformer), state as LearnedState) }
}

/** A fitted clone of a part's transformer, and how many columns it makes. */
async function fitPart(
  { name, columns, transformer }: CheckedPart,
  input: FitRows,
  target: Target | undefined,
  options: FitOptions,
): Promise<{
  transformer: CheckedPart['transformer']
  width: number
  copiedBytes: number
}> {
  if (transformer === 'passthrough') return { transformer, width: columns.length, copiedBytes: 0 }
  const own = clone(transformer)
  const { view, select } = viewOf(input.X, columns)
  const fitter = new StepFitter('ColumnTransformer', { ...input, X: view }, options)
  try {
    if (select !== undefined) fitter.skip(select)
    const { width } = await fitter.add(name, own, target)
    return { transformer: own, width, copiedBytes: fitter.copiedBytes }
  } finally {
    fitter.close()
  }
}

/** The columns that parts choose from. */
function columnsIn(X: Features): PartColumns {
  const columns = columnsOf(X)
  return { count: X.shape[1], names: columns?.names, categories: columns?.categories }
}

/** Columns as a view of `X` when they are evenly spaced; otherwise the map that selects them. */
function viewOf(given: Features, columns: Int32Array): { view: Features; select?: RowMap } {
  const named = columnsOf(given)
  if (named !== undefined) return { view: named.select(columns) }
  const X = given as NDArray
  const [first] = columns as unknown as [number]
  const step = columns.length > 1 ? columns[1]! - first : 1
  if (step > 0 && columns.every((column, i) => column === first + i * step))
    return { view: X.slice(null, [first, columns.at(-1)! + 1, step]) }
  const d = X.shape[1]!
  return {
    view: X,
    select: {
      columns: d,
      width: columns.length,
      apply(from, to, count) {
        for (let i = 0, at = 0; i < count; i++)
          for (const column of columns) to[at++] = from[i * d + column]!
      },
    },
  }
}
