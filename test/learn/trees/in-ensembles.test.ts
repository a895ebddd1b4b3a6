/** Trees as learners of an ensemble: the same predictions on every backend. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shared, toRowNumbers } from '../../../src/arrays/index.ts'
import { isSharingEstimator } from '../../../src/learn/contract/fold-sharing.ts'
import {
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  KFold,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { randomNumbers } from '../../native/matrices.ts'
import { sharedPool } from '../../shared-pools.ts'

test('an ensemble of trees predicts the same on threads, on processes and in this thread', async () => {
  const random = randomNumbers(1)
  const X = shared([600, 4], 'float64')
  const y = shared([600], 'float64')
  for (let at = 0; at < X.size; at++) X.data[at] = random()
  for (let i = 0; i < 600; i++) y.data[i] = X.get(i, 0) * X.get(i, 1) + 0.1 * random()
  const predictions: Float64Array[] = []
  for (const backend of ['serial', 'threads', 'processes'] as const) {
    const parallel = sharedPool(backend)
    const ensemble = new SuperLearner({ folds: new KFold({ folds: 3 }), parallel })
      .add({
        boosted: new GradientBoostingRegressor({ maxIter: 10 }),
        forest: new RandomForestRegressor({ trees: 5, maxFeatures: 'sqrt' }),
      })
      .addMeta(new Ridge())
    await ensemble.fit(X, y)
    predictions.push(ensemble.outOfFold.copy().toTypedArray())
    predictions.push((await ensemble.predict(X)).toTypedArray() as Float64Array)
  }
  for (const [i, predicted] of predictions.entries())
    assert.deepEqual(predicted, predictions[i % 2])
})

test('all tree learners share the bins of folds', () => {
  for (const learner of [
    new DecisionTreeClassifier(),
    new DecisionTreeRegressor(),
    new ExtraTreesClassifier(),
    new ExtraTreesRegressor(),
    new GradientBoostingClassifier(),
    new GradientBoostingRegressor(),
    new RandomForestClassifier(),
    new RandomForestRegressor(),
  ]) {
    assert.ok(isSharingEstimator(learner), learner.constructor.name)
    assert.equal(learner.foldSharing()!.kind, 'onecopy/binned-matrix/255')
  }
})

test('bins of each fold give what fits on copies of its training rows give', async () => {
  const random = randomNumbers(2)
  const X = shared([500, 3], 'float64')
  const y = shared([500], 'float64')
  for (let at = 0; at < X.size; at++) X.data[at] = random()
  for (let i = 0; i < 500; i++) y.data[i] = X.get(i, 0) * X.get(i, 1) + 0.1 * random()
  const make = (binning: 'shared' | 'perFold'): GradientBoostingRegressor =>
    new GradientBoostingRegressor({ maxIter: 5, maxBins: 20, binning })
  const folds = new KFold({ folds: 4 })
  const outOfFold = async (binning: 'shared' | 'perFold'): Promise<Float64Array> => {
    const ensemble = new SuperLearner({ folds }).add(make(binning)).addMeta(new Ridge())
    await ensemble.fit(X, y)
    return Float64Array.from(ensemble.outOfFold.copy().toTypedArray())
  }
  const found = await outOfFold('perFold')
  assert.notDeepEqual(await outOfFold('shared'), found)
  for (const { train, test } of folds.split(500)) {
    const rows = toRowNumbers(train)
    const copies = Array.from(rows, (row) => X.rows(row, row + 1).toTypedArray())
    const model = await make('shared').fit(
      copies,
      Array.from(rows, (row) => y.get(row)),
    )
    const predicted = await model.predict(X)
    for (const row of toRowNumbers(test)) assert.equal(found[row], predicted.get(row))
  }
})
