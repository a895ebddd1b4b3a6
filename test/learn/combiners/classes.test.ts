/** Combiners as meta learners of classifiers. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NDArray } from '../../../src/arrays/index.ts'
import {
  accuracy,
  BestLearner,
  CombinedClassifier,
  GaussianNB,
  GreedySelection,
  KNeighborsClassifier,
  LogisticRegression,
  NonNegativeLeastSquares,
  RandomForestClassifier,
  Ridge,
  StratifiedKFold,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { sharedPool } from '../../shared-pools.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const n = 150
const { X, y, weights: counts } = randomProblem(n, 4)
// Labels of rows of weight 0 play no part in the folds of an ensemble.
const weights = counts.map((weight) => weight + 1)
const targets = {
  two: Array.from(y.data, (value) => (value > 3 ? 'above' : 'below')),
  three: Array.from(y.data, (value) => (value > 4 ? 'high' : value > 2 ? 'mid' : 'low')),
}
const combiners = {
  nnls: new NonNegativeLeastSquares(),
  convex: new NonNegativeLeastSquares({ convex: true }),
  greedy: new GreedySelection({ size: 10 }),
  best: new BestLearner(),
}
const listOf = (values: NDArray): number[] => [...(values.copy().toTypedArray() as Float64Array)]

function make(parallel?: Parallel): SuperLearner {
  return new SuperLearner({ folds: 4, seed: 3, parallel }).add({
    logistic: new LogisticRegression(),
    bayes: new GaussianNB(),
    near: new KNeighborsClassifier({ neighbors: 5 }),
    forest: new RandomForestClassifier({ trees: 5 }),
  })
}

describe('an ensemble of classifiers', () => {
  for (const [kind, labels] of Object.entries(targets))
    for (const [name, meta] of Object.entries(combiners))
      test(`${name}, ${kind} classes: weighs probabilities, without rows of a fold in its score`, async () => {
        const ensemble = await make().addMeta(meta).fit(X, labels, { weights })
        const Z = ensemble.outOfFold
        const alone = new CombinedClassifier<string>({ combiner: meta })
        await alone.fit(Z, labels, { weights })
        assertClose(Object.values(ensemble.weights!) as number[], listOf(alone.weights_), 1e-9)
        assert.deepEqual(Object.keys(ensemble.weights!), ['logistic', 'bayes', 'near', 'forest'])
        const folds = new StratifiedKFold({ folds: 4, shuffle: true, seed: 3 }).split(n, labels)
        const scores: number[] = []
        for (const { train, test: rows } of folds) {
          const own = new CombinedClassifier({ combiner: meta })
          const fitted = await own.fit(Z, labels, { rows: train, weights })
          scores.push(accuracy(labels, await fitted.predict(Z, { rows }), { rows, weights }))
        }
        assertClose(ensemble.scores.ensemble!.folds, scores, 1e-12)
        const predicted = await ensemble.predict(X)
        assert.ok(accuracy(labels, predicted) > 0.8)
        const shares = await ensemble.predictProba(X.rows(0, 5))
        for (const row of shares.toArray() as number[][])
          assert.ok(Math.abs(row.reduce((sum, share) => sum + share, 0) - 1) < 1e-12)
      })

  test('has the same weights on every backend', async () => {
    const expected = await make().addMeta(combiners.greedy).fit(X, targets.three)
    for (const backend of ['threads', 'processes'] as const) {
      const parallel = sharedPool(backend)
      const found = await make(parallel).addMeta(combiners.greedy).fit(X, targets.three)
      assert.deepEqual(found.weights, expected.weights)
      assert.deepEqual(found.scores.ensemble!.folds, expected.scores.ensemble!.folds)
    }
  })

  test('has weights for each class where the meta learner is a linear classifier', async () => {
    const ensemble = await make().addMeta(new LogisticRegression()).fit(X, targets.three)
    const { weights: found } = ensemble
    assert.deepEqual(Object.keys(found!), ensemble.outOfFoldColumns)
    assert.equal((found!['bayes:mid'] as number[]).length, 3)
  })
})

test('combiners stack numbers where a learner predicts numbers', async () => {
  const ensemble = await new SuperLearner()
    .add({ ridge: new Ridge() })
    .addMeta(new GreedySelection())
    .fit(X, y)
  assert.deepEqual(ensemble.weights, { ridge: 1 })
  assert.equal(ensemble.classes_, undefined)
  await assert.rejects(
    new SuperLearner()
      .add({ ridge: new Ridge(), bayes: new GaussianNB() })
      .addMeta(new GreedySelection())
      .fit(X, targets.two),
    { name: 'TypeError', message: /its learner Ridge predicts numbers/ },
  )
})
