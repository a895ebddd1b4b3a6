/** What scikit-learn answers to preprocessing on small data. */

import { readFileSync } from 'node:fs'
import { array, type NDArray } from '../../../src/arrays/index.ts'

type Numbers = readonly (number | null)[]

interface Answer {
  readonly options: object
  readonly transformed: readonly Numbers[]
}

interface Fixture {
  readonly plain: number[][]
  readonly fresh: number[][]
  readonly missing: readonly Numbers[]
  readonly y: number[]
  readonly labels: number[]
  readonly imputers: readonly (Answer & {
    readonly strategy: 'mean'
    readonly addIndicator: boolean
    readonly statistics: Numbers
  })[]
  readonly scalers: readonly (Answer & {
    readonly center: number[] | null
    readonly scale: number[] | null
  })[]
  readonly analyses: readonly (Answer & {
    readonly mean: number[]
    readonly components: number[][]
    readonly variance: number[]
    readonly ratio: number[]
    readonly singular: number[]
    readonly noise: number
  })[]
  readonly polynomials: readonly (Answer & { readonly powers: number[][] })[]
  readonly selections: readonly {
    readonly score: 'fClassif' | 'fRegression'
    readonly scores: number[]
    readonly pValues: number[]
    readonly columns: number[]
  }[]
}

/** The answers, made by `test/fixtures/sklearn/preprocessing.py`; null stands for NaN. */
export const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/sklearn/preprocessing.json', import.meta.url), 'utf8'),
) as Fixture

/** A matrix in which null is NaN. */
export function matrix(rows: readonly Numbers[]): NDArray<'float64'> {
  return array(rows.map((row) => row.map((value) => value ?? Number.NaN)))
}

/** The values of a matrix, row by row. */
export function flat(rows: readonly Numbers[]): number[] {
  return rows.flatMap((row) => row.map((value) => value ?? Number.NaN))
}
