/** Trees that end with fewer than they were asked for are those of a smaller model. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NDArray } from '../../../src/arrays/index.ts'
import {
  ExtraTreesClassifier,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  RandomForestRegressor,
} from '../../../src/learn/index.ts'
import { stopJobsOn } from '../../../src/native/index.ts'
import { randomProblem } from '../random-problem.ts'

const n = 500
const { X, y } = randomProblem(n, 4)
const labels = Float64Array.from(y.data, (value) => (value > 4 ? 2 : value > 2 ? 1 : 0))
const listOf = (values: NDArray): Float64Array =>
  values.copy().toTypedArray() as unknown as Float64Array

/** Runs fits whose jobs are asked to finish at once, or after a time. */
function finishing<T>(work: () => Promise<T>, ms = 0): Promise<T> {
  return stopJobsOn(undefined, work, () =>
    ms === 0 ? AbortSignal.abort() : AbortSignal.timeout(ms),
  )
}

test('boosting has at least one round, and the trees of as many rounds', async () => {
  const options = { maxIter: 100_000, learningRate: 0.01 }
  for (const ms of [0, 30]) {
    const model = await finishing(() => new GradientBoostingRegressor(options).fit(X, y), ms)
    assert.ok(model.bestIteration_ >= 1 && model.bestIteration_ < 100_000)
    const few = new GradientBoostingRegressor({ ...options, maxIter: model.bestIteration_ })
    assert.deepEqual(listOf(await model.predict(X)), listOf(await (await few.fit(X, y)).predict(X)))
  }
})

test('boosting of several classes ends with a whole round', async () => {
  const boosting = new GradientBoostingClassifier({ maxIter: 100_000, learningRate: 0.001 })
  const model = await finishing(() => boosting.fit(X, labels))
  assert.ok(model.treeCount >= 3 && model.treeCount < 300_000)
  assert.equal(model.treeCount % 3, 0)
})

test('a forest has at least one tree, and those of a smaller forest', async () => {
  for (const ms of [0, 30]) {
    const options = { trees: 100_000, oob: true, seed: 7 }
    const model = await finishing(() => new RandomForestRegressor(options).fit(X, y), ms)
    assert.ok(model.treeCount >= 1 && model.treeCount < 100_000)
    const few = await new RandomForestRegressor({ ...options, trees: model.treeCount }).fit(X, y)
    assert.deepEqual(listOf(await model.predict(X)), listOf(await few.predict(X)))
    assert.deepEqual(model.oobPrediction_, few.oobPrediction_)
  }
  const classes = await finishing(() => new ExtraTreesClassifier({ trees: 100_000 }).fit(X, labels))
  assert.ok(classes.treeCount < 100_000)
  assert.deepEqual((await classes.predictProba(X)).shape, [n, 3])
})

test('a job that grows no trees runs to its end', async () => {
  const found = await finishing(() => new RandomForestRegressor({ trees: 2 }).fit(X, y))
  const predicted = await finishing(() => found.predict(X))
  assert.deepEqual(listOf(predicted), listOf(await found.predict(X)))
})
