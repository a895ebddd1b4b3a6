/** Layers of an ensemble: each learns from the predictions of the one before. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import { rowRange } from '../../../src/arrays/internal.ts'
import {
  DecisionTreeRegressor,
  type EnsembleProgress,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  Ridge,
  type Splitter,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'
import { Failing, SignMean } from '../../fixtures/learn/nearest-mean.ts'
import { randomProblem, seeded } from '../random-problem.ts'

const n = 120
const { X, y } = randomProblem(n, 4)
const folds = new KFold({ folds: 3 })

const valuesOf = (values: NDArray): number[] => Array.from(values.copy().toTypedArray(), Number)

describe('two layers', () => {
  const first = (): SuperLearner =>
    new SuperLearner({ folds }).add([new Ridge(), new KNeighborsRegressor()])
  const second = { lasso: new Lasso({ alpha: 0.01 }), mean: new SignMean() }

  test('are two ensembles, the second of which learns from predictions of the first', async () => {
    const whole = await first()
      .addLayer(second, { folds: new KFold({ folds: 4 }), preprocess: new StandardScaler() })
      .addMeta(new LinearRegression())
      .fit(X, y)
    const one = await first().fit(X, y)
    const two = await new SuperLearner({ folds: new KFold({ folds: 4 }) })
      .add(second, { preprocess: new StandardScaler() })
      .addMeta(new LinearRegression())
      .fit(one.outOfFold, y)
    assert.deepEqual(valuesOf(whole.outOfFold), valuesOf(two.outOfFold))
    const fresh = randomProblem(50, 4, { seed: 9 }).X
    const expected = await two.predict(await one.transform(fresh))
    assert.deepEqual(valuesOf(await whole.predict(fresh)), valuesOf(expected))
    assert.deepEqual(
      valuesOf(await whole.transform(fresh)),
      valuesOf(await two.transform(await one.transform(fresh))),
    )
    const { layers } = whole
    assert.deepEqual(
      layers.map(({ learners }) => Object.keys(learners)),
      [
        ['ridge', 'k-neighbors-regressor'],
        ['lasso', 'mean'],
      ],
    )
    assert.deepEqual(valuesOf(layers[0]!.outOfFold), valuesOf(one.outOfFold))
    assert.deepEqual(layers[1]!.columns, ['lasso', 'mean'])
    assert.deepEqual(whole.outOfFoldColumns, ['lasso', 'mean'])
    assert.equal(layers[1]!.folds.length, 4)
    assert.deepEqual(
      whole.scores.learners.map(({ name }) => name),
      ['ridge', 'k-neighbors-regressor', 'lasso', 'mean'],
    )
    assert.deepEqual(whole.scores.learners[3]!.folds, two.scores.learners[1]!.folds)
    assert.deepEqual(Object.keys(whole.learners), [
      'ridge',
      'k-neighbors-regressor',
      'lasso',
      'mean',
    ])
  })

  test('take names that no learner of the ensemble has', async () => {
    const ensemble = new SuperLearner({ folds }).add(new Ridge()).addLayer([new Ridge()])
    await ensemble.add(new Ridge()).fit(X, y)
    assert.deepEqual(
      ensemble.layers.map(({ columns }) => columns),
      [['ridge'], ['ridge-2', 'ridge-3']],
    )
  })

  test('count all parts of the work', async () => {
    const seen: EnsembleProgress[] = []
    await first()
      .addLayer(second)
      .addMeta(new Ridge())
      .fit(X, y, { onProgress: (progress) => seen.push(progress) })
    assert.deepEqual(
      seen.map(({ done }) => done),
      Array.from({ length: seen[0]!.total }, (_, i) => i + 1),
    )
  })

  test('predict the same in blocks of rows', async () => {
    const ensemble = await new SuperLearner({ folds })
      .addLayer([new Ridge(), new Lasso({ alpha: 0.01 })], { propagateFeatures: [1] })
      .addLayer({ ols: new LinearRegression(), mean: new SignMean() })
      .fit(X, y)
    const many = 450_000 // 5 values a row: more than a block
    const rows = array(
      Float64Array.from({ length: 4 * many }, (_, i) => Math.sin(i)),
      {
        shape: [many, 4],
      },
    )
    const whole = await ensemble.transform(rows)
    for (const row of [0, 419_429, 419_430, many - 2]) {
      const few = await ensemble.transform(rows.rows(row, row + 2))
      assert.deepEqual(valuesOf(few), valuesOf(whole.rows(row, row + 2)))
    }
  })
})

describe('columns that a layer hands on', () => {
  const columnOf = (values: NDArray, column: number): number[] => valuesOf(values.column(column))

  test('stand to the left of the predictions, by number', async () => {
    const seen: NDArray[] = []
    class Looks extends SignMean {
      override fit(...given: Parameters<SignMean['fit']>): Promise<this> {
        seen.push(given[0])
        return super.fit(...given)
      }
    }
    const ensemble = await new SuperLearner({ folds })
      .addLayer([new Ridge(), new Lasso()], { propagateFeatures: [2, 0] })
      .addLayer({ looks: new Looks() }, { propagateFeatures: [1, 'ridge'] })
      .addMeta(new Looks())
      .fit(X, y)
    const Z = ensemble.layers[0]!.outOfFold
    assert.deepEqual(columnOf(seen[0]!, 0), columnOf(X, 2))
    assert.deepEqual(columnOf(seen[0]!, 1), columnOf(X, 0))
    assert.deepEqual(columnOf(seen[0]!, 2), columnOf(Z, 0))
    assert.equal(seen[0]!.shape[1], 4)
    const last = seen.at(-1)!
    assert.deepEqual(last.shape, [n, 3])
    assert.deepEqual(columnOf(last, 0), columnOf(X, 0))
    assert.deepEqual(columnOf(last, 1), columnOf(Z, 0))
    assert.deepEqual(columnOf(last, 2), columnOf(ensemble.outOfFold, 0))
    assert.deepEqual(
      ensemble.layers.map(({ propagated }) => propagated),
      [
        ['x2', 'x0'],
        ['x0', 'ridge'],
      ],
    )
    assert.deepEqual(ensemble.outOfFold.shape, [n, 1])
    assert.deepEqual((await ensemble.transform(X)).shape, [n, 1])
    assert.equal((await ensemble.predict(X)).shape[0], n)
  })

  test('have the names of the columns of a table', async () => {
    const codes = Int8Array.from({ length: n }, (_, i) => i % 3)
    const table = new Table([
      new NumberColumn('age', X.column(0).copy()),
      new CategoryColumn('town', array(codes), ['a', 'b', 'c']),
      new NumberColumn('income', X.column(1).copy()),
    ])
    const ensemble = await new SuperLearner({ folds })
      .addLayer(new DecisionTreeRegressor({ maxDepth: 3 }), { propagateFeatures: ['income'] })
      .addLayer(new Ridge())
      .addMeta(new Ridge())
      .fit(table, y)
    assert.deepEqual(ensemble.layers[0]!.propagated, ['income'])
    assert.equal((await ensemble.predict(table)).shape[0], n)
    await assert.rejects(
      new SuperLearner({ folds })
        .addLayer(new DecisionTreeRegressor(), { propagateFeatures: ['wage'] })
        .addMeta(new Ridge())
        .fit(table, y),
      {
        code: 'ERR_INDEX',
        message:
          "Expected `propagateFeatures` to name columns of the layer or to number them from 0 to 2, got 'wage'.",
      },
    )
  })

  test('have weights of the meta learner beside the learners', async () => {
    const ensemble = await new SuperLearner({ folds })
      .addLayer([new Ridge(), new Lasso()], { propagateFeatures: [1] })
      .addMeta(new LinearRegression())
      .fit(X, y)
    const [coefficients] = (ensemble.meta as LinearRegression).linearTerms()
    assert.deepEqual(Object.keys(ensemble.weights!), ['x1', 'ridge', 'lasso'])
    assert.deepEqual(Object.values(ensemble.weights!), [...coefficients!.coefficients])
  })

  test('are numbers or names in a list', () => {
    for (const wrong of ['age', 1.5, [1.5], [null]])
      assert.throws(
        () => new SuperLearner().addLayer(new Ridge(), { propagateFeatures: wrong as never }),
        { name: 'TypeError', message: /^Expected `propagateFeatures` to list numbers or names/ },
      )
  })
})

describe('rows without predictions are in no later layer', () => {
  const late: Splitter = {
    split: (count) => [{ train: rowRange(0, count / 2), test: rowRange(count / 2, count) }],
    refitRows: (count) => rowRange(0, count / 2),
  }

  test('also of later layers, which split what is left', async () => {
    const ensemble = await new SuperLearner({ folds: late })
      .add([new Ridge(), new Lasso({ alpha: 0.01 })])
      .addLayer([new LinearRegression()])
      .addMeta(new Ridge())
      .fit(X, y)
    const [one, two] = ensemble.layers
    assert.deepEqual(one!.rows, rowRange(60, 120))
    assert.deepEqual(two!.rows, rowRange(90, 120))
    assert.deepEqual(two!.folds[0]!.train, rowRange(60, 90))
    const model = await new LinearRegression().fit(one!.outOfFold, y, { rows: rowRange(60, 90) })
    const expected = await model.predict(one!.outOfFold, { rows: rowRange(90, 120) })
    const found = valuesOf(two!.outOfFold)
    for (const [i, value] of valuesOf(expected).entries())
      assert.ok(Math.abs(found[90 + i]! - value) < 1e-9)
    assert.ok(found.slice(0, 90).every(Number.isNaN))
  })

  test('and groups and labels of the others are handed to splitters', async () => {
    const seen: number[][] = []
    const byGroup: Splitter = {
      split(count, labels, groups) {
        const list = Array.from(groups as readonly string[])
        seen.push([count, (labels as NDArray).size, list.length])
        const test = list.map((group) => group === list[0])
        return [0, 1].map((side) => ({
          train: test.map((one) => one === (side === 0)),
          test: test.map((one) => one === (side === 1)),
        }))
      },
    }
    const groups = Array.from({ length: n }, (_, i) => ['u', 'v'][Math.floor(i / 7) % 2]!)
    const ensemble = await new SuperLearner({ folds: late })
      .add(new Ridge())
      .addLayer(new Ridge(), { folds: byGroup })
      .fit(X, y, { groups })
    assert.deepEqual(seen, [[60, 60, 60]])
    const { folds: split } = ensemble.layers[1]!
    for (const { test: held } of split)
      assert.equal(new Set(Array.from(toRowNumbers(held), (row) => groups[row])).size, 1)
  })
})

describe('learners can be taken out and put in', () => {
  const made = (): SuperLearner =>
    new SuperLearner({ folds })
      .add({ a: new Ridge(), b: new Failing() }, { preprocess: new StandardScaler() })
      .addLayer({ c: new Ridge() })

  test('by name', async () => {
    const ensemble = await made().remove('b').fit(X, y)
    assert.deepEqual(Object.keys(ensemble.learners), ['a', 'c'])
    assert.equal(
      ensemble.remove('c').add(new Lasso()).remove('a').add({ d: new Ridge() }),
      ensemble,
    )
    await ensemble.fit(X, y)
    assert.deepEqual(Object.keys(ensemble.learners), ['lasso', 'd'])
    assert.equal(ensemble.layers.length, 1)
    const other = await made()
      .replace('b', new Lasso({ alpha: 0.01 }))
      .fit(X, y)
    const alone = await new SuperLearner({ folds })
      .add(new Lasso({ alpha: 0.01 }), { preprocess: new StandardScaler() })
      .fit(X, y)
    assert.deepEqual(valuesOf(other.layers[0]!.outOfFold.column(1)), valuesOf(alone.outOfFold))
  })

  test('and other names are refused', () => {
    assert.throws(() => made().remove('ridge'), {
      code: 'ERR_OPTION',
      message: "Expected the name of a learner of this ensemble, got 'ridge'. There are: a, b, c.",
    })
    assert.throws(() => new SuperLearner().replace('a', new Ridge()), {
      code: 'ERR_OPTION',
      message: "Expected the name of a learner of this ensemble, got 'a'. There are none.",
    })
    assert.throws(() => made().replace('a', Ridge as never), TypeError)
  })
})

test('of several meta learners the one with the best score is kept', async () => {
  const metas = {
    mean: new SignMean(),
    ols: new LinearRegression(),
    far: new Ridge({ alpha: 1e9 }),
  }
  const make = (): SuperLearner => new SuperLearner({ folds }).add([new Ridge(), new Lasso()])
  const ensemble = await make().addMeta(metas).fit(X, y)
  assert.ok(ensemble.meta instanceof LinearRegression)
  const alone = await make().addMeta(new LinearRegression()).fit(X, y)
  assert.deepEqual(ensemble.scores.ensemble!.folds, alone.scores.ensemble!.folds)
  assert.deepEqual(valuesOf(await ensemble.predict(X)), valuesOf(await alone.predict(X)))
})

test('fitTransform returns predictions by models that have not seen the row', async () => {
  const random = seeded(4)
  const noise = array(Float64Array.from({ length: n }, random))
  const make = (): SuperLearner => new SuperLearner({ folds: 5 }).add(new DecisionTreeRegressor())
  const correlation = (Z: NDArray): number => {
    const [a, b] = [valuesOf(Z), valuesOf(noise)]
    const mean = (list: number[]): number => list.reduce((sum, one) => sum + one, 0) / n
    const [u, v] = [a.map((one) => one - mean(a)), b.map((one) => one - mean(b))]
    const dot = (p: number[], q: number[]): number =>
      p.reduce((sum, one, i) => sum + one * q[i]!, 0)
    return dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v))
  }
  const ensemble = make()
  const Z = await ensemble.fitTransform(X, noise)
  assert.deepEqual(valuesOf(Z), valuesOf(ensemble.outOfFold))
  assert.ok(Math.abs(correlation(Z)) < 0.3, String(correlation(Z)))
  assert.ok(correlation(await ensemble.transform(X)) > 0.9)
  Z.data.fill(0)
  assert.notDeepEqual(valuesOf(Z), valuesOf(ensemble.outOfFold))
})
