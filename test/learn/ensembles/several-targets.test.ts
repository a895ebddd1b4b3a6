/** Regressions of several targets at once by SuperLearner. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  GradientBoostingRegressor,
  KFold,
  KNeighborsRegressor,
  LinearRegression,
  PolynomialFeatures,
  Ridge,
  rmse,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { sharedPool } from '../../shared-pools.ts'
import { randomProblem } from '../random-problem.ts'

const n = 120
const { X, y, weights } = randomProblem(n, 4, { targets: 3 })
const folds = new KFold({ folds: 4 })

function stack(parallel?: Parallel): SuperLearner {
  return new SuperLearner({ folds, parallel })
    .add({ ols: new LinearRegression(), near: new KNeighborsRegressor({ neighbors: 4 }) })
    .add({ scaled: new Ridge({ alpha: 5 }) }, { preprocess: new StandardScaler() })
    .add({ curved: new Ridge() }, { preprocess: new PolynomialFeatures() })
    .addMeta(new Ridge({ alpha: 0.1 }))
}

describe('a matrix of targets', () => {
  test('has columns of each learner as if each target were stacked alone', async () => {
    const ensemble = await stack().fit(X, y)
    assert.deepEqual(
      ensemble.outOfFoldColumns,
      ['ols', 'near', 'scaled', 'curved'].flatMap((name) => [0, 1, 2].map((k) => `${name}:${k}`)),
    )
    for (let target = 0; target < 3; target++) {
      const alone = await stack().fit(X, y.column(target).copy())
      const Z = await ensemble.transform(X)
      const ownZ = await alone.transform(X)
      for (let row = 0; row < n; row++)
        for (let l = 0; l < 4; l++) {
          const at = 3 * l + target
          assert.ok(Math.abs(ensemble.outOfFold.get(row, at) - alone.outOfFold.get(row, l)) < 1e-9)
          assert.ok(Math.abs(Z.get(row, at) - ownZ.get(row, l)) < 1e-9)
        }
    }
  })

  test('is predicted by a meta learner of all columns, and scored by the mean', async () => {
    const ensemble = await stack().fit(X, y, { weights })
    const predicted = await ensemble.predict(X)
    assert.deepEqual(predicted.shape, [n, 3])
    const meta = await new Ridge({ alpha: 0.1 }).fit(ensemble.outOfFold, y, { weights })
    const want = await meta.predict(await ensemble.transform(X))
    for (let row = 0; row < n; row++)
      for (let k = 0; k < 3; k++)
        assert.ok(Math.abs(predicted.get(row, k) - want.get(row, k)) < 1e-9)
    const own = folds
      .split(n)
      .map(({ test: rows }) => rmse(y, ensemble.outOfFold.slice(null, [3, 6]), { rows, weights }))
    assert.deepEqual(ensemble.scores.learners[1]!.folds, own)
  })

  test('gives the same bytes on workers', async () => {
    const expected = (await stack().fit(X, y)).outOfFold.toArray()
    for (const backend of ['threads', 'processes'] as const) {
      const parallel = sharedPool(backend)
      assert.deepEqual((await stack(parallel).fit(X, y)).outOfFold.toArray(), expected)
    }
  })

  test('of one column is predicted as such', async () => {
    const ensemble = await stack().fit(X, y.slice(null, [0, 1]))
    assert.deepEqual(ensemble.outOfFold.shape, [n, 4])
    assert.deepEqual((await ensemble.predict(X)).shape, [n, 1])
  })
})

describe('a learner of one target', () => {
  test('is named', async () => {
    const ensemble = new SuperLearner({ folds }).add([new Ridge(), new GradientBoostingRegressor()])
    await assert.rejects(ensemble.fit(X, y), {
      code: 'ERR_LEARNER',
      message:
        'Learner `gradient-boosting-regressor` failed on fold 0: Expected `y` to have one target, shape (n), to fit ' +
        'GradientBoostingRegressor on, got 3. Fit one model for each.',
    })
  })

  test('can be left out', async () => {
    const ensemble = await new SuperLearner({ folds, onError: 'skip' })
      .add([new GradientBoostingRegressor(), new Ridge()])
      .addMeta(new Ridge())
      .fit(X, y)
    assert.deepEqual(ensemble.outOfFoldColumns, ['ridge:0', 'ridge:1', 'ridge:2'])
    assert.equal(ensemble.scores.skipped[0]!.name, 'gradient-boosting-regressor')
  })
})

test('targets of other shapes are refused', async () => {
  const fit = (target: NDArray): Promise<SuperLearner> =>
    new SuperLearner().add(new Ridge()).fit(X, target)
  await assert.rejects(fit(array(new Float64Array(0), { shape: [n, 0] })), {
    code: 'ERR_SHAPE',
    message: `Expected \`y\` to have shape (n) or (n, m), got (${n}, 0).`,
  })
  await assert.rejects(fit(array(new Float64Array(n), { shape: [n, 1, 1] })), { code: 'ERR_SHAPE' })
  await assert.rejects(fit(y.rows(1)), {
    code: 'ERR_SHAPE',
    message: `Expected \`y\` to have ${n} rows like \`X\`, got ${n - 1}. Both must describe the same samples.`,
  })
})
