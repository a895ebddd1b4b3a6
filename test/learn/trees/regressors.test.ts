/** Tree regressors: the contract, users' cases, memory, the same bytes everywhere. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, shared, zeros } from '../../../src/arrays/index.ts'
import { rowRange } from '../../../src/arrays/internal.ts'
import {
  clone,
  DecisionTreeRegressor,
  type Estimator,
  estimatorChecks,
  GradientBoostingRegressor,
  learnedState,
  type LearnedState,
  r2,
  RandomForestRegressor,
  restore,
  rmse,
} from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { bytesOf, randomNumbers } from '../../native/matrices.ts'

// Trees take NaN for a missing value and an infinity for an extreme one.
const missing = ['NaN in X is refused', 'Infinity in X is refused']
// A row of weight 2 is drawn once, two rows are drawn twice.
const draws = 'a weight of 2 counts a row twice, a weight of 0 not at all'
const contracts: Record<string, { make: () => Estimator; except?: string }> = {
  'a boosted model': { make: () => new GradientBoostingRegressor({ minSamplesLeaf: 1 }) },
  'a boosted model with its defaults': { make: () => new GradientBoostingRegressor() },
  'a boosted model of medians': {
    make: () =>
      new GradientBoostingRegressor({ loss: 'absolute', minSamplesLeaf: 1, maxLeafNodes: 5 }),
  },
  'a boosted model with drawn rows': {
    make: () =>
      new GradientBoostingRegressor({ subsample: 0.6, maxFeatures: 0.7, minSamplesLeaf: 2 }),
    except: draws,
  },
  'a boosted model that stops early': {
    make: () => new GradientBoostingRegressor({ earlyStopping: true, minSamplesLeaf: 1 }),
    except: draws,
  },
  'a random forest': { make: () => new RandomForestRegressor({ trees: 12 }), except: draws },
  'a forest without draws': {
    make: () => new RandomForestRegressor({ trees: 3, bootstrap: false }),
  },
  'a single tree': { make: () => new DecisionTreeRegressor() },
}
for (const [what, { make, except }] of Object.entries(contracts)) {
  describe(`contract: ${what}`, () => {
    const left = except === undefined ? missing : [...missing, except]
    for (const check of estimatorChecks(make, { except: left })) test(check.name, () => check.run())
  })
}

/** Friedman's first problem with columns of noise: y has noise of 1. */
function friedman(n: number, d = 8, seed = 1): { X: NDArray<'float64'>; y: NDArray<'float64'> } {
  const random = randomNumbers(seed)
  const X = zeros([n, d], 'float64')
  const y = zeros([n], 'float64')
  for (let i = 0; i < n; i++) {
    const row = X.data.subarray(i * d, (i + 1) * d)
    for (let j = 0; j < d; j++) row[j] = random()
    const noise = Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, -6)
    const [a, b, c, e, f] = row as unknown as [number, number, number, number, number]
    y.data[i] = 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * e + 5 * f + noise
  }
  return { X, y }
}

function valuesOf(predicted: NDArray): Float64Array {
  return predicted.toTypedArray() as Float64Array
}

const learners: Record<string, () => Estimator & { predict: Estimator['predict'] }> = {
  boosting: () => new GradientBoostingRegressor({ maxIter: 30 }),
  'boosting with draws': () =>
    new GradientBoostingRegressor({ maxIter: 10, subsample: 0.5, maxFeatures: 0.5 }),
  forest: () => new RandomForestRegressor({ trees: 8, maxFeatures: 'sqrt' }),
  tree: () => new DecisionTreeRegressor({ minSamplesLeaf: 5 }),
}

describe('tree regressors', () => {
  for (const [name, make] of Object.entries(learners)) {
    test(`${name}: any number of threads gives the same bytes`, async () => {
      const { X, y } = friedman(9_000)
      const stateBytes = async (threads: number): Promise<string> => {
        setKernelThreads(threads)
        try {
          const model = await make().fit(X, y)
          const arrays = Object.values(learnedState(model)).flatMap((value) =>
            value instanceof NDArray
              ? [value.toTypedArray()]
              : ArrayBuffer.isView(value)
                ? [value]
                : [],
          )
          return bytesOf([...arrays, valuesOf(await model.predict(X))])
        } finally {
          setKernelThreads(0)
        }
      }
      const one = await stateBytes(1)
      for (const threads of [2, 3, 16]) assert.equal(await stateBytes(threads), one, `${threads}`)
    })

    test(`${name}: missing values and infinities are learned from`, async () => {
      const { X, y } = friedman(2_000)
      for (let i = 0; i < 2_000; i += 3) {
        X.set(Number.NaN, i, 3)
        y.set(40, i)
      }
      X.set(Infinity, 1, 4)
      X.set(-Infinity, 2, 4)
      const model = await make().fit(X, y)
      const predicted = valuesOf(await model.predict(X))
      const mean = (isMissing: boolean): number => {
        const chosen = predicted.filter((_, i) => (i % 3 === 0) === isMissing)
        return chosen.reduce((sum, value) => sum + value, 0) / chosen.length
      }
      assert.ok(mean(true) > mean(false) + 8, 'the missing side of a split has its own value')
      assert.ok(predicted.every(Number.isFinite))
    })
  }

  test('a value that equals a threshold goes left at training and at prediction, without a cast to float32', async () => {
    for (const values of [
      [0, 1e-7],
      [20180130, 20180131],
      [1, 1 + 2 ** -52],
    ]) {
      const X = array(
        Float64Array.from({ length: 60 }, (_, i) => values[i % 2]!),
        { shape: [60, 1] },
      )
      const y = array(Float64Array.from({ length: 60 }, (_, i) => (i % 2) * 5))
      const model = await new DecisionTreeRegressor().fit(X, y)
      assert.deepEqual(valuesOf(await model.predict(X)), y.data)
    }
  })

  test('constrained columns never break their promise, with missing values and draws elsewhere', async () => {
    const { X, y } = friedman(3_000)
    for (let i = 0; i < 3_000; i += 7) X.set(Number.NaN, i, 1)
    const monotonicCst = [0, 0, 1, -1, 1, 0, 0, 0]
    const models = [
      new GradientBoostingRegressor({ monotonicCst, subsample: 0.7, maxIter: 40 }),
      new GradientBoostingRegressor({
        monotonicCst,
        maxLeafNodes: null,
        minSamplesLeaf: 3,
        maxIter: 10,
      }),
      new RandomForestRegressor({ monotonicCst, trees: 10 }),
    ]
    const random = randomNumbers(5)
    const pairs = 5_000
    for (const model of models) {
      await model.fit(X, y)
      for (const [column, sign] of monotonicCst.entries()) {
        if (sign === 0) continue
        const low = zeros([pairs, 8], 'float64')
        for (let at = 0; at < low.data.length; at++) low.data[at] = random()
        const high = low.copy()
        for (let i = 0; i < pairs; i++) high.set(low.get(i, column) + random() * 0.5, i, column)
        const [below, above] = [
          valuesOf(await model.predict(low)),
          valuesOf(await model.predict(high)),
        ]
        const broken = below.filter((value, i) => sign * (above[i]! - value) < -1e-9).length
        assert.equal(broken, 0, `column ${column} of ${model.constructor.name}`)
      }
    }
  })

  test('a weight of 0 is a row that is not there, in edges, leaves, validation and draws', async () => {
    const { X, y } = friedman(1_500)
    const weights = Float64Array.from({ length: 1_500 }, (_, i) => (i < 1_000 ? 2 : 0))
    const models = [
      () => new GradientBoostingRegressor({ earlyStopping: true, subsample: 0.8, maxIter: 20 }),
      () => new RandomForestRegressor({ trees: 5 }),
    ]
    for (const make of models) {
      const weighted = await make().fit(X, y, { weights })
      const removed = await make().fit(X.rows(0, 1_000), y.rows(0, 1_000), {
        weights: weights.slice(0, 1_000),
      })
      assert.deepEqual(
        valuesOf(await weighted.predict(X)),
        valuesOf(await removed.predict(X)),
        make().constructor.name,
      )
    }
  })

  test('X of shared memory, and a choice of its rows, are binned without a copy of X', async () => {
    const { X, y } = friedman(1_200)
    const memory = shared([1_200, 8], 'float64')
    memory.data.set(X.data)
    const rows = rowRange(100, 900)
    const model = await new GradientBoostingRegressor({ maxIter: 5 }).fit(memory, y, { rows })
    const copied = await new GradientBoostingRegressor({ maxIter: 5 }).fit(
      X.rows(100, 900).copy(),
      y.rows(100, 900),
    )
    assert.deepEqual(valuesOf(await model.predict(X)), valuesOf(await copied.predict(X)))
  })

  test('models of one constant target predict it, and have no importances', async () => {
    const { X } = friedman(200)
    const y = array(new Float64Array(200).fill(0.1))
    for (const make of Object.values(learners)) {
      const model = (await make().fit(X, y)) as RandomForestRegressor
      assert.ok(valuesOf(await model.predict(X)).every((value) => Math.abs(value - 0.1) < 1e-15))
      assert.deepEqual(model.featureImportances_, new Float64Array(8))
    }
  })

  test('importances sum to 1 and stand with the columns that matter', async () => {
    const { X, y } = friedman(3_000)
    for (const make of Object.values(learners)) {
      const model = (await make().fit(X, y)) as RandomForestRegressor
      const importances = [...model.featureImportances_]
      assert.ok(Math.abs(importances.reduce((sum, one) => sum + one, 0) - 1) < 1e-12)
      assert.ok(
        Math.min(...importances.slice(0, 2), importances[3]!) > Math.max(...importances.slice(5)),
      )
    }
  })

  test('two targets, names of other libraries and wrong values are refused', async () => {
    const { X, y } = friedman(50)
    const two = zeros([50, 2], 'float64')
    await assert.rejects(new DecisionTreeRegressor().fit(X, two), {
      code: 'ERR_SHAPE',
      message:
        'Expected `y` to have one target, shape (n), to fit DecisionTreeRegressor on, got 2. Fit one model for each.',
    })
    const named: [() => unknown, string][] = [
      [() => new GradientBoostingRegressor({ n_estimators: 1 } as never), 'maxIter'],
      [() => new RandomForestRegressor({ n_estimators: 1 } as never), 'trees'],
      [() => new GradientBoostingRegressor({ num_leaves: 1 } as never), 'maxLeafNodes'],
      [() => new DecisionTreeRegressor({ max_depth: 1 } as never), 'maxDepth'],
    ]
    for (const [make, own] of named) {
      assert.throws(make, new RegExp(`has no option \`[a-z_]+\`; onecopy calls it \`${own}\``))
    }
    const wrong = [
      { learningRate: 0 },
      { maxLeafNodes: 1 },
      { maxBins: 256 },
      { maxFeatures: 0 },
      { maxFeatures: 2 },
      { subsample: 1.5 },
      { quantile: 1 },
      { power: 2 },
      { monotonicCst: [1, 0] },
      { monotonicCst: [2, 0, 0, 0, 0, 0, 0, 0] },
      { validationFraction: 1 },
      { loss: 'hinge' as never },
      { seed: -1 },
    ]
    for (const options of wrong) {
      await assert.rejects(
        new GradientBoostingRegressor(options).fit(X, y),
        { code: 'ERR_OPTION' },
        JSON.stringify(options),
      )
    }
    await assert.rejects(new RandomForestRegressor({ oob: true, bootstrap: false }).fit(X, y), {
      code: 'ERR_OPTION',
    })
    y.set(-1, 7)
    await assert.rejects(new GradientBoostingRegressor({ loss: 'poisson' }).fit(X, y), {
      message:
        'Expected targets >= 0 for the Poisson loss, got -1 in `y` at row 7 (counted from 0).',
    })
  })
})

describe('gradient boosting', () => {
  const train = friedman(4_000, 8, 1)
  const fresh = friedman(2_000, 8, 2)

  test('approaches the noise of the problem', async () => {
    const model = await new GradientBoostingRegressor().fit(train.X, train.y)
    assert.ok(rmse(fresh.y, await model.predict(fresh.X)) < 1.3)
  })

  test('early stopping keeps the best number of trees, and predicts by these', async () => {
    const model = new GradientBoostingRegressor({
      maxIter: 400,
      learningRate: 0.3,
      earlyStopping: true,
    })
    await model.fit(train.X, train.y)
    const { validationLosses_: losses, bestIteration_: best } = model
    assert.equal(best, losses.indexOf(Math.min(...losses)))
    assert.equal(model.treeCount, best)
    assert.ok(best > 5 && losses.length > best && losses.length <= best + 11 && losses.length < 402)
    assert.ok(rmse(fresh.y, await model.predict(fresh.X)) < 1.4)
  })

  test('given rows are validated on, and are not learned from', async () => {
    const validationRows = { ranges: [[3_000, 4_000]] } as const
    const options = { maxIter: 60, learningRate: 0.3, earlyStopping: true, iterNoChange: 60 }
    const model = await new GradientBoostingRegressor({ ...options, validationRows }).fit(
      train.X,
      train.y,
    )
    const first = train.X.rows(0, 3_000)
    const best = model.bestIteration_
    const plain = new GradientBoostingRegressor({ maxIter: best, learningRate: 0.3 })
    await plain.fit(first, train.y.rows(0, 3_000))
    assert.deepEqual(model.nodes_.toTypedArray(), plain.nodes_.toTypedArray())
    const held = { rows: validationRows }
    const error = rmse(train.y.rows(3_000, 4_000), await model.predict(train.X, held))
    assert.ok(Math.abs(error ** 2 / 2 - model.validationLosses_[best]!) < 1e-6)
    // Of a fold that holds out the first rows, those that are left are validated on.
    const fold = await new GradientBoostingRegressor({
      ...options,
      validationRows: { ranges: [[0, 1_500]] },
    }).fit(train.X, train.y, { rows: { ranges: [[1_000, 4_000]] } })
    const same = await new GradientBoostingRegressor({
      ...options,
      validationRows: { ranges: [[1_000, 1_500]] },
    }).fit(train.X, train.y, { rows: { ranges: [[1_000, 4_000]] } })
    assert.deepEqual(fold.validationLosses_, same.validationLosses_)
  })

  test('validation rows that part nothing, or are for nothing, are refused', async () => {
    const fit = (validationRows: object, earlyStopping = true): Promise<unknown> =>
      new GradientBoostingRegressor({
        earlyStopping,
        validationRows: validationRows as never,
      }).fit(train.X, train.y, { rows: { ranges: [[0, 2_000]] } })
    await assert.rejects(fit([3_000]), {
      code: 'ERR_ROWS',
      message:
        'Expected `validationRows` to name some of the rows with a weight above 0 that `fit` is given, and to leave others to learn from, got 0 of 2000.',
    })
    await assert.rejects(fit({ ranges: [[0, 2_500]] }), { code: 'ERR_ROWS' })
    await assert.rejects(fit([4_000]), { code: 'ERR_INDEX' })
    await assert.rejects(fit([1], false), {
      code: 'ERR_OPTION',
      message:
        'Expected `earlyStopping: true` with `validationRows` of GradientBoostingRegressor, which are for early stopping. Without it, leave them out.',
    })
  })

  test('when no tree is better than none, the baseline is predicted', async () => {
    const random = randomNumbers(3)
    const X = zeros([60, 2], 'float64')
    for (let at = 0; at < 120; at++) X.data[at] = random()
    const y = array(Float64Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : -1)))
    const options = { earlyStopping: true, minSamplesLeaf: 1, learningRate: 1, iterNoChange: 2 }
    let none = 0
    for (let seed = 0; seed < 20; seed++) {
      const model = await new GradientBoostingRegressor({ ...options, seed }).fit(X, y)
      if (model.bestIteration_ > 0) continue
      none++
      const predicted = valuesOf(await model.predict(X))
      assert.ok(predicted.every((value) => value === model.baseline_))
    }
    assert.ok(none > 0)
  })

  test('quantiles, medians, Huber and counts are what they say', async () => {
    const below = async (options: object): Promise<number> => {
      const learner = new GradientBoostingRegressor({ ...options, maxIter: 30 })
      const model = await learner.fit(train.X, train.y)
      const predicted = valuesOf(await model.predict(fresh.X))
      return predicted.filter((value, i) => fresh.y.data[i]! < value).length / predicted.length
    }
    assert.ok(Math.abs((await below({ loss: 'quantile', quantile: 0.9 })) - 0.9) < 0.05)
    assert.ok(Math.abs((await below({ loss: 'quantile', quantile: 0.1 })) - 0.1) < 0.05)
    assert.ok(Math.abs((await below({ loss: 'absolute' })) - 0.5) < 0.05)
    const wild = train.y.copy()
    for (let i = 0; i < 4_000; i += 40) wild.set(1e5, i)
    for (const loss of ['absolute', 'huber'] as const) {
      const model = await new GradientBoostingRegressor({ loss }).fit(train.X, wild)
      assert.ok(rmse(fresh.y, await model.predict(fresh.X)) < 2, `${loss} bears outliers`)
    }
    const counts = array(train.y.data.map((value) => Math.max(0, Math.round(value))))
    const model = await new GradientBoostingRegressor({ loss: 'poisson' }).fit(train.X, counts)
    const predicted = await model.predict(fresh.X)
    assert.ok(valuesOf(predicted).every((value) => value > 0))
    assert.ok(r2(fresh.y, predicted) > 0.9)
  })

  test('gamma and Tweedie losses learn the mean of sizes, whatever their unit', async () => {
    const random = randomNumbers(6)
    const sizeOf = (mean: number): number => (-mean * (Math.log(random()) + Math.log(random()))) / 2
    const mean = (i: number, X: NDArray<'float64'>): number =>
      Math.exp(2 * X.get(i, 0) + X.get(i, 3))
    const sizes = array(
      Float64Array.from({ length: 4_000 }, (_, i) => sizeOf(mean(i, train.X)) + 1e-9),
    )
    const claims = array(sizes.data.map((size) => (random() < 0.5 ? 0 : 2 * size)))
    const truth = array(Float64Array.from({ length: 2_000 }, (_, i) => mean(i, fresh.X)))
    for (const unit of [1, 1e6]) {
      const scaled = (y: typeof sizes): typeof sizes => array(y.data.map((value) => value * unit))
      const gamma = new GradientBoostingRegressor({ loss: 'gamma', maxIter: 40 })
      const tweedie = new GradientBoostingRegressor({ loss: 'tweedie', power: 1.3, maxIter: 40 })
      for (const [model, y] of [
        [gamma, sizes],
        [tweedie, claims],
      ] as const) {
        await model.fit(train.X, scaled(y))
        const predicted = valuesOf(await model.predict(fresh.X)).map((value) => value / unit)
        assert.ok(
          r2(truth, predicted) > (y === sizes ? 0.8 : 0.5),
          `${model.loss}: ${r2(truth, predicted)}`,
        )
        assert.ok(predicted.every((value) => value > 0))
      }
    }
    const zero = array(sizes.data.map((size, i) => (i === 9 ? 0 : size)))
    await assert.rejects(new GradientBoostingRegressor({ loss: 'gamma' }).fit(train.X, zero), {
      message: 'Expected targets > 0 for the gamma loss, got 0 in `y` at row 9 (counted from 0).',
    })
  })

  test('depth-wise growth fills the upper levels first', async () => {
    const options = { maxLeafNodes: 8, growPolicy: 'depthwise', maxIter: 1 } as const
    const by = await new GradientBoostingRegressor(options).fit(train.X, train.y)
    const cut = await new GradientBoostingRegressor({
      maxLeafNodes: null,
      maxDepth: 3,
      maxIter: 1,
    }).fit(train.X, train.y)
    assert.deepEqual(valuesOf(await by.predict(fresh.X)), valuesOf(await cut.predict(fresh.X)))
  })
})

describe('random forests', () => {
  const train = friedman(3_000, 8, 1)
  const fresh = friedman(2_000, 8, 2)

  test('out-of-bag predictions score about as fresh rows do', async () => {
    const model = new RandomForestRegressor({ trees: 60, oob: true })
    await model.fit(train.X, train.y)
    const score = r2(fresh.y, await model.predict(fresh.X))
    assert.ok(Math.abs(model.oobScore_ - score) < 0.03, `${model.oobScore_} and ${score}`)
    assert.equal(model.oobScore_, r2(train.y, model.oobPrediction_))
  })

  test('noise that nothing explains scores about 0 out of bag, or less', async () => {
    const random = randomNumbers(9)
    const y = Float64Array.from({ length: 3_000 }, random)
    const model = await new RandomForestRegressor({ trees: 40, oob: true }).fit(train.X, y)
    assert.ok(model.oobScore_ < 0.03)
  })

  test('rows that every tree drew, and rows that were left out, have no out-of-bag prediction', async () => {
    const model = new RandomForestRegressor({ trees: 1, oob: true })
    await model.fit(train.X, train.y, { rows: rowRange(0, 2_000) })
    const known = model.oobPrediction_.filter((value) => !Number.isNaN(value)).length
    assert.ok(Math.abs(known / 2_000 - Math.exp(-1)) < 0.05)
    assert.ok(model.oobPrediction_.subarray(2_000).every((value) => Number.isNaN(value)))
    assert.ok(Number.isFinite(model.oobScore_))
  })

  test('another seed draws other rows, a clone the same', async () => {
    const model = await new RandomForestRegressor({ trees: 5, seed: 7 }).fit(train.X, train.y)
    const same = await clone(model).fit(train.X, train.y)
    const other = await new RandomForestRegressor({ trees: 5, seed: 8 }).fit(train.X, train.y)
    assert.deepEqual(same.nodes_.toTypedArray(), model.nodes_.toTypedArray())
    assert.notDeepEqual(other.nodes_.toTypedArray(), model.nodes_.toTypedArray())
  })

  test('learned values that no fit can have given are not restored', async () => {
    const forest = await new RandomForestRegressor({ trees: 2 }).fit(train.X, train.y)
    const boosted = await new GradientBoostingRegressor({ maxIter: 2 }).fit(train.X, train.y)
    const wrong: [Estimator, string, unknown][] = [
      [forest, 'nodes_', new BigUint64Array(9)],
      [forest, 'treeStarts_', Float64Array.of(0, 3, 1e9)],
      [forest, 'treeStarts_', Float64Array.of(1, 3)],
      [forest, 'binStarts_', new Int32Array(1)],
      [forest, 'binStarts_', forest.binStarts_.map((start) => 2 * start)],
      [forest, 'binEdges_', forest.binEdges_.toReversed()],
      [forest, 'binEdges_', forest.binEdges_.slice(1)],
      [forest, 'featureImportances_', new Float64Array(7)],
      [forest, 'targetShape_', [2]],
      [boosted, 'baseline_', '3'],
      [boosted, 'map_', 'softmax'],
    ]
    for (const [model, name, value] of wrong) {
      const state = { ...learnedState(model), [name]: value } as LearnedState
      assert.throws(() => restore(clone(model), state), { code: 'ERR_FORMAT' }, name)
    }
  })

  test('a row of deep trees is predicted alone as among thousands, also by missing and extreme values', async () => {
    const random = randomNumbers(7)
    const { X, y } = friedman(4000, 5, 3)
    for (let at = 0; at < X.size; at++) {
      const draw = random()
      if (draw < 0.1) X.data[at] = Number.NaN
      else if (draw < 0.13) X.data[at] = draw < 0.115 ? -Infinity : Infinity
    }
    // Whether missing values go left is learned; both must occur.
    for (let row = 0; row < 4000; row++)
      if (Number.isNaN(X.get(row, 0))) y.data[row]! -= 30
      else if (Number.isNaN(X.get(row, 1))) y.data[row]! += 30
    const models = [
      await new RandomForestRegressor({ trees: 3 }).fit(X, y),
      await new GradientBoostingRegressor({
        maxIter: 3,
        maxLeafNodes: 1000,
        minSamplesLeaf: 1,
      }).fit(X, y),
    ]
    for (const model of models) {
      const together = await model.predict(X)
      for (let row = 0; row < 300; row++) {
        const [alone] = (await model.predict(X, { rows: rowRange(row, row + 1) })).toTypedArray()
        assert.equal(alone, together.data[row], `row ${row}`)
      }
      const few = await model.predict(X, { rows: rowRange(100, 131) })
      assert.deepEqual(few.toTypedArray(), together.toTypedArray().slice(100, 131))
    }
  })

  test('every damaged word of a large tree is refused or stays inside, for few rows and many', async () => {
    const model = await new RandomForestRegressor({ trees: 1 }).fit(train.X, train.y)
    const words = model.nodes_.toTypedArray()
    assert.ok(words.length > 256, 'large enough to be copied')
    const random = randomNumbers(11)
    for (let round = 0; round < 300; round++) {
      const at = Math.floor(random() * (round % 2 === 0 ? 40 : words.length))
      const before = words[at]!
      words[at] = before ^ (1n << BigInt(Math.floor(random() * 64)))
      for (const options of [{}, { rows: rowRange(0, 9) }])
        await model.predict(fresh.X, options).catch((error: unknown) => {
          assert.equal((error as { code?: unknown }).code, 'ERR_FORMAT')
        })
      words[at] = before
    }
  })

  test('a damaged model is refused, and reads nothing outside its trees', async () => {
    const model = await new RandomForestRegressor({ trees: 2 }).fit(train.X, train.y)
    const sound = model.nodes_.toTypedArray().slice()
    for (const damage of [2n ** 30n - 1n, 2n ** 64n - 1n, 0n]) {
      model.nodes_.toTypedArray().set(sound)
      model.nodes_.toTypedArray()[0] = damage
      await assert.rejects(model.predict(fresh.X), {
        code: 'ERR_FORMAT',
        message: 'The trees are damaged: a node points outside its tree.',
      })
    }
  })
})
