/** Splitters against the folds of scikit-learn. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { countRows, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  type Fold,
  GroupKFold,
  LeaveOneGroupOut,
  PredefinedSplit,
  ShuffleSplit,
  StratifiedGroupKFold,
  StratifiedKFold,
  trainTestSplit,
} from '../../../src/learn/index.ts'
import { readAnswers } from '../sklearn.ts'

interface Case {
  readonly n: number
  readonly folds: number
  readonly groups: number[]
  readonly y: number[]
  readonly groupKFold?: number[][]
  readonly stratifiedGroupKFold: number[][] | string
  readonly stratifiedKFold?: number[][]
  readonly leaveOneGroupOut: number[][]
}

type Sizes = [train: number, test: number] | null

interface SizeCase {
  readonly n: number
  readonly testSize: number | null
  readonly trainSize: number | null
  readonly shuffleSplit: Sizes
  readonly groupShuffleSplit: Sizes
  readonly trainTestSplit: Sizes
  readonly inOrder: Sizes | [train: number[], test: number[]]
}

interface Strata {
  readonly counts: number[]
  readonly testSize: number
  readonly trainSize: number | null
  readonly least: [train: number[], test: number[]] | null
  readonly most: [train: number[], test: number[]]
}

const { cases, predefined, sizes, strata } = readAnswers('splits') as {
  readonly cases: readonly Case[]
  readonly predefined: readonly { testFold: number[]; tests: [number[], number[]][] }[]
  readonly sizes: readonly SizeCase[]
  readonly strata: readonly Strata[]
}

const testsOf = (folds: readonly Fold[]): number[][] =>
  folds.map(({ test }) => [...toRowNumbers(test)])

describe('folds of groups and classes', () => {
  for (const [i, { n, folds, groups, y, ...expected }] of cases.entries()) {
    const name = `case ${i}: ${n} rows, ${new Set(groups).size} groups, ${folds} folds`
    if (expected.groupKFold !== undefined) {
      test(`GroupKFold, ${name}`, () => {
        const found = new GroupKFold({ folds }).split(n, y, groups)
        assert.deepEqual(testsOf(found), expected.groupKFold)
      })
    }
    test(`StratifiedGroupKFold, ${name}`, () => {
      const split = (): Fold[] => new StratifiedGroupKFold({ folds }).split(n, y, groups)
      if (typeof expected.stratifiedGroupKFold === 'string')
        assert.throws(split, { code: 'ERR_ROWS' })
      else assert.deepEqual(testsOf(split()), expected.stratifiedGroupKFold)
    })
    test(`StratifiedKFold, ${name}`, () => {
      const split = (): Fold[] => new StratifiedKFold({ folds }).split(n, y)
      if (expected.stratifiedKFold === undefined) assert.throws(split, { code: 'ERR_ROWS' })
      else assert.deepEqual(testsOf(split()), expected.stratifiedKFold)
    })
    test(`LeaveOneGroupOut, ${name}`, () => {
      const found = new LeaveOneGroupOut().split(n, y, groups)
      assert.deepEqual(testsOf(found), expected.leaveOneGroupOut)
    })
  }
})

test('PredefinedSplit trains and tests on the same rows', () => {
  for (const { testFold, tests } of predefined) {
    const folds = new PredefinedSplit({ testFold }).split(testFold.length)
    const found = folds.map(({ train, test }) =>
      [train, test].map((rows) => [...toRowNumbers(rows)]),
    )
    assert.deepEqual(found, tests)
  }
})

describe('sizes of random splits', () => {
  for (const { n, testSize, trainSize, ...expected } of sizes) {
    const options = {
      ...(testSize !== null && { testSize }),
      ...(trainSize !== null && { trainSize }),
    }
    test(`${n} rows, ${JSON.stringify(options)}`, () => {
      const sizesOf = ({ train, test }: Fold): number[] => [countRows(train), countRows(test)]
      const compare = (split: () => Fold, sizes: Sizes): void => {
        if (sizes === null) assert.throws(split, { code: 'ERR_ROWS' })
        else assert.deepEqual(sizesOf(split()), sizes)
      }
      const shuffled = new ShuffleSplit({ ...options, splits: 1 })
      compare(() => shuffled.split(n)[0]!, expected.shuffleSplit)
      const groups = Array.from({ length: 2 * n }, (_, row) => Math.floor(row / 2))
      const grouped = new ShuffleSplit({ ...options, splits: 1, grouped: true })
      compare(() => grouped.split(2 * n, undefined, groups)[0]!, expected.groupShuffleSplit)
      compare(() => trainTestSplit(n, options), expected.trainTestSplit)
      const inOrder = (): Fold => trainTestSplit(n, { ...options, shuffle: false })
      const { inOrder: rows } = expected
      if (rows === null || typeof rows[0] === 'number') compare(inOrder, rows as Sizes)
      else {
        const { train, test } = inOrder()
        assert.deepEqual([[...toRowNumbers(train)], [...toRowNumbers(test)]], rows)
      }
    })
  }
})

describe('rows of each class in stratified splits', () => {
  for (const { counts, testSize, trainSize, least, most } of strata) {
    const options = { testSize, ...(trainSize !== null && { trainSize }) }
    test(`${counts.join(', ')} rows of classes, ${JSON.stringify(options)}`, () => {
      const y = counts.flatMap((count, code) => Array.from({ length: count }, () => code))
      const split = (): Fold[] =>
        new ShuffleSplit({ ...options, splits: 200, stratified: true }).split(y.length, y)
      if (least === null) {
        assert.throws(split, { code: 'ERR_ROWS' })
        return
      }
      const found = split().map(({ train, test }) =>
        [train, test].map((rows) => {
          const drawn = counts.map(() => 0)
          for (const row of toRowNumbers(rows)) drawn[y[row]!]!++
          return drawn
        }),
      )
      const extreme = (choose: (...values: number[]) => number): number[][] =>
        [0, 1].map((part) =>
          counts.map((_, code) => choose(...found.map((split) => split[part]![code]!))),
        )
      assert.deepEqual(extreme(Math.min), least)
      assert.deepEqual(extreme(Math.max), most)
    })
  }
})
