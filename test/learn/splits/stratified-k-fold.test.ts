/** Folds that have the same share of each class. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, toRowNumbers } from '../../../src/arrays/index.ts'
import { StratifiedKFold } from '../../../src/learn/index.ts'
import { CategoryColumn } from '../../../src/tables/index.ts'

function testsOf(folds: ReturnType<StratifiedKFold['split']>): number[][] {
  return folds.map(({ test }) => [...toRowNumbers(test)])
}

test('has the folds of scikit-learn', () => {
  // sklearn 1.2.1: [test for _, test in StratifiedKFold(n).split(y, y)]
  assert.deepEqual(testsOf(new StratifiedKFold({ folds: 2 }).split(4, [0, 0, 1, 1])), [
    [0, 2],
    [1, 3],
  ])
  const labels = ['a', 'b', 'a', 'a', 'b', 'b', 'a']
  const expected = [
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ]
  const splitter = new StratifiedKFold({ folds: 3 })
  assert.deepEqual(testsOf(splitter.split(7, labels)), expected)
  assert.deepEqual(
    testsOf(
      splitter.split(
        7,
        labels.map((label) => label === 'a'),
      ),
    ),
    expected,
  )
  const codes = Int8Array.from(labels, (label) => (label === 'a' ? 1 : 0))
  const column = new CategoryColumn('label', array(codes), ['b', 'a'])
  assert.deepEqual(testsOf(splitter.split(7, column)), expected)
})

test('shuffles within classes: every row once, shares that differ by one row', () => {
  const labels = Array.from({ length: 103 }, (_, i) => 'abbccc'[i % 6]!)
  const split = (seed: number): number[][] =>
    testsOf(new StratifiedKFold({ folds: 4, shuffle: true, seed }).split(103, labels))
  const folds = split(3)
  assert.deepEqual(split(3), folds)
  assert.notDeepEqual(split(4), folds)
  assert.notDeepEqual(testsOf(new StratifiedKFold({ folds: 4 }).split(103, labels)), folds)
  const all = folds.flat().sort((a, b) => a - b)
  assert.deepEqual(all, [...labels.keys()])
  for (const label of 'abc') {
    const counts = folds.map((rows) => rows.filter((row) => labels[row] === label).length)
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${label}: ${counts.join(', ')}`)
  }
  for (const { train, test } of new StratifiedKFold({ folds: 4, shuffle: true }).split(103, labels))
    assert.equal(toRowNumbers(train).length + toRowNumbers(test).length, 103)
})

test('refuses more folds than a class has rows, rows without a label, and unknown options', () => {
  assert.throws(() => new StratifiedKFold({ folds: 3 }).split(3, [1, 1, 2]), {
    code: 'ERR_ROWS',
    message: 'Expected at least 3 rows of some class for 3 folds, got at most 2. Use fewer folds.',
  })
  const column = new CategoryColumn('label', array(Int8Array.of(0, -1)), ['a'])
  assert.throws(() => new StratifiedKFold({ folds: 2 }).split(2, column), { code: 'ERR_VALUE' })
  assert.throws(() => new StratifiedKFold({ folds: 1 }).split(2, [1, 1]), { code: 'ERR_OPTION' })
  assert.throws(() => new StratifiedKFold({ n_splits: 3 } as object), /folds/)
  assert.throws(() => new StratifiedKFold({ folds: 2 }).split(3, [1, NaN, 1]), {
    code: 'ERR_VALUE',
  })
})
