/** Neighbours by Minkowski metrics and within a radius: scikit-learn's, the contract, folds, refusals. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { array, openArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  type Estimator,
  estimatorChecks,
  KFold,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Pipeline,
  RadiusNeighborsClassifier,
  RadiusNeighborsRegressor,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const sklearn = new URL('../../fixtures/sklearn/', import.meta.url)
const open = (name: string) => openArray(fileURLToPath(new URL(`data/${name}.npy`, sklearn)))

interface Case {
  readonly p: number | 'Infinity'
  readonly weights: 'uniform' | 'distance'
  readonly radius: number | null
  readonly shares: readonly (readonly number[])[]
  readonly means: readonly (number | null)[]
}
const { cases } = JSON.parse(readFileSync(new URL('neighbor-metrics.json', sklearn), 'utf8')) as {
  readonly cases: readonly Case[]
}

test('shares and means are those of scikit-learn, for any order of the metric', async () => {
  const [X, y] = [open('wine-X'), open('wine-y')]
  const n = y.size
  const isTrained = Array.from({ length: n }, (_, row) => row % 3 > 0)
  const rows = Int32Array.from({ length: Math.ceil(n / 9) }, (_, i) => 9 * i)
  const target = array(
    Float64Array.from(y, (label, row) => 2 * Number(X.get(row, 0)) + Number(label)),
  )
  for (const { p, weights, radius, shares, means } of cases) {
    for (const algorithm of ['tree', 'brute'] as const) {
      const common = { p: Number(p), weights, algorithm }
      const [classifier, regressor] =
        radius === null
          ? [
              new KNeighborsClassifier({ ...common, neighbors: 6 }),
              new KNeighborsRegressor({ ...common, neighbors: 6 }),
            ]
          : [
              new RadiusNeighborsClassifier({ ...common, radius, outlierLabel: 'mostFrequent' }),
              new RadiusNeighborsRegressor({ ...common, radius }),
            ]
      await classifier.fit(X, y, { rows: isTrained })
      await regressor.fit(X, target, { rows: isTrained })
      const found = await classifier.predictProba(X, { rows })
      assertClose(found.toTypedArray(), Float64Array.from(shares.flat()), 1e-12)
      const predicted = await regressor.predict(X, { rows })
      for (const [i, mean] of means.entries()) {
        const own = predicted.get(i)
        if (mean === null) assert.ok(Number.isNaN(own))
        else assert.ok(Math.abs(own - mean) <= 1e-12 * Math.abs(mean), `${own} for ${mean}`)
      }
    }
  }
})

const except = [
  'fit keeps no reference to X or y',
  'a weight of 2 counts a row twice, a weight of 0 not at all',
]
for (const algorithm of ['auto', 'tree', 'brute'] as const) {
  describe(`contract: neighbours within a radius by ${algorithm}`, () => {
    const options = { algorithm, radius: 1e3, weights: 'distance' as const, p: 3 }
    for (const make of [
      () => new RadiusNeighborsRegressor(options),
      () => new RadiusNeighborsClassifier(options),
    ])
      for (const check of estimatorChecks(make, { except })) test(check.name, () => check.run())
  })
}

test('one index of all rows serves every fold and metric, behind scalers', async () => {
  const { X, y } = randomProblem(80, 3)
  const labels = array(Float64Array.from(y, (value) => Number(Number(value) > 3)))
  const splitter = new KFold({ folds: 4, shuffle: true })
  const make = (): Record<string, Estimator> => ({
    near: new RadiusNeighborsClassifier({ radius: 1.5, p: 1, outlierLabel: 0 }),
    far: new RadiusNeighborsRegressor({ radius: 4 }),
    some: new KNeighborsRegressor({ neighbors: 4, p: Infinity }),
  })
  const ensemble = new SuperLearner({ folds: splitter }).add(make(), {
    preprocess: new StandardScaler(),
  })
  await ensemble.fit(X, labels)
  for (const { train, test } of splitter.split(80)) {
    for (const [l, learner] of Object.values(make()).entries()) {
      const pipeline = new Pipeline({ steps: [new StandardScaler(), learner] })
      await pipeline.fit(X, labels, { rows: train })
      const expected = Float64Array.from(await pipeline.predict(X, { rows: test }), Number)
      const found = Float64Array.from(toRowNumbers(test), (row) => ensemble.outOfFold.get(row, l))
      assertClose(found, expected, 1e-12, { floor: 1 })
    }
  }
})

test('of rows without neighbours', async () => {
  const X = [[0], [1], [10]]
  const regressor = await new RadiusNeighborsRegressor().fit(X, [1, 2, 3])
  assert.deepEqual((await regressor.predict([[0.5], [4], [11]])).toArray(), [1.5, NaN, 3])
  const classifier = await new RadiusNeighborsClassifier().fit(X, ['b', 'a', 'a'])
  assert.deepEqual(await classifier.predict([[-0.5], [1.2], [0.5]]), ['b', 'a', 'a'])
  await assert.rejects(classifier.predict([[0], [4]]), {
    code: 'ERR_VALUE',
    message:
      'Expected neighbours within 1 of every row, got none for row 1 (counted from 0). ' +
      "Raise `radius`, or set `outlierLabel` to the class of such rows, such as 'mostFrequent'.",
  })
  for (const [outlierLabel, expected] of [
    ['b', 'b'],
    ['mostFrequent', 'a'],
  ]) {
    const model = new RadiusNeighborsClassifier({ outlierLabel: outlierLabel! })
    assert.deepEqual(await (await model.fit(X, ['b', 'a', 'a'])).predict([[4]]), [expected])
  }
})

test('a pipeline to neighbours refuses to write predictions to what they read', async () => {
  const { X, y } = randomProblem(50, 2)
  const model = new Pipeline({
    steps: { scale: new StandardScaler(), near: new KNeighborsRegressor() },
  })
  await model.fit(X, y)
  const before = y.toArray()
  await assert.rejects(model.predict(X, { out: y }), {
    code: 'ERR_OVERLAP',
    message:
      'Expected `out` to share no memory with `y_`, which KNeighborsRegressor reads in every prediction, got a view of the same elements. ' +
      'Give an array of its own.',
  })
  assert.deepEqual(y.toArray(), before)
  const ensemble = await new SuperLearner()
    .add({ near: new KNeighborsRegressor() }, { preprocess: new StandardScaler() })
    .fit(X, y)
  await assert.rejects(ensemble.learners['near']!.predict(X, { out: y }), { code: 'ERR_OVERLAP' })
})

test('options are refused by name', async () => {
  const fit = (options: object): Promise<unknown> =>
    new RadiusNeighborsClassifier(options).fit([[1], [2]], [0, 1])
  await assert.rejects(fit({ p: 0.5 }), {
    code: 'ERR_OPTION',
    message: 'Expected `p` of RadiusNeighborsClassifier to be a finite number >= 1, got 0.5.',
  })
  await assert.rejects(fit({ p: NaN }), { code: 'ERR_OPTION' })
  await assert.rejects(fit({ radius: -1 }), { code: 'ERR_OPTION' })
  await assert.rejects(fit({ outlierLabel: 7 }), {
    code: 'ERR_OPTION',
    message:
      "Expected `outlierLabel` of RadiusNeighborsClassifier to be one of the classes, 'mostFrequent' or null, got 7.",
  })
  assert.throws(() => new RadiusNeighborsRegressor({ neighbors: 3 } as object), TypeError)
  assert.throws(() => new KNeighborsRegressor({ metric: 'manhattan' } as object), /by `p`/)
})
