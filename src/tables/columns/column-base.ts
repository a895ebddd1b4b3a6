/** What all columns have in common: name, length, missing values. */

import { inspect } from 'node:util'
import { type DType, NDArray, zeros } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { showColumn } from './column-text.ts'
import { countInvalid, isValid, requireValidity, type Validity } from './validity.ts'

/** A value, or a function that makes it when it is first asked for. */
export type Source<T> = T | (() => T)

/** What a cell holds: null, or NaN in a column of numbers, where there is no value. */
export type CellValue = number | bigint | string | boolean | Date | null

/** What may be said of a column's rows. */
export interface ColumnOptions {
  /**
   * Which rows have a value: uint8, shape (ceil(n / 8)), bit `j % 8` of byte `j / 8` is 1 when row j has one, as in
   * Apache Arrow. Kept, not copied; what the column holds in other rows means nothing. Default: every row has one, unless its value
   * says otherwise: NaN, or a negative code of a category.
   */
  readonly validity?: Source<Validity | undefined> | undefined
  /** How many rows have no value. Default: counted on first use. */
  readonly missing?: number | undefined
}

/** Name, length and missing values of a column. */
export abstract class ColumnBase {
  /** Name of the column. */
  readonly name: string
  abstract readonly kind: string
  #validity: Source<Validity | undefined>
  #isChecked = false
  #missing: number | undefined

  /** @param options - or how many rows have no value */
  constructor(name: string, options: ColumnOptions | number | undefined) {
    const { validity, missing } =
      typeof options === 'number' ? { validity: undefined, missing: options } : (options ?? {})
    this.name = name
    this.#validity = validity
    this.#missing = missing
  }

  /** Number of rows. */
  abstract get size(): number

  /** All arrays that the column keeps, its bitmap last; they are made if they were not yet. */
  abstract get arrays(): readonly NDArray[]

  /** @internal What another column of the same rows is made with. */
  protected get options(): ColumnOptions {
    return { validity: () => this.validity, missing: this.#missing }
  }

  /** @internal The arrays that the column keeps, as far as they were already made. */
  get knownArrays(): readonly NDArray[] {
    return typeof this.#validity === 'object' ? [this.#validity] : []
  }

  /**
   * Which rows have a value, one bit a row, shape (ceil(n / 8)); undefined when the values alone say so. A value of NaN and a negative
   * code mean that there is none in any case.
   *
   * @throws OneCopyError `ERR_DETACHED` when the table was disposed of, `ERR_SHAPE`, `ERR_DTYPE`
   */
  get validity(): Validity | undefined {
    if (typeof this.#validity === 'function') this.#validity = this.#validity()
    if (this.#validity === undefined) return undefined
    if (this.#isChecked && this.#validity.mapping?.isGone !== true) return this.#validity
    this.#isChecked = true
    return requireValidity(this.name, this.#validity, this.size)
  }

  /** How many rows have no value. */
  get missing(): number {
    return (this.#missing ??= this.countMissing())
  }

  /** Whether row `row` has no value. */
  isMissing(row: number): boolean {
    return this.missingTest()(this.rowAt(row))
  }

  /**
   * What tells whether a row has no value. Everything that reads a column asks this, or {@link ColumnBase.missingMask}: there is no other rule.
   *
   * @returns a function of a row in [0, n), which it doesn't check; it holds until the table is disposed of
   */
  missingTest(): (row: number) => boolean {
    const { validity } = this
    return validity === undefined ? () => false : (row) => !isValid(validity, row)
  }

  /** A new array, shape (n), that is 1 in rows without a value. */
  missingMask(): NDArray<'bool'> {
    const { size } = this
    const isMissing = this.missingTest()
    const mask = zeros([size], 'bool')
    for (let row = 0; row < size; row++) if (isMissing(row)) mask.data[row] = 1
    return mask
  }

  /** Name, length and first values. */
  toString(): string {
    const isGone = this.knownArrays.some(({ mapping }) => mapping?.isGone === true)
    return showColumn(this.constructor.name, {
      name: this.name,
      kind: this.kind,
      size: isGone ? undefined : this.size,
      text: (row) => this.text(row),
    })
  }

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return this.toString()
  }

  /** The value in row `row`. */
  abstract get(row: number): CellValue

  /** The value in row `row` as `writeCsv` writes it, which is exact; null when there is none. */
  abstract text(row: number): string | null

  protected countMissing(): number {
    const { validity } = this
    return validity === undefined ? 0 : countInvalid(validity, this.size)
  }

  /** Whether the bitmap says that a row, which may be counted from the end, has no value. */
  protected lacksBit(row: number): boolean {
    const { validity } = this
    return validity !== undefined && !isValid(validity, row < 0 ? row + this.size : row)
  }

  /**
   * The number of a row that may be counted from the end, as in `values.get(-1)`.
   *
   * @throws OneCopyError `ERR_INDEX`
   */
  protected rowAt(row: number): number {
    const at = row < 0 ? row + this.size : row
    if (Number.isInteger(at) && at >= 0 && at < this.size) return at
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected a row of column '${this.name}' in [0, ${this.size}), got ${show(row)}.`,
      { details: { column: this.name, row } },
    )
  }
}

/** A column with one value of a fixed width in each row. */
export abstract class ValueColumn<D extends DType> extends ColumnBase {
  #source: Source<NDArray<D>>
  readonly #dtypes: readonly DType[]

  /**
   * @param name - name of the column
   * @param values - shape (n), kept, not copied; or a function that makes them on first use
   * @param dtypes - which ones they may have
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
   */
  constructor(
    name: string,
    values: Source<NDArray<D>>,
    dtypes: readonly DType[],
    options: ColumnOptions | number | undefined,
  ) {
    super(name, options)
    this.#dtypes = dtypes
    this.#source =
      typeof values === 'function' ? values : requireColumnArray(name, 'the values', values, dtypes)
    // A bitmap that is there is checked at once, as the values are.
    if (typeof values === 'object' && typeof options === 'object') void this.validity
  }

  /**
   * The values, shape (n). What stands in a row without a value means nothing, where {@link ColumnBase.validity} says that there is
   * none.
   *
   * @throws OneCopyError `ERR_DETACHED` when the table was disposed of
   */
  get values(): NDArray<D> {
    if (typeof this.#source === 'function')
      this.#source = requireColumnArray(this.name, 'the values', this.#source(), this.#dtypes)
    if (this.#source.mapping?.isGone === true) requireAttached(this.#source)
    return this.#source
  }

  override get size(): number {
    return this.values.size
  }

  override get arrays(): readonly NDArray[] {
    const { values, validity } = this
    return validity === undefined ? [values] : [values, validity]
  }

  /** @internal */
  override get knownArrays(): readonly NDArray[] {
    const known = super.knownArrays
    return typeof this.#source === 'function' ? known : [this.#source, ...known]
  }

  protected override countMissing(): number {
    if (this.validity !== undefined && !this.hasMissingValues) return super.countMissing()
    if (!this.hasMissingValues) return 0
    const { data, size } = this.missingMask()
    let count = 0
    for (let i = 0; i < size; i++) count += data[i]!
    return count
  }

  /** Whether some values may themselves mean that there is none. */
  protected get hasMissingValues(): boolean {
    return false
  }
}

/**
 * Returns an array that a column is made of.
 *
 * @param what - it holds
 * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
 */
export function requireColumnArray<D extends DType>(
  name: string,
  what: string,
  values: NDArray<D>,
  dtypes: readonly DType[],
): NDArray<D> {
  if (!((values as unknown) instanceof NDArray)) {
    throw new TypeError(
      `Expected ${what} of column '${name}' as an NDArray, got ${show(values)}. Make one with array(values).`,
    )
  }
  if (values.ndim !== 1) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected ${what.replace('the ', '')} of one axis for column '${name}', got shape [${values.shape.join(', ')}].`,
    )
  }
  if (dtypes.includes(values.dtype)) return values
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected ${dtypes.join(', ').replace(/, (?=\w+$)/, ' or ')} ${what.replace('the ', '')} for column '${name}', got ${values.dtype}.`,
    { details: { column: name, dtype: values.dtype } },
  )
}
