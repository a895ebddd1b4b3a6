/** Automatic ensembles that are fitted on some rows, predict some rows, and are scored on some rows. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  array,
  type NDArray,
  type RowSelection,
  shared,
  toRowNumbers,
  zeros,
} from '../../../src/arrays/index.ts'
import {
  AutoEnsemble,
  type AutoEnsembleOptions,
  KFold,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  KNeighborsRegressor,
  LogisticRegression,
  logLoss,
  RandomForestClassifier,
  Ridge,
  rmse,
} from '../../../src/learn/index.ts'
import { assertClose, copyRows } from '../copied-rows.ts'
import { randomProblem } from '../random-problem.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'

const n = 150
const { X, y, weights } = randomProblem(n, 4)
const ones = Float64Array.from(weights, (weight) => weight + 1)
const fresh = randomProblem(40, 4, { seed: 9 }).X
const labels = Array.from(y.data, (value) => (value > 4 ? 'high' : value > 2 ? 'mid' : 'low'))
const quick: AutoEnsembleOptions = { preset: 'quick' }

const selections: Readonly<Record<string, RowSelection>> = {
  'a range': { ranges: [[20, 130]] },
  'several ranges': {
    ranges: [
      [0, 31],
      [40, 90],
      [99, 150],
    ],
  },
  'row numbers': Int32Array.from({ length: 70 }, (_, i) => 2 * i + 3),
  'a mask': Array.from({ length: n }, (_, row) => row % 3 !== 1),
}

/** Fits on rows and on a copy of them, and compares all that was learned. */
async function assertSameFit(
  options: AutoEnsembleOptions,
  given: {
    readonly X: NDArray
    readonly y: NDArray | readonly string[]
    readonly rows: RowSelection
    readonly weights?: Float64Array
    readonly groups?: Float64Array
    readonly fresh: NDArray
    readonly tolerance?: number
  },
  what: string,
): Promise<void> {
  const { X, y, rows, weights, groups, fresh, tolerance = 1e-9 } = given
  const close = (actual: NDArray, expected: NDArray, name: string): void =>
    assertClose(actual, expected, `${what}: ${name}`, tolerance)
  const numbers = toRowNumbers(rows, X.shape[0])
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(numbers, (row) => values[row]!)
  const target = (Array.isArray(y)
    ? Array.from(numbers, (row) => (y as readonly string[])[row]!)
    : copyRows(y as NDArray, numbers)) as unknown as NDArray
  const copied = await new AutoEnsemble(options).fit(copyRows(X, numbers), target, {
    ...(weights && { weights: pick(weights) }),
    ...(groups && { groups: pick(groups) }),
  })
  const chosen = await new AutoEnsemble(options).fit(X, y, {
    rows,
    ...(weights && { weights }),
    ...(groups && { groups }),
  })
  assert.deepEqual(chosen.outOfFoldColumns, copied.outOfFoldColumns, what)
  assert.deepEqual(chosen.classes_, copied.classes_, what)
  assert.deepEqual(
    chosen.outOfFoldFolds.map(({ test }) => [...toRowNumbers(test)].toSorted((a, b) => a - b)),
    copied.outOfFoldFolds.map(({ test }) =>
      [...toRowNumbers(test)].map((at) => numbers[at]!).toSorted((a, b) => a - b),
    ),
    what,
  )
  if (Array.isArray(y)) {
    close(await chosen.predictProba(fresh), await copied.predictProba(fresh), 'predictProba')
    assert.deepEqual(await chosen.predict(fresh), await copied.predict(fresh), what)
  } else close(await chosen.predict(fresh), await copied.predict(fresh), 'predict')
  assert.equal(chosen.outOfFold.shape[0], X.shape[0])
  const held = Array.from(
    new Set(copied.outOfFoldFolds.flatMap(({ test }) => [...toRowNumbers(test)])),
  )
  const places = held.map((at) => numbers[at]!)
  for (const name of ['outOfFold', 'combinedOutOfFold'] as const)
    close(copyRows(chosen[name], places), copyRows(copied[name], held), name)
  const scores = ({ leaderboard: { rows, ensemble } }: AutoEnsemble): NDArray =>
    array([...rows, ensemble].flatMap(({ folds, score }) => [...folds, score]))
  close(scores(chosen), scores(copied), 'scores')
  close(array(Object.values(chosen.weights)), array(Object.values(copied.weights)), 'weights')
}

describe('a fit on rows is the fit on a copy of them', () => {
  for (const [selection, rows] of Object.entries(selections)) {
    test(`of numbers: ${selection}`, async () => {
      for (const own of [{}, { weights: ones }])
        await assertSameFit({ preset: 'good' }, { X, y, rows, fresh, ...own }, selection)
    })

    test(`of classes: ${selection}`, async () => {
      const given = { X, y: labels, rows, fresh, weights: ones }
      // The solver of logistic regression ends within its `tol` of the best coefficients.
      await assertSameFit(quick, { ...given, tolerance: 1e-6 }, selection)
      const learners = {
        logistic: new LogisticRegression({ tol: 1e-10 }),
        trees: new GradientBoostingClassifier({ maxIter: 10, minSamplesLeaf: 5 }),
        forest: new RandomForestClassifier({ trees: 5 }),
      }
      await assertSameFit({ learners, folds: 3 }, given, selection)
    })
  }

  test('with two layers and rows that are set aside', async () => {
    const large = randomProblem(2600, 4)
    const options: AutoEnsembleOptions = {
      preset: 'best',
      learners: ['linear', 'boosting', 'extraTrees'],
      folds: 2,
    }
    const given = { X: large.X, fresh }
    const kinds = Array.from({ length: 2600 }, (_, row) =>
      large.X.get(row, 0) * large.X.get(row, 1) + large.X.get(row, 2) > 0 ? 'yes' : 'no',
    )
    const numbers = Int32Array.from({ length: 2100 }, (_, i) => i + Math.floor(i / 5))
    await assertSameFit(options, { ...given, y: large.y, rows: numbers }, 'numbers')
    await assertSameFit(options, { ...given, y: kinds, rows: { ranges: [[300, 2500]] } }, 'classes')
  })

  test('by groups', async () => {
    const groups = Float64Array.from({ length: n }, (_, row) => row % 7)
    const rows = selections['several ranges']!
    await assertSameFit(quick, { X, y, rows, groups, fresh }, 'groups')
  })

  test('with gaps in X', async () => {
    const gaps = X.copy()
    for (let row = 0; row < n; row += 11) gaps.set(Number.NaN, row, 1)
    await assertSameFit({ preset: 'good' }, { X: gaps, y, rows: selections['a mask']!, fresh }, '')
  })

  test('whatever the rows and their order are: splitters see positions', async () => {
    const seed = 5
    const options: AutoEnsembleOptions = {
      learners: { ridge: new Ridge(), near: new KNeighborsRegressor() },
      folds: new KFold({ folds: 3 }),
    }
    // Trees draw rows by their positions, too.
    const reversed = Int32Array.from({ length: n }, (_, row) => n - 1 - row)
    const sampled = new GradientBoostingRegressor({ maxIter: 5, subsample: 0.5 })
    await assertSameFit({ learners: { sampled } }, { X, y, rows: reversed, fresh }, 'boosting')
    const some = Int32Array.from({ length: 99 }, (_, i) => (i * 37) % n)
    const forest: AutoEnsembleOptions = { ...quick, learners: ['randomForest'] }
    await assertSameFit(forest, { X, y: labels, rows: some, fresh, weights: ones }, 'forest')
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(n - 1), { minLength: 30, maxLength: n }),
        async (list) => {
          const given = { X, y, rows: Int32Array.from(list), fresh }
          await assertSameFit(options, given, `seed ${seed}`)
        },
      ),
      { seed, numRuns: 15 },
    )
  })

  test('which reads no other row, and changes none', async () => {
    const rows = selections['several ranges']!
    const chosen = new Set(toRowNumbers(rows, n))
    const memory = shared([n, 4], 'float64')
    const target = y.copy()
    const names: string[] = labels.slice()
    for (let row = 0; row < n; row++) {
      const isChosen = chosen.has(row)
      for (let j = 0; j < 4; j++) memory.set(isChosen ? X.get(row, j) : Infinity, row, j)
      if (isChosen) continue
      target.set(Number.NaN, row)
      names[row] = 'never'
    }
    const before = memory.toArray()
    const numbers = await new AutoEnsemble({ preset: 'good' }).fit(memory, target, { rows })
    const expected = await new AutoEnsemble({ preset: 'good' }).fit(X, y, { rows })
    assertClose(await numbers.predict(fresh), await expected.predict(fresh), 'predict', 1e-9)
    const classes: AutoEnsemble = await new AutoEnsemble(quick).fit(memory, names, { rows })
    assert.deepEqual(classes.classes_, ['high', 'low', 'mid'])
    assert.deepEqual(memory.toArray(), before)
  })

  test('of a table', async () => {
    const table = mixedTable(200)
    const rows = { ranges: [[0, 160]] } as const
    const chosen = await new AutoEnsemble({ preset: 'good' }).fit(table, 'price', { rows })
    // A shorter table has the same first rows.
    const copied = await new AutoEnsemble({ preset: 'good' }).fit(mixedTable(160), 'price')
    assertClose(await chosen.predict(table), await copied.predict(table), 'predict', 1e-9)
    assert.deepEqual(chosen.weights, copied.weights)
    assert.deepEqual(chosen.featureNamesIn_, ['size', 'city', 'age', 'kind'])
  })
})

describe('predictions of some rows', () => {
  const strided = (values: NDArray): NDArray => {
    const wide = zeros([values.shape[0]!, 8], 'float32')
    for (let row = 0; row < values.shape[0]!; row++)
      for (let j = 0; j < 4; j++) wide.set(Number(values.get(row, j)), row, 2 * j)
    return wide.slice(null, [0, 8, 2])
  }

  test('are those of all rows, in the order of the rows', async () => {
    const ensemble = await new AutoEnsemble(quick).fit(X, y)
    const classes: AutoEnsemble<string> = new AutoEnsemble<string>(quick)
    await classes.fit(X, labels)
    for (const given of [X, strided(X)]) {
      const whole = await ensemble.predict(given)
      const shares = await classes.predictProba(given)
      const names = await classes.predict(given)
      for (const [selection, rows] of Object.entries({
        ...selections,
        backwards: Int32Array.from({ length: 50 }, (_, i) => 99 - i),
        none: [],
      })) {
        const numbers = toRowNumbers(rows, n)
        const found = await ensemble.predict(given, { rows })
        assert.deepEqual(found.toArray(), copyRows(whole, numbers).toArray(), selection)
        const own = await classes.predictProba(given, { rows })
        assert.deepEqual(own.toArray(), copyRows(shares, numbers).toArray(), selection)
        assert.deepEqual(
          await classes.predict(given, { rows }),
          Array.from(numbers, (row) => names[row]!),
          selection,
        )
      }
    }
  })

  test('are written to their rows of `out`, and others keep their values', async () => {
    const ensemble = await new AutoEnsemble(quick).fit(X, y)
    const classes: AutoEnsemble<string> = new AutoEnsemble<string>(quick)
    await classes.fit(X, labels)
    const whole = await ensemble.predict(X)
    const shares = await classes.predictProba(X)
    for (const [selection, rows] of Object.entries(selections)) {
      const chosen = new Set(toRowNumbers(rows, n))
      const out = array(new Float64Array(n).fill(-7))
      assert.equal(await ensemble.predict(X, { rows, out }), out)
      const both = array(new Float64Array(3 * n).fill(-7), { shape: [n, 3] })
      assert.equal(await classes.predictProba(X, { rows, out: both }), both)
      for (let row = 0; row < n; row++) {
        assert.equal(out.get(row), chosen.has(row) ? whole.get(row) : -7, selection)
        assert.equal(both.get(row, 2), chosen.has(row) ? shares.get(row, 2) : -7, selection)
      }
    }
    await assert.rejects(classes.predict(X, { out: zeros([n], 'float64') }), { code: 'ERR_OPTION' })
    await assert.rejects(ensemble.predict(X, { out: zeros([n + 1], 'float64') }), {
      code: 'ERR_SHAPE',
    })
    await assert.rejects(ensemble.predict(X, { out: zeros([n], 'int32') as never }), {
      code: 'ERR_DTYPE',
    })
    await assert.rejects(ensemble.predict(X, { rows: [n] }), { code: 'ERR_INDEX' })
  })

  test('may replace a column of X', async () => {
    const ensemble = await new AutoEnsemble(quick).fit(X, y)
    const whole = await ensemble.predict(X)
    const own = X.copy()
    const rows = selections['row numbers']!
    await ensemble.predict(own, { rows, out: own.column(1) })
    const chosen = new Set(toRowNumbers(rows, n))
    for (let row = 0; row < n; row++)
      assert.equal(own.get(row, 1), chosen.has(row) ? whole.get(row) : X.get(row, 1))
  })

  test('of a table', async () => {
    const table = mixedTable(200)
    const ensemble = await new AutoEnsemble(quick).fit(table, 'price')
    const whole = await ensemble.predict(table)
    const rows = Int32Array.of(5, 0, 199, 80)
    const found = await ensemble.predict(table, { rows })
    assert.deepEqual(found.toArray(), copyRows(whole, rows).toArray())
    assert.equal(
      await ensemble.score(table, 'price', { rows }),
      rmse(table.column('price', 'number').values, whole as never, { rows }),
    )
  })

  test('are scored alone', async () => {
    const ensemble = await new AutoEnsemble(quick).fit(X, y)
    const rows = selections['a mask']!
    const predicted = await ensemble.predict(X)
    assert.equal(
      await ensemble.score(X, y, { rows, weights: ones }),
      rmse(y, predicted, { rows, weights: ones }),
    )
    assert.ok((await ensemble.score(X, y, { rows, scorer: 'r2' })) > 0.8)
    const classes: AutoEnsemble<string> = new AutoEnsemble<string>(quick)
    await classes.fit(X, labels)
    assert.equal(
      await classes.score(X, labels, { rows }),
      logLoss(labels, await classes.predictProba(X), { rows, classes: classes.classes_! }),
    )
  })
})

test('rows that can not be learned from are refused', async () => {
  const fit = (rows: RowSelection): Promise<unknown> => new AutoEnsemble(quick).fit(X, y, { rows })
  await assert.rejects(fit([3, 4, 5, 6, 7, 3]), {
    code: 'ERR_ROWS',
    message:
      'Expected each row once in `rows` of an ensemble, whose folds split them, got row 3 twice. ' +
      'Give it a weight of 2 to count it twice.',
  })
  await assert.rejects(fit([1, 2, n]), { code: 'ERR_INDEX' })
  await assert.rejects(fit([1, 2, 3]), {
    code: 'ERR_ROWS',
    message: 'Expected at least 4 rows to learn from and to score learners on, got 3.',
  })
})
