/** ML-Ensemble's test cases for layers, and what it gets wrong. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, describe, test } from 'node:test'
import { array, type NDArray, type RowSelection, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  BlendSplit,
  clone,
  DecisionTreeRegressor,
  type Estimator,
  type Fold,
  GaussianNB,
  GradientBoostingRegressor,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  LogisticRegression,
  PCA,
  PolynomialFeatures,
  type PredictOptions,
  RandomForestRegressor,
  type Splitter,
  StandardScaler,
  SubsetSplit,
  SuperLearner,
  SVR,
  TemporalSplit,
  type Transformer,
} from '../../../src/learn/index.ts'
import { SignMean } from '../../fixtures/learn/nearest-mean.ts'
import { assertClose } from '../close.ts'
import * as saved from '../saved-state.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import { openData } from '../sklearn.ts'

const n = 48
const { X, y } = randomProblem(n, 3)
const classes = Int32Array.from(y.data, (value) => (value > 4 ? 2 : value > 2 ? 1 : 0))
const numbersOf = (values: NDArray): number[] => Array.from(values.copy().toTypedArray(), Number)

describe('layers have the predictions and the coefficients of fits by hand', () => {
  const splitters: Record<string, Splitter & { refitRows?: (rows: number) => RowSelection }> = {
    stack: new KFold({ folds: 3 }),
    blend: new BlendSplit({ testSize: 0.4 }),
    subsemble: new SubsetSplit({ partitions: 2, folds: 2 }),
    temporal: new TemporalSplit({ stepSize: 12, burnIn: 24 }),
  }
  const tasks = {
    numbers: { learner: new LinearRegression(), target: y, value: 'coef_', method: 'predict' },
    probabilities: {
      learner: new GaussianNB(),
      target: classes,
      value: 'theta_',
      method: 'predictProba',
    },
  } as const
  type Fitted = Estimator & Record<string, (X: NDArray, options: object) => Promise<NDArray>>

  for (const [kind, folds] of Object.entries(splitters))
    for (const [task, { learner, target, value, method }] of Object.entries(tasks))
      for (const steps of [[], [new StandardScaler()]])
        test(`${kind} of ${task}, ${steps.length === 0 ? 'without steps' : 'behind a step'}`, async () => {
          const fitOn = async (rows: RowSelection) => {
            const mapped = steps.length === 0 ? X : await scale(rows)
            const model = await clone<Estimator>(learner).fit(mapped, target as never, { rows })
            return { mapped, model: model as unknown as Fitted }
          }
          const scale = async (rows: RowSelection): Promise<NDArray> =>
            (await new StandardScaler().fit(X, undefined, { rows })).transform(X)
          const split = folds.split(n) as Fold[]
          const width = task === 'numbers' ? 1 : 3
          const partitions = 1 + Math.max(...split.map(({ partition = 0 }) => partition))
          const expected = new Float64Array(n * width * partitions).fill(NaN)
          for (const { train, test: held, partition = 0 } of split) {
            const { mapped, model } = await fitOn(train)
            const predicted = await model[method]!(mapped, { rows: held })
            const values = numbersOf(predicted)
            for (const [i, row] of toRowNumbers(held).entries())
              for (let k = 0; k < width; k++)
                expected[(row * partitions + partition) * width + k] = values[i * width + k]!
          }
          const ensemble = new SuperLearner({
            folds,
            task: task === 'numbers' ? 'regression' : 'classification',
          })
          await ensemble.add({ learner }, { preprocess: steps }).fit(X, target)
          assertAlike(numbersOf(ensemble.outOfFold), expected)
          const names = Object.keys(ensemble.learners)
          assert.equal(names.length, partitions)
          const all = numbersOf(await ensemble.transform(X))
          for (const [partition, name] of names.entries()) {
            const rows =
              partitions > 1
                ? rowsOf(split.filter((fold) => fold.partition === partition))
                : (folds.refitRows?.(n) ?? { ranges: [[0, n]] })
            const { mapped, model } = await fitOn(rows)
            const found = ensemble.learners[name] as unknown as Record<string, NDArray>
            const wanted = model as unknown as Record<string, NDArray>
            assertClose(numbersOf(found[value]!), numbersOf(wanted[value]!), 1e-9)
            const final = numbersOf(await model[method]!(mapped, {}))
            const own = all.filter((_, i) => Math.floor(i / width) % partitions === partition)
            assertClose(own, final, 1e-9, { floor: 1 })
          }
        })

  /** The rows that models of a partition learn from. */
  function rowsOf(folds: readonly Fold[]): Int32Array {
    const taken = new Set(folds.flatMap(({ train }) => [...toRowNumbers(train)]))
    return Int32Array.from(taken).sort()
  }

  function assertAlike(found: readonly number[], expected: Float64Array): void {
    for (const [i, want] of expected.entries())
      if (Number.isNaN(want)) assert.ok(Number.isNaN(found[i]))
    const isThere = (_: number, i: number): boolean => !Number.isNaN(expected[i]!)
    assertClose(found.filter(isThere), expected.filter(isThere), 1e-9, { floor: 1 })
  }
})

test('three layers that are shuffled by seeds of their own are three shuffles by hand', async () => {
  const seeds = [3, 17, 90]
  const ensemble = new SuperLearner()
  for (const seed of seeds)
    ensemble.addLayer([new LinearRegression(), new KNeighborsRegressor({ neighbors: 3 })], {
      folds: new KFold({ folds: 3, shuffle: true, seed }),
    })
  await ensemble.fit(X, y)
  let input: NDArray = X
  for (const [l, seed] of seeds.entries()) {
    const columns = [new LinearRegression(), new KNeighborsRegressor({ neighbors: 3 })].map(
      (learner) => ({ learner: learner as Estimator, values: new Float64Array(n) }),
    )
    for (const { train, test: held } of new KFold({ folds: 3, shuffle: true, seed }).split(n))
      for (const { learner, values } of columns) {
        const model = await clone(learner).fit(input, y, { rows: train })
        const predicted = numbersOf(await model.predict(input, { rows: held }))
        for (const [i, row] of toRowNumbers(held).entries()) values[row] = predicted[i]!
      }
    input = array(Array.from({ length: n }, (_, row) => columns.map(({ values }) => values[row]!)))
    assertClose(numbersOf(ensemble.layers[l]!.outOfFold), numbersOf(input), 1e-9)
  }
})

test('every learner behind every case of steps predicts one float64 for each row, also when it was saved', async () => {
  const root = resolve(import.meta.dirname, '../../..')
  mkdirSync(join(root, 'build'), { recursive: true })
  const folder = mkdtempSync(join(root, 'build', 'like-ml-ensemble-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const cases: Record<string, readonly Transformer[]> = {
    none: [],
    pca: [new PCA({ components: 2 })],
    polynomial: [new PolynomialFeatures(), new StandardScaler()],
  }
  const make = (): SuperLearner => {
    const ensemble = new SuperLearner({ folds: 2 })
    for (const preprocess of Object.values(cases))
      ensemble.add(
        [
          new SVR(),
          new GradientBoostingRegressor({ maxIter: 3 }),
          new RandomForestRegressor({ trees: 3 }),
          new KNeighborsRegressor(),
          new Lasso({ alpha: 0.01 }),
          new LinearRegression(),
        ],
        { preprocess },
      )
    return ensemble.addMeta(new LinearRegression())
  }
  const ensemble = await make().fit(X, y)
  assert.equal(ensemble.outOfFoldColumns.length, 18)
  assert.ok(ensemble.outOfFoldColumns.includes('k-neighbors-regressor-3'))
  const predicted = (await ensemble.predict(X)) as NDArray
  assert.deepEqual([predicted.shape, predicted.dtype], [[n], 'float64'])
  await saved.saveState(join(folder, 'ensemble'), ensemble)
  const loaded = await saved.loadState(join(folder, 'ensemble'), make())
  assert.deepEqual(numbersOf((await loaded.predict(X)) as NDArray), numbersOf(predicted))
})

describe('what ML-Ensemble gets wrong', () => {
  test('irises sorted by class, in three folds: a class that a fold lacks has its own column, of zeros', async () => {
    const [irises, species] = [openData('iris-X'), openData('iris-y')]
    const ensemble = await new SuperLearner({ folds: new KFold({ folds: 3 }) })
      .add([new LogisticRegression(), new GaussianNB()])
      .fit(irises, species)
    const Z = ensemble.outOfFold
    for (let row = 0; row < 150; row++) {
      const own = Number(species.get(row))
      for (const first of [0, 3]) {
        const shares = [0, 1, 2].map((k) => Z.get(row, first + k))
        assert.equal(shares[own], 0)
        assert.ok(Math.abs(shares[0]! + shares[1]! + shares[2]! - 1) < 1e-12)
      }
    }
  })

  test('out-of-fold predictions of shuffled folds leak no target, and have the order of the rows', async () => {
    const random = seeded(11)
    const [rows, columns] = [300, 4]
    const noise = array(Array.from({ length: rows }, () => Array.from({ length: columns }, random)))
    const target = array(Array.from({ length: rows }, random))
    const folds = new KFold({ folds: 2, shuffle: true, seed: 7 })
    const ensemble = new SuperLearner({ folds }).add(
      new DecisionTreeRegressor({ binning: 'perFold' }),
    )
    const Z = await ensemble.fitTransform(noise, target)
    const correlation = (a: readonly number[], b: readonly number[]): number => {
      const mean = (list: readonly number[]): number =>
        list.reduce((sum, x) => sum + x, 0) / list.length
      const centred = [a, b].map((list) => list.map((x) => x - mean(list)))
      const dot = (i: number, j: number): number =>
        centred[i]!.reduce((sum, x, row) => sum + x * centred[j]![row]!, 0)
      return dot(0, 1) / Math.sqrt(dot(0, 0) * dot(1, 1))
    }
    assert.ok(Math.abs(correlation(numbersOf(Z), numbersOf(target))) < 0.15)
    assert.deepEqual(numbersOf(ensemble.outOfFold), numbersOf(Z))
    // The final model has learned from these rows, and what it says of them is no out-of-fold prediction.
    const final = numbersOf(await ensemble.transform(noise))
    assert.ok(correlation(final, numbersOf(target)) > 0.7)
    for (const { train, test: held } of folds.split(rows)) {
      const model = await new DecisionTreeRegressor({ binning: 'perFold' }).fit(noise, target, {
        rows: train,
      })
      const predicted = numbersOf(await model.predict(noise, { rows: held }))
      const found = Array.from(toRowNumbers(held), (row) => Z.get(row, 0))
      assertClose(found, predicted, 1e-12)
    }
  })

  test('a meta learner predicts no row that it has learned from while the ensemble is fitted', async () => {
    const predicted: number[] = []
    let learned = new Set<number>()
    class Watched extends SignMean {
      override fit(...given: Parameters<SignMean['fit']>): Promise<this> {
        learned = new Set(given[2]?.rows === undefined ? [] : toRowNumbers(given[2].rows))
        return super.fit(...given)
      }

      override predict(Z: NDArray, options: PredictOptions = {}): Promise<NDArray> {
        const rows = [...toRowNumbers(options.rows!)]
        assert.ok(rows.every((row) => !learned.has(row)))
        predicted.push(...rows)
        return super.predict(Z, options)
      }
    }
    await new SuperLearner({ folds: 3 })
      .add(new LinearRegression())
      .addMeta(new Watched())
      .fit(X, y)
    assert.deepEqual(
      predicted.toSorted((a, b) => a - b),
      Array.from({ length: n }, (_, row) => row),
    )
  })

  test('rows in another order, and fewer of them, are no data to go on with', async () => {
    const ensemble = await new SuperLearner({ folds: 2 }).add(new LinearRegression()).fit(X, y)
    const backwards = array((X.toArray() as number[][]).toReversed())
    await assert.rejects(ensemble.continue(backwards, y), { code: 'ERR_VALUE' })
    await assert.rejects(ensemble.continue(X.rows(0, 20), y.rows(0, 20)), { code: 'ERR_SHAPE' })
    assert.equal(await ensemble.continue(X.copy(), y), ensemble)
  })

  test('a learner that holds what can not be copied, as a network of another library, is fitted in this thread', async () => {
    class Network extends SignMean {
      readonly #layers = new Map([['dense', (value: number): number => value]])

      override async predict(Z: NDArray, options: PredictOptions = {}): Promise<NDArray> {
        assert.equal(this.#layers.get('dense')!(1), 1)
        return super.predict(Z, options)
      }
    }
    const ensemble = await new SuperLearner({ folds: 3 })
      .add([new Network(), new LinearRegression()])
      .addMeta(new LinearRegression())
      .fit(X, y)
    assert.equal(((await ensemble.predict(X)) as NDArray).shape[0], n)
  })
})
