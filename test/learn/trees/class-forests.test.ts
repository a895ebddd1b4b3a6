/** Forests of classes and random cuts: the contract, probabilities, out-of-bag rows, weights, threads. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, zeros } from '../../../src/arrays/index.ts'
import {
  clone,
  DecisionTreeClassifier,
  type Estimator,
  estimatorChecks,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  GradientBoostingClassifier,
  learnedState,
  type LearnedState,
  RandomForestClassifier,
  restore,
} from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { bytesOf, randomNumbers } from '../../native/matrices.ts'

// Trees take NaN for a missing value and an infinity for an extreme one.
const missing = ['NaN in X is refused', 'Infinity in X is refused']
// A row of weight 2 is drawn once, two rows are drawn twice.
const draws = 'a weight of 2 counts a row twice, a weight of 0 not at all'
const contracts: Record<string, { make: () => Estimator; except?: string }> = {
  'a tree of classes': { make: () => new DecisionTreeClassifier() },
  'a tree of classes by entropy': {
    make: () => new DecisionTreeClassifier({ criterion: 'entropy', maxLeafNodes: 12 }),
    except: draws, // the labels are 40 classes, whose splits have equal gains but for rounding errors
  },
  'a forest of classes': { make: () => new RandomForestClassifier({ trees: 8 }), except: draws },
  'a balanced forest of classes': {
    make: () => new RandomForestClassifier({ trees: 4, bootstrap: false, classWeight: 'balanced' }),
  },
  'random cuts of classes': { make: () => new ExtraTreesClassifier({ trees: 8 }) },
  'random cuts of numbers': { make: () => new ExtraTreesRegressor({ trees: 8 }) },
  'random cuts of drawn rows': {
    make: () => new ExtraTreesRegressor({ trees: 8, bootstrap: true, maxFeatures: 'sqrt' }),
    except: draws,
  },
}
for (const [what, { make, except }] of Object.entries(contracts)) {
  describe(`contract: ${what}`, () => {
    const left = except === undefined ? missing : [...missing, except]
    for (const check of estimatorChecks(make, { except: left })) test(check.name, () => check.run())
  })
}

interface Problem {
  readonly X: NDArray<'float64'>
  readonly y: NDArray<'float64'>
}

/** Labels -1, 0 and 2.5 by the signs of two columns of five, a tenth of them at random. */
function threeClasses(n: number, seed = 1): Problem {
  const random = randomNumbers(seed)
  const X = zeros([n, 5], 'float64')
  const y = zeros([n], 'float64')
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < 5; j++) X.set(random() * 2 - 1, i, j)
    const kind = X.get(i, 0) > 0 ? 2 : X.get(i, 1) > 0 ? 1 : 0
    y.data[i] = [-1, 0, 2.5][random() < 0.1 ? Math.floor(random() * 3) : kind]!
  }
  return { X, y }
}

function valuesOf(predicted: NDArray): Float64Array {
  return predicted.toTypedArray() as Float64Array
}

function accuracy(y: NDArray<'float64'>, predicted: NDArray): number {
  const guesses = valuesOf(predicted)
  return y.data.filter((label, i) => label === guesses[i]).length / y.size
}

const makers = {
  tree: (seed = 0) => new DecisionTreeClassifier({ minSamplesLeaf: 20, seed }),
  forest: (seed = 0) => new RandomForestClassifier({ trees: 30, oob: true, seed }),
  'random cuts': (seed = 0) => new ExtraTreesClassifier({ trees: 30, minSamplesLeaf: 3, seed }),
  entropy: (seed = 0) => new RandomForestClassifier({ trees: 20, criterion: 'entropy', seed }),
}

describe('trees that tell classes apart', () => {
  const train = threeClasses(4_000)
  const fresh = threeClasses(2_000, 2)

  for (const [name, make] of Object.entries(makers)) {
    test(`${name}: probabilities sum to 1, the likeliest label is predicted and mostly right`, async () => {
      const model = await make().fit(train.X, train.y)
      assert.deepEqual([...model.classes_], [-1, 0, 2.5])
      const probabilities = await model.predictProba(fresh.X)
      assert.deepEqual(probabilities.shape, [2_000, 3])
      const labels = await model.predict(fresh.X)
      for (const [i, label] of valuesOf(labels).entries()) {
        const row = [...valuesOf(probabilities).subarray(3 * i, 3 * i + 3)]
        assert.ok(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1) < 1e-12)
        assert.equal(label, model.classes_[row.indexOf(Math.max(...row))])
      }
      assert.ok(accuracy(fresh.y, labels) > 0.88, `${accuracy(fresh.y, labels)}`)
    })

    test(`${name}: any number of threads gives the same bytes, another seed others`, async () => {
      const bytes = async (threads: number, seed = 0): Promise<string> => {
        setKernelThreads(threads)
        try {
          const model = await make(seed).fit(train.X, train.y)
          const arrays = Object.values(learnedState(model)).flatMap((value) =>
            value instanceof NDArray
              ? [value.toTypedArray()]
              : ArrayBuffer.isView(value)
                ? [value]
                : [],
          )
          return bytesOf([...arrays, valuesOf(await model.predictProba(fresh.X))])
        } finally {
          setKernelThreads(0)
        }
      }
      const one = await bytes(1)
      for (const threads of [2, 3, 16]) assert.equal(await bytes(threads), one, `${threads}`)
      if (name !== 'tree') assert.notEqual(await bytes(2, 1), one)
    })

    test(`${name}: missing values are learned from`, async () => {
      const { X, y } = threeClasses(2_000)
      for (let i = 0; i < 2_000; i += 4) {
        X.set(Number.NaN, i, 0)
        y.set(7, i)
      }
      const model = await make().fit(X, y)
      const labels = valuesOf(await model.predict(X))
      assert.ok(labels.every((label, i) => i % 4 > 0 || label === 7))
    })
  }

  test('a forest predicts rows by the trees that did not draw them', async () => {
    const model = await makers.forest().fit(train.X, train.y)
    const found = accuracy(fresh.y, await model.predict(fresh.X))
    assert.ok(Math.abs(model.oobScore_ - found) < 0.03, `${model.oobScore_}, ${found}`)
    assert.deepEqual(model.oobProbabilities_.shape, [4_000, 3])
    const random = randomNumbers(7)
    const coin = array(Float64Array.from({ length: 4_000 }, () => (random() < 0.5 ? 0 : 1)))
    const guess = await makers.forest().fit(train.X, coin)
    assert.ok(Math.abs(guess.oobScore_ - 0.5) < 0.03, `${guess.oobScore_}`)
  })

  test('class weights are weights of rows, and balanced classes weigh the same', async () => {
    const { X, y } = threeClasses(900)
    const factors = { '-1': 3, '2.5': 0.5 }
    const given = Float64Array.from({ length: 900 }, (_, i) => 1 + (i % 2))
    const weights = given.map((w, i) => w * ({ '-1': 3, '0': 1, '2.5': 0.5 }[y.get(i)] ?? 0))
    const make = (classWeight: RandomForestClassifier['classWeight']): RandomForestClassifier =>
      new RandomForestClassifier({ trees: 5, minSamplesLeaf: 10, classWeight })
    const [expected, got] = [make(null), make(factors)]
    await expected.fit(X, y, { weights })
    await got.fit(X, y, { weights: given })
    assert.deepEqual(valuesOf(await got.predictProba(X)), valuesOf(await expected.predictProba(X)))
    const rare = array(y.data.map((label, i) => (label === 0 && i % 9 > 0 ? 2.5 : label)))
    const recall = async (model: Estimator): Promise<number> => {
      const labels = valuesOf(await (await model.fit(X, rare)).predict(X))
      return labels.filter((label, i) => label === 0 && rare.get(i) === 0).length
    }
    const stump = { trees: 10, maxDepth: 2 }
    const plain = await recall(new RandomForestClassifier(stump))
    const even = await recall(new RandomForestClassifier({ ...stump, classWeight: 'balanced' }))
    assert.ok(even > plain, `${even} of the rare class found, ${plain} without weights`)
  })

  test('a weight of 0 is a row that is not there', async () => {
    const weights = Float64Array.from({ length: 4_000 }, (_, i) => (i < 3_000 ? 1.5 : 0))
    const [weighted, removed] = [makers.forest(), makers.forest()]
    await weighted.fit(train.X, train.y, { weights })
    await removed.fit(train.X.rows(0, 3_000), train.y.rows(0, 3_000), {
      weights: weights.slice(0, 3_000),
    })
    assert.deepEqual(
      valuesOf(await weighted.predictProba(fresh.X)),
      valuesOf(await removed.predictProba(fresh.X)),
    )
    assert.equal(weighted.oobScore_, removed.oobScore_)
  })

  test('columns that are constant in a node do not end it', async () => {
    const X = zeros([200, 30], 'float64')
    for (let i = 0; i < 200; i++) X.set(i, i, 17)
    const y = array(Float64Array.from({ length: 200 }, (_, i) => Math.floor(i / 20) % 2))
    for (const Forest of [RandomForestClassifier, ExtraTreesClassifier]) {
      const model = await new Forest({ trees: 5, maxFeatures: 'log2', bootstrap: false }).fit(X, y)
      assert.equal(accuracy(y, await model.predict(X)), 1, Forest.name)
    }
  })

  test('hundreds of classes take a few bytes a node', async () => {
    const random = randomNumbers(4)
    const X = zeros([5_000, 3], 'float64')
    for (let at = 0; at < X.size; at++) X.data[at] = random()
    const y = array(Float64Array.from({ length: 5_000 }, (_, i) => Math.floor(X.get(i, 0) * 450)))
    const model = await new RandomForestClassifier({ trees: 5, maxFeatures: 1 }).fit(X, y)
    const bytes = model.nodes_.size * 8 + model.leafShares_.size * 8
    assert.ok(bytes / model.nodes_.size < 64, `${bytes / model.nodes_.size} bytes a node`)
    assert.ok(accuracy(y, await model.predict(X)) > 0.9)
  })

  test('wrong options are refused', async () => {
    const { X, y } = threeClasses(30)
    for (const [options, message] of [
      [{ criterion: 'loss' }, /Expected `criterion` of RandomForestClassifier to be 'gini' or/],
      [{ classWeight: 'even' }, /Expected `classWeight` of RandomForestClassifier to be null, 'ba/],
      [{ classWeight: { a: 1 } }, /got one for 'a'\. The labels are -1, 0, 2\.5\./],
      [{ classWeight: { 0: 0 } }, /weights above 0 by label, .*, got 0 for '0'\./],
      [{ bootstrap: false, oob: true }, /Expected `bootstrap: true` with `oob: true`/],
    ] as [object, RegExp][]) {
      await assert.rejects(new RandomForestClassifier(options).fit(X, y), {
        code: 'ERR_OPTION',
        message,
      })
    }
    const listed = new RandomForestClassifier({ classWeight: [1, 2] as never })
    await assert.rejects(listed.fit(X, y), {
      name: 'TypeError',
      message: /by label, such as \{ 0: 1, 1: 5 \}, got an array/,
    })
    assert.throws(() => new RandomForestClassifier({ class_weight: 1 } as object), {
      message: /has no option `class_weight`; onecopy calls it `classWeight`/,
    })
  })

  test('a restored clone predicts the same, and damaged shares are refused', async () => {
    const { X, y } = threeClasses(500)
    const model = await new RandomForestClassifier({ trees: 3, minSamplesLeaf: 9 }).fit(X, y)
    const state = learnedState(model)
    const heir = restore(clone(model), state)
    assert.deepEqual(valuesOf(await heir.predictProba(X)), valuesOf(await model.predictProba(X)))
    for (const [name, value] of [
      ['classes_', Float64Array.of(1, 2)],
      ['leafShares_', zeros([3], 'float64')],
      ['leafShareStarts_', Float64Array.of(0, 3, 3, 3)],
    ] as const) {
      const wrong = { ...state, [name]: value } as LearnedState
      assert.throws(() => restore(clone(model), wrong), { code: 'ERR_FORMAT' }, name)
    }
    const nodes = model.nodes_.toTypedArray()
    const leaves = new Float64Array(nodes.buffer, nodes.byteOffset, nodes.length)
    for (const damage of [3, -1e9, Number.NaN]) {
      leaves.set(leaves.map((value) => (value < 0 && value === Math.round(value) ? damage : value)))
      await assert.rejects(model.predict(X), { code: 'ERR_FORMAT' }, `${damage}`)
    }
  })
})

test('labels that are texts or true and false are learned, weighed, predicted, saved and explained', async () => {
  const { X, y } = threeClasses(300)
  const names = new Map([
    [-1, 'low'],
    [0, 'none'],
    [2.5, 'high'],
  ])
  const texts = Array.from(y.data, (label) => names.get(label)!)
  const weight = { low: 2, none: 0.5 }
  for (const make of [
    () => new RandomForestClassifier({ trees: 5, oob: true, classWeight: weight }),
    () => new ExtraTreesClassifier({ trees: 5, classWeight: weight }),
    () => new DecisionTreeClassifier({ maxDepth: 4, classWeight: weight }),
    () => new GradientBoostingClassifier({ maxIter: 5, classWeight: weight }),
  ]) {
    const model = await make().fit(X, texts)
    assert.deepEqual(model.classes_, ['high', 'low', 'none'])
    const predicted: string[] = await model.predict(X)
    assert.ok(predicted.filter((label, i) => label === texts[i]).length > 260)
    const codes = Float64Array.from(texts, (label) => model.classes_.indexOf(label))
    const numbers = await make()
      .setParams({ classWeight: { 1: 2, 2: 0.5 } })
      .fit(X, codes)
    assert.deepEqual(
      predicted,
      Array.from(valuesOf(await numbers.predict(X)), (k) => model.classes_[k]),
    )
    const restored = restore(make(), learnedState(model))
    assert.deepEqual(await restored.predict(X), predicted)
    const { base } = await model.shapValues(X, { background: X.rows(0, 5), rows: [1] })
    assert.equal(base.length, 3)
    await assert.rejects(model.predict(X, { out: zeros([300], 'float64') }), { code: 'ERR_OPTION' })
    const odd = await make()
      .setParams({ classWeight: { true: 3 } })
      .fit(
        X,
        texts.map((label) => label === 'low'),
      )
    assert.equal((await odd.predict(X, { rows: [3] }))[0], texts[3] === 'low')
  }
})
