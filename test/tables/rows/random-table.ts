/** Random tables, and a naive reading of them. */

import * as fc from 'fast-check'
import { array, type DType, type NDArray } from '../../../src/arrays/index.ts'
import {
  BooleanColumn,
  CategoryColumn,
  type Column,
  DateColumn,
  NumberColumn,
  type NumberType,
  Table,
} from '../../../src/tables/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'

const integers: Partial<Record<DType, readonly (number | bigint)[]>> = {
  int8: [-128, -1, 0, 1, 127],
  int16: [-32768, -1, 0, 1, 32767],
  int32: [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1],
  int64: [-(2n ** 63n), -(2n ** 53n) - 1n, -1n, 0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n],
  uint8: [0, 1, 2, 255],
  uint16: [0, 1, 65535],
  uint32: [0, 1, 2 ** 32 - 1],
  uint64: [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n],
}
const floats = [NaN, -0, 0, 1, -1.5, 0.1, Infinity, -Infinity, 1e300, 5e-324]
const categories = ['b', 'a', 'B', '', 'ä']
const kinds = [...Object.keys(integers), 'float32', 'float64', 'category', 'boolean', 'date']

/** A column of any kind, with or without a bitmap. What stands under a 0 bit is anything. */
export function randomColumn(name: string, rows: number, among = kinds): fc.Arbitrary<Column> {
  return fc.constantFrom(...among).chain((kind) => {
    const values: fc.Arbitrary<number | bigint> = kind.startsWith('float')
      ? fc.constantFrom(...floats)
      : kind === 'category'
        ? fc.integer({ min: -1, max: categories.length - 1 })
        : kind === 'boolean'
          ? fc.constantFrom(0, 1)
          : kind === 'date'
            ? fc.constantFrom(-86_400_001n, -1n, 0n, 1n, 1_700_000_000_123n)
            : fc.constantFrom(...integers[kind as DType]!)
    const bits = fc.uint8Array({ minLength: (rows + 7) >>> 3, maxLength: (rows + 7) >>> 3 })
    const size = { minLength: rows, maxLength: rows }
    return fc
      .tuple(fc.array(values, size), fc.option(bits, { nil: undefined }), fc.boolean())
      .map(([list, marks, isStrided]) => {
        const validity = marks && array(marks)
        const make = (dtype: DType): NDArray => {
          if (!isStrided || rows === 0) return array(list as number[], { dtype })
          const doubled = list.flatMap((value) => [value, value])
          return array(doubled as number[], { dtype })
            .reshape(rows, 2)
            .column(0)
        }
        if (kind === 'category')
          return new CategoryColumn(name, make('int8') as NDArray<'int8'>, categories, { validity })
        if (kind === 'boolean')
          return new BooleanColumn(name, make('bool') as NDArray<'bool'>, { validity })
        if (kind === 'date')
          return new DateColumn(name, make('int64') as NDArray<'int64'>, 'ms', { validity })
        return new NumberColumn(name, make(kind as DType) as NDArray<NumberType>, { validity })
      })
  })
}

export function randomTable(names: readonly string[], among?: string[]): fc.Arbitrary<Table> {
  return fc
    .oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 300 }))
    .chain((rows) =>
      fc
        .tuple(...names.map((name) => randomColumn(name, rows, among)))
        .map((columns) => new Table(columns, rows)),
    )
}

/** Compares two cells of a column as the documentation says: by value, categories by their list, missing ones last. */
export function compareCells(column: Column, a: number, b: number, isDescending = false): number {
  const [lacksA, lacksB] = [column.isMissing(a), column.isMissing(b)]
  if (lacksA || lacksB) return Number(lacksA) - Number(lacksB)
  const [x, y] = [plainValue(column, a), plainValue(column, b)]
  const order = x < y ? -1 : x > y ? 1 : 0
  return isDescending ? -order : order
}

/** A number or bigint that orders cells. */
export function plainValue(column: Column, row: number): number | bigint {
  if (column.kind === 'text') throw new Error('no texts here')
  return column.values.get(row)
}

/** Runs `work` with 1, 2 and 7 threads, and returns the results. */
export async function withThreads<T>(work: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  try {
    for (const threads of [1, 2, 7]) {
      setKernelThreads(threads)
      results.push(await work())
    }
  } finally {
    setKernelThreads(0)
  }
  return results
}
