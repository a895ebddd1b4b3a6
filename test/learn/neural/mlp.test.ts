/** Neural networks: the contract, labels, early stopping, pipelines, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  clone,
  estimatorChecks,
  KFold,
  LinearRegression,
  learnedState,
  MLPClassifier,
  MLPRegressor,
  Pipeline,
  restore,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const values = (found: NDArray): Float64Array => found.copy().toTypedArray() as Float64Array
const mean = (list: readonly number[]): number =>
  list.reduce((sum, one) => sum + one, 0) / list.length

// Few epochs: sums of the same rows in another order differ by rounding, which many steps make larger.
const makers = {
  MLPRegressor: () => new MLPRegressor({ hiddenLayerSizes: [8], maxIter: 20, activation: 'tanh' }),
  MLPClassifier: () => new MLPClassifier({ hiddenLayerSizes: [8, 4], maxIter: 20 }),
  'MLPClassifier, stopped early': () =>
    new MLPClassifier({ hiddenLayerSizes: [5], maxIter: 30, earlyStopping: true, tol: 0 }),
  'MLPRegressor without hidden layers': () =>
    new MLPRegressor({ hiddenLayerSizes: [], maxIter: 9 }),
}
for (const [name, make] of Object.entries(makers)) {
  describe(`contract: ${name}`, () => {
    // A row that counts twice is set aside once, its copies one by one.
    const except = name.includes('stopped')
      ? ['a weight of 2 counts a row twice, a weight of 0 not at all']
      : []
    for (const check of estimatorChecks(make, { except })) test(check.name, () => check.run())
  })
}

test('texts and booleans are predicted as they are, a single class always', async () => {
  const X = array([[-2], [-1.5], [-1], [1], [1.5], [2]])
  const two = ['low', 'low', 'low', 'top', 'top', 'top']
  const options = { hiddenLayerSizes: [5], learningRate: 0.05, maxIter: 100 }
  assert.deepEqual(await (await new MLPClassifier(options).fit(X, two)).predict(X), two)
  const three = ['a', 'a', 'b', 'b', 'c', 'c']
  const model = await new MLPClassifier({ ...options, maxIter: 400 }).fit(X, three)
  assert.deepEqual(model.classes_, ['a', 'b', 'c'])
  assert.deepEqual(await model.predict(X), three)
  const single = await new MLPClassifier(options).fit(X, Array<boolean>(6).fill(true))
  assert.deepEqual(await single.predict([[7]]), [true])
  assert.deepEqual((await single.predictProba([[7]])).toArray(), [[1]])
})

test('weights of classes count like weights of rows', async () => {
  const { X, y } = randomProblem(120, 4)
  const labels = y.data.map((value) => Number(value > 4))
  const options = { hiddenLayerSizes: [6], maxIter: 10 }
  const weights = labels.map((label) => (label === 1 ? 3 : 0.5))
  const byRows = await new MLPClassifier(options).fit(X, labels, { weights })
  const byClasses = await new MLPClassifier({ ...options, classWeight: { 0: 0.5, 1: 3 } }).fit(
    X,
    labels,
  )
  assert.deepEqual(byClasses.coefs_[0], byRows.coefs_[0])
})

test('weights times a factor give the same model with alpha times this factor', async () => {
  const { X, y } = randomProblem(120, 4)
  const labels = y.data.map((value) => Number(value > 4))
  const options = { hiddenLayerSizes: [6], maxIter: 10, batchSize: 50 }
  const given = Float64Array.from({ length: 120 }, (_, row) => 1 + (row % 3))
  const fits = [
    (alpha: number, weights: Float64Array) =>
      new MLPRegressor({ ...options, alpha }).fit(X, y, { weights }),
    (alpha: number, weights: Float64Array) =>
      new MLPClassifier({ ...options, alpha }).fit(X, labels, { weights }),
  ]
  for (const fit of fits) {
    for (const alpha of [0, 3]) {
      const expected = await fit(alpha, given)
      for (const factor of [1e-6, 0.3, 1000]) {
        const scaled = given.map((weight) => weight * factor)
        const found = await fit(alpha * factor, scaled)
        assertClose(values(found.coefs_[0]!), values(expected.coefs_[0]!), 1e-9)
        assertClose([...found.lossCurve_], [...expected.lossCurve_], 1e-9)
      }
    }
  }
})

describe('early stopping', () => {
  const { X, y } = randomProblem(200, 4)
  const noisy = y.data.map((value, row) => value + 4 * Math.sin(row * row))
  const options = { hiddenLayerSizes: [60], learningRate: 0.02, maxIter: 300, earlyStopping: true }

  test('keeps the coefficients of the lowest loss on rows set aside', async () => {
    const held = Int32Array.from({ length: 60 }, (_, i) => 140 + i)
    const model = await new MLPRegressor({ ...options, validationRows: held }).fit(X, noisy)
    const { validationLosses_: losses, bestIteration_: best, iterations_: iterations } = model
    assert.equal(losses.length, iterations)
    assert.equal(losses[best - 1], Math.min(...losses))
    assert.ok(best < iterations && iterations < 300 && model.converged_)
    const found = values(await model.predict(X, { rows: held }))
    const loss = mean([...found].map((value, i) => 0.5 * (value - noisy[140 + i]!) ** 2))
    assertClose([loss], [losses[best - 1]!], 1e-12)
    const short = { ...options, earlyStopping: false, maxIter: best }
    const same = await new MLPRegressor(short).fit(X, noisy, { rows: { ranges: [[0, 140]] } })
    assert.deepEqual(same.coefs_, model.coefs_)
  })

  test('validates on the rows that fit is not given', async () => {
    const rows = { ranges: [[0, 140]] } as const
    const heldOut = await new MLPRegressor({ ...options, validationRows: 'heldOut' }).fit(
      X,
      noisy,
      { rows },
    )
    const named = Int32Array.from({ length: 60 }, (_, i) => 140 + i)
    const given = await new MLPRegressor({ ...options, validationRows: named }).fit(X, noisy)
    assert.deepEqual(heldOut.coefs_, given.coefs_)
    const labels = noisy.map((value, row) => (row === 199 ? 9 : Number(value > 3)))
    const classes = await new MLPClassifier({ ...options, validationRows: 'heldOut' }).fit(
      X,
      labels,
      { rows },
    )
    assert.deepEqual([...(classes.classes_ as Float64Array)], [0, 1])
  })

  test('weights of rows set aside count', async () => {
    const weights = Float64Array.from({ length: 200 }, (_, row) =>
      row % 3 === 0 ? 0 : 1 + (row % 2),
    )
    const model = await new MLPRegressor({ ...options, maxIter: 5 }).fit(X, noisy, { weights })
    const kept = Int32Array.from({ length: 200 }, (_, row) => row).filter((row) => row % 3 !== 0)
    const copy = await new MLPRegressor({ ...options, maxIter: 5 }).fit(X, noisy, {
      weights,
      rows: kept,
    })
    assert.deepEqual(copy.validationLosses_, model.validationLosses_)
  })

  test('rows to validate on are refused without it', async () => {
    const model = new MLPRegressor({ validationRows: [1, 2] })
    await assert.rejects(model.fit(X, noisy), {
      code: 'ERR_OPTION',
      message:
        'Expected `earlyStopping: true` with `validationRows` of MLPRegressor, which are for early stopping. Without it, leave them out.',
    })
  })
})

test('a pipeline learns and predicts scaled columns without a copy of them', async () => {
  const { X, y } = randomProblem(300, 5, { offset: 100 })
  const options = { hiddenLayerSizes: [12], maxIter: 20 }
  const scaler = await new StandardScaler().fit(X)
  const scaled = await scaler.transform(X)
  const labels = Array.from(y.data, (value) => (value > 3 ? 'yes' : 'no'))
  const alone = await new MLPRegressor(options).fit(scaled, y)
  const piped = await new Pipeline({
    steps: [new StandardScaler(), new MLPRegressor(options)],
  }).fit(X, y)
  assertClose(values(await piped.predict(X)), values(await alone.predict(scaled)), 1e-9)
  const classes = await new MLPClassifier(options).fit(scaled, labels)
  const pipe = new Pipeline<string>({ steps: [new StandardScaler(), new MLPClassifier(options)] })
  await pipe.fit(X, labels)
  assert.deepEqual(await pipe.predict(X), await classes.predict(scaled))
  assertClose(values(await pipe.predictProba(X)), values(await classes.predictProba(scaled)), 1e-9)
})

test('an ensemble fits it on the rows of each fold', async () => {
  const { X, y } = randomProblem(120, 4)
  const make = (): MLPRegressor =>
    new MLPRegressor({
      hiddenLayerSizes: [10],
      maxIter: 30,
      earlyStopping: true,
      validationRows: 'heldOut',
    })
  const ensemble = await new SuperLearner({ folds: new KFold({ folds: 3 }) })
    .add({ network: make(), line: new LinearRegression() })
    .add({ scaled: make() }, { preprocess: new StandardScaler() })
    .addMeta(new LinearRegression())
    .fit(X, y)
  assert.deepEqual(ensemble.copiedBytes, {})
  const own = await make().fit(X, y, { rows: { ranges: [[40, 120]] } })
  const found = values(ensemble.outOfFold.slice([0, 40], [0, 1]))
  assertClose(found, values(await own.predict(X, { rows: { ranges: [[0, 40]] } })), 1e-12)
})

test('a loss that is no number is refused by what to do', async () => {
  const X = array([[1], [-2], [3]])
  await assert.rejects(new MLPRegressor({ maxIter: 50 }).fit(X, [1e160, 2, 3]), {
    code: 'ERR_VALUE',
    message:
      "Expected the loss of MLPRegressor to stay finite, got coefficients that float64 can't hold sums of, in epoch 1 (counted from 1). " +
      'Scale the columns of `X` first, as by a StandardScaler, and large targets too, or lower learningRate.',
  })
  const labels = [0, 1, 0]
  await assert.rejects(new MLPClassifier({ learningRate: 1e200, maxIter: 3 }).fit(X, labels), {
    code: 'ERR_VALUE',
  })
})

test('options that no network has are refused', async () => {
  const { X, y } = randomProblem(20, 2)
  const wrong: readonly (readonly [options: object, message: string])[] = [
    [
      { hiddenLayerSizes: [0] },
      'Expected `hiddenLayerSizes` of MLPRegressor to be a list of whole numbers from 1 to 16777216, such as [100, 50], got 0 at position 0.',
    ],
    [
      { activation: 'sigmoid' },
      "Expected `activation` of MLPRegressor to be 'relu', 'tanh', 'logistic' or 'identity', got 'sigmoid'. onecopy calls it 'logistic'.",
    ],
    [{ beta1: 1 }, 'Expected `beta1` of MLPRegressor to be below 1, got 1.'],
    [
      { validationFraction: 1 },
      'Expected `validationFraction` of MLPRegressor to be below 1, got 1.',
    ],
    [{ learningRate: 0 }, 'Expected `learningRate` of MLPRegressor to be above 0, got 0.'],
    [
      { batchSize: 0 },
      'Expected `batchSize` of MLPRegressor to be a whole number >= 1 and <= 2147483648, got 0.',
    ],
  ]
  for (const [options, message] of wrong)
    await assert.rejects(new MLPRegressor(options).fit(X, y), { code: 'ERR_OPTION', message })
  await assert.rejects(new MLPRegressor({ hiddenLayerSizes: 50 as never }).fit(X, y), {
    name: 'TypeError',
    message:
      'Expected `hiddenLayerSizes` of MLPRegressor to be a list of whole numbers from 1 to 16777216, such as [100, 50], got 50. Write [50].',
  })
})

test('a fit that ends at maxIter warns and is usable', async (t) => {
  const { X, y } = randomProblem(50, 3)
  const warnings = t.mock.method(process, 'emitWarning', () => undefined)
  const model = await new MLPRegressor({ maxIter: 3 }).fit(X, y)
  assert.equal(warnings.mock.callCount(), 1)
  assert.equal(model.converged_, false)
  assert.deepEqual([model.iterations_, model.bestIteration_, model.lossCurve_.length], [3, 3, 3])
})

test('several targets are restored, and values that no fit gives are refused', async () => {
  const { X, y } = randomProblem(60, 3, { targets: 2 })
  const model = await new MLPRegressor({ hiddenLayerSizes: [4], maxIter: 5 }).fit(X, y)
  const heir = restore(clone(model), learnedState(model))
  assert.deepEqual(await heir.predict(X), await model.predict(X))
  assert.deepEqual((await model.predict(X)).shape, [60, 2])
  const state = learnedState(model)
  const first = model.coefs_[0]!
  const wrong: readonly (readonly [name: string, value: unknown])[] = [
    ['coefs_', []],
    ['coefs_', [first]],
    ['coefs_', [first, first]],
    [
      'coefs_',
      [
        array(
          first.data.map(() => 1e200),
          { shape: [3, 4] },
        ),
        model.coefs_[1],
      ],
    ],
    ['intercepts_', [new Float64Array(3), new Float64Array(2)]],
    ['activation_', 'softmax'],
    ['targetShape_', [3]],
    ['targetShape_', []],
    ['iterations_', 0],
  ]
  for (const [name, value] of wrong)
    assert.throws(() => restore(clone(model), { ...state, [name]: value as never }), {
      code: 'ERR_FORMAT',
    })
})

test('a warning says why a short fit has not converged, and a loss without a fall ends one', async (t) => {
  const { X, y } = randomProblem(60, 3)
  const large = y.data.map((value) => value * 1e30)
  const options = { hiddenLayerSizes: [4], learningRate: 1e-300, shuffle: false }
  const warnings = t.mock.method(process, 'emitWarning', () => undefined)
  for (const [target, maxIter] of [
    [y, 1],
    [large, 5],
  ] as const)
    await new MLPRegressor({ ...options, maxIter }).fit(X, target)
  const text = (count: string): string =>
    `MLPRegressor did not converge: it stopped after ${count}, and only 11 in a row without a better loss would show that ` +
    'it no longer falls. Raise maxIter, learningRate or tol, or scale the columns of `X`.'
  assert.deepEqual(
    warnings.mock.calls.map((call) => (call.arguments as readonly unknown[])[0]),
    [text('1 iteration'), text('5 iterations')],
  )
  const long = await new MLPRegressor({ ...options, maxIter: 50 }).fit(X, large)
  assert.ok(long.converged_ && long.iterations_ === 12)
})

test('options that the core cannot count to are refused by name', async () => {
  const { X, y } = randomProblem(60, 3)
  for (const name of ['batchSize', 'iterNoChange', 'maxIter'] as const) {
    await assert.rejects(new MLPRegressor({ [name]: 2 ** 53 }).fit(X, y), {
      code: 'ERR_OPTION',
      details: { name, value: 2 ** 53 },
    })
  }
})
