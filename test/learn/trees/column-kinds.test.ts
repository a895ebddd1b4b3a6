/** Categories, columns that may not be together, penalties, continued models, held-out rows. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, shared, toRowNumbers, zeros } from '../../../src/arrays/index.ts'
import {
  DecisionTreeRegressor,
  type Estimator,
  estimatorChecks,
  ExtraTreesClassifier,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  KFold,
  learnedState,
  plotTree,
  RandomForestClassifier,
  RandomForestRegressor,
  restore,
  Ridge,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { TreeNodes } from '../../../src/learn/trees/tree-nodes.ts'
import { randomNumbers } from '../../native/matrices.ts'

const missing = ['NaN in X is refused', 'Infinity in X is refused']
const contracts: Record<string, () => Estimator> = {
  'boosting of categories': () =>
    new GradientBoostingRegressor({
      maxIter: 8,
      minSamplesLeaf: 1,
      categoricalFeatures: [0],
      categorySmoothing: 0,
    }),
  'boosting within bounds': () =>
    new GradientBoostingRegressor({
      maxIter: 8,
      minSamplesLeaf: 2,
      interactionConstraints: 'noInteractions',
      l1Regularization: 0.1,
      maxLeafValue: 2,
    }),
  'a tree of categories': () => new DecisionTreeRegressor({ categoricalFeatures: [0] }),
}
for (const [what, make] of Object.entries(contracts)) {
  describe(`contract: ${what}`, () => {
    for (const check of estimatorChecks(make, { except: missing }))
      test(check.name, () => check.run())
  })
}

/** A number 0 to `categories - 1` whose effect has no order, and two other columns. */
function effects(
  n: number,
  categories: number,
  seed = 1,
): { X: NDArray<'float64'>; y: NDArray<'float64'> } {
  const random = randomNumbers(seed)
  const effect = (category: number): number => ((category * 7919) % 13) - 6
  const X = zeros([n, 3], 'float64')
  const y = zeros([n], 'float64')
  for (let i = 0; i < n; i++) {
    const category = Math.floor(random() * categories)
    X.set(category, i, 0)
    X.set(random(), i, 1)
    X.set(random(), i, 2)
    y.set(effect(category) + 4 * X.get(i, 1) * X.get(i, 2) + 0.3 * (random() - 0.5), i)
  }
  return { X, y }
}

function meanSquare(y: NDArray, predicted: NDArray): number {
  let sum = 0
  for (let i = 0; i < y.size; i++) sum += (Number(y.get(i)) - Number(predicted.get(i))) ** 2
  return sum / y.size
}

const fewTrees = { maxIter: 20, maxLeafNodes: 6, learningRate: 0.3 }

describe('columns with categories', () => {
  test('are learned from with fewer splits than their numbers, by all learners', async () => {
    const [train, fresh] = [effects(3_000, 40), effects(1_000, 40, 2)]
    for (const make of [
      (categoricalFeatures: number[] | null) =>
        new GradientBoostingRegressor({ ...fewTrees, categoricalFeatures }),
      (categoricalFeatures: number[] | null) =>
        new RandomForestRegressor({ trees: 5, maxLeafNodes: 12, categoricalFeatures }),
      (categoricalFeatures: number[] | null) =>
        new DecisionTreeRegressor({ maxLeafNodes: 12, categoricalFeatures }),
    ]) {
      const error = async (categorical: number[] | null): Promise<number> => {
        const model = await make(categorical).fit(train.X, train.y)
        return meanSquare(fresh.y, await model.predict(fresh.X))
      }
      const [known, plain] = [await error([0]), await error(null)]
      assert.ok(known < plain / 2, `${known} ${plain}`)
    }
  })

  test('of classes are told apart by forests and boosting', async () => {
    const { X, y } = effects(2_000, 30)
    const labels = Float64Array.from(y.data, (value) => (value > 3 ? 2 : value > -2 ? 1 : 0))
    for (const model of [
      new RandomForestClassifier({
        trees: 9,
        maxFeatures: 1,
        maxLeafNodes: 20,
        categoricalFeatures: [0],
      }),
      new ExtraTreesClassifier({ trees: 30, maxFeatures: 1, categoricalFeatures: [0] }),
      new GradientBoostingClassifier({ ...fewTrees, categoricalFeatures: [0] }),
    ]) {
      const predicted = await (await model.fit(X, labels)).predict(X)
      const right = labels.filter((label, i) => label === predicted.get(i)).length
      assert.ok(right > 1_850, `${model.constructor.name}: ${right}`)
      const restored = restore(
        new (model.constructor as typeof RandomForestClassifier)(),
        learnedState(model),
      )
      assert.deepEqual((await restored.predict(X)).toTypedArray(), predicted.toTypedArray())
    }
  })

  test('values that fit has not seen go where missing values go', async () => {
    const { X, y } = effects(3_000, 12)
    for (let i = 0; i < 3_000; i += 9) {
      X.set(Number.NaN, i, 0)
      y.set(30, i)
    }
    const model = await new GradientBoostingRegressor({
      ...fewTrees,
      categoricalFeatures: [0],
    }).fit(X, y)
    const rows = [Number.NaN, 12, 3.5, -1, Infinity].map((value) => [value, 0.5, 0.5])
    const predicted = await model.predict(rows)
    assert.equal(new Set(predicted.toTypedArray() as Float64Array).size, 1)
    assert.ok(predicted.get(0) > 25)
    const { values, base } = await model.shapValues(rows, { background: X.rows(0, 20) })
    for (const row of rows.keys()) {
      const sum = values.get(row, 0) + values.get(row, 1) + values.get(row, 2) + base[0]!
      assert.ok(Math.abs(sum - predicted.get(row)) < 1e-9)
    }
  })

  test('a thousand categories: the 254 most frequent are told apart, the others are as if missing', async () => {
    const n = 20_000
    const random = randomNumbers(4)
    const X = zeros([n, 1], 'float64')
    const y = zeros([n], 'float64')
    for (let i = 0; i < n; i++) {
      X.set(Math.floor(1_000 * random() ** 3), i, 0)
      y.set(X.get(i, 0) % 2, i)
    }
    const model = await new GradientBoostingRegressor({
      categoricalFeatures: [0],
      maxIter: 30,
    }).fit(X, y)
    assert.equal(model.binEdges_.length, 254)
    const predicted = await model.predict([[0], [1], [2], [3], [990], [991]])
    const [a, b, c, d, e, f] = predicted.toTypedArray() as Float64Array
    assert.ok(a! < 0.1 && b! > 0.9 && c! < 0.1 && d! > 0.9 && e === f && e! > 0.3 && e! < 0.7)
  })

  test('numbers of the categories and the order of rows make no difference', async () => {
    const { X, y } = effects(2_000, 25)
    const options = { ...fewTrees, categoricalFeatures: [0] }
    const expected = await (await new GradientBoostingRegressor(options).fit(X, y)).predict(X)
    const other = X.copy()
    for (let i = 0; i < 2_000; i++) other.set(1_000 - ((X.get(i, 0) * 7) % 25), i, 0)
    const predicted = await (
      await new GradientBoostingRegressor(options).fit(other, y)
    ).predict(other)
    assert.deepEqual(predicted.toTypedArray(), expected.toTypedArray())
    const rows = Int32Array.from({ length: 2_000 }, (_, i) => (i * 7) % 2_000)
    const mixed = await new GradientBoostingRegressor(options).fit(X, y, { rows })
    assert.deepEqual((await mixed.predict(X)).toTypedArray(), expected.toTypedArray())
  })

  test('wrong numbers, names and bound categories are refused', async () => {
    const { X, y } = effects(50, 3)
    const refuse = (options: object, message: RegExp): Promise<void> =>
      assert.rejects(new GradientBoostingRegressor(options).fit(X, y), { message })
    await refuse(
      { categoricalFeatures: [3] },
      /whole numbers of columns from 0 to 2, each once, got 3\./,
    )
    await refuse({ categoricalFeatures: [1, 1] }, /got 1\./)
    await refuse(
      { categoricalFeatures: 'auto' },
      /got 'auto'\. Columns of a matrix have no names\./,
    )
    await refuse(
      { categoricalFeatures: [1], monotonicCst: [0, -1, 0] },
      /0 for columns of `categoricalFeatures`, which have no order, got -1 for column 1\./,
    )
    assert.throws(() => new GradientBoostingRegressor({ cat_features: [0] } as object), {
      message: /onecopy calls it `categoricalFeatures`/,
    })
  })
})

/** What a model has learned, arrays as their values. */
function plainState(model: object): Record<string, unknown> {
  const state = Object.entries(learnedState(model as Estimator))
  return Object.fromEntries(
    state.map(([name, value]) => [name, value instanceof NDArray ? value.toTypedArray() : value]),
  )
}

/** The columns on each path of a model's trees, as texts. */
function pathsOf(model: GradientBoostingRegressor): Set<string> {
  const nodes = new TreeNodes(model.nodes_.toTypedArray())
  const paths = new Set<string>()
  const walk = (at: number, isLeaf: boolean, path: readonly number[]): void => {
    if (isLeaf) {
      paths.add([...new Set(path)].toSorted((a, b) => a - b).join(' '))
      return
    }
    const below = [...path, nodes.columnOf(at)]
    walk(nodes.leftOf(at), nodes.isLeftLeaf(at), below)
    walk(nodes.rightOf(at), nodes.isRightLeaf(at), below)
  }
  const { treeStarts_: starts } = model
  for (const [t, start] of starts.subarray(0, -1).entries())
    walk(start, starts[t + 1] === start + 1, [])
  return paths
}

describe('columns that may not be together', () => {
  const random = randomNumbers(6)
  const X = zeros([1_500, 5], 'float64')
  const y = zeros([1_500], 'float64')
  for (let i = 0; i < 1_500; i++) {
    for (let j = 0; j < 5; j++) X.set(random(), i, j)
    y.set(X.get(i, 0) * X.get(i, 1) + X.get(i, 2) * X.get(i, 3) - X.get(i, 4) * X.get(i, 0), i)
  }

  test('are never on one path, whichever columns are drawn', async () => {
    for (const maxFeatures of [1, 0.4]) {
      const fit = (interactionConstraints: unknown): Promise<GradientBoostingRegressor> =>
        new GradientBoostingRegressor({
          maxIter: 10,
          maxFeatures,
          interactionConstraints: interactionConstraints as never,
        }).fit(X, y)
      const isWithin = (sets: number[][]) => (path: string) =>
        sets.some((set) => path.split(' ').every((column) => set.includes(Number(column))))
      const sets = await fit([
        [0, 1],
        [1, 2, 3],
      ])
      assert.ok([...pathsOf(sets)].every(isWithin([[0, 1], [1, 2, 3], [4]])))
      assert.ok([...pathsOf(sets)].some((path) => path.includes(' ')))
      assert.ok([...pathsOf(await fit('noInteractions'))].every((path) => path.length === 1))
      assert.ok([...pathsOf(await fit('pairwise'))].every((path) => path.length <= 3))
    }
  })

  test('wrong sets are refused', async () => {
    for (const [given, message] of [
      [[[5]], /got 5\./],
      [['a'], /to be a list of whole numbers/],
      ['none', /'pairwise', 'noInteractions', null or a list/],
    ] as const)
      await assert.rejects(
        new GradientBoostingRegressor({ interactionConstraints: given as never }).fit(X, y),
        { message },
      )
  })
})

test('penalties shrink leaves, and no value of a leaf is beyond its bound', async () => {
  const { X, y } = effects(1_000, 5)
  const leaves = async (options: object): Promise<number[]> => {
    const model = await new GradientBoostingRegressor({
      maxIter: 1,
      learningRate: 1,
      ...options,
    }).fit(X, y)
    return [...new Set((await model.predict(X)).toTypedArray() as Float64Array)].map((value) =>
      Math.abs(value - model.baseline_),
    )
  }
  const plain = Math.max(...(await leaves({})))
  assert.ok(plain > 2)
  assert.ok(Math.max(...(await leaves({ l1Regularization: 40 }))) < plain - 0.2)
  assert.deepEqual(await leaves({ l1Regularization: 1e6 }), [0])
  for (const loss of ['squared', 'absolute', 'huber'])
    assert.ok(Math.max(...(await leaves({ maxLeafValue: 0.5, loss }))) <= 0.5)
  await assert.rejects(leaves({ maxLeafValue: 0 }), { code: 'ERR_OPTION' })
  await assert.rejects(leaves({ l1Regularization: -1 }), { code: 'ERR_OPTION' })
})

describe('a model that goes on', () => {
  const { X, y } = effects(1_200, 6)
  const labels = Array.from(y.data, (value) => (value > 2 ? 'high' : value > -2 ? 'none' : 'low'))

  test('is the one that a single fit makes, with all that it has learned', async () => {
    const rows = { rows: { ranges: [[0, 1_000]] } } as const
    for (const options of [
      { categoricalFeatures: [0] },
      { subsample: 0.5, loss: 'poisson' },
      { earlyStopping: true, iterNoChange: 50 },
    ] as const) {
      const target = 'loss' in options ? array(y.data.map(Math.abs)) : y
      const make = (maxIter: number): GradientBoostingRegressor =>
        new GradientBoostingRegressor({ ...options, maxIter })
      const whole = await make(12).fit(X, target, rows)
      const first = await make(5).fit(X, target, rows)
      const second = await make(7).fit(X, target, { ...rows, continueFrom: first })
      assert.deepEqual(plainState(second), plainState(whole))
      const same = await first
        .setParams({ maxIter: 7 })
        .fit(X, target, { ...rows, continueFrom: first })
      assert.deepEqual(plainState(same), plainState(whole))
    }
    const make = (maxIter: number): GradientBoostingClassifier =>
      new GradientBoostingClassifier({ maxIter })
    const whole = await make(6).fit(X, labels)
    const first = await make(2).fit(X, labels)
    const second = await make(4).fit(X, labels, { continueFrom: first as never })
    assert.deepEqual(plainState(second), plainState(whole))
  })

  test('learns from other rows, also where some of the classes are missing', async () => {
    const first = await new GradientBoostingClassifier({ maxIter: 5 }).fit(X, labels)
    const some = Int32Array.from(labels.keys()).filter((row) => labels[row] !== 'none')
    const more = await new GradientBoostingClassifier({ maxIter: 5 }).fit(X, labels, {
      rows: some,
      continueFrom: first as never,
    })
    assert.deepEqual([...more.classes_], ['high', 'low', 'none'])
    assert.equal(more.treeCount, 30)
  })

  test('must fit the model that it continues', async () => {
    const first = await new GradientBoostingRegressor({ maxIter: 2 }).fit(X, y)
    const go = (options: object, from: object, target: NDArray = y, given: NDArray = X) =>
      new GradientBoostingRegressor({ maxIter: 2, ...options }).fit(given, target, {
        continueFrom: from as never,
      })
    await assert.rejects(go({}, new Ridge()), TypeError)
    await assert.rejects(go({}, new GradientBoostingRegressor()), { code: 'ERR_NOT_FITTED' })
    await assert.rejects(go({ categoricalFeatures: [0] }, first), { code: 'ERR_OPTION' })
    await assert.rejects(go({ loss: 'poisson' }, first, array(y.data.map(Math.abs))), {
      message:
        'Expected `loss` of GradientBoostingRegressor to be as in the fit of `continueFrom`, squared, got poisson.',
    })
    await assert.rejects(go({ loss: 'absolute' }, first), { code: 'ERR_OPTION' })
    await assert.rejects(go({}, first, y, zeros([1_200, 2], 'float64')), { code: 'ERR_SHAPE' })
    const classes = await new GradientBoostingClassifier({ maxIter: 2 }).fit(X, labels)
    await assert.rejects(
      new GradientBoostingClassifier().fit(
        X,
        labels.map((label, i) => (i === 7 ? 'new' : label)),
        { continueFrom: classes as never },
      ),
      {
        message:
          "Expected labels of `continueFrom` in `y`, which are 'high', 'low', 'none', got 'new'.",
      },
    )
  })
})

describe('constraints of a model that goes on', () => {
  const { X, y } = effects(600, 7)
  const make = (options: object): GradientBoostingRegressor =>
    new GradientBoostingRegressor({ maxIter: 3, ...options })
  const option = 'of GradientBoostingRegressor to be as in the fit of `continueFrom`,'

  test('are those of the model that it continues', async () => {
    const refuses = async (before: object, after: object, message: string): Promise<void> => {
      const first = await make(before).fit(X, y)
      await assert.rejects(make(after).fit(X, y, { continueFrom: first }), {
        code: 'ERR_OPTION',
        message,
      })
      const changed = restore(make(after), learnedState(first))
      await assert.rejects(changed.fit(X, y, { continueFrom: changed }), { message })
    }
    const monotonicCst = [0, 1, 0]
    await refuses(
      {},
      { monotonicCst },
      `Expected \`monotonicCst\` ${option} [0, 0, 0], got [0, 1, 0].`,
    )
    await refuses(
      { monotonicCst },
      {},
      `Expected \`monotonicCst\` ${option} [0, 1, 0], got [0, 0, 0].`,
    )
    const sets = { interactionConstraints: [[0, 1]] }
    const what = `Expected \`interactionConstraints\` ${option}`
    await refuses({}, sets, `${what} any, got [0, 1], [2].`)
    await refuses(
      sets,
      { interactionConstraints: 'pairwise' },
      `${what} [0, 1], [2], got pairwise.`,
    )
    const tenth = { loss: 'quantile', quantile: 0.1 }
    await refuses(
      tenth,
      { ...tenth, quantile: 0.9 },
      `Expected \`quantile\` ${option} 0.1, got 0.9.`,
    )
    await refuses(
      { loss: 'huber' },
      { loss: 'huber', delta: 3 },
      `Expected \`delta\` ${option} 1, got 3.`,
    )
  })

  test('may be written in another way', async () => {
    for (const [before, after] of [
      [{ interactionConstraints: 'noInteractions' }, { interactionConstraints: [[2], [0], [1]] }],
      [{ interactionConstraints: [[0, 1], [2]] }, { interactionConstraints: [[1, 0]] }],
      [{ interactionConstraints: [[0, 1, 2]] }, {}],
      [{ monotonicCst: [0, 0, 0] }, { quantile: 0.9 }],
    ]) {
      const first = await make(before!).fit(X, y)
      const more = await make(after!).fit(X, y, { continueFrom: first })
      assert.equal(more.treeCount, 6)
    }
  })

  test('of a saved model are checked', async () => {
    const state = learnedState(await make({ monotonicCst: [0, 1, -1] }).fit(X, y))
    for (const wrong of [
      { monotonicSigns_: Int32Array.of(0, 2, 0) },
      { monotonicSigns_: new Int32Array(2) },
      { interactions_: 'some' },
      { loss_: 'other' },
      { lossParameter_: NaN },
    ]) {
      const name = Object.keys(wrong)[0]!
      assert.throws(() => restore(make({}), { ...state, ...wrong }), {
        code: 'ERR_FORMAT',
        message: new RegExp(`^Expected \`${name}\` of GradientBoostingRegressor to be `),
      })
    }
  })

  test('on directions are for one score: two classes, not three', async () => {
    const labels = array(y.data.map((value) => Math.round(Math.abs(value)) % 3))
    const model = new GradientBoostingClassifier({ maxIter: 3, monotonicCst: [0, 1, 0] })
    await assert.rejects(model.fit(X, labels), {
      code: 'ERR_OPTION',
      message:
        "Expected 2 classes with `monotonicCst` of GradientBoostingClassifier, got 3: a tree for each class can't keep it. " +
        'Leave monotonicCst out, or fit one model of 2 classes for each class.',
    })
    await model.fit(X, array(labels.data.map((label) => Math.min(label, 1))))
    assert.equal(model.treeCount, 3)
    await model.setParams({ monotonicCst: [0, 0, 0] }).fit(X, labels)
    assert.equal(model.treeCount, 9)
  })
})

test('splits are counted by column', async () => {
  const { X, y } = effects(1_000, 8)
  const model = await new GradientBoostingRegressor({ ...fewTrees, categoricalFeatures: [0] }).fit(
    X,
    y,
  )
  const counts = model.splitCounts()
  const leaves = [...counts].reduce((sum, count) => sum + count, 0) + model.treeCount
  assert.equal(leaves, 6 * 20)
  assert.ok(counts[0]! > 20)
  const forest = await new RandomForestRegressor({ trees: 2 }).fit(X, y)
  const inner = [...forest.splitCounts()].reduce((sum, count) => sum + count, 0)
  assert.equal(forest.nodes_.size, 2 * inner + 2)
})

describe('rows that fit is not given', () => {
  const { X, y } = effects(900, 5)

  test('are validated on, and not learned from', async () => {
    const options = { ...fewTrees, maxIter: 80, earlyStopping: true } as const
    const rows = { ranges: [[100, 700]] } as const
    const model = new GradientBoostingRegressor({ ...options, validationRows: 'heldOut' })
    await model.fit(X, y, { rows })
    const { bestIteration_: best } = model
    const plain = await new GradientBoostingRegressor({ ...fewTrees, maxIter: best }).fit(X, y, {
      rows,
    })
    assert.deepEqual(model.nodes_.toTypedArray(), plain.nodes_.toTypedArray())
    const others = [...Array(100).keys(), ...Array.from({ length: 200 }, (_, i) => 700 + i)]
    const predicted = await plain.predict(X, { rows: others })
    const error = meanSquare(array(Float64Array.from(others, (row) => y.get(row))), predicted) / 2
    assert.ok(Math.abs(error - model.validationLosses_[best]!) < 1e-9)
    // Without others it is a share, as by default.
    const share = await new GradientBoostingRegressor(options).fit(X, y)
    await model.fit(X, y)
    assert.deepEqual(model.validationLosses_, share.validationLosses_)
  })

  test('may have classes of their own, and count by the weights of their classes', async () => {
    const labels = Array.from(y.data, (value, i) => (i < 3 ? 'rare' : value > 0 ? 'up' : 'down'))
    const fit = (given: readonly string[], weights?: Float64Array) =>
      new GradientBoostingClassifier({
        maxIter: 5,
        earlyStopping: true,
        validationRows: 'heldOut',
        classWeight: { up: 3 },
      }).fit(X, given, { rows: { ranges: [[100, 900]] }, ...(weights && { weights }) })
    const model = await fit(labels)
    assert.deepEqual([...model.classes_], ['down', 'up'])
    const without = await fit(
      labels,
      Float64Array.from(labels, (label) => (label === 'rare' ? 0 : 1)),
    )
    assert.deepEqual(model.validationLosses_, without.validationLosses_)
  })

  test('of a fold are those that it holds out', async () => {
    const [sharedX, sharedY] = [shared([900, 3], 'float64'), shared([900], 'float64')]
    sharedX.data.set(X.data)
    sharedY.data.set(y.data)
    const options = {
      ...fewTrees,
      earlyStopping: true,
      validationRows: 'heldOut',
      binning: 'perFold',
    } as const
    const folds = new KFold({ folds: 3 })
    const ensemble = new SuperLearner({ folds })
      .add(new GradientBoostingRegressor({ ...options, maxIter: 60 }))
      .addMeta(new Ridge())
    await ensemble.fit(sharedX, sharedY)
    for (const { train, test: held } of folds.split(900)) {
      const model = new GradientBoostingRegressor({ ...options, maxIter: 60 })
      await model.fit(X, y, { rows: train })
      const expected = await model.predict(X, { rows: held })
      const found = Float64Array.from(toRowNumbers(held), (row) => ensemble.outOfFold.get(row, 0))
      assert.deepEqual(found, expected.toTypedArray())
    }
  })
})

describe('plotTree', () => {
  const { X, y } = effects(800, 6)
  const names = ['shop <A>', 'size', 'age']

  test('draws every node down to a depth, with names, categories and leaves', async () => {
    const model = await new GradientBoostingRegressor({
      maxIter: 2,
      maxLeafNodes: 8,
      categoricalFeatures: [0],
    }).fit(X, y)
    const svg = plotTree(model, { tree: 1, maxDepth: 30, names })
    assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" class="onecopy"/)
    assert.equal(svg.match(/<g>/g)!.length, 15)
    assert.equal(svg.match(/<path/g)!.length, 14)
    assert.match(svg, /shop &lt;A&gt; in \{[\d, ]+\}/)
    assert.match(svg, /missing, other: (yes|no)/)
    assert.doesNotMatch(svg, /leaves</)
    const cut = plotTree(model, { maxDepth: 1, theme: 'dark' })
    assert.match(cut, /… \d leaves/)
    assert.match(cut, /x\[0\] in/)
    const root = plotTree(model, { maxDepth: 0 })
    assert.match(root, /… 8 leaves/)
  })

  test('draws classes with their shares, and a tree that is a leaf', async () => {
    const labels = Array.from(y.data, (value) => (value > 0 ? 'up' : 'down'))
    const model = await new RandomForestClassifier({ trees: 2, maxDepth: 2 }).fit(X, labels)
    assert.match(plotTree(model, { tree: 1, names }), />(up|down)<.*\d\d\.\d %/)
    assert.match(plotTree(model, { names }), /(size|age) &lt;= 0\.\d+/)
    const leaf = await new DecisionTreeRegressor({ minSamplesLeaf: 800 }).fit(X, y)
    assert.equal(plotTree(leaf).match(/<g>/g)!.length, 1)
  })

  test('refuses what the model does not have', async () => {
    const model = new DecisionTreeRegressor({ maxDepth: 2 })
    assert.throws(() => plotTree(model), { code: 'ERR_NOT_FITTED' })
    await model.fit(X, y)
    assert.throws(() => plotTree(model, { tree: 1 }), {
      message: 'Expected `tree` of plotTree to be a whole number from 0 to 0, got 1.',
    })
    assert.throws(() => plotTree(model, { names: ['a'] }), {
      message: 'Expected `names` of plotTree to be a list of 3 names, one for each column, got 1.',
    })
    assert.throws(() => plotTree(model, { feature_names: names } as object), {
      message: /onecopy calls it `names`/,
    })
  })
})
