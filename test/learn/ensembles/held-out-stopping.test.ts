/** Rows that a fold holds out tell boosting when to stop. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  BlendEnsemble,
  GradientBoostingRegressor,
  LinearRegression,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const n = 200
const { X, y } = randomProblem(n, 3)
const boosting = (): GradientBoostingRegressor =>
  new GradientBoostingRegressor({
    earlyStopping: true,
    validationRows: 'heldOut',
    maxIter: 60,
    minSamplesLeaf: 5,
    learningRate: 0.3,
    iterNoChange: 3,
  })
const listOf = (values: NDArray): Float64Array =>
  values.copy().toTypedArray() as unknown as Float64Array

test('also when no model learns from them', async () => {
  const ensemble = await new BlendEnsemble({ testSize: 0.25 })
    .add({ boosting: boosting() })
    .addMeta(new LinearRegression())
    .fit(X, y)
  const alone = await boosting().fit(X, y, { rows: { ranges: [[0, 150]] } })
  const found = ensemble.learners['boosting'] as GradientBoostingRegressor
  assert.equal(found.bestIteration_, alone.bestIteration_)
  assert.deepEqual(listOf(await found.predict(X)), listOf(await alone.predict(X)))
})

test('and rows that are in no fold do not', async () => {
  const spoilt = array(listOf(y).map((value, row) => (row < 150 ? value : 1e6)))
  const ranges = (...list: [number, number][]) => ({ ranges: list })
  const folds = {
    split: () => [
      { train: ranges([0, 75]), test: ranges([75, 150]) },
      { train: ranges([75, 150]), test: ranges([0, 75]) },
    ],
    refitRows: () => ranges([0, 150]),
  }
  const [own, other] = await Promise.all(
    [y, spoilt].map((target) =>
      new SuperLearner({ folds }).add({ boosting: boosting() }).fit(X, target),
    ),
  )
  const rows = [own!.outOfFold.rows(0, 150), other!.outOfFold.rows(0, 150)].map(listOf)
  assert.deepEqual(rows[0], rows[1])
})
