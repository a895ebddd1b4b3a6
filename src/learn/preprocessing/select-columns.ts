/** Keeps columns by their numbers. */

import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { FitOptions } from '../contract/estimator.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { ColumnChoice } from './column-choice.ts'
import { startFit } from './fit-rows.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'

/** Options of {@link SelectColumns}. */
export interface SelectColumnsOptions {
  /** Numbers of the columns to keep, from 0, in the order of the result; default: all. */
  readonly columns?: readonly number[] | Int32Array | undefined
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
  columns: readonly number[] | Int32Array | undefined

  constructor(options: SelectColumnsOptions = {}) {
    super()
    if (new.target === SelectColumns) requireLearnOptions('SelectColumns', options, names)
    this.columns = options.columns
  }

  /**
   * Checks that the columns exist.
   *
   * @param X - values, shape (n, d)
   * @param _y - ignored
   * @throws OneCopyError `ERR_INDEX`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(X: ArrayInput, _y?: ArrayInput, options: FitOptions = {}): Promise<this> {
    return keepInputs({ X, options }, async () => {
      const { columns } = startFit(this, X, options)
      const chosen = requireColumnNumbers('SelectColumns', this.columns, columns)
      this.inputColumns_ = columns
      this.columns_ = chosen
      return this
    })
  }
}

const names: OptionNames<SelectColumnsOptions> = { columns: true }

/**
 * Checks column numbers.
 *
 * @param owner - whose they are, for error texts
 * @param chosen - undefined for all
 * @param columns - number of columns of `X`
 * @throws TypeError, or OneCopyError `ERR_INDEX` or `ERR_OPTION`
 */
export function requireColumnNumbers(owner: string, chosen: unknown, columns: number): Int32Array {
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
