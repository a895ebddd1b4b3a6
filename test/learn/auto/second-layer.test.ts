/** A second layer: which rows it sees, and when it is used. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  AutoEnsemble,
  type AutoEnsembleOptions,
  GradientBoostingRegressor,
} from '../../../src/learn/index.ts'
import { randomProblem, seeded } from '../random-problem.ts'

const n = 2000
const { X, y } = randomProblem(n, 4)
const options: AutoEnsembleOptions = {
  preset: 'best',
  learners: ['linear', 'boosting', 'extraTrees'],
  folds: 2,
}
/** Two columns decide by their product, which trees need many splits for. */
const labels = Array.from({ length: n }, (_, row) =>
  X.get(row, 0) * X.get(row, 1) + X.get(row, 2) > 0 ? 'yes' : 'no',
)
const random = seeded(5)
const noise = array(Float64Array.from({ length: n }, () => random()))

const onlyFirst = (columns: readonly string[]): boolean =>
  columns.every((name) => !name.includes('-layer2'))

test('a tenth of the rows is in no fold, and decides between the layers', async () => {
  const ensemble: AutoEnsemble = new AutoEnsemble(options)
  await ensemble.fit(X, labels)
  const { secondLayer, rows, greaterIsBetter } = ensemble.leaderboard
  assert.equal(greaterIsBetter, false)
  assert.ok(secondLayer !== undefined)
  assert.equal(secondLayer.isUsed, secondLayer.layer2 < secondLayer.layer1)
  assert.equal(secondLayer.isUsed, !onlyFirst(ensemble.outOfFoldColumns))
  assert.equal(
    secondLayer.isUsed,
    rows.some(({ layer }) => layer === 2),
  )
  const seen = new Set(
    ensemble.outOfFoldFolds.flatMap(({ train, test }) => [
      ...toRowNumbers(train),
      ...toRowNumbers(test),
    ]),
  )
  assert.equal(seen.size, n - n / 10)
  const probabilities = await ensemble.predictProba(X)
  for (const row of [0, 1, n - 1])
    assert.ok(Math.abs(probabilities.get(row, 0) + probabilities.get(row, 1) - 1) < 1e-12)
  const total = Object.values(ensemble.weights).reduce((sum, one) => sum + one, 0)
  assert.ok(Math.abs(total - 1) < 1e-12)
})

test('what predicts noise is no better than the mean of the target on fresh rows', async () => {
  const ensemble = await new AutoEnsemble(options).fit(X, noise)
  const { secondLayer, rows } = ensemble.leaderboard
  assert.equal(secondLayer!.isUsed, secondLayer!.layer2 < secondLayer!.layer1)
  assert.equal(
    rows.some(({ layer }) => layer === 2),
    secondLayer!.isUsed,
  )
  const fresh = randomProblem(n, 4, { seed: 9 }).X
  const truth = array(Float64Array.from({ length: n }, () => random()))
  // The spread of uniform numbers is 0.2887.
  assert.ok((await ensemble.score(fresh, truth)) < 0.31)
})

test('two layers predict the same bytes in any parts of the rows', async () => {
  const ensemble = await new AutoEnsemble(options).fit(X, y)
  const listOf = (values: NDArray): Float64Array =>
    values.copy().toTypedArray() as unknown as Float64Array
  const whole = listOf(await ensemble.predict(X))
  const part = listOf(await ensemble.predict(X.rows(700, 900)))
  assert.deepEqual(part, whole.subarray(700, 900))
})

test('learners that were given are not stacked', async () => {
  const trees = new GradientBoostingRegressor({ maxIter: 3 })
  const ensemble = new AutoEnsemble({ preset: 'best', learners: { trees }, folds: 2 })
  await ensemble.fit(X, y)
  assert.equal(ensemble.leaderboard.secondLayer, undefined)
  assert.ok(ensemble.outOfFoldFolds.every(({ test }) => toRowNumbers(test).length === n / 2))
})
