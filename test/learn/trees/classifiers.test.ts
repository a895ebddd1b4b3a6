/** Tree classifiers: the contract, labels and probabilities, early stopping, the same bytes everywhere. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import {
  clone,
  type Estimator,
  estimatorChecks,
  GradientBoostingClassifier,
  learnedState,
  type LearnedState,
  restore,
} from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { randomNumbers } from '../../native/matrices.ts'

// The labels of the checks are 40 numbers, each a class of its own: which of several is likeliest by a hair is decided by
// rounding. Weights are tested below, on probabilities.
const missing = [
  'NaN in X is refused',
  'Infinity in X is refused',
  'a weight of 2 counts a row twice, a weight of 0 not at all',
]
const makers: Record<string, () => Estimator> = {
  'a boosted classifier': () => new GradientBoostingClassifier({ maxIter: 5, minSamplesLeaf: 1 }),
  'a boosted classifier that asks for more': () =>
    new GradientBoostingClassifier({
      maxIter: 3,
      maxDepth: 2,
      minSamplesLeaf: 2,
      l2Regularization: 1,
    }),
}
for (const [what, make] of Object.entries(makers)) {
  describe(`contract: ${what}`, () => {
    for (const check of estimatorChecks(make, { except: missing }))
      test(check.name, () => check.run())
  })
}

interface Problem {
  readonly X: NDArray<'float64'>
  readonly y: NDArray<'float64'>
  /** The true probability of label 7. */
  readonly truth: Float64Array
}

/** Two classes, 3 and 7, with log odds that two columns decide. */
function twoClasses(n: number, seed = 1): Problem {
  const random = randomNumbers(seed)
  const X = zeros([n, 4], 'float64')
  const y = zeros([n], 'float64')
  const truth = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < 4; j++) X.set(random() * 2 - 1, i, j)
    truth[i] = 1 / (1 + Math.exp(-4 * X.get(i, 0) * X.get(i, 1) - X.get(i, 2)))
    y.data[i] = random() < truth[i]! ? 7 : 3
  }
  return { X, y, truth }
}

/** Three classes, -1, 0 and 2.5, by the sign of columns, a tenth of the labels at random. */
function threeClasses(n: number, seed = 1): Problem {
  const { X, y, truth } = twoClasses(n, seed)
  const random = randomNumbers(seed + 99)
  for (let i = 0; i < n; i++) {
    const kind = X.get(i, 0) > 0 ? 2 : X.get(i, 1) > 0 ? 1 : 0
    y.data[i] = [-1, 0, 2.5][random() < 0.1 ? Math.floor(random() * 3) : kind]!
  }
  return { X, y, truth }
}

function valuesOf(predicted: NDArray): Float64Array {
  return predicted.toTypedArray() as Float64Array
}

function accuracy(y: NDArray<'float64'>, predicted: NDArray): number {
  const guesses = valuesOf(predicted)
  return y.data.filter((label, i) => label === guesses[i]).length / y.size
}

describe('gradient boosting of classes', () => {
  test('two classes: probabilities are near the truth, and the likelier label is predicted', async () => {
    const train = twoClasses(6_000)
    const fresh = twoClasses(3_000, 2)
    const model = await new GradientBoostingClassifier({ maxIter: 60 }).fit(train.X, train.y)
    assert.deepEqual([...model.classes_], [3, 7])
    const probabilities = await model.predictProba(fresh.X)
    assert.deepEqual(probabilities.shape, [3_000, 2])
    const ofSeven = valuesOf(probabilities).filter((_, at) => at % 2 === 1)
    const error = ofSeven.reduce((sum, p, i) => sum + Math.abs(p - fresh.truth[i]!), 0) / 3_000
    assert.ok(error < 0.08, `mean error ${error}`)
    const labels = valuesOf(await model.predict(fresh.X))
    for (const [i, label] of labels.entries()) {
      const row = valuesOf(probabilities).subarray(2 * i, 2 * i + 2)
      assert.ok(Math.abs(row[0]! + row[1]! - 1) < 1e-12)
      assert.equal(label, row[1]! > row[0]! ? 7 : 3)
    }
  })

  test('three classes: one tree a round for each, probabilities sum to 1, the likeliest label wins', async () => {
    const train = threeClasses(4_000)
    const fresh = threeClasses(2_000, 2)
    const model = await new GradientBoostingClassifier({ maxIter: 20 }).fit(train.X, train.y)
    assert.deepEqual([...model.classes_], [-1, 0, 2.5])
    assert.equal(model.treeCount, 60)
    const probabilities = await model.predictProba(fresh.X)
    const labels = valuesOf(await model.predict(fresh.X))
    for (const [i, label] of labels.entries()) {
      const row = [...valuesOf(probabilities).subarray(3 * i, 3 * i + 3)]
      assert.ok(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1) < 1e-12)
      assert.equal(label, model.classes_[row.indexOf(Math.max(...row))])
    }
    assert.ok(accuracy(fresh.y, await model.predict(fresh.X)) > 0.9)
  })

  test('a weight of 2 counts a row twice, a weight of 0 not at all', async () => {
    for (const { X, y } of [twoClasses(300), threeClasses(300)]) {
      const weights = Float64Array.from({ length: 300 }, (_, i) => i % 3)
      const order = [...weights.keys()].flatMap((i) => Array<number>(weights[i]!).fill(i))
      const make = (): GradientBoostingClassifier =>
        new GradientBoostingClassifier({ maxIter: 10, minSamplesLeaf: 1 })
      const weighted = await make().fit(X, y, { weights })
      const repeated = await make().fit(
        order.map((i) => X.rows(i, i + 1).toTypedArray()),
        order.map((i) => y.get(i)),
      )
      const expected = valuesOf(await repeated.predictProba(X))
      const worst = valuesOf(await weighted.predictProba(X)).reduce(
        (most, p, at) => Math.max(most, Math.abs(p - expected[at]!)),
        0,
      )
      assert.ok(worst < 1e-6, `probabilities differ by ${worst}`)
    }
  })

  test('weights of classes are weights of their rows', async () => {
    const { X, y } = threeClasses(600)
    const factors: Readonly<Record<number, number>> = { '-1': 4, '2.5': 0.25 }
    const weights = y.data.map((label) => factors[label] ?? 1)
    const make = (classWeight: GradientBoostingClassifier['classWeight']) =>
      new GradientBoostingClassifier({ maxIter: 5, classWeight })
    const weighed = await make(factors).fit(X, y)
    const expected = await make(null).fit(X, y, { weights })
    assert.deepEqual(
      valuesOf(await weighed.predictProba(X)),
      valuesOf(await expected.predictProba(X)),
    )
  })

  test('any number of threads gives the same bytes', async () => {
    for (const { X, y } of [twoClasses(20_000), threeClasses(20_000)]) {
      const probabilities = async (threads: number): Promise<Float64Array> => {
        setKernelThreads(threads)
        try {
          const model = new GradientBoostingClassifier({
            maxIter: 5,
            subsample: 0.7,
            maxFeatures: 0.5,
          })
          return valuesOf(await (await model.fit(X, y)).predictProba(X))
        } finally {
          setKernelThreads(0)
        }
      }
      const one = await probabilities(1)
      for (const threads of [2, 3, 16]) assert.deepEqual(await probabilities(threads), one)
    }
  })

  test('early stopping keeps the best rounds', async () => {
    for (const { X, y } of [twoClasses(3_000), threeClasses(3_000)]) {
      const model = new GradientBoostingClassifier({
        maxIter: 300,
        learningRate: 0.5,
        earlyStopping: true,
      })
      await model.fit(X, y)
      const losses = model.validationLosses_
      assert.equal(model.bestIteration_, losses.indexOf(Math.min(...losses)))
      assert.equal(model.treeCount, model.bestIteration_ * model.baselines_.length)
      assert.ok(model.bestIteration_ > 0 && losses.length < 300)
    }
  })

  test('rows of a class that was left out are not known, one class is always predicted', async () => {
    const { X, y } = threeClasses(600)
    const weights = Float64Array.from(y.data, (label) => (label === 0 ? 0 : 1))
    const two = await new GradientBoostingClassifier({ maxIter: 5 }).fit(X, y, { weights })
    assert.deepEqual([...two.classes_], [-1, 2.5])
    const one = await new GradientBoostingClassifier().fit(X, array(new Float64Array(600).fill(4)))
    assert.deepEqual([...one.classes_], [4])
    assert.deepEqual([...valuesOf(await one.predict(X.rows(0, 3)))], [4, 4, 4])
    assert.deepEqual((await one.predictProba(X.rows(0, 3))).toArray(), [[1], [1], [1]])
  })

  test('labels that are no numbers, and too many of them, are refused', async () => {
    const { X } = twoClasses(1_200)
    const labels = Float64Array.from({ length: 1_200 }, (_, i) => i)
    await assert.rejects(new GradientBoostingClassifier().fit(X, labels), {
      message:
        'Expected at most 1000 different labels in `y`, got one more at row 1000 (counted from 0).',
    })
    labels[3] = Infinity
    await assert.rejects(new GradientBoostingClassifier().fit(X, labels), {
      message:
        'Expected labels in `y` to be finite numbers, got Infinity at row 3 (counted from 0).',
    })
  })

  test('integers that float64 would merge are refused as labels', async () => {
    const X = array([[0], [1], [2], [3]])
    const labels = BigInt64Array.of(0n, 2n ** 53n, 2n ** 53n + 1n, 1n)
    await assert.rejects(new GradientBoostingClassifier().fit(X, array(labels)), {
      code: 'ERR_VALUE',
      message:
        'Expected `y` to hold labels within ±(2^53 - 1), which float64 tells apart, got 9007199254740992 at row 1 (counted from 0). ' +
        'Number the classes from 0.',
    })
    await assert.rejects(new GradientBoostingClassifier().fit(X, [...labels]), {
      message:
        'Expected an integer that float64 can hold in `y` at row 2 (counted from 0), got 9007199254740993n. ' +
        'Pass a BigInt64Array to keep all digits.',
    })
  })

  test('a restored clone predicts the same, and other labels than there are scores are refused', async () => {
    const { X, y } = threeClasses(500)
    const model = await new GradientBoostingClassifier({ maxIter: 3 }).fit(X, y)
    const state = learnedState(model)
    const heir = restore(clone(model), state)
    assert.deepEqual(valuesOf(await heir.predictProba(X)), valuesOf(await model.predictProba(X)))
    for (const [name, value] of [
      ['classes_', Float64Array.of(1, 2)],
      ['classes_', new Float64Array(0)],
      ['baselines_', Float64Array.of(1)],
    ] as const) {
      const wrong = { ...state, [name]: value } as LearnedState
      assert.throws(() => restore(clone(model), wrong), { code: 'ERR_FORMAT' }, name)
    }
  })
})

test('a step of three classes is that of Newton: gradients over p (1 - p), as in scikit-learn', async () => {
  const groups = [
    [0, 0, 0, 1, 2, 0, 1, 0, 0, 2],
    [1, 1, 2, 2, 2, 1, 2, 0, 2, 2],
  ]
  const X = groups.flatMap((labels, group) => labels.map(() => [group]))
  const y = groups.flat()
  const options = { maxIter: 1, learningRate: 0.3, minSamplesLeaf: 1, l2Regularization: 0 }
  const model = await new GradientBoostingClassifier(options).fit(array(X), array(y))
  const predicted = await model.predictProba(array([[0], [1]]))
  const prior = [0, 1, 2].map((k) => y.filter((label) => label === k).length / y.length)
  for (const [group, labels] of groups.entries()) {
    const scores = prior.map((p, k) => {
      const gradient = labels.reduce((sum, label) => sum + p - Number(label === k), 0)
      return Math.log(p) - (0.3 * gradient) / (labels.length * p * (1 - p))
    })
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0)
    for (const [k, score] of scores.entries()) {
      const found = predicted.get(group, k)
      assert.ok(Math.abs(found - Math.exp(score) / total) < 1e-6, `${group}, ${k}: ${found}`)
    }
  }
})
