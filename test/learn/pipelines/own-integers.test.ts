/** A learner of your own that predicts integers, in a pipeline and as a meta learner. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, NDArray, zeros } from '../../../src/arrays/index.ts'
import {
  BaseEstimator,
  type Estimator,
  Pipeline,
  Ridge,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'

class Counter extends BaseEstimator implements Estimator {
  declare count_: number

  async fit(X: NDArray): Promise<this> {
    this.count_ = X.shape[0]!
    return this
  }

  async predict(X: NDArray): Promise<NDArray> {
    const counts = zeros([X.shape[0]!], 'int32')
    counts.data.fill(this.count_)
    return counts
  }
}

const X = array(
  Float64Array.from({ length: 6 }, (_, i) => i),
  { shape: [6, 1] },
)
const y = [0, 1, 2, 3, 4, 5]

test('its predictions are float64', async () => {
  for (const steps of [
    { own: new Counter() },
    { scale: new StandardScaler(), own: new Counter() },
  ]) {
    const predicted = await (await new Pipeline({ steps }).fit(X, y)).predict(X)
    assert.equal(predicted.dtype, 'float64')
    assert.deepEqual(predicted.toArray(), [6, 6, 6, 6, 6, 6])
  }
  const ensemble = new SuperLearner({ folds: 2 }).add(new Ridge()).addMeta(new Counter())
  const predicted = await (await ensemble.fit(X, y)).predict(X)
  assert.equal(predicted.dtype, 'float64')
  assert.deepEqual(predicted.toArray(), [6, 6, 6, 6, 6, 6])
})
