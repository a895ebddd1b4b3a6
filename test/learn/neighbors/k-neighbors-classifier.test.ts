/** KNeighborsClassifier: the contract, scikit-learn's votes, ties, folds, labels. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { array, openArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  clone,
  estimatorChecks,
  KFold,
  KNeighborsClassifier,
  KNeighborsRegressor,
  learnedState,
  restore,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'

// It keeps X, which is the point of it, and a neighbour that stands there twice takes two places.
const except = [
  'fit keeps no reference to X or y',
  'a weight of 2 counts a row twice, a weight of 0 not at all',
]
for (const algorithm of ['auto', 'tree', 'brute'] as const) {
  for (const weights of ['uniform', 'distance'] as const) {
    describe(`contract: votes by ${algorithm}, ${weights}`, () => {
      const make = () => new KNeighborsClassifier({ algorithm, weights })
      for (const check of estimatorChecks(make, { except })) test(check.name, () => check.run())
    })
  }
}

interface Case {
  readonly data: string
  readonly neighbors: number
  readonly weights: 'uniform' | 'distance'
  readonly probabilities: readonly (readonly number[])[]
}

const sklearn = new URL('../../fixtures/sklearn/', import.meta.url)
const { cases } = JSON.parse(readFileSync(new URL('neighbor-classes.json', sklearn), 'utf8')) as {
  readonly cases: readonly Case[]
}
const open = (name: string) => openArray(fileURLToPath(new URL(`data/${name}.npy`, sklearn)))

for (const { data, neighbors, weights, probabilities } of cases) {
  test(`votes are those of scikit-learn: ${data}, ${neighbors} neighbours, ${weights}`, async () => {
    const [X, y] = [open(`${data}-X`), open(`${data}-y`)]
    const isTrained = Array.from({ length: y.size }, (_, row) => row % 3 > 0)
    const rows = isTrained.map((one) => !one)
    for (const algorithm of ['tree', 'brute'] as const) {
      const model = new KNeighborsClassifier({ neighbors, weights, algorithm })
      await model.fit(X, y, { rows: isTrained })
      const shares = await model.predictProba(X, { rows })
      const labels = await model.predict(X, { rows })
      for (const [i, expected] of probabilities.entries()) {
        const got = expected.map((_, code) => shares.get(i, code))
        for (const [code, share] of expected.entries())
          assert.ok(Math.abs(got[code]! - share) < 1e-12, `${got[code]} for ${share} in row ${i}`)
        assert.equal(got[labels.get(i)], Math.max(...got))
      }
    }
  })
}

test('of classes with the same votes that of the nearest row wins, then the vote of the lower row', async () => {
  const X = [[0], [1], [2], [10], [11]]
  const model = await new KNeighborsClassifier({ neighbors: 2 }).fit(X, ['c', 'b', 'a', 'b', 'a'])
  assert.deepEqual(await model.predict([[0.4], [1.6], [1.5], [10.9]]), ['c', 'a', 'b', 'a'])
  const exact = new KNeighborsClassifier({ neighbors: 3, weights: 'distance' })
  const shares = await (await exact.fit(X, ['c', 'b', 'a', 'b', 'a'])).predictProba([[2]])
  assert.deepEqual([...shares.toTypedArray()], [1, 0, 0])
})

test('weights of rows multiply votes', async () => {
  const X = [[0], [1], [2], [3]]
  const weights = [1, 1, 5, 0]
  const model = await new KNeighborsClassifier({ neighbors: 3 }).fit(X, [0, 0, 1, 2], { weights })
  assert.deepEqual([...(await model.predictProba([[0]])).toTypedArray()], [2 / 7, 5 / 7])
  assert.deepEqual([...(await model.predict([[0]])).toTypedArray()], [1])
})

test('one index serves all folds, behind a scaler and beside a regressor', async () => {
  const [X, y] = [open('wine-X'), open('wine-y')]
  const folds = new KFold({ folds: 4, shuffle: true, seed: 2 })
  const learner = new KNeighborsClassifier({ neighbors: 4 })
  const ensemble = new SuperLearner({ folds })
    .add([learner, new KNeighborsRegressor()])
    .add({ scaled: learner }, { preprocess: new StandardScaler() })
  await ensemble.fit(X, y)
  for (const { train, test: held } of folds.split(178)) {
    const alone = await clone(learner).fit(X, y, { rows: train })
    const scaler = await new StandardScaler().fit(X, y, { rows: train })
    const scaled = await scaler.transform(X)
    const behind = await clone(learner).fit(scaled, y, { rows: train })
    const [expected, other] = [await alone.predict(X), await behind.predict(scaled)]
    for (const row of toRowNumbers(held)) {
      assert.equal(ensemble.outOfFold.get(row, 0), expected.get(row))
      assert.equal(ensemble.outOfFold.get(row, 2), other.get(row))
    }
  }
  const fitted = await clone(learner).fit(X, y)
  const heir = restore(clone(learner), learnedState(fitted))
  assert.deepEqual(await heir.predict(X), await fitted.predict(X))
})

test('options are refused by name', async () => {
  assert.throws(
    () => new KNeighborsClassifier({ n_neighbors: 3 } as object),
    /onecopy calls it `neighbors`/,
  )
  const fit = (options: object) => new KNeighborsClassifier(options).fit([[1], [2]], [0, 1])
  await assert.rejects(fit({ neighbors: 3 }), { code: 'ERR_ROWS' })
  await assert.rejects(fit({ neighbors: 1, algorithm: 'kd_tree' }), /onecopy calls it 'tree'/)
})

test('a number of neighbours that was changed is checked before there is memory for them', async () => {
  const X = array(Float64Array.from({ length: 40 }, (_, i) => i % 7)).reshape(20, 2)
  const model = await new KNeighborsClassifier().fit(X, new Float64Array(20).fill(1, 10))
  for (const [neighbors, code] of [
    [-1, 'ERR_OPTION'],
    [1.5, 'ERR_OPTION'],
    [1e300, 'ERR_ROWS'],
    [21, 'ERR_ROWS'],
  ] as const) {
    model.neighbors = neighbors
    await assert.rejects(model.predict(X), { code })
    await assert.rejects(model.predictProba(X), { code })
  }
})
