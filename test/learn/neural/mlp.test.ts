/** Neural networks: the contract, gradients, scikit-learn's scores, the same bytes. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
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
import { setKernelThreads } from '../../../src/native/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import { openData, readAnswers } from '../sklearn.ts'
import {
  flatten,
  naiveGradient,
  type NaiveKind,
  type NaiveLayer,
  naiveLoss,
  naiveProbabilities,
  type NaiveRows,
  naiveScores,
  naiveStep,
} from './naive-network.ts'
import { largeNetworkBytes, networkBytes } from './network-bytes.ts'

const values = (found: NDArray): Float64Array => found.copy().toTypedArray() as Float64Array

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

/** The layers of a model as lists. */
function layersOf({ coefs_, intercepts_ }: MLPRegressor | MLPClassifier): NaiveLayer[] {
  return coefs_.map((one, l) => ({
    coefs: one.toArray() as number[][],
    intercepts: [...intercepts_[l]!],
  }))
}

interface Problem extends NaiveRows {
  readonly given: NDArray
  readonly target: NDArray
  readonly make: (options: object) => MLPRegressor | MLPClassifier
  readonly kind: NaiveKind
}

/** A problem of 13 rows and 5 columns with weights. */
function makeProblem(kind: NaiveKind): Problem {
  const n = 13
  const random = seeded(5)
  const X = Array.from({ length: n }, () => Array.from({ length: 5 }, () => 2 * random() - 1))
  const classes = { values: 0, logistic: 2, softmax: 3 }[kind.output]
  const y = X.map((row, i) => (classes === 0 ? [row[0]! + 1, row[1]! * 2, -row[2]!] : i % classes))
  const target = classes === 0 ? array(y as number[][]) : array(y as number[])
  const make = (options: object): MLPRegressor | MLPClassifier =>
    classes === 0 ? new MLPRegressor(options) : new MLPClassifier(options)
  return { X, y, weights: X.map(() => 0.2 + random()), given: array(X), target, make, kind }
}

const kinds = (['identity', 'logistic', 'tanh', 'relu'] as const).flatMap((activation) =>
  (['values', 'logistic', 'softmax'] as const).map((output) => ({ activation, output })),
)

describe('the gradient is that of the loss, by differences', () => {
  for (const kind of kinds) {
    test(`${kind.activation}, ${kind.output}`, async () => {
      const problem = makeProblem(kind)
      const options = {
        activation: kind.activation,
        hiddenLayerSizes: [7, 9],
        alpha: 0.3,
        maxIter: 1,
      }
      const { given, target, weights, make } = problem
      const start = await make({ ...options, learningRate: 1e-300 }).fit(given, target, { weights })
      // So large an epsilon makes a step of Adam the gradient itself.
      const moved = await make({
        ...options,
        learningRate: 1e12,
        epsilon: 1e12,
        beta1: 0,
        beta2: 0,
      }).fit(given, target, { weights })
      const layers = layersOf(start)
      const after = flatten(layersOf(moved))
      const own = flatten(layers).map((value, i) => value - after[i]!)
      const loss = (): number => naiveLoss(layers, kind, problem, 0.3)
      assertClose([start.lossCurve_[0]!], [loss()], 1e-12)
      assertClose(own, naiveGradient(layers, loss), 1e-6, { floor: 0.1 })
    })
  }
})

test('batches are taken in the order of the rows, each followed by a step of Adam', async () => {
  const problem = makeProblem({ activation: 'tanh', output: 'softmax' })
  const { given, target, weights, make, kind } = problem
  const options = { activation: kind.activation, hiddenLayerSizes: [6], alpha: 0.2, batchSize: 5 }
  const start = await make({ ...options, learningRate: 1e-300, maxIter: 1 }).fit(given, target, {
    weights,
  })
  const learned = await make({ ...options, shuffle: false, learningRate: 0.01, maxIter: 3 }).fit(
    given,
    target,
    { weights },
  )
  const layers = layersOf(start)
  const moments = { first: [], second: [], steps: 0 }
  const mean = weights.reduce((a, b) => a + b) / 13
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let at = 0; at < 13; at += 5) {
      const rows = {
        X: problem.X.slice(at, at + 5),
        y: problem.y.slice(at, at + 5),
        weights: weights.slice(at, at + 5),
      }
      // Weights count relative to the mean of all rows, not to that of a batch.
      const own = rows.weights.reduce((a, b) => a + b)
      const scale = own / (mean * rows.X.length)
      const loss = (): number => scale * naiveLoss(layers, kind, rows, 0.2)
      naiveStep(layers, naiveGradient(layers, loss), moments, 0.01)
    }
  }
  assertClose(flatten(layersOf(learned)), flatten(layers), 1e-7, { floor: 0.1 })
})

test('a batch of several blocks of rows takes the step of all of them', async () => {
  const { X, y } = randomProblem(1100, 3)
  const options = { hiddenLayerSizes: [4], maxIter: 1, batchSize: 1100, shuffle: false }
  const start = await new MLPRegressor({ ...options, learningRate: 1e-300 }).fit(X, y)
  const moved = await new MLPRegressor({
    ...options,
    learningRate: 1e12,
    epsilon: 1e12,
    beta1: 0,
    beta2: 0,
  }).fit(X, y)
  const [layers, after] = [layersOf(start), flatten(layersOf(moved))]
  const rows = {
    X: X.toArray() as number[][],
    y: Array.from(y.data, (value) => [value]),
    weights: Array<number>(1100).fill(1),
  }
  const kind = { activation: 'relu', output: 'values' } as const
  const own = flatten(layers).map((value, i) => value - after[i]!)
  const loss = (): number => naiveLoss(layers, kind, rows, 1e-4)
  assertClose(own, naiveGradient(layers, loss), 1e-3, { floor: 0.1 })
})

describe('predictions are those of the coefficients', () => {
  for (const kind of kinds) {
    test(`${kind.activation}, ${kind.output}`, async () => {
      const { X, given, target, make } = makeProblem(kind)
      const model = await make({
        activation: kind.activation,
        hiddenLayerSizes: [9, 3],
        maxIter: 50,
      }).fit(given, target)
      const scores = X.map((row) => naiveScores(layersOf(model), kind, row))
      if (model instanceof MLPRegressor) {
        assertClose(values(await model.predict(given)), scores.flat(), 1e-12)
        return
      }
      const probabilities = scores.map((own) => naiveProbabilities(kind, own))
      assertClose(values(await model.predictProba(given)), probabilities.flat(), 1e-12)
      const likeliest = probabilities.map((own) => own.indexOf(Math.max(...own)))
      assert.deepEqual([...values(await model.predict(given))], likeliest)
    })
  }
})

interface Answer {
  readonly data: string
  readonly options: Readonly<Record<string, unknown>>
  readonly scores: readonly number[]
}

/** Friedman's first problem, from numbers of a linear congruential generator. */
function friedman(n: number): { X: NDArray; y: NDArray } {
  const values = new Float64Array(11 * n)
  let state = 1
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    values[i] = state / 2 ** 32
  }
  const all = array(values, { shape: [n, 11] })
  const y = Float64Array.from({ length: n }, (_, i) => {
    const [a, b, c, d, e] = values.subarray(11 * i) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ]
    const noise = 4 * values[11 * i + 10]!
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + noise
  })
  return { X: all.slice(null, [0, 10]), y: array(y) }
}

/** Values less their mean, divided by their deviation. */
function standardised(values: ArrayLike<number | bigint>): Float64Array {
  const own = Float64Array.from(values, Number)
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length
  const spread = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length
  return own.map((value) => (value - mean) / Math.sqrt(spread))
}

const mean = (list: readonly number[]): number =>
  list.reduce((sum, one) => sum + one, 0) / list.length

/** The square of the standard error of a mean. */
function squaredError(list: readonly number[]): number {
  const middle = mean(list)
  const squares = list.reduce((sum, one) => sum + (one - middle) ** 2, 0)
  return squares / (list.length - 1) / list.length
}

describe('rows that were not seen are predicted as well as by scikit-learn, over ten seeds', () => {
  const { answers } = readAnswers('networks') as { readonly answers: readonly Answer[] }
  for (const { data, options, scores } of answers) {
    test(`${data} ${JSON.stringify(options)}`, async () => {
      const isNumber = data === 'friedman' || data === 'diabetes'
      const { X: raw, y: target } =
        data === 'friedman'
          ? friedman(1000)
          : { X: openData(`${data}-X`), y: openData(`${data}-y`) }
      const X = await (await new StandardScaler().fit(raw)).transform(raw)
      const y = isNumber ? standardised(target.toTypedArray()) : values(target)
      const train = Int32Array.from(y.keys()).filter((row) => row % 4 !== 3)
      const held = Int32Array.from(y.keys()).filter((row) => row % 4 === 3)
      const renamed = Object.entries(options).map(([name, value]) => [
        name === 'learning_rate_init'
          ? 'learningRate'
          : name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ])
      const own: number[] = []
      for (let seed = 0; seed < 10; seed++) {
        const given = { ...Object.fromEntries(renamed), seed } as object
        const model = isNumber ? new MLPRegressor(given) : new MLPClassifier(given)
        const predicted = await (await model.fit(X, y, { rows: train })).predict(X, { rows: held })
        const found = values(predicted)
        const wanted = Array.from(held, (row) => y[row]!)
        if (isNumber) {
          const rest = wanted.reduce((sum, value, i) => sum + (value - found[i]!) ** 2, 0)
          const spread = wanted.reduce((sum, value) => sum + (value - mean(wanted)) ** 2, 0)
          own.push(1 - rest / spread)
        } else own.push(mean(wanted.map((value, i) => Number(value === found[i]))))
      }
      const error = Math.sqrt(squaredError(own) + squaredError(scores))
      const difference = mean(own) - mean(scores)
      assert.ok(difference >= -error, `${mean(own)} is below ${mean(scores)} by more than ${error}`)
    })
  }
})

test('any number of threads and every layout and dtype of X gives the same bytes', async () => {
  const { X, y } = randomProblem(310, 9)
  const whole = X.data.map((value) => Math.round(4 * value))
  const matrix = array(whole, { shape: [310, 9] })
  const rows = { ranges: [[20, 300]] } as const
  const fit = async (view: NDArray): Promise<unknown> => {
    const model = await new MLPRegressor({ maxIter: 3, hiddenLayerSizes: [10] }).fit(view, y, {
      rows,
    })
    return model.coefs_.map((one) => one.toArray())
  }
  const expected = await fit(matrix)
  const wide = zeros([310, 19], 'float64')
  for (let i = 0; i < 310; i++) for (let j = 0; j < 9; j++) wide.set(matrix.get(i, j), i, 2 * j)
  const views = [
    matrix.transpose().copy().transpose(),
    wide.slice(null, [0, 18, 2]),
    array(Float32Array.from(whole), { shape: [310, 9] }),
    array(Int8Array.from(whole), { shape: [310, 9] }),
  ]
  for (const view of views) assert.deepEqual(await fit(view), expected)
  const [small, large] = [await networkBytes(), await largeNetworkBytes()]
  try {
    for (const threads of [1, 2, 4]) {
      setKernelThreads(threads)
      assert.equal(await networkBytes(), small)
      assert.equal(await largeNetworkBytes(), large)
    }
  } finally {
    setKernelThreads(0)
  }
})

describe('every instruction set gives the same bytes', () => {
  for (const level of ['baseline', 'avx2']) {
    test(level, async (t) => {
      const program = `
        import { largeNetworkBytes, networkBytes } from './test/learn/neural/network-bytes.ts'
        console.log(await networkBytes() + await largeNetworkBytes())`
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ['--no-warnings', '--input-type=module', '-e', program],
        {
          cwd: fileURLToPath(new URL('../../..', import.meta.url)),
          env: { ...process.env, ONECOPY_SIMD: level },
          encoding: 'utf8',
        },
      )
      if (stderr.includes('ONECOPY_SIMD')) return t.skip('not on this CPU')
      const expected = (await networkBytes()) + (await largeNetworkBytes())
      assert.ok(expected.length > 1000)
      assert.equal(stdout, `${expected}\n`, stderr)
    })
  }
})

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
    .addMeta(new LinearRegression())
    .fit(X, y)
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
    [{ batchSize: 0 }, 'Expected `batchSize` of MLPRegressor to be a whole number >= 1, got 0.'],
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
