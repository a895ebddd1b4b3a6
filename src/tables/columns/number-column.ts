/** NumberColumn: numbers of any dtype, in place. */

import { type DType, dtypes, type NDArray } from '../../arrays/index.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { type ColumnOptions, type Source, ValueColumn } from './column-base.ts'
import {
  type ColumnState,
  loadValidity,
  requireSavedName,
  requireSavedValues,
  saveValidity,
} from './saved-columns.ts'
import { exactNumber, numberText } from './number-text.ts'
import { isValid, sliceValidity } from './validity.ts'

/** Dtypes of columns of numbers. */
export type NumberType = Exclude<DType, 'bool'>

/** One number of a column: a bigint only for an integer of 64 bits that is no safe one (`Number.isSafeInteger`). */
export type NumberOf<D extends NumberType> = D extends 'int64' | 'uint64' ? number | bigint : number

export const numberTypes = dtypes.filter((dtype): dtype is NumberType => dtype !== 'bool')

/**
 * A column of numbers. NaN means that there is no value, and so does a bit of `validity` that is 0.
 *
 * Integers of 64 bits stay as they are: `get` gives a number up to 2^53 (`Number.isSafeInteger`), else a bigint.
 */
export class NumberColumn<D extends NumberType = NumberType> extends ValueColumn<D> {
  readonly kind = 'number'

  /**
   * @param name - name of the column
   * @param values - of any numeric dtype, shape (n), kept, not copied; or a function that makes them on first use
   * @param options - which rows have no value; or how many, default: counted on first use
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
   */
  constructor(name: string, values: Source<NDArray<D>>, options?: ColumnOptions | number) {
    super(name, values, numberTypes, options)
  }

  /** The number in row `row`; NaN when there is none. */
  override get(row: number): NumberOf<D> {
    const value = this.values.get(row)
    return (this.lacksBit(row) ? NaN : exactNumber(value)) as NumberOf<D>
  }

  override text(row: number): string | null {
    const value = this.values.get(row)
    return Number.isNaN(value) || this.lacksBit(row) ? null : numberText(value)
  }

  /** A list of all numbers; NaN where there is none. */
  toArray(): NumberOf<D>[] {
    const { validity } = this
    const values = this.values.toArray() as (number | bigint)[]
    if (validity === undefined && !this.#isWide) return values as NumberOf<D>[]
    return values.map(
      (value, row) =>
        (validity === undefined || isValid(validity, row)
          ? exactNumber(value)
          : NaN) as NumberOf<D>,
    )
  }

  /** The same column under another name; it shares the memory. */
  renamed(name: string): NumberColumn<D> {
    return new NumberColumn(name, () => this.values, this.options)
  }

  /** Rows `start` up to `stop`; it shares the values, and the bitmap where `start` is a multiple of 8. */
  rows(start: number, stop: number): NumberColumn<D> {
    const { validity } = this
    return new NumberColumn(this.name, this.values.rows(start, stop), {
      validity: validity && sliceValidity(validity, start, stop),
    })
  }

  override missingTest(): (row: number) => boolean {
    const byBit = super.missingTest()
    if (!this.hasMissingValues) return byBit
    const { values, validity } = this
    const { data, offset } = values
    const stride = values.strides[0]!
    // What is not equal to itself is NaN.
    const isNaN = (row: number): boolean =>
      data[offset + row * stride] !== data[offset + row * stride]
    return validity === undefined ? isNaN : (row) => byBit(row) || isNaN(row)
  }

  protected override get hasMissingValues(): boolean {
    return this.values.dtype.startsWith('float')
  }

  get #isWide(): boolean {
    return this.values.dtype === 'int64' || this.values.dtype === 'uint64'
  }
}

registerOwnClass<NumberColumn, ColumnState>(NumberColumn, {
  name: 'onecopy.NumberColumn',
  version: 2,
  module: import.meta.url,
  save: (column) => ({ name: column.name, values: column.values, ...saveValidity(column) }),
  load: (state) =>
    new NumberColumn(requireSavedName(state), requireSavedValues(state, numberTypes), {
      validity: loadValidity(state),
    }),
  // Version 1 had float64 alone, and no bitmap.
  migrate: (state) => state as ColumnState,
})
