/** Columns of a table as the features of a model. */

import { NDArray } from '../../arrays/index.ts'
import { kernelMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { KernelColumn, KernelColumns, KernelMatrix } from '../../native/index.ts'
import { type CategoryColumn, type Column, plainColumn } from '../../tables/index.ts'

/** What a model knows of the columns of the table that it was fitted on. */
export interface ColumnSchema {
  /** Names of the features, in the order of the model's columns. */
  readonly names: readonly string[]
  /** For each feature the texts that its codes stand for, ascending; null for numbers. */
  readonly categories: readonly (readonly string[] | null)[]
}

/** One feature: where its values lie, and what they stand for. */
interface Feature {
  /** Shape (n): numbers, or codes of the table. */
  readonly values: NDArray
  /** For each code of the table its number; null for numbers. */
  readonly lookup: Float64Array | null
}

/**
 * Columns of a table, read where they lie. A text has the number of its place among the sorted categories of the model; a
 * text that the model doesn't know has -1 less its code in the table, and NaN is a missing value.
 */
export class TableColumns implements ColumnSchema {
  readonly names: readonly string[]
  readonly categories: readonly (readonly string[] | null)[]
  /** Rows and columns. */
  readonly shape: readonly [n: number, d: number]
  readonly #features: readonly Feature[]

  private constructor(schema: ColumnSchema, features: readonly Feature[], rows: number) {
    this.names = schema.names
    this.categories = schema.categories
    this.shape = [rows, features.length]
    this.#features = features
  }

  /**
   * The columns of a table that a model is fitted on; categories are sorted, so that the order of rows doesn't matter.
   *
   * @param given - columns of the table, all of one length
   * @throws OneCopyError `ERR_INDEX` for texts and dates, with what turns them into categories or numbers
   */
  static of(given: readonly Column[], rows: number): TableColumns {
    const columns = given.map(plainColumn)
    const categories = columns.map((column) =>
      column.kind === 'number' ? null : column.categories.toSorted((a, b) => (a < b ? -1 : 1)),
    )
    const schema = { names: columns.map(({ name }) => name), categories }
    return TableColumns.like(schema, columns, rows)
  }

  /**
   * The columns of another table as a model knows them.
   *
   * @param columns - one for each name of the schema, numbers where it has no categories; those without any value may be
   *   of either kind
   */
  static like(schema: ColumnSchema, columns: readonly Column[], rows: number): TableColumns {
    const features = columns.map((given, j): Feature => {
      const column = plainColumn(given)
      const known = schema.categories[j]!
      const lookup = column.kind === 'number' ? null : lookUp(column, known ?? [])
      return { values: column.values, lookup }
    })
    return new TableColumns(schema, features, rows)
  }

  /** Columns that were made a matrix, whose texts are places among sorted categories already. */
  static ofMatrix({ names, categories }: ColumnSchema, matrix: NDArray): TableColumns {
    const features = names.map((_, j): Feature => ({ values: matrix.column(j), lookup: null }))
    return new TableColumns({ names, categories }, features, matrix.shape[0]!)
  }

  /** The arrays that hold the values. */
  get arrays(): readonly NDArray[] {
    return this.#features.map(({ values }) => values)
  }

  /** Rows `start` up to `stop`, without a copy. */
  rows(start: number, stop: number): TableColumns {
    const features = this.#features.map(({ values, lookup }) => ({
      values: values.rows(start, stop),
      lookup,
    }))
    return new TableColumns(this, features, stop - start)
  }

  /** Columns by their numbers, without a copy. */
  select(chosen: Iterable<number>): TableColumns {
    const list = [...chosen]
    const schema = {
      names: list.map((j) => this.names[j]!),
      categories: list.map((j) => this.categories[j]!),
    }
    const features = list.map((j) => this.#features[j]!)
    return new TableColumns(schema, features, this.shape[0])
  }

  /** One value: a number, NaN where there is none. */
  get(row: number, column: number): number {
    const { values, lookup } = this.#features[column]!
    const value = Number(values.get(row))
    if (lookup === null) return value
    return value < 0 ? NaN : (lookup[value] ?? refuseCode(this.names[column]!, row, value))
  }

  /**
   * Writes rows as numbers, one after the other.
   *
   * @param out - room for `count` rows
   * @param rowAt - the rows of the table
   */
  fill(out: Float64Array, count: number, rowAt: (i: number) => number): void {
    const d = this.shape[1]
    for (const [j, { values, lookup }] of this.#features.entries()) {
      const { data, offset } = values
      const stride = values.strides[0]!
      if (lookup === null)
        for (let i = 0, at = j; i < count; i++, at += d)
          out[at] = Number(data[offset + rowAt(i) * stride])
      else
        for (let i = 0, at = j; i < count; i++, at += d) {
          const code = Number(data[offset + rowAt(i) * stride])
          out[at] = code < 0 ? NaN : (lookup[code] ?? refuseCode(this.names[j]!, rowAt(i), code))
        }
    }
  }

  /** The columns in the form that the kernels of trees take, in place. */
  kernel(): KernelColumns {
    const list = this.#features.map(({ values, lookup }): KernelColumn => {
      const column = kernelMatrix(values)
      return lookup === null ? column : { ...column, lookup }
    })
    return { rows: this.shape[0], list }
  }

  /** All columns as one view, when they are float64 numbers that lie evenly spaced in one memory; else undefined. */
  view(): NDArray<'float64'> | undefined {
    const [first, second] = this.#features
    if (first === undefined) return undefined
    const { data, offset, strides, mapping } = first.values
    const step = second === undefined ? 1 : second.values.offset - offset
    const isEven = this.#features.every(
      ({ values, lookup }, j) =>
        lookup === null &&
        values.dtype === 'float64' &&
        values.buffer === data.buffer &&
        values.strides[0] === strides[0] &&
        values.offset === offset + j * step,
    )
    if (!isEven || !(data instanceof Float64Array)) return undefined
    const place = { strides: [strides[0]!, step], offset, mapping }
    return new NDArray(this.shape, 'float64', data, place)
  }
}

/** A matrix for the kernels of trees, of either form. */
export function kernelFeatures(X: NDArray | TableColumns): KernelMatrix | KernelColumns {
  return X instanceof TableColumns ? X.kernel() : kernelMatrix(X)
}

/** For each code of a column the place of its text among the known ones; -1 less the code for others. */
function lookUp(column: CategoryColumn, known: readonly string[]): Float64Array {
  const places = new Map(known.map((text, place) => [text, place]))
  return Float64Array.from(column.categories, (text, code) => places.get(text) ?? -1 - code)
}

function refuseCode(column: string, row: number, code: number): never {
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected codes of categories in column '${column}', got ${code} in row ${row} (counted from 0), which stands for nothing. ` +
      'Its codes or its categories are damaged.',
    { details: { column, row, code } },
  )
}
