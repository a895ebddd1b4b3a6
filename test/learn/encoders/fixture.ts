/** What scikit-learn answers to categories and quantile transforms. */

import { readFileSync } from 'node:fs'
import { array, type NDArray } from '../../../src/arrays/index.ts'

type Rows = readonly (readonly (number | null)[])[]

interface Fixture {
  readonly X: Rows
  readonly ordinals: readonly { options: object; rows: Rows; categories: Rows; transformed: Rows }[]
  readonly oneHots: readonly {
    options: object
    columns: number[]
    rows: Rows
    transformed: number[][]
  }[]
  readonly numbers: Rows
  readonly probe: Rows
  readonly quantiles: readonly { options: object; quantiles: number[][]; transformed: Rows }[]
}

/** The answers, made by `test/fixtures/sklearn/encoders.py`; null stands for NaN. */
export const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/sklearn/encoders.json', import.meta.url), 'utf8'),
) as Fixture

/** A matrix in which null is NaN. */
export function matrix(rows: Rows): NDArray<'float64'> {
  return array(rows.map((row) => row.map((value) => value ?? Number.NaN)))
}
