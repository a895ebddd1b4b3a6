/** Keeps columns by their numbers. */

import { OneCopyError, show } from '../../errors.ts'
import { suggestNames } from '../../nearest-names.ts'
import { isStringList, type OptionNames } from '../../options.ts'
import type { TableFitOptions } from '../contract/estimator.ts'
import { ColumnChoice } from './column-choice.ts'
import { startFit } from './fit-rows.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import { requireNoTexts } from '../features/table-refusals.ts'
import { columnsOf, type FeatureInput, type TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link SelectColumns}. */
export interface SelectColumnsOptions {
  /** Numbers of the columns to keep, from 0, or names of columns of a table, in the order of the result; default: all. */
  readonly columns?: readonly number[] | Int32Array | readonly string[] | undefined
}

/**
 * Keeps some columns. `fit` reads no values; NaN and infinity stay where they are.
 *
 * @example
 * ```ts
 * const model = new SuperLearner().add(new Ridge(), { preprocess: new SelectColumns({ columns: [0, 3] }) })
 * ```
 */
export class SelectColumns extends ColumnChoice {
  static override readonly name: string = 'SelectColumns'
  columns: SelectColumnsOptions['columns']

  constructor(options: SelectColumnsOptions = {}) {
    super()
    if (new.target === SelectColumns) requireLearnOptions('SelectColumns', options, names)
    this.columns = options.columns
  }

  /** Columns that are not kept may hold texts. */
  get takesCategories(): true {
    return true
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /**
   * Checks that the columns exist.
   *
   * @param X - values, shape (n, d)
   * @param _y - ignored
   * @throws OneCopyError `ERR_INDEX`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitFeatures(this, { X, but: _y, options }, async (X, _, options) => {
      const { columns } = startFit(this, X, options)
      const named = columnsOf(X)
      const chosen = requireColumnNumbers('SelectColumns', this.columns, columns, named?.names)
      if (named !== undefined) requireNoTexts('SelectColumns', named.select(chosen))
      this.inputColumns_ = columns
      this.columns_ = chosen
      return this
    })
  }
}

registerEstimator(SelectColumns, 'onecopy.SelectColumns', import.meta.url)

const names: OptionNames<SelectColumnsOptions> = { columns: true }

/**
 * Checks column numbers.
 *
 * @param owner - whose they are, for error texts
 * @param given - undefined for all
 * @param columns - number of columns of `X`
 * @param names - their names, when `X` is a table
 * @throws TypeError, or OneCopyError `ERR_INDEX` or `ERR_OPTION`
 */
export function requireColumnNumbers(
  owner: string,
  given: unknown,
  columns: number,
  names?: readonly string[],
): Int32Array {
  const chosen = placesOf(owner, given, names)
  if (chosen === undefined) return Int32Array.from({ length: columns }, (_, j) => j)
  if (!Array.isArray(chosen) && !(chosen instanceof Int32Array)) {
    throw new TypeError(
      `Expected \`columns\` of ${owner} to be column numbers, such as [0, 2], got ${show(chosen)}.`,
    )
  }
  const list: unknown[] = [...chosen]
  if (list.length === 0) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`columns\` of ${owner} to name at least one column, got none.`,
    )
  }
  const wrong = list.find(
    (j) => !Number.isInteger(j) || (j as number) < 0 || (j as number) >= columns,
  )
  if (wrong === undefined) return Int32Array.from(list as number[])
  const text = `Expected \`columns\` of ${owner} to be column numbers in [0, ${columns}), got ${show(wrong)}.`
  throw typeof wrong === 'number'
    ? new OneCopyError('ERR_INDEX', text, { details: { column: wrong, columns } })
    : new TypeError(text)
}

/** Names of columns as their numbers; anything else as it is. */
function placesOf(owner: string, given: unknown, names: readonly string[] | undefined): unknown {
  if (!isStringList(given) || given.length === 0) return given
  return given.map((name) => {
    const place = names === undefined ? -1 : names.indexOf(name)
    if (place !== -1) return place
    if (names === undefined)
      throw new TypeError(
        `Expected \`columns\` of ${owner} to be column numbers, such as [0, 2], got '${name}'. Names go with a table as \`X\`.`,
      )
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected \`columns\` of ${owner} to be names of columns of the table, got '${name}'. ${suggestNames(name, names)}`,
      { details: { column: name } },
    )
  })
}
