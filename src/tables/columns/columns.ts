/** The columns of a table: numbers, or text as codes. */

import { inspect } from 'node:util'
import { type DType, NDArray, zeros } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { showColumn } from './column-text.ts'
import { type ColumnState, requireSavedName, requireSavedValues } from './saved-columns.ts'
import { loadTexts, saveTexts } from './saved-texts.ts'

/** A column; tell them apart by `kind`. */
export type Column = NumberColumn | CategoryColumn

/** Types of codes; a column has the shortest one that holds its codes. */
export type CodeType = 'int8' | 'int16' | 'int32'

const codeTypes: readonly CodeType[] = ['int8', 'int16', 'int32']

/** A value, or a function that makes it when it is first asked for. */
export type Source<T> = T | (() => T)

/** What all columns have in common. */
abstract class ColumnBase<D extends DType> {
  /** Name of the column. */
  readonly name: string
  #source: Source<NDArray<D>>
  #missing: number | undefined
  readonly #dtypes: readonly DType[]

  /**
   * @param name - name of the column
   * @param values - shape (n), kept, not copied; or a function that makes them on first use
   * @param dtypes - which ones they may have
   * @param missing - how many values are missing; default: counted on first use
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
   */
  constructor(
    name: string,
    values: Source<NDArray<D>>,
    dtypes: readonly D[],
    missing: number | undefined,
  ) {
    this.name = name
    this.#dtypes = dtypes
    this.#source = typeof values === 'function' ? values : requireColumn(name, values, dtypes)
    this.#missing = missing
  }

  /**
   * The values, shape (n): numbers, or codes.
   *
   * @throws OneCopyError `ERR_DETACHED` when the table was disposed of
   */
  get values(): NDArray<D> {
    if (typeof this.#source === 'function')
      this.#source = requireColumn(this.name, this.#source(), this.#dtypes)
    if (this.#source.mapping?.isGone === true) requireAttached(this.#source)
    return this.#source
  }

  /** @internal The values if they were already made. */
  get knownValues(): NDArray<D> | undefined {
    return typeof this.#source === 'function' ? undefined : this.#source
  }

  /** How many rows have no value. */
  get missing(): number {
    if (this.#missing === undefined) {
      const { data, size } = this.missingMask()
      this.#missing = 0
      for (let i = 0; i < size; i++) this.#missing += data[i]!
    }
    return this.#missing
  }

  /** Whether row `row` has no value. */
  isMissing(row: number): boolean {
    return this.meansMissing(Number(this.values.get(row)))
  }

  /** A new array, shape (n), that is 1 in rows without a value. */
  missingMask(): NDArray<'bool'> {
    const { data, offset, strides, size } = this.values
    const mask = zeros([size], 'bool')
    for (let i = 0; i < size; i++)
      mask.data[i] = this.meansMissing(Number(data[offset + i * strides[0]!])) ? 1 : 0
    return mask
  }

  /** Name, length and first values. */
  toString(): string {
    const isGone = this.knownValues?.mapping?.isGone === true
    return showColumn(this.constructor.name, {
      name: this.name,
      size: isGone ? undefined : this.values.size,
      get: (row) => this.get(row),
    })
  }

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return this.toString()
  }

  abstract get(row: number): number | string | null

  protected abstract meansMissing(value: number): boolean
}

/** A column of numbers, where NaN means that there is no value. */
export class NumberColumn extends ColumnBase<'float64'> {
  readonly kind = 'number'

  /**
   * @param name - name of the column
   * @param values - float64, shape (n), kept, not copied; or a function that makes them on first use
   * @param missing - how many values are NaN; default: counted on first use
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
   */
  constructor(name: string, values: Source<NDArray<'float64'>>, missing?: number) {
    super(name, values, ['float64'], missing)
  }

  /** The number in row `row`; NaN when there is none. */
  override get(row: number): number {
    return this.values.get(row)
  }

  /** A list of all numbers; NaN where there is none. */
  toArray(): number[] {
    return this.values.toArray() as number[]
  }

  protected override meansMissing(value: number): boolean {
    return Number.isNaN(value)
  }
}

/** A column of texts, stored as codes into the list of its distinct ones. */
export class CategoryColumn extends ColumnBase<CodeType> {
  readonly kind = 'category'
  #categories: Source<readonly string[]>

  /**
   * @param name - name of the column
   * @param values - codes, shape (n), -1 for no value, else a place in `categories`; kept, not
   * copied; or a function that makes them on first use
   * @param categories - what the codes stand for; or a function that makes them on first use
   * @param missing - how many codes are -1; default: counted on first use
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`; TypeError for no NDArray
   */
  constructor(
    name: string,
    values: Source<NDArray<CodeType>>,
    categories: Source<readonly string[]>,
    missing?: number,
  ) {
    super(name, values, codeTypes, missing)
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
    return this.#textOf(this.values.get(row), row, categories)
  }

  /**
   * A list of all texts; null where there is none. Equal texts are one string in memory.
   *
   * @throws OneCopyError `ERR_FORMAT` for a code without a category
   */
  toArray(): (string | null)[] {
    const { categories } = this
    return Array.from(this.values.toTypedArray(), (code, row) =>
      this.#textOf(code, row, categories),
    )
  }

  #textOf(code: number, row: number, categories: readonly string[]): string | null {
    return code < 0 ? null : (categories[code] ?? badCode(this, row, code))
  }

  protected override meansMissing(value: number): boolean {
    return value < 0
  }
}

registerOwnClass<NumberColumn, ColumnState>(NumberColumn, {
  name: 'onecopy.NumberColumn',
  version: 1,
  module: import.meta.url,
  save: ({ name, values }) => ({ name, values }),
  load: (state) =>
    new NumberColumn(requireSavedName(state), requireSavedValues(state, ['float64'])),
})

registerOwnClass<CategoryColumn, ColumnState>(CategoryColumn, {
  name: 'onecopy.CategoryColumn',
  version: 1,
  module: import.meta.url,
  save: ({ name, values, categories }) => ({ name, values, categories: saveTexts(categories) }),
  load: (state) => {
    const values = requireSavedValues<CodeType>(state, ['int8', 'int16', 'int32'])
    return new CategoryColumn(requireSavedName(state), values, loadTexts(state.categories))
  },
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

function requireColumn<D extends DType>(
  name: string,
  values: NDArray<D>,
  dtypes: readonly DType[],
): NDArray<D> {
  if (!((values as unknown) instanceof NDArray)) {
    throw new TypeError(
      `Expected the values of column '${name}' as an NDArray, got ${show(values)}. Make one with array(values).`,
    )
  }
  if (values.ndim !== 1) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected values of one axis for column '${name}', got shape [${values.shape.join(', ')}].`,
    )
  }
  if (dtypes.includes(values.dtype)) return values
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected ${dtypes.join(', ').replace(/, (?=\w+$)/, ' or ')} values for column '${name}', got ${values.dtype}.`,
    { details: { column: name, dtype: values.dtype } },
  )
}
