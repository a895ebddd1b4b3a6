/** Scores of ensembles: correlations with the best learner, and the score of the whole ensemble on nested folds. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  BlendEnsemble,
  clone,
  crossValidate,
  DecisionTreeRegressor,
  GaussianNB,
  GroupKFold,
  KFold,
  KNeighborsRegressor,
  Lasso,
  learnedState,
  LinearRegression,
  LogisticRegression,
  NonNegativeLeastSquares,
  RepeatedKFold,
  restore,
  Ridge,
  RidgeClassifier,
  StandardScaler,
  StratifiedKFold,
  Subsemble,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'
import { Failing, SignMean } from '../../fixtures/learn/nearest-mean.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const n = 60
const { X, y, weights } = randomProblem(n, 3)
const texts = Array.from(y.data, (value) => (value > 4 ? 'high' : value > 2 ? 'mid' : 'low'))

/** The correlation of groups of columns, value by value. */
function correlate(Z: NDArray, [a, b]: readonly [number, number], width: number, by: Float64Array) {
  const rows = Array.from({ length: n }, (_, row) => row).filter((row) => by[row]! > 0)
  const total = rows.reduce((sum, row) => sum + by[row]!, 0)
  const mean = (column: number): number =>
    rows.reduce((sum, row) => sum + by[row]! * Number(Z.get(row, column)), 0) / total
  const product = (i: number, j: number): number => {
    let sum = 0
    for (let k = 0; k < width; k++) {
      const [left, right] = [mean(i + k), mean(j + k)]
      for (const row of rows)
        sum += by[row]! * (Number(Z.get(row, i + k)) - left) * (Number(Z.get(row, j + k)) - right)
    }
    return sum
  }
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b))
}

const learners = () => ({
  ridge: new Ridge(),
  near: new KNeighborsRegressor(),
  tree: new DecisionTreeRegressor({ maxDepth: 2 }),
})

describe('the correlation with the best learner', () => {
  const ones = new Float64Array(n).fill(1)

  async function expectCorrelations(
    ensemble: Pick<SuperLearner, 'scores' | 'outOfFold'>,
    width: number,
    by: Float64Array,
  ) {
    const { learners, greaterIsBetter } = ensemble.scores
    const sign = greaterIsBetter ? -1 : 1
    const best = learners.indexOf(learners.toSorted((a, b) => sign * (a.score - b.score))[0]!)
    assert.equal(learners[best]!.correlation, 1)
    const expected = learners.map((_, i) =>
      correlate(ensemble.outOfFold, [i * width, best * width], width, by),
    )
    const found = learners.map(({ correlation }) => correlation)
    assertClose(found, expected, 1e-10)
    assert.ok(found.some((one) => one < 0.999))
  }

  test('is that of out-of-fold predictions, by weight', async () => {
    const make = (): SuperLearner => new SuperLearner({ folds: 3, scorer: 'r2' }).add(learners())
    await expectCorrelations(await make().fit(X, y), 1, ones)
    await expectCorrelations(await make().fit(X, y, { weights }), 1, weights)
  })

  test('is over all columns of classes, and of partitions', async () => {
    const classes = await new SuperLearner({ folds: 3 })
      .add([new LogisticRegression(), new GaussianNB()])
      .fit(X, texts)
    await expectCorrelations(classes, 3, ones)
    const parts = await new Subsemble({ partitions: 2, folds: 2 }).add(learners()).fit(X, y)
    await expectCorrelations(parts, 1, ones)
  })

  test('is that of rows with predictions, in each layer by itself', async () => {
    const ensemble = await new BlendEnsemble({ testSize: 0.5 })
      .add(learners())
      .addLayer({ lasso: new Lasso({ alpha: 0.01 }), second: new KNeighborsRegressor() })
      .fit(X, y)
    const correlations = ensemble.scores.learners.map(({ correlation }) => correlation)
    assert.equal(correlations.filter((one) => one === 1).length, 2)
    assert.ok(correlations.every((one) => one <= 1 && one > 0))
  })

  test('is taken again when another learner is the best', async () => {
    const ensemble = await new SuperLearner({ folds: 3 })
      .add({ bad: new SignMean(), near: new KNeighborsRegressor() })
      .fit(X, y)
    await ensemble.add({ ridge: new LinearRegression() }).continue(X, y)
    await expectCorrelations(ensemble, 1, ones)
    assert.equal(ensemble.scores.learners[2]!.correlation, 1)
  })

  test('of many columns is that of few', async () => {
    const many = new SuperLearner({ folds: 2 })
    for (let i = 0; i < 130; i++) many.add({ [`ridge-${i}`]: new Ridge({ alpha: 0.5 + i }) })
    await expectCorrelations(await many.fit(X, y), 1, ones)
  })

  test('of predictions that are constant, or whose squares are beyond float64, is not a number', async () => {
    class Huge extends SignMean {
      override async fit(...given: Parameters<SignMean['fit']>): Promise<this> {
        await super.fit(...given)
        this.means_ = this.means_.map((mean) => mean * 1e160)
        return this
      }
    }
    class Constant extends SignMean {
      override async fit(): Promise<this> {
        this.means_ = Float64Array.of(2, 2)
        return this
      }
    }
    const { scores } = await new SuperLearner({ folds: 3, scorer: 'mae' })
      .add({
        huge: new Huge(),
        constant: new Constant(),
        ridge: new Ridge(),
        near: new KNeighborsRegressor(),
      })
      .fit(X, y)
    const [huge, constant, ridge, near] = scores.learners.map(({ correlation }) => correlation)
    assert.deepEqual([huge, constant], [NaN, NaN])
    assert.equal(ridge, 1)
    assert.ok(near! > 0.5 && near! < 1)
    const [heading, first] = String(scores).split('\n')
    assert.match(heading!, /^learner +mae +spread +std error +correlation +fit s +predict s$/)
    assert.match(first!, /^huge .* n\/a /)
  })
})

describe('nested folds score the whole ensemble', () => {
  const make = (options = {}): SuperLearner =>
    new SuperLearner({ folds: 3, ...options })
      .add(
        { ridge: new Ridge(), near: new KNeighborsRegressor() },
        { preprocess: new StandardScaler() },
      )
      .addMeta(new Ridge())

  test('fitted as a whole on the training rows of each fold', async () => {
    const nestedFolds = new KFold({ folds: 3 })
    const ensemble = await make().fit(X, y, { weights, nestedFolds })
    const { nested } = ensemble.scores
    const expected: number[] = []
    for (const { train, test: rows } of nestedFolds.split(n)) {
      const fitted = await clone(ensemble).fit(X, y, { rows: train, weights })
      expected.push(await fitted.score(X, y, { rows, weights }))
    }
    assertClose(nested!.folds, expected, 1e-12)
    const mean = expected.reduce((sum, score) => sum + score, 0) / 3
    assertClose([nested!.score], [mean], 1e-12)
    const deviations = expected.map((score) => (score - mean) ** 2)
    const variance = deviations.reduce((sum, one) => sum + one, 0) / 2
    assertClose([nested!.standardError], [Math.sqrt(variance / 3)], 1e-9)
    assert.match(String(ensemble.scores), /\nensemble, nested +\d/)
    assert.notEqual(ensemble.scores.ensemble!.score, nested!.score)
    // It is what crossValidate says of the ensemble.
    const { summaries } = await crossValidate(make(), X, y, { folds: nestedFolds, weights })
    assertClose(summaries[0]!.folds, expected, 1e-9)
    const restored = restore(make(), learnedState(ensemble))
    assert.deepEqual(restored.scores.toJSON(), ensemble.scores.toJSON())
    // Whatever was not asked for again, and has not changed, stays.
    await ensemble.continue(X, y, { weights })
    assert.deepEqual(ensemble.scores.nested, nested)
    await ensemble.remove('near').continue(X, y, { weights })
    assert.equal(ensemble.scores.nested, undefined)
  })

  test('a number of folds is shuffled, and groups reach the folds of layers', async () => {
    const groups = Array.from({ length: n }, (_, row) => row % 9)
    const folds = new GroupKFold({ folds: 3 })
    const ensemble = make({ folds, seed: 4 })
    await ensemble.fit(X, y, { groups, nestedFolds: 2 })
    const split = new GroupKFold({ folds: 2, shuffle: true, seed: 4 }).split(n, undefined, groups)
    const expected: number[] = []
    for (const { train, test: rows } of split) {
      const fitted = await clone(ensemble).fit(X, y, { rows: train, groups })
      expected.push(await fitted.score(X, y, { rows }))
    }
    assertClose(ensemble.scores.nested!.folds, expected, 1e-12)
  })

  test('of some rows, and folds that hold out rows twice', async () => {
    const rows = { ranges: [[10, 50]] } as const
    const nestedFolds = new RepeatedKFold({ folds: 2, repeats: 2, seed: 1 })
    const ensemble = await make({ folds: 2 }).fit(X, y, { rows, nestedFolds })
    const alone = await make({ folds: 2 }).fit(X.rows(10, 50), y.rows(10, 50), { nestedFolds })
    assert.equal(ensemble.scores.nested!.folds.length, 4)
    assertClose(ensemble.scores.nested!.folds, alone.scores.nested!.folds, 1e-9)
  })

  test('of classes, by their labels and probabilities', async () => {
    const nestedFolds = new StratifiedKFold({ folds: 2 })
    for (const scorer of ['accuracy', 'logLoss'] as const) {
      const ensemble = new SuperLearner<string>({ folds: 2, scorer })
        .add({ all: new GaussianNB(), smooth: new GaussianNB({ varSmoothing: 0.5 }) })
        .addMeta(new NonNegativeLeastSquares({ convex: true }))
      await ensemble.fit(X, texts, { nestedFolds })
      const expected: number[] = []
      for (const { train, test: rows } of nestedFolds.split(n, texts)) {
        const fitted = await clone(ensemble).fit(X, texts, { rows: train })
        expected.push(await fitted.score(X, texts, { rows }))
      }
      assertClose(ensemble.scores.nested!.folds, expected, 1e-12)
    }
    const isHigh = texts.map((text) => text === 'high')
    const labels = new SuperLearner({ folds: 2 })
      .add(new GaussianNB())
      .addMeta(new RidgeClassifier())
    const { scores } = await labels.fit(X, isHigh, { nestedFolds: 2 })
    assert.ok(scores.nested!.score > 0.7)
  })

  test('of classes that the training rows of a fold lack', async () => {
    const order = Array.from({ length: n }, (_, row) => row).toSorted((a, b) => y.get(a) - y.get(b))
    const sorted = array(order.map((row) => X.row(row).toArray() as number[]))
    const labels = order.map((_, row) => ['a', 'b', 'c'][Math.floor((row * 3) / n)]!)
    const ensemble = new SuperLearner<string>({ folds: 2, scorer: 'logLoss' })
      .add(new GaussianNB())
      .addMeta(new NonNegativeLeastSquares())
    const { scores } = await ensemble.fit(sorted, labels, { nestedFolds: new KFold({ folds: 3 }) })
    // No model knows the class of any row that it is asked about.
    assert.ok(scores.nested!.folds.every((loss) => loss > 30))
  })

  test('of a table with texts', async () => {
    const codes = Int8Array.from({ length: n }, (_, row) => row % 2)
    const table = new Table([
      ...['a', 'b', 'c'].map((name, j) => new NumberColumn(name, X.column(j).copy())),
      new NumberColumn('y', y),
      new CategoryColumn('kind', array(codes), ['x', 'z']),
    ])
    const ensemble = new SuperLearner({ folds: 2 })
      .add([new DecisionTreeRegressor({ maxDepth: 3 })])
      .addMeta(new Ridge())
    await ensemble.fit(table, 'y', { nestedFolds: 2 })
    assert.equal(ensemble.scores.nested!.folds.length, 2)
  })

  test('progress counts the folds', async () => {
    const seen: string[] = []
    let last = 0
    await make().fit(X, y, {
      nestedFolds: 2,
      onProgress: ({ phase, done, total }) => {
        seen.push(phase)
        last = done / total
      },
    })
    assert.deepEqual(seen.slice(-3), ['meta', 'nested', 'nested'])
    assert.equal(last, 1)
  })

  test('what can not be is refused before anything is fitted', async () => {
    const without = new SuperLearner().add(new Failing())
    await assert.rejects(without.fit(X, y, { nestedFolds: 3 }), {
      code: 'ERR_OPTION',
      message:
        'Expected a meta learner for `nestedFolds`, on which the whole ensemble is scored, got none. Call addMeta() first.',
    })
    const failing = new SuperLearner().add(new Failing()).addMeta(new Ridge())
    await assert.rejects(failing.fit(X, y, { nestedFolds: 1 }), { code: 'ERR_OPTION' })
    await assert.rejects(failing.fit(X, y, { nestedFolds: 'five' as never }), { name: 'TypeError' })
    await assert.rejects(failing.fit(X, y, { nestedFolds: n + 1 }), { code: 'ERR_ROWS' })
    await assert.rejects(
      failing.fit(X, y, { nested: 5 } as never),
      /onecopy calls it `nestedFolds`/,
    )
  })

  test('a fit that fails is named with its fold, and frees what it has learned', async () => {
    class FewRows extends SignMean {
      override fit(...given: Parameters<SignMean['fit']>): Promise<this> {
        const rows = given[2]?.rows
        if (rows !== undefined && toRowNumbers(rows).length < n / 3) throw new RangeError('too few')
        return super.fit(...given)
      }
    }
    const ensemble = new SuperLearner({ folds: 2 }).add(new FewRows()).addMeta(new Ridge())
    await assert.rejects(ensemble.fit(X, y, { nestedFolds: 2 }), {
      code: 'ERR_LEARNER',
      message: /^Nested fold 0: Learner `few-rows` failed on fold 0: too few/,
    })
    assert.throws(() => ensemble.scores, { code: 'ERR_NOT_FITTED' })
  })
})
