/** KNeighborsRegressor: the contract, scikit-learn's answers, one index for all folds. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import { complement, rowRange } from '../../../src/arrays/internal.ts'
import {
  estimatorChecks,
  type Fold,
  KFold,
  KNeighborsRegressor,
  type KNeighborsRegressorOptions,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { planFits } from '../../../src/learn/ensembles/folds/layer-folds.ts'
import { SharedObjects } from '../../../src/learn/ensembles/shared/shared-objects.ts'
import type { SharedNeighbors } from '../../../src/learn/neighbors/shared-neighbors.ts'
import type { AffineMap } from '../../../src/learn/statistics/column-maps.ts'
import { randomNumbers } from '../../native/matrices.ts'

interface Fixture {
  readonly cases: readonly {
    readonly X: number[][]
    readonly Y: number[][]
    readonly queries: number[][]
    readonly predictions: readonly {
      readonly neighbors: number
      readonly weights: 'uniform' | 'distance'
      readonly scaled: boolean
      readonly predicted: number[][]
    }[]
  }[]
}

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/sklearn/neighbors.json', import.meta.url), 'utf8'),
) as Fixture

function randomProblem(n: number, d: number): { X: NDArray<'float64'>; y: NDArray<'float64'> } {
  const random = randomNumbers(n + d)
  const X = zeros([n, d], 'float64')
  const y = zeros([n], 'float64')
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) X.set(random(), i, j)
    y.set(X.get(i, 0) + 0.1 * random(), i)
  }
  return { X, y }
}

async function answers(
  { X, y }: { X: NDArray; y: NDArray },
  options: KNeighborsRegressorOptions,
): Promise<Float64Array> {
  const predicted = await (await new KNeighborsRegressor(options).fit(X, y)).predict(X)
  return predicted.toTypedArray() as Float64Array
}

// It keeps X, which is the point of it, and a neighbour that stands there twice takes two places.
const except = [
  'fit keeps no reference to X or y',
  'a weight of 2 counts a row twice, a weight of 0 not at all',
]
for (const algorithm of ['auto', 'tree', 'brute'] as const) {
  for (const weights of ['uniform', 'distance'] as const) {
    describe(`KNeighborsRegressor by ${algorithm}, ${weights}`, () => {
      const make = (): KNeighborsRegressor => new KNeighborsRegressor({ algorithm, weights })
      for (const check of estimatorChecks(make, { except })) test(check.name, () => check.run())
    })
  }
}

test('predictions are those of scikit-learn', async () => {
  for (const { X, Y, queries, predictions } of fixture.cases) {
    for (const { scaled, predicted, ...options } of predictions) {
      const scaler = await new StandardScaler().fit(array(X))
      const map = async (values: number[][]): Promise<NDArray> =>
        scaled ? scaler.transform(array(values)) : array(values)
      for (const algorithm of ['tree', 'brute'] as const) {
        const model = new KNeighborsRegressor({ ...options, algorithm })
        const got = await (await model.fit(await map(X), array(Y))).predict(await map(queries))
        assert.deepEqual(got.shape, [queries.length, 2])
        for (const [i, row] of predicted.entries())
          for (const [target, value] of row.entries())
            assert.ok(Math.abs(got.get(i, target) - value) < 1e-12, `query ${i}`)
      }
    }
  }
})

test('the tree and the comparison with all rows predict the same bytes', async () => {
  for (const [n, d] of [
    [3000, 2],
    [700, 9],
    [500, 30],
  ] as const) {
    const problem = randomProblem(n, d)
    const [tree, brute, auto] = await Promise.all(
      (['tree', 'brute', 'auto'] as const).map((algorithm) =>
        answers(problem, { algorithm, weights: 'distance' }),
      ),
    )
    assert.deepEqual(tree, brute)
    assert.deepEqual(auto, brute)
  }
})

test('coordinates of any size have the neighbours that they have near 1', async () => {
  const { X, y } = randomProblem(400, 3)
  const queries = randomProblem(50, 3).X
  const times = (values: NDArray<'float64'>, factor: number): NDArray =>
    array(
      values.toTypedArray().map((value) => value * factor),
      { shape: values.shape },
    )
  for (const algorithm of ['tree', 'brute'] as const) {
    for (const weights of ['uniform', 'distance'] as const) {
      const model = new KNeighborsRegressor({ algorithm, weights })
      const expected = [...(await (await model.fit(X, y)).predict(queries))].map(Number)
      for (const factor of [2 ** -1000, 2 ** -560, 2 ** 520, 2 ** 1020]) {
        await model.fit(times(X, factor), y)
        const predicted = await model.predict(times(queries, factor))
        const difference = [...predicted].map((value, i) => Math.abs(Number(value) - expected[i]!))
        assert.ok(Math.max(...difference) < 1e-14, `${algorithm}, ${weights}, ${factor}`)
      }
    }
  }
})

test('differences that are small or large beside other coordinates still count', async () => {
  const X = array([[1e-170], [3e-170], [1], [1e200], [1.5e308], [-1.5e308]])
  const y = array([1, 2, 3, 4, 5, 6])
  for (const algorithm of ['tree', 'brute'] as const) {
    const model = await new KNeighborsRegressor({ algorithm, neighbors: 1 }).fit(X, y)
    const predicted = await model.predict(array([[2.5e-170], [0], [8e199], [8e307], [-1.6e308]]))
    assert.deepEqual([...predicted], [2, 1, 4, 5, 6], algorithm)
  }
})

test('means of targets and weights at the limits of float64 are exact', async () => {
  const X = array([[0], [1], [2]])
  const fit = (y: number[], weights: number[]): Promise<KNeighborsRegressor> =>
    new KNeighborsRegressor({ neighbors: 3 }).fit(X, y, { weights })
  const large = await fit([1.5e308, 1.5e308, 0], [1, 1, 1])
  assert.deepEqual([...(await large.predict([[0]]))], [1e308])
  const light = await fit([3e-200, 0, 0], [1e-200, 1e-200, 1e-200])
  assert.deepEqual([...(await light.predict([[0]]))], [1e-200])
})

test('auto takes the tree in few columns and compares with all rows in many', async () => {
  const few = randomProblem(60000, 2)
  const many = randomProblem(2000, 30)
  assert.notEqual((await new KNeighborsRegressor().fit(few.X, few.y)).index_.boxes, null)
  assert.equal((await new KNeighborsRegressor().fit(many.X, many.y)).index_.boxes, null)
})

test('auto takes the tree for predictions of two alike models, which lie near a line', async () => {
  const { X, y } = randomProblem(20000, 2)
  for (let row = 0; row < 20000; row++) X.set(X.get(row, 0) + 0.1 * X.get(row, 1), row, 1)
  assert.notEqual((await new KNeighborsRegressor().fit(X, y)).index_.boxes, null)
})

test('weights weigh the mean of the neighbours, and a row of weight 0 is none', async () => {
  const X = array([[0], [1], [2], [3], [10]])
  const y = array([1, 2, 4, 8, 16])
  const weights = Float64Array.of(1, 3, 0, 2, 5)
  const model = await new KNeighborsRegressor({ neighbors: 2 }).fit(X, y, { weights })
  const predicted = await model.predict(array([[0.2], [2], [9]]))
  assert.deepEqual([...predicted], [(1 + 3 * 2) / 4, (3 * 2 + 2 * 8) / 5, (2 * 8 + 5 * 16) / 7])
})

test('values that are not finite do no harm in rows of weight 0', async () => {
  const X = array([[0], [1], [Number.NaN], [3]])
  const y = array([1, 2, Infinity, 8])
  const weights = Float64Array.of(1, 1, 0, 1)
  const model = await new KNeighborsRegressor({ neighbors: 3 }).fit(X, y, { weights })
  assert.deepEqual([...(await model.predict(array([[5]])))], [11 / 3])
})

/** What the folds of a layer share. */
function shareFolds(
  learner: KNeighborsRegressor,
  { X, y }: { X: NDArray; y: NDArray },
  folds: readonly Fold[],
  map?: AffineMap,
): Promise<SharedNeighbors> {
  const objects = new SharedObjects({ X, y, weights: undefined, ...planFits(folds, X.shape[0]!) })
  return objects.use(learner.foldSharing(), 0).get(async () => map)
}

test('one index serves every fold and scaling as fits on the other folds would', async () => {
  const { X, y } = randomProblem(400, 3)
  const folds = new KFold({ folds: 4, shuffle: true, seed: 5 }).split(400)
  for (const algorithm of ['tree', 'brute', 'auto'] as const) {
    const make = (): KNeighborsRegressor => new KNeighborsRegressor({ algorithm, neighbors: 4 })
    const shared = await shareFolds(make(), { X, y }, folds)
    const out = zeros([400], 'float64')
    const expected = zeros([400], 'float64')
    for (const [fold, { test, train }] of folds.entries()) {
      const scaler = await new StandardScaler().fit(X, undefined, { rows: train })
      const fit = { fold, rows: train, weights: undefined, map: scaler.affine() }
      const shares = await make().fitFold(shared, X, y, fit)
      await shares.predict(X, { rows: test, out })
      const scaled = await scaler.transform(X)
      const model = await make().fit(scaled, y, { rows: train })
      await model.predict(scaled, { rows: test, out: expected })
    }
    assert.deepEqual(out.toTypedArray(), expected.toTypedArray())
  }
})

test('a model of the shared index scales the rows that it predicts', async () => {
  const { X, y } = randomProblem(90, 2)
  const folds = new KFold({ folds: 3 }).split(90)
  const scaler = await new StandardScaler().fit(X)
  const map = scaler.affine()
  const model = new KNeighborsRegressor({ neighbors: 3 })
  const shared = await shareFolds(model, { X, y }, folds, map)
  const rows = rowRange(0, 90)
  await model.fitFold(shared, X, y, { fold: null, rows, weights: undefined, map })
  const scaled = await scaler.transform(X)
  const expected = await new KNeighborsRegressor({ neighbors: 3 }).fit(scaled, y)
  assert.deepEqual([...(await model.predict(X))], [...(await expected.predict(scaled))])
})

describe('kept rows that have changed to what is no number are named', () => {
  const values = (): NDArray => array([[1], [2], [3], [4], [5], [6], [7], [8]])
  const targets = (): NDArray => array([1, 2, 3, 4, 5, 6, 7, 8])
  const changed = (found: string): object => ({
    code: 'ERR_VALUE',
    message:
      `Expected the rows that this model was fitted on, got ${found} (counted from 0): they have changed since. ` +
      'Fit the model again, on a copy if they keep changing.',
  })
  for (const algorithm of ['tree', 'brute'] as const) {
    test(`by ${algorithm}`, async () => {
      for (const value of [Number.NaN, Infinity]) {
        const model = new KNeighborsRegressor({ neighbors: 2, algorithm })
        await model.fit(values(), targets())
        model.X_.set(value, 3, 0)
        await assert.rejects(
          model.predict([[4.1]]),
          changed(`${value} in \`X\` at row 3, column 0`),
        )
        await model.fit(values(), targets())
        model.y_.set(value, 3)
        await assert.rejects(model.predict([[4.1]]), changed(`${value} in \`y\` at row 3`))
        assert.deepEqual((await model.predict([[7.1]])).toArray(), [7.5])
        await assert.rejects(model.predict([[4], [value]]), {
          code: 'ERR_VALUE',
          message: new RegExp(`^Expected finite numbers, got ${value} in \`X\` at row 1, column 0`),
        })
      }
    })
  }
})

describe('what is refused', () => {
  const { X, y } = randomProblem(20, 2)

  test('fewer rows than neighbours', () =>
    assert.rejects(new KNeighborsRegressor({ neighbors: 9 }).fit(X, y, { rows: rowRange(0, 8) }), {
      code: 'ERR_ROWS',
      message:
        'Expected at least 9 rows to choose neighbours from, got 8. Use fewer neighbours or more rows.',
    }))

  test('options that can not be', async () => {
    const fit = (options: object): Promise<unknown> => new KNeighborsRegressor(options).fit(X, y)
    await assert.rejects(fit({ neighbors: 0 }), { code: 'ERR_OPTION' })
    await assert.rejects(fit({ neighbors: 1.5 }), { code: 'ERR_OPTION' })
    await assert.rejects(fit({ neighbors: '5' }), TypeError)
    await assert.rejects(fit({ weights: 'far' }), {
      code: 'ERR_OPTION',
      message:
        "Expected `weights` of KNeighborsRegressor to be 'uniform' or 'distance', got 'far'.",
    })
    await assert.rejects(fit({ algorithm: 'kd' }), { code: 'ERR_OPTION' })
  })

  test('a query that is not finite, naming its place', async () => {
    const model = await new KNeighborsRegressor().fit(X, y)
    await assert.rejects(
      model.predict(
        array([
          [0, 1],
          [2, Number.NaN],
        ]),
      ),
      {
        code: 'ERR_VALUE',
        message: /^Expected finite numbers, got NaN in `X` at row 1, column 1 \(counted from 0\)\./,
      },
    )
  })

  test('rows without enough others outside their fold', async () => {
    const test = rowRange(0, 17)
    const train = complement(test, 20)
    const folds = [
      { test, train },
      { test: train, train: test },
    ]
    const shared = await shareFolds(new KNeighborsRegressor(), { X, y }, folds)
    const fit = { fold: 0, rows: train, weights: undefined, map: undefined }
    const model = await new KNeighborsRegressor().fitFold(shared, X, y, fit)
    await assert.rejects(model.predict(X, { rows: test }), {
      code: 'ERR_ROWS',
      message: /at least 5 points .* got 3\./,
    })
  })
})
