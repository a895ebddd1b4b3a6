/** A table with numbers, texts and missing values, for tests. */

import { array, shared } from '../../src/arrays/index.ts'
import { CategoryColumn, type Column, NumberColumn, Table } from '../../src/tables/index.ts'
import { randomNumbers } from '../native/matrices.ts'

const cities = ['Oslo', 'Rome', 'Bern', 'Nice']

/** How a {@link mixedTable} is made. */
export interface MixedOptions {
  /** Default: 1. */
  readonly seed?: number
  /** Names of texts in the order of their codes; default: an order of their own. */
  readonly texts?: readonly string[]
  /** Whether some values of `size` and `city` are missing; default: true. */
  readonly missing?: boolean
}

/**
 * Columns `size` and `age` of numbers, `city` of texts, `price` of numbers that depend on them, and `kind` of texts that tell
 * cheap and dear.
 */
export function mixedTable(n: number, options: MixedOptions = {}): Table {
  const { seed = 1, texts = cities, missing = true } = options
  const random = randomNumbers(seed)
  const size = shared([n], 'float64')
  const codes = new Int8Array(n)
  const age = new Float64Array(n)
  const price = shared([n], 'float64')
  const kinds = new Int8Array(n)
  for (let i = 0; i < n; i++) {
    const city = Math.floor(random() * cities.length)
    const value = random() * 10
    age[i] = Math.floor(random() * 80)
    price.data[i] = 3 * value + (city === 1 ? 20 : 0) - age[i]! / 10 + random()
    size.data[i] = missing && random() < 0.1 ? NaN : value
    codes[i] = missing && random() < 0.1 ? -1 : texts.indexOf(cities[city]!)
    kinds[i] = price.data[i]! > 15 ? 0 : 1
  }
  return new Table([
    new NumberColumn('size', size),
    new CategoryColumn('city', array(codes), texts),
    new NumberColumn('price', price),
    new NumberColumn('age', array(age)),
    new CategoryColumn('kind', array(kinds), ['dear', 'cheap']),
  ])
}

/** The table with another column in place of one of the same name, or behind the others. */
export function withColumn(table: Table, column: Column): Table {
  const columns = table.columns.filter(({ name }) => name !== column.name)
  return new Table([...columns, column])
}
