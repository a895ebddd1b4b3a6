/** Groups of rows that are columns of the table that an ensemble is fitted on. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  array,
  countRows,
  type NDArray,
  rowRanges,
  type Rows,
  toRowNumbers,
} from '../../../src/arrays/index.ts'
import {
  BlendEnsemble,
  crossValidate,
  type Fold,
  GaussianNB,
  GroupKFold,
  KFold,
  LeaveOneGroupOut,
  LinearRegression,
  RepeatedKFold,
  Ridge,
  SequentialEnsemble,
  ShuffleSplit,
  StratifiedKFold,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'

const rows = 60
const values = (f: (row: number) => number): NDArray<'float64'> =>
  array(Float64Array.from({ length: rows }, (_, row) => f(row)))
const family = new CategoryColumn(
  'family',
  array(Int8Array.from({ length: rows }, (_, row) => row % 6)),
  ['a', 'b', 'c', 'd', 'e', 'f'],
)
const table = new Table([
  new NumberColumn('x', values(Math.sin)),
  family,
  new NumberColumn(
    'z',
    values((row) => Math.cos(row * row)),
  ),
  new NumberColumn(
    'year',
    values((row) => 2000 + (row % 4)),
  ),
  new NumberColumn(
    'price',
    values((row) => Math.sin(row) + row / 100),
  ),
])

test('a column of groups is no feature, by its name and itself', async () => {
  for (const groups of ['family', family]) {
    const ensemble = new SuperLearner({ folds: new LeaveOneGroupOut() })
      .add({ ridge: new Ridge() })
      .addMeta(new LinearRegression())
    await ensemble.fit(table, 'price', { groups })
    assert.deepEqual(ensemble.featureNamesIn_, ['x', 'z', 'year'])
    assert.equal(ensemble.scores.learners[0]!.folds.length, 6)
    const numbers = table.without(['family'])
    const same = new SuperLearner({ folds: new LeaveOneGroupOut() }).add({ ridge: new Ridge() })
    await same.fit(numbers, 'price', { groups: family.toArray() as string[] })
    assert.deepEqual(ensemble.outOfFold.toTypedArray(), same.outOfFold.toTypedArray())
  }
  const byYear = new SuperLearner({ folds: new GroupKFold({ folds: 2 }) }).add(new Ridge())
  await byYear.fit(table.without(['family']), 'price', { groups: 'year' })
  assert.deepEqual(byYear.featureNamesIn_, ['x', 'z'])
})

test('a number of folds keeps the rows of a group together, in each layer and for classes', async () => {
  const groups = family.toArray() as string[]
  const together = (folds: readonly Fold[]): void => {
    for (const { test: held } of folds) {
      const own = new Set(Array.from(toRowNumbers(held), (row) => groups[row]!))
      const all = groups.filter((group) => own.has(group))
      assert.equal(countRows(held), all.length)
    }
  }
  const ensemble = new SuperLearner({ folds: 3, seed: 2 })
    .add(new Ridge())
    .addLayer({ second: new Ridge() }, { folds: 2 })
  await ensemble.fit(table, 'price', { groups: 'family' })
  const split = new GroupKFold({ folds: 3, shuffle: true, seed: 2 }).split(rows, undefined, groups)
  assert.deepEqual(
    ensemble.layers[0]!.folds.map((fold) => toRowNumbers(fold.test)),
    split.map((fold) => toRowNumbers(fold.test)),
  )
  for (const layer of ensemble.layers) together(layer.folds)
  const labels = Array.from({ length: rows }, (_, row) => row % 4 > 1)
  const classes = new SuperLearner({ folds: 3 }).add(new GaussianNB())
  await classes.fit(table.without(['family', 'price']), labels, { groups })
  together(classes.layers[0]!.folds)
  await assert.rejects(
    new SuperLearner({ folds: 7 }).add(new Ridge()).fit(table, 'price', { groups: 'family' }),
    {
      code: 'ERR_ROWS',
    },
  )
})

/** Takes down the rows that each of its models learns from. */
class Recorder extends Ridge {
  static readonly fits: Int32Array[] = []

  override async fit(...given: Parameters<Ridge['fit']>): Promise<this> {
    const [X, , { rows: chosen } = {}] = given
    const n = (X as NDArray).shape[0]!
    Recorder.fits.push(toRowNumbers((chosen as Rows | undefined) ?? rowRanges([[0, n]])))
    return super.fit(...given)
  }
}

test('meta learners of a split that holds out some groups are scored on groups that they have not learned from', async () => {
  const groups = Array.from({ length: rows }, (_, row) => (row * 7) % 10)
  const scored = async (given: readonly number[]): Promise<boolean[]> => {
    Recorder.fits.length = 0
    const folds = new ShuffleSplit({ splits: 1, testSize: 0.5, grouped: true })
    const ensemble = new SuperLearner({ folds }).add(new Ridge()).addMeta(new Recorder())
    await ensemble.fit(table.without(['family']), 'price', { groups: given })
    const numbers = toRowNumbers(ensemble.layers[0]!.rows)
    return Recorder.fits
      .filter((learned) => learned.length < numbers.length)
      .map((learned) => {
        const known = new Set(Array.from(learned, (row) => given[row]))
        const held = numbers.filter((row) => !learned.includes(row))
        return held.some((row) => known.has(given[row]))
      })
  }
  assert.deepEqual(await scored(groups), [false, false, false, false, false])
  // Two groups that are held out give two folds; one gives none, and no score.
  assert.deepEqual(await scored(groups.map((group) => group % 4)), [false, false])
  assert.deepEqual(await scored(groups.map((group) => group % 2)), [])
})

test('a name that is no column, and one without a table, are refused', async () => {
  const ensemble = new SuperLearner({ folds: new GroupKFold({ folds: 2 }) }).add(new Ridge())
  await assert.rejects(ensemble.fit(table, 'price', { groups: 'familie' }), { code: 'ERR_INDEX' })
  await assert.rejects(ensemble.fit([[1], [2], [3]], [1, 2, 3], { groups: 'family' }), {
    name: 'TypeError',
    message: /^Expected `groups` to be the groups themselves, got 'family'\./,
  })
  await assert.rejects(ensemble.fit(table.without(['family']), 'price', { groups: [1, 2] }), {
    code: 'ERR_SHAPE',
  })
  await assert.rejects(ensemble.fit(table, 'price', { group: 'family' } as object), {
    name: 'TypeError',
  })
})

test('splitters that ignore groups are refused with them', async () => {
  const groups = Array.from({ length: rows }, (_, row) => row % 7)
  const X = table.without(['family'])
  const message =
    /^Expected folds that keep the rows of a group together, got those of \w+, which ignores `groups`\./
  const refused = { code: 'ERR_OPTION', message }
  const ensembles = [
    new BlendEnsemble(),
    new Subsemble(),
    new TemporalEnsemble({ burnIn: 20, stepSize: 10 }),
    new SuperLearner({ folds: new KFold({ folds: 3 }) }),
  ]
  for (const ensemble of ensembles)
    await assert.rejects(ensemble.add(new Ridge()).fit(X, 'price', { groups }), refused)
  const sequential = new SequentialEnsemble().add(new Ridge()).add(new Ridge(), { kind: 'blend' })
  await assert.rejects(sequential.fit(X, 'price', { groups }), refused)
  for (const folds of [new KFold(), new StratifiedKFold(), new RepeatedKFold(), new ShuffleSplit()])
    await assert.rejects(crossValidate(new Ridge(), X, 'price', { folds, groups }), refused)
  // The advice works.
  for (const folds of [
    3,
    new GroupKFold({ folds: 3 }),
    new ShuffleSplit({ splits: 3, grouped: true }),
  ])
    await crossValidate(new Ridge(), X, 'price', { folds, groups })
})
