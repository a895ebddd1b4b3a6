/** Automatic ensembles: targets, tables, results, refusals. */

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { array, type NDArray, shared, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  accuracy,
  AutoEnsemble,
  type AutoEnsembleOptions,
  checkEstimator,
  DecisionTreeRegressor,
  GradientBoostingRegressor,
  GroupKFold,
  KNeighborsRegressor,
  learnedState,
  LinearSVC,
  logLoss,
  makeScorer,
  GaussianNB,
  restore,
  Ridge,
  rmse,
  SubsetSplit,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { KillingMean } from '../../fixtures/learn/killing-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'
import { randomProblem } from '../random-problem.ts'

const n = 120
const { X, y, weights } = randomProblem(n, 3)
const labels = Array.from(y.data, (value) => (value > 4 ? 'high' : value > 2 ? 'mid' : 'low'))
const quick: AutoEnsembleOptions = { preset: 'quick' }
const bytesOf = (values: NDArray): Float64Array =>
  values.copy().toTypedArray() as unknown as Float64Array

describe('what is learned', () => {
  test('numbers are predicted better than by their mean', async () => {
    const ensemble = await new AutoEnsemble(quick).fit(X, y)
    const predicted = await ensemble.predict(X)
    assert.deepEqual(predicted.shape, [n])
    assert.equal(ensemble.classes_, undefined)
    assert.equal(ensemble.leaderboard.scorer, 'rmse')
    assert.ok(ensemble.leaderboard.ensemble.score < 0.7, String(ensemble.leaderboard))
    assert.equal(await ensemble.score(X, y), rmse(y, predicted))
  })

  test('texts are classes, with probabilities in the order of classes_', async () => {
    const ensemble: AutoEnsemble<string> = new AutoEnsemble<string>(quick)
    await ensemble.fit(X, labels)
    const predicted = await ensemble.predict(X)
    const probabilities = await ensemble.predictProba(X)
    assert.deepEqual(ensemble.classes_, ['high', 'low', 'mid'])
    assert.deepEqual(probabilities.shape, [n, 3])
    assert.ok(accuracy(labels, predicted) > 0.8)
    const classes = ['high', 'low', 'mid']
    assert.equal(await ensemble.score(X, labels), logLoss(labels, probabilities, { classes }))
  })

  test('true and false are classes', async () => {
    const ensemble = new AutoEnsemble<boolean>(quick)
    await ensemble.fit(
      X,
      labels.map((label) => label === 'high'),
    )
    assert.deepEqual(ensemble.classes_, [false, true])
    assert.ok((await ensemble.predict(X)).every((one) => typeof one === 'boolean'))
  })

  test('numbers are classes with the task of a classification', async () => {
    const codes = labels.map((label) => (label === 'high' ? 7 : 3))
    const ensemble = await new AutoEnsemble({ ...quick, task: 'classification' }).fit(X, codes)
    assert.deepEqual(ensemble.classes_, Float64Array.of(3, 7))
    const predicted = bytesOf(await ensemble.predict(X))
    assert.ok(predicted.every((one) => one === 3 || one === 7))
  })

  test('labels of classifiers without probabilities are weighed, not their decision values', async () => {
    const svc = await new LinearSVC().fit(X, labels)
    const alone = await new AutoEnsemble<string>({ learners: { svc: new LinearSVC() } }).fit(
      X,
      labels,
    )
    assert.deepEqual(new Set(bytesOf(alone.outOfFold)), new Set([0, 1]))
    assert.ok(accuracy(await svc.predict(X), await alone.predict(X)) > 0.95)

    const isHigh = labels.map((label) => label === 'high')
    const learners = { svc: new LinearSVC(), bayes: new GaussianNB() }
    const both = await new AutoEnsemble<boolean>({ learners }).fit(X, isHigh)
    assert.deepEqual(new Set(bytesOf(both.outOfFold.column(0))), new Set([0, 1]))
    const restored = restore(new AutoEnsemble<boolean>({ learners }), learnedState(both))
    const expected = await both.predictProba(X)
    assert.deepEqual(bytesOf(await restored.predictProba(X)), bytesOf(expected))
  })

  test('a scorer of its own decides what the weights make best', async () => {
    const ensemble = await new AutoEnsemble({ ...quick, scorer: 'accuracy' }).fit(X, labels)
    assert.equal(ensemble.leaderboard.scorer, 'accuracy')
    assert.ok(ensemble.leaderboard.greaterIsBetter)
    assert.ok((await ensemble.score(X, labels)) > 0.8)
  })
})

describe('tables', () => {
  const table = mixedTable(200)

  test('columns of texts and missing values are learned from, and predicted in another order', async () => {
    const ensemble = await new AutoEnsemble({ preset: 'good' }).fit(table, 'price')
    assert.deepEqual(ensemble.leaderboard.leftOut, [])
    const whole = bytesOf(await ensemble.predict(table))
    const shuffled = table.select(['price', 'kind', 'city', 'age', 'size'])
    assert.deepEqual(bytesOf(await ensemble.predict(shuffled)), whole)
    assert.ok(
      ensemble.leaderboard.ensemble.score < 0.6 * spread(table.column('price', 'number').values),
    )
  })

  test('a missing value in a column that had none is filled in', async () => {
    const ensemble = await new AutoEnsemble({ preset: 'good' }).fit(X, y)
    const gaps = X.copy()
    gaps.set(Number.NaN, 0, 1)
    const predicted = bytesOf(await ensemble.predict(gaps))
    assert.ok(predicted.every((value) => Number.isFinite(value)))
    assert.deepEqual(predicted.subarray(1), bytesOf(await ensemble.predict(X)).subarray(1))
  })
})

function spread(values: NDArray): number {
  const list = Array.from(values.copy().toTypedArray(), Number)
  const mean = list.reduce((sum, one) => sum + one, 0) / list.length
  return Math.sqrt(list.reduce((sum, one) => sum + (one - mean) ** 2, 0) / list.length)
}

describe('results', () => {
  test('the leaderboard has every learner, the best first, and weights that sum to 1', async () => {
    const ensemble = await new AutoEnsemble({ preset: 'good' }).fit(X, y)
    const { rows, ensemble: row } = ensemble.leaderboard
    const scores = rows.map(({ score }) => score)
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => a - b),
    )
    assert.deepEqual(
      rows.map(({ name }) => name).toSorted(),
      [...ensemble.outOfFoldColumns].toSorted(),
    )
    const total = Object.values(ensemble.weights).reduce((sum, one) => sum + one, 0)
    assert.ok(Math.abs(total - 1) < 1e-12)
    for (const { name, weight } of rows) assert.equal(ensemble.weights[name], weight)
    assert.equal(row.folds.length, ensemble.outOfFoldFolds.length)
    const [first] = ensemble.outOfFoldFolds
    const combined = ensemble.combinedOutOfFold
    assert.equal(rmse(y, combined, { rows: first!.test }), row.folds[0])
    assert.match(
      String(ensemble.leaderboard),
      /^learner +layer +rmse +spread +fit s +weight\nensemble /,
    )
  })

  test('a ridge alone is fitted on all rows', async () => {
    const ensemble = new AutoEnsemble({ learners: { ridge: new Ridge() }, folds: 3 })
    await ensemble.fit(X, y)
    const alone = await new Ridge().fit(X, y)
    const [found, expected] = [await ensemble.predict(X), await alone.predict(X)]
    for (let row = 0; row < n; row++) assert.ok(Math.abs(found.get(row) - expected.get(row)) < 1e-9)
  })

  test('boosted trees are the mean of the models of the folds', async () => {
    const learner = new GradientBoostingRegressor({ maxIter: 5, minSamplesLeaf: 5 })
    const ensemble = new AutoEnsemble({ learners: { trees: learner }, folds: 2 })
    await ensemble.fit(X, y)
    const models = await Promise.all(
      ensemble.outOfFoldFolds.map(({ train }) =>
        new GradientBoostingRegressor({ maxIter: 5, minSamplesLeaf: 5 }).fit(X, y, { rows: train }),
      ),
    )
    const [one, other] = await Promise.all(models.map((model) => model.predict(X)))
    // Edges of bins are those of all rows.
    const found = await ensemble.predict(X)
    const { test } = ensemble.outOfFoldFolds[0]!
    let far = 0
    for (let row = 0; row < n; row++)
      far = Math.max(far, Math.abs(found.get(row) - (one!.get(row) + other!.get(row)) / 2))
    assert.ok(far < 0.5, `${far}`)
    assert.ok(toRowNumbers(test).length === n / 2)
  })

  test('the same seed gives the same bytes on threads and without workers', async () => {
    const parallel = sharedPool()
    const [alone, onWorkers] = await Promise.all([
      new AutoEnsemble({ preset: 'good', seed: 3 }).fit(X, y, { weights }),
      new AutoEnsemble({ preset: 'good', seed: 3, parallel }).fit(X, y, { weights }),
    ])
    assert.deepEqual(bytesOf(await onWorkers.predict(X)), bytesOf(await alone.predict(X)))
    assert.deepEqual(onWorkers.weights, alone.weights)
  })

  test('groups stay together, and are no feature of a table', async () => {
    const groups = Array.from({ length: n }, (_, row) => row % 6)
    const ensemble = await new AutoEnsemble(quick).fit(X, y, { groups })
    for (const { test, train } of ensemble.outOfFoldFolds) {
      const held = new Set(Array.from(toRowNumbers(test), (row) => groups[row]))
      assert.ok(toRowNumbers(train).every((row) => !held.has(groups[row])))
    }
    const own = await new AutoEnsemble({ ...quick, folds: new GroupKFold({ folds: 2 }) }).fit(
      X,
      y,
      {
        groups,
      },
    )
    assert.equal(own.outOfFoldFolds.length, 2)
  })

  test('few groups make few folds, and one is refused before any fit', async () => {
    const rows = toRowNumbers({ ranges: [[0, n - 1]] })
    const groups = Array.from({ length: n }, (_, row) => (row === n - 1 ? 'c' : 'ab'[row % 2]!))
    const options = { learners: ['linear'], preset: 'best' } as const
    for (const target of [y, labels]) {
      const found = await new AutoEnsemble(options).fit(X, target, { groups, rows })
      assert.equal(found.outOfFoldFolds.length, 2)
    }
    let asked = 0
    await assert.rejects(
      new AutoEnsemble(options).fit(X, y, {
        groups,
        rows: rows.filter((row) => row % 2 === 0),
        onProgress: () => asked++,
      }),
      {
        code: 'ERR_ROWS',
        message:
          'Expected at least 2 groups among the rows that are learned from, got 1: each fold holds out whole groups. Leave out `groups`, or pass other ones.',
      },
    )
    assert.equal(asked, 0)
  })

  test('a row of weight 0 counts for nothing', async () => {
    const spoilt = y.copy()
    spoilt.set(1e6, 5)
    const without = Float64Array.from({ length: n }, (_, row) => (row === 5 ? 0 : 1))
    const found = await new AutoEnsemble(quick).fit(X, spoilt, { weights: without })
    assert.ok(found.leaderboard.ensemble.score < 1)
  })
})

describe('learners that fail', () => {
  class Failing extends Ridge {
    static override readonly name = 'Failing'
    override fit(): Promise<this> {
      return Promise.reject(new Error('no such day'))
    }
  }

  test('one of several is left out, and the reason is told', async () => {
    const ensemble = new AutoEnsemble({ learners: { bad: new Failing(), ridge: new Ridge() } })
    await ensemble.fit(X, y)
    assert.deepEqual(ensemble.leaderboard.leftOut, [
      { name: 'bad', reason: 'Learner `bad` failed on fold 0: no such day' },
    ])
    assert.deepEqual(ensemble.weights, { ridge: 1 })
  })

  test('a lost worker costs nothing but time, and one that ends all workers is left out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'onecopy-auto-'))
    const parallel = new Parallel({ workers: 2 })
    try {
      const once = new KillingMean({ marker: join(folder, 'killed') })
      const ridge = new Ridge()
      const alone = await new AutoEnsemble({ learners: { once, ridge }, folds: 2 }).fit(X, y)
      const learners = { once, always: new KillingMean(), ridge }
      const found = await new AutoEnsemble({ learners, parallel, folds: 2 }).fit(X, y)
      assert.ok(existsSync(once.marker!))
      assert.deepEqual(found.weights, alone.weights)
      assert.deepEqual(bytesOf(await found.predict(X)), bytesOf(await alone.predict(X)))
      const { leftOut } = found.leaderboard
      assert.deepEqual(
        leftOut.map(({ name }) => name),
        ['always'],
      )
      assert.match(leftOut[0]!.reason, /worker/)
    } finally {
      await parallel.close()
      rmSync(folder, { recursive: true })
    }
  })

  test('one whose predictions have no score is left out', async () => {
    const counts = Float64Array.from(X.column(0).copy().data, (value) => Math.exp(6 * value))
    const options = { preset: 'good', scorer: 'poissonDeviance', folds: 3 } as const
    const ensemble = await new AutoEnsemble(options).fit(X, counts)
    const { rows, leftOut } = ensemble.leaderboard
    assert.ok(rows.length > 0 && rows.every(({ score }) => Number.isFinite(score)))
    assert.match(leftOut.find(({ name }) => name === 'ridge')!.reason, /predictions above 0/)
    const learners = { ridge: new Ridge() }
    await assert.rejects(new AutoEnsemble({ ...options, learners }).fit(X, counts), {
      code: 'ERR_VALUE',
      message: /No learner has predictions that the scorer takes: ridge\. Choose another `scorer`/,
    })
  })

  test('a scorer that needs every class has as few folds as the rarest class has rows', async () => {
    const labels = Array.from({ length: X.shape[0]! }, (_, i) => (i % 50 === 0 ? 'rare' : 'often'))
    const rare = labels.filter((label) => label === 'rare').length
    const options = { scorer: 'rocAuc', learners: { nb: new GaussianNB() } } as const
    const ensemble = await new AutoEnsemble({ ...options, preset: 'best' }).fit(X, labels)
    assert.equal(ensemble.outOfFoldFolds.length, Math.min(rare, 8))
    assert.ok(rare < 8, `${rare}`)
    await assert.rejects(new AutoEnsemble({ ...options, folds: 8 }).fit(X, labels), {
      message: /^Expected a row of each class for rocAuc, got none of 'rare'\./,
    })
  })

  test('an error of a scorer is told as it is, wherever it is called', async () => {
    const refused = new Error('no such currency')
    for (const calls of [0, 5]) {
      let left = calls
      const score = (): number => {
        if (left-- === 0) throw refused
        return 1
      }
      const scorer = makeScorer(score, { name: 'cost', greaterIsBetter: false })
      const learners = { one: new Ridge(), other: new Ridge({ alpha: 10 }) }
      const ensemble = new AutoEnsemble({ learners, scorer, folds: 2 })
      await assert.rejects(ensemble.fit(X, y), (error) => error === refused)
    }
  })

  test('all of them reject the fit', async () => {
    const ensemble = new AutoEnsemble({ learners: { bad: new Failing() } })
    await assert.rejects(ensemble.fit(X, y), {
      code: 'ERR_LEARNER',
      message: 'Learner `bad` failed on fold 0: no such day',
    })
  })
})

describe('refusals', () => {
  const refuses = (options: AutoEnsembleOptions, message: string | RegExp): Promise<void> =>
    assert.rejects(new AutoEnsemble(options).fit(X, y), { message })

  test('names of other libraries are told in those of onecopy', () => {
    assert.throws(() => new AutoEnsemble({ timeLimit: 30 } as object), {
      message: /^AutoEnsemble has no option `timeLimit`; .*timeLimitMs: 30e3/,
    })
    assert.throws(() => new AutoEnsemble({ memory_limit: 2 } as object), {
      message: /has no option `memory_limit`; onecopy calls it `memoryLimit`/,
    })
  })

  test('values that are no limits, presets and learners', async () => {
    await refuses(
      { memoryLimit: '2GB' as unknown as number },
      "Expected `memoryLimit` to be a number of bytes, got '2GB'. Write 2e9.",
    )
    await refuses(
      { timeLimitMs: '30s' as unknown as number },
      "Expected `timeLimitMs` to be a number of milliseconds, got '30s'. Write 30e3.",
    )
    await refuses(
      { preset: 'fast' as 'quick' },
      "Expected `preset` to be 'quick', 'good' or 'best', got 'fast'.",
    )
    await refuses(
      { learners: ['ridge' as 'linear'] },
      /^Expected each of `learners` to be 'linear', .*, got 'ridge'\.$/,
    )
    await refuses(
      { folds: 1 },
      'Expected `folds` of AutoEnsemble to be a whole number >= 2, got 1.',
    )
    await refuses({ learners: {} }, 'Expected at least one of `learners`, got none.')
    await refuses({ scorer: 'accuracy' }, /^Expected a scorer of numbers/)
  })

  test('too few rows, a single class, and targets that are not finite', async () => {
    await assert.rejects(new AutoEnsemble().fit(X.rows(0, 3), y.rows(0, 3)), {
      code: 'ERR_ROWS',
      message: 'Expected at least 4 rows to learn from and to score learners on, got 3.',
    })
    await assert.rejects(new AutoEnsemble().fit(X.slice(null, [0, 0]), y), {
      code: 'ERR_SHAPE',
      message: `Expected \`X\` to have columns, got shape (${n}, 0).`,
    })
    await assert.rejects(
      new AutoEnsemble().fit(
        X,
        labels.map(() => 'one'),
      ),
      {
        code: 'ERR_VALUE',
        message:
          "Expected labels of at least two classes in `y`, got 'one' in every row that counts.",
      },
    )
    const gap = y.copy()
    gap.set(Number.NaN, 7)
    await assert.rejects(new AutoEnsemble().fit(X, gap), {
      code: 'ERR_VALUE',
      message:
        'Expected finite numbers in `y`, got NaN in row 7 (counted from 0). Leave such rows out through `rows`, or give them the weight 0.',
    })
    await assert.rejects(
      new AutoEnsemble().fit(X, array(new Float64Array(2 * n), { shape: [n, 2] })),
      {
        code: 'ERR_SHAPE',
      },
    )
  })

  test('folds of several partitions', async () => {
    const folds = new SubsetSplit({ partitions: 2 })
    await assert.rejects(new AutoEnsemble({ preset: 'quick', folds }).fit(X, y), {
      code: 'ERR_FOLDS',
      message:
        'Expected `folds` of an AutoEnsemble to be those of all rows, got folds of 2 partitions. ' +
        'Use a splitter without partitions, or a Subsemble, which fits learners for each of them.',
    })
  })

  test('nothing is predicted before a fit', async () => {
    await assert.rejects(new AutoEnsemble().predict(X), {
      code: 'ERR_NOT_FITTED',
      message: 'This AutoEnsemble has not learned anything yet. Call fit() first and await it.',
    })
    const ensemble = await new AutoEnsemble(quick).fit(X, y)
    await assert.rejects(ensemble.predictProba(X), { code: 'ERR_OPTION' })
    await assert.rejects(ensemble.predict(X.slice(null, [0, 2])), { code: 'ERR_SHAPE' })
  })

  test('an aborted fit rejects with the reason, and keeps what was learned before', async () => {
    const ensemble = await new AutoEnsemble(quick).fit(X, y)
    const before = bytesOf(await ensemble.predict(X))
    const stop = new AbortController()
    const reason = new Error('enough')
    const fit = ensemble.fit(X, y, {
      signal: stop.signal,
      onProgress: () => stop.abort(reason),
    })
    await assert.rejects(fit, reason)
    assert.deepEqual(bytesOf(await ensemble.predict(X)), before)
  })

  test('neighbours of its own keep the rows of a table', async () => {
    const values = shared([n, 3], 'float64')
    values.data.set(X.toTypedArray(), values.offset)
    const ensemble = new AutoEnsemble({ learners: { near: new KNeighborsRegressor() } })
    await ensemble.fit(values, y)
    assert.equal((await ensemble.predict(values)).shape[0], n)
  })
})

describe('checkEstimator', () => {
  /** Missing values are learned from; folds split rows by their positions, so that a row more or less changes them. */
  const except = [
    'NaN in X is refused',
    'Infinity in X is refused',
    'a weight of 2 counts a row twice, a weight of 0 not at all',
  ]

  test('passes', async () => {
    const learners = { ridge: new Ridge(), tree: new DecisionTreeRegressor({ maxDepth: 3 }) }
    const passed = await checkEstimator(() => new AutoEnsemble({ learners, folds: 2 }), { except })
    assert.ok(passed.length > 30)
  })
})
