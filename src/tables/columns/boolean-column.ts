/** BooleanColumn: true and false, one byte each. */

import { NDArray } from '../../arrays/index.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { type ColumnOptions, type Source, ValueColumn } from './column-base.ts'
import { NumberColumn } from './number-column.ts'
import {
  type ColumnState,
  loadValidity,
  requireSavedName,
  requireSavedValues,
  saveValidity,
} from './saved-columns.ts'
import { sliceValidity } from './validity.ts'

/** A column of true and false. */
export class BooleanColumn extends ValueColumn<'bool'> {
  readonly kind = 'boolean'

  /**
   * @param name - name of the column
   * @param values - bool, shape (n), kept, not copied; or a function that makes them on first use
   * @param options - which rows have no value; default: every row has one
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
   */
  constructor(name: string, values: Source<NDArray<'bool'>>, options?: ColumnOptions) {
    super(name, values, ['bool'], options)
  }

  /** The value in row `row`; null when there is none. */
  override get(row: number): boolean | null {
    const value = this.values.get(row)
    return this.lacksBit(row) ? null : value !== 0
  }

  override text(row: number): string | null {
    const value = this.get(row)
    return value === null ? null : String(value)
  }

  /** A list of all values; null where there is none. */
  toArray(): (boolean | null)[] {
    return Array.from({ length: this.size }, (_, row) => this.get(row))
  }

  /** The same values as numbers 0 and 1, for models; it shares the memory. */
  toNumbers(): NumberColumn<'uint8'> {
    return new NumberColumn(this.name, () => asBytes(this.values), this.options)
  }

  /** The same column under another name; it shares the memory. */
  renamed(name: string): BooleanColumn {
    return new BooleanColumn(name, () => this.values, this.options)
  }

  /** Rows `start` up to `stop`; it shares the values, and the bitmap where `start` is a multiple of 8. */
  rows(start: number, stop: number): BooleanColumn {
    const { validity } = this
    return new BooleanColumn(this.name, this.values.rows(start, stop), {
      validity: validity && sliceValidity(validity, start, stop),
    })
  }
}

registerOwnClass<BooleanColumn, ColumnState>(BooleanColumn, {
  name: 'onecopy.BooleanColumn',
  version: 1,
  module: import.meta.url,
  save: (column) => ({ name: column.name, values: column.values, ...saveValidity(column) }),
  load: (state) =>
    new BooleanColumn(requireSavedName(state), requireSavedValues(state, ['bool']), {
      validity: loadValidity(state),
    }),
})

function asBytes({ shape, data, strides, offset, mapping }: NDArray<'bool'>): NDArray<'uint8'> {
  return new NDArray(shape, 'uint8', data, { strides, offset, mapping })
}
