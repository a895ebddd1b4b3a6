/** Lists and typed arrays stand wherever a learner or metric takes an array. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  type ArrayInput,
  asArray,
  ElasticNet,
  GaussianNB,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  LinearSVC,
  mae,
  MinMaxScaler,
  r2,
  Ridge,
  RidgeClassifier,
  rmse,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { refusal } from '../../arrays/refusal.ts'

const lists = [
  [1, 2],
  [3, 5],
  [4, 4],
  [7, 1],
  [2, 9],
  [8, 3],
]
const [X, y, weights] = [lists, [1, 2, 4, 3, 5, 1], [1, 2, 1, 0, 3, 1]]

/** The same values in every form: `X`, `y` and weights. */
const forms: Record<string, readonly [ArrayInput, ArrayInput, ArrayInput]> = {
  lists: [X, y, weights],
  'typed arrays': [
    lists.map((row) => Float64Array.from(row)),
    Float64Array.from(y),
    Int8Array.from(weights),
  ],
  'rows of integers': [lists.map((row) => Int32Array.from(row)), Int16Array.from(y), weights],
  bigints: [
    lists.map((row) => row.map(BigInt)),
    y.map(BigInt),
    BigInt64Array.from(weights, BigInt),
  ],
  arrays: [array(X), array(y), array(weights)],
}

const learners = {
  LinearRegression: () => new LinearRegression(),
  Ridge: () => new Ridge(),
  Lasso: () => new Lasso({ alpha: 0.01 }),
  ElasticNet: () => new ElasticNet({ alpha: 0.01 }),
  KNeighborsRegressor: () => new KNeighborsRegressor({ neighbors: 2 }),
}
const scalers = {
  StandardScaler: () => new StandardScaler(),
  MinMaxScaler: () => new MinMaxScaler(),
}

for (const [form, [X_, y_, weights_]] of Object.entries(forms)) {
  describe(`${form} are taken like float64 arrays`, () => {
    const options = { weights: weights_ }
    for (const [name, make] of Object.entries(learners)) {
      test(`by ${name}`, async () => {
        const expected = await make().fit(array(X), array(y), { weights: array(weights) })
        const model = await make().fit(X_, y_, options)
        const predicted = (await model.predict(X_)).toArray()
        assert.deepEqual(predicted, (await expected.predict(array(X))).toArray())
      })
    }

    for (const [name, make] of Object.entries(scalers)) {
      test(`by ${name}`, async () => {
        const expected = await make().fit(array(X), undefined, { weights: array(weights) })
        const scaler = await make().fit(X_, y_, options)
        const scaled = (await scaler.transform(X_)).toArray()
        assert.deepEqual(scaled, (await expected.transform(array(X))).toArray())
      })
    }

    test('by SuperLearner', async () => {
      const make = (): SuperLearner =>
        new SuperLearner({ folds: 3 })
          .add([new Ridge(), new KNeighborsRegressor({ neighbors: 1 })])
          .addMeta(new Ridge())
      const expected = await make().fit(array(X), array(y), { weights: array(weights) })
      const ensemble = await make().fit(X_, y_, options)
      assert.deepEqual(ensemble.outOfFold.toArray(), expected.outOfFold.toArray())
      const answer = async (of: SuperLearner, X: ArrayInput): Promise<unknown> =>
        (await of.predict(X)).toArray()
      assert.deepEqual(await answer(ensemble, X_), await answer(expected, array(X)))
    })

    test('by the metrics', () => {
      const guess = Float32Array.of(1, 2, 3, 3, 5, 2)
      for (const metric of [rmse, mae, r2])
        assert.equal(
          metric(y_, guess, options),
          metric(array(y), array(guess), { weights: array(weights) }),
        )
    })
  })
}

test('[[1], [2]] and [1, 2] make a model, as in scikit-learn', async () => {
  const model = await new LinearRegression().fit([[1], [2]], [1, 2])
  assertClose((await model.predict([[3]])).toTypedArray(), [3], 1e-14)
})

test('booleans count as 1 and 0', () => {
  assert.deepEqual(asArray([true, false]).toArray(), [1, 0])
})

test('an array is returned itself, a typed array is wrapped, lists are copied', () => {
  const values = Float32Array.of(1, 2)
  const made = array(values)
  assert.equal(asArray(made), made)
  assert.equal(asArray(values).data, values)
  assert.equal(asArray(values).dtype, 'float32')
  const part = asArray(values.subarray(1))
  assert.deepEqual([part.toArray(), part.buffer], [[2], values.buffer])
  const list = [1, 2]
  const copy = asArray(list)
  list[0] = 9
  assert.deepEqual(copy.toArray(), [1, 2])
})

test('what is no array is refused by name and place', () => {
  const refuse = (values: unknown): NDArray => asArray(values as never, '`X`')
  for (const wrong of [
    undefined,
    null,
    3,
    'X.npy',
    {},
    new Set([1]),
    new DataView(new ArrayBuffer(8)),
  ])
    assert.throws(() => refuse(wrong), {
      name: 'TypeError',
      message: /^Expected `X` to be an NDArray, a typed array or a list of numbers or rows, got /,
    })
  assert.throws(() => refuse([1, '2']), /^TypeError: Expected a number in `X` at row 1 \(counted/)
  assert.throws(() => refuse([[1], [[2]]]), /`X` at row 1, column 0 .* got an array of length 1/)
  assert.throws(() => refuse([[1], 2]), /Expected a list of numbers in `X` at row 1, got 2/)
  assert.throws(
    () => refuse([[1, 2], [3]]),
    refusal('ERR_SHAPE', 'rows of one length in `X`, got 2 values in row 0 and 1 in row 1'),
  )
  for (const missing of [null, undefined])
    assert.throws(
      () => refuse([[1, missing]]),
      refusal('ERR_VALUE', `a number in \`X\` at row 0, column 1 (counted from 0), got ${missing}`),
    )
})

test('a list of numbers as X is refused, and what it should be is said', async () => {
  await assert.rejects(new Ridge().fit([1, 2], [1, 2]), {
    message:
      'Expected `X` to have shape (n, d), got shape [2]. A single row has shape (1, d), as after reshape(1, -1) or in [[1, 2]]; a single column has shape (n, 1), as after ' +
      'reshape(-1, 1) or in [[1], [2]].',
  })
  const column = array([1, 2]).reshape(-1, 1)
  assert.deepEqual((await new Ridge().fit(column, [1, 2])).coef_.shape, [1])
})

test('`out` that is no array is refused by name', async () => {
  const model = await new Ridge().fit([[1], [2]], [1, 2])
  await assert.rejects(model.predict([[1]], { out: new Float64Array(1) as never }), {
    name: 'TypeError',
    message: /^Expected `out` to be an NDArray, got /,
  })
})

test('weights of another shape than (n) are refused', async () => {
  await assert.rejects(
    new Ridge().fit([[1], [2]], [1, 2], { weights: [[1], [1]] }),
    refusal('ERR_VALUE', 'to have 2 values, one for every row of `X`, got shape (2, 1)'),
  )
})

test('weights whose sums float64 may not hold are refused, with advice that works', async () => {
  const large = weights.map((weight) => weight * 1e307)
  const classes = y.map((_, row) => row % 2)
  const text =
    'with a largest one of at most 1e+280, got 3e+307: sums of products with values may be beyond float64. ' +
    'Divide all of them by the same number.'
  for (const make of [() => new Ridge(), () => new StandardScaler(), () => new GaussianNB()])
    await assert.rejects(make().fit(lists, classes, { weights: large }), {
      code: 'ERR_VALUE',
      message: `Expected \`weights\` ${text}`,
    })
  const [one, other] = [weights.map((weight) => weight * 1e279), { 0: 100, 1: 100 }]
  await assert.rejects(
    new RidgeClassifier({ classWeight: other }).fit(lists, classes, { weights: one }),
    {
      code: 'ERR_VALUE',
      message: `Expected \`weights\` times \`classWeight\` ${text.replace('3e+307', '3e+281')}`,
    },
  )
  await assert.rejects(new LinearSVC({ classWeight: { 0: 1e300 } }).fit(lists, classes), {
    code: 'ERR_OPTION',
    message: /got 1e\+300 for '0': sums of products with values may be beyond float64\. Divide all/,
  })
  await new Ridge().fit(lists, y, { weights: one })
})

test('weights that are all too small for sums of products are refused, with advice that works', async () => {
  const tiny = weights.map((weight) => weight * 5e-324)
  for (const make of [() => new LinearRegression(), () => new StandardScaler()])
    await assert.rejects(make().fit(lists, y, { weights: tiny }), {
      code: 'ERR_VALUE',
      message:
        'Expected `weights` with a largest one of at least 1e-280, got 1.5e-323: products with values would be 0. ' +
        'Multiply all of them by the same number.',
    })
  const small = weights.map((weight) => weight * 1e-279)
  const expected = await new LinearRegression().fit(lists, y, { weights })
  const model = await new LinearRegression().fit(lists, y, { weights: small })
  for (let j = 0; j < model.coef_.size; j++)
    assert.ok(Math.abs(model.coef_.get(j) - expected.coef_.get(j)) < 1e-9)
})
