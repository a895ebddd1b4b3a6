/** CategoryColumn: texts as codes into a list of the distinct ones. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { type ColumnOptions, type Source, ValueColumn } from './column-base.ts'
import {
  type ColumnState,
  loadValidity,
  requireSavedName,
  requireSavedValues,
  saveValidity,
} from './saved-columns.ts'
import { loadTexts, saveTexts } from './saved-texts.ts'
import { isValid, sliceValidity } from './validity.ts'

/** Types of codes; a column that is read from a file has the shortest signed one that holds its codes. */
export type CodeType = 'int8' | 'int16' | 'int32' | 'uint8' | 'uint16' | 'uint32'

export const codeTypes: readonly CodeType[] = [
  'int8',
  'int16',
  'int32',
  'uint8',
  'uint16',
  'uint32',
]

/** A column of texts, stored as codes into the list of its distinct ones. */
export class CategoryColumn extends ValueColumn<CodeType> {
  readonly kind = 'category'
  #categories: Source<readonly string[]>

  /**
   * @param name - name of the column
   * @param values - codes, shape (n), of any integer dtype up to 32 bits: a place in `categories`, or below 0 for no value; kept,
   * not copied; or a function that makes them on first use
   * @param categories - what the codes stand for; or a function that makes them on first use
   * @param options - which rows have no value; or how many, default: counted on first use
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
   */
  constructor(
    name: string,
    values: Source<NDArray<CodeType>>,
    categories: Source<readonly string[]>,
    options?: ColumnOptions | number,
  ) {
    super(name, values, codeTypes, options)
    this.#categories = categories
  }

  /** The distinct texts, in order of first appearance when they were read from a file. */
  get categories(): readonly string[] {
    if (typeof this.#categories === 'function') this.#categories = Object.freeze(this.#categories())
    return this.#categories
  }

  /**
   * The text in row `row`; null when there is none.
   *
   * @throws OneCopyError `ERR_FORMAT` for a code without a category
   */
  override get(row: number): string | null {
    const { categories } = this
    const code = this.values.get(row)
    if (code < 0 || this.lacksBit(row)) return null
    return categories[code] ?? badCode(this, row, code)
  }

  override text(row: number): string | null {
    return this.get(row)
  }

  /**
   * A list of all texts; null where there is none. Equal texts are one string in memory.
   *
   * @throws OneCopyError `ERR_FORMAT` for a code without a category
   */
  toArray(): (string | null)[] {
    const { categories, validity } = this
    return Array.from(this.values.toTypedArray(), (code, row) =>
      code < 0 || (validity !== undefined && !isValid(validity, row))
        ? null
        : (categories[code] ?? badCode(this, row, code)),
    )
  }

  /** The same column under another name; it shares the memory. */
  renamed(name: string): CategoryColumn {
    return new CategoryColumn(
      name,
      () => this.values,
      () => this.categories,
      this.options,
    )
  }

  /** Rows `start` up to `stop`; it shares the codes, and the bitmap where `start` is a multiple of 8. */
  rows(start: number, stop: number): CategoryColumn {
    const { validity } = this
    return new CategoryColumn(this.name, this.values.rows(start, stop), () => this.categories, {
      validity: validity && sliceValidity(validity, start, stop),
    })
  }

  override missingTest(): (row: number) => boolean {
    const byBit = super.missingTest()
    if (!this.hasMissingValues) return byBit
    const { values, validity } = this
    const { data, offset } = values
    const stride = values.strides[0]!
    const isNegative = (row: number): boolean => data[offset + row * stride]! < 0
    return validity === undefined ? isNegative : (row) => byBit(row) || isNegative(row)
  }

  protected override get hasMissingValues(): boolean {
    return this.values.dtype.startsWith('int')
  }
}

registerOwnClass<CategoryColumn, ColumnState>(CategoryColumn, {
  name: 'onecopy.CategoryColumn',
  version: 2,
  module: import.meta.url,
  save: (column) => {
    const { name, values, categories } = column
    return { name, values, categories: saveTexts(categories), ...saveValidity(column) }
  },
  load: (state) => {
    const values = requireSavedValues<CodeType>(state, codeTypes)
    return new CategoryColumn(requireSavedName(state), values, loadTexts(state.categories), {
      validity: loadValidity(state),
    })
  },
  // Version 1 had signed codes alone, and no bitmap.
  migrate: (state) => state as ColumnState,
})

/** Refuses a code that stands for nothing: the file of the codes or of the categories is damaged. */
export function badCode({ name, categories }: CategoryColumn, row: number, code: number): never {
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected codes below ${categories.length}, the number of categories, in column '${name}', got ` +
      `${code} in row ${row} (counted from 0). Its codes or its categories are damaged.`,
    { details: { column: name, row, code } },
  )
}
