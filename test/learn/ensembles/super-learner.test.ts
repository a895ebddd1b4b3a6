/** SuperLearner: out-of-fold predictions, scores, workers, failures. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import {
  array,
  type NDArray,
  saveArray,
  shared,
  toRowNumbers,
  zeros,
} from '../../../src/arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../../src/errors.ts'
import {
  clone,
  ElasticNet,
  type EnsembleProgress,
  type Estimator,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  makeScorer,
  MinMaxScaler,
  Ridge,
  rmse,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import {
  Endless,
  Failing,
  OwnArray,
  OwnArrayOfAll,
  ReturnsNothing,
  SignMean,
  Squares,
  TooShort,
  TooShortForNewRows,
} from '../../fixtures/learn/nearest-mean.ts'
import { sharedPool } from '../../shared-pools.ts'

const n = 403
const d = 6
const folder = mkdtempSync(join(tmpdir(), 'onecopy-ensemble-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Values that look random and are the same on every run. */
function makeData(): { X: NDArray<'float64'>; y: NDArray<'float64'> } {
  const X = shared([n, d], 'float64')
  const y = shared([n], 'float64')
  let state = 12345
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state / 0x7fffffff - 0.5
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) X.set(next() * (j + 1) + j, i, j)
    y.set(3 * X.get(i, 0) - X.get(i, 1) ** 2 + 0.1 * next(), i)
  }
  return { X, y }
}

const { X, y } = makeData()

/** Copies rows into private memory, as a naive program would. */
function copyRows(source: NDArray, rows: Int32Array): NDArray {
  return array(
    Array.from(rows, (row) =>
      source.ndim === 1 ? source.get(row) : source.row(row).toArray(),
    ) as number[],
  )
}

function everyKind(parallel?: Parallel): SuperLearner {
  return new SuperLearner({ folds: 5, seed: 3, parallel })
    .add([new LinearRegression(), new Ridge({ alpha: 2 })])
    .add([new Lasso({ alpha: 0.01 }), new ElasticNet({ alpha: 0.01 })], {
      preprocess: new StandardScaler(),
    })
    .add({ scaled: new Ridge() }, { preprocess: [new MinMaxScaler(), new StandardScaler()] })
    .add(new SignMean())
    .add({ squared: new Ridge({ alpha: 0.1 }) }, { preprocess: new Squares() })
    .add(new KNeighborsRegressor({ neighbors: 3 }))
    .add(new KNeighborsRegressor({ weights: 'distance' }), {
      preprocess: [new MinMaxScaler(), new StandardScaler()],
    })
    .addMeta(new Ridge({ alpha: 0.5 }))
}

const bytesOf = (Z: NDArray): Buffer => {
  const values = Z.toTypedArray()
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength)
}

test('out-of-fold predictions equal those of refitting on copied rows to 1e-9', async () => {
  const ensemble = await everyKind().fit(X, y)
  const pipelines: [string, Estimator, (StandardScaler | MinMaxScaler | Squares)[]][] = [
    ['linear-regression', new LinearRegression(), []],
    ['ridge', new Ridge({ alpha: 2 }), []],
    ['lasso', new Lasso({ alpha: 0.01 }), [new StandardScaler()]],
    ['elastic-net', new ElasticNet({ alpha: 0.01 }), [new StandardScaler()]],
    ['scaled', new Ridge(), [new MinMaxScaler(), new StandardScaler()]],
    ['sign-mean', new SignMean(), []],
    ['squared', new Ridge({ alpha: 0.1 }), [new Squares()]],
    ['k-neighbors-regressor', new KNeighborsRegressor({ neighbors: 3 }), []],
    [
      'k-neighbors-regressor-2',
      new KNeighborsRegressor({ weights: 'distance' }),
      [new MinMaxScaler(), new StandardScaler()],
    ],
  ]
  assert.deepEqual(
    ensemble.scores.learners.map(({ name }) => name),
    pipelines.map(([name]) => name),
  )
  for (const { train, test: held } of new KFold({ folds: 5, shuffle: true, seed: 3 }).split(n)) {
    const trainRows = toRowNumbers(train)
    const testRows = toRowNumbers(held)
    for (const [column, [name, learner, steps]] of pipelines.entries()) {
      let trainX = copyRows(X, trainRows)
      let testX = copyRows(X, testRows)
      for (const step of steps) {
        const fitted = await clone(step).fit(trainX)
        trainX = await fitted.transform(trainX)
        testX = await fitted.transform(testX)
      }
      const model = await clone(learner).fit(trainX, copyRows(y, trainRows))
      const expected = await model.predict(testX)
      for (const [i, row] of testRows.entries()) {
        const got = ensemble.outOfFold.get(row, column)
        const want = Number(expected.get(i))
        assert.ok(Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want)), `${name}, row ${row}`)
      }
    }
  }
})

test('new rows are predicted by the models of all rows', async () => {
  const ensemble = await everyKind().fit(X, y)
  const ridge = await new Ridge({ alpha: 2 }).fit(X, y)
  const expected = (await ridge.predict(X)).toTypedArray() as Float64Array
  const Z = await ensemble.transform(X)
  for (let row = 0; row < n; row++) assert.ok(Math.abs(Z.get(row, 1) - expected[row]!) < 1e-9)
  const predicted = await ensemble.predict(X)
  const combined = await ensemble.meta!.predict(Z)
  assert.deepEqual(predicted.toTypedArray(), combined.toTypedArray())
  assert.ok(rmse(y, predicted) < ensemble.scores.learners[0]!.score)
})

test('scores are the scorer on each held-out fold', async () => {
  const ensemble = await everyKind().fit(X, y)
  const folds = new KFold({ folds: 5, shuffle: true, seed: 3 }).split(n)
  const row = ensemble.scores.learners[1]!
  const values = folds.map((fold) => rmse(y, ensemble.outOfFold.column(1), { rows: fold.test }))
  assert.deepEqual(row.folds, values)
  assert.equal(row.score, values.reduce((sum, value) => sum + value, 0) / 5)
  assert.equal(ensemble.scores.ensemble!.folds.length, 5)
  assert.match(
    String(ensemble.scores),
    /^learner +rmse +spread +std error +correlation +fit s +predict s\n/,
  )
  assert.equal(ensemble.scores.best, 'ensemble')
  assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(ensemble.scores)) as object), [
    'scorer',
    'greaterIsBetter',
    'learners',
    'ensemble',
    'skipped',
  ])
})

describe('the same seed gives the same bytes', () => {
  let expected: Buffer
  test('without workers', async () => {
    expected = bytesOf((await everyKind().fit(X, y)).outOfFold)
    assert.deepEqual(bytesOf((await everyKind().fit(X.copy(), y.copy())).outOfFold), expected)
  })
  for (const [backend, workers] of [
    ['serial', 1],
    ['threads', 1],
    ['threads', 4],
    ['processes', 2],
  ] as const) {
    test(`on ${workers} ${backend}`, async () => {
      const parallel = sharedPool(backend, workers)
      const ensemble = await everyKind(parallel).fit(X, y)
      assert.deepEqual(bytesOf(ensemble.outOfFold), expected)
    })
  }
})

test('arrays can be paths of .npy files', async () => {
  await saveArray(join(folder, 'X.npy'), X)
  await saveArray(join(folder, 'y.npy'), y)
  const mapped = await everyKind().fit(join(folder, 'X.npy'), join(folder, 'y.npy'))
  assert.deepEqual(bytesOf(mapped.outOfFold), bytesOf((await everyKind().fit(X, y)).outOfFold))
})

test('a weight of 2 counts as the row twice, in every fit', async () => {
  const weights = Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 2 : 1))
  const folds = new KFold({ folds: 2 })
  const weighted = await new SuperLearner({ folds }).add(new Ridge()).fit(X, y, { weights })
  const [first] = folds.split(n)
  const rows = toRowNumbers(first!.train)
  const repeated = Int32Array.from(
    [...rows].flatMap((row) => (weights[row] === 2 ? [row, row] : [row])),
  )
  const model = await new Ridge().fit(copyRows(X, repeated), copyRows(y, repeated))
  const expected = await model.predict(X)
  for (const row of toRowNumbers(first!.test))
    assert.ok(Math.abs(weighted.outOfFold.get(row, 0) - expected.get(row)) < 1e-9)
})

test('a learner that fails stops the fit and is named with its fold and cause', async () => {
  const ensemble = new SuperLearner({ folds: 3 }).add([new Ridge(), new Failing()])
  await assert.rejects(ensemble.fit(X, y), (error) => {
    assert.ok(error instanceof OneCopyError)
    assert.equal(error.code, 'ERR_LEARNER')
    assert.equal(
      error.message,
      'Learner `failing` failed on fold 0: these rows are not to my taste',
    )
    assert.ok(error.cause instanceof RangeError)
    return true
  })
})

describe('a learner that ignores `out`', () => {
  const folds = new KFold({ folds: 3, shuffle: true, seed: 4 })
  const parallel = sharedPool()

  for (const [place, options] of [
    ['in this thread', { folds }],
    ['on workers', { folds, parallel }],
  ] as const) {
    test(`has its array copied, ${place}`, async () => {
      const ensemble = new SuperLearner(options)
        .add([new SignMean(), new OwnArray(), new OwnArrayOfAll()])
        .addMeta(new OwnArray())
      await ensemble.fit(X, y)
      const fresh = await ensemble.transform(X.rows(0, 100))
      for (const Z of [ensemble.outOfFold, fresh])
        for (const column of [1, 2])
          assert.deepEqual(Z.column(column).copy().data, Z.column(0).copy().data)
      assert.ok(ensemble.scores.ensemble!.score > 0)
      assert.deepEqual((await ensemble.predict(X)).shape, [n])
    })

    test(`is named when it returns no predictions, ${place}`, async () => {
      const fit = (learner: Estimator): Promise<SuperLearner> =>
        new SuperLearner(options).add(learner).fit(X, y)
      // On workers any fold may be the first to fail.
      const refusal = (name: string, got: string): { code: string; message: RegExp } => ({
        code: 'ERR_LEARNER',
        message: new RegExp(
          `^Learner \`${name}\` failed on fold [012]: Expected predict\\(\\) to return \`out\`, ` +
            `or an array of shape \\(13[45]\\) or \\(403\\), got ${got}\\. ` +
            'Write the predictions to `out` and return it\\.$',
        ),
      })
      await assert.rejects(fit(new TooShort()), refusal('too-short', 'shape \\(3\\)'))
      await assert.rejects(fit(new ReturnsNothing()), refusal('returns-nothing', 'undefined'))
    })
  }

  test('is named when it returns no predictions of new rows', async () => {
    const ensemble = new SuperLearner({ folds }).add([new Ridge(), new TooShortForNewRows()])
    await ensemble.fit(X, y)
    await assert.rejects(ensemble.transform(X.rows(0, 50)), {
      code: 'ERR_LEARNER',
      message:
        'Learner `too-short-for-new-rows` failed on new rows: Expected predict() to return `out`, ' +
        'or an array of shape (50), got shape (1). Write the predictions to `out` and return it.',
    })
  })

  test('as a meta learner is refused when it returns nothing', async () => {
    const ensemble = new SuperLearner({ folds }).add(new Ridge()).addMeta(new ReturnsNothing())
    await assert.rejects(ensemble.fit(X, y), { code: 'ERR_LEARNER', message: /^Learner `meta` / })
  })
})

test('a learner that fails can be skipped, and the scores say why', async () => {
  const parallel = sharedPool()
  const ensemble = new SuperLearner({ folds: 3, onError: 'skip', parallel })
    .add([new Ridge(), new Failing(), new LinearRegression()])
    .addMeta(new Ridge())
  await ensemble.fit(X, y)
  assert.deepEqual(ensemble.outOfFold.shape, [n, 2])
  const [skipped] = ensemble.scores.skipped
  assert.equal(skipped?.name, 'failing')
  // Folds run at once, and the first to fail is told.
  assert.match(
    skipped.reason,
    /^Learner `failing` failed on fold [012]: these rows are not to my taste$/,
  )
  assert.equal((await ensemble.predict(X)).shape[0], n)
})

test('a stop signal ends the fit, and the ensemble stays unfitted', async () => {
  const controller = new AbortController()
  const ensemble = new SuperLearner({ folds: 5 }).add(new SignMean())
  const fit = ensemble.fit(X, y, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  })
  await assert.rejects(fit, /enough/)
  assert.throws(() => ensemble.scores, { code: 'ERR_NOT_FITTED' })
})

describe('what runs on workers without an end is ended', { timeout: 120_000 }, () => {
  const withEndless = async (use: (ensemble: SuperLearner) => Promise<void>): Promise<void> => {
    const parallel = new Parallel({ workers: 2, graceMs: 50 })
    try {
      await use(new SuperLearner({ folds: 2, parallel }).add(new Endless()))
    } finally {
      await parallel.close()
    }
  }

  test('by a stop signal', async () => {
    await withEndless(async (ensemble) => {
      const reason = new Error('enough')
      const controller = new AbortController()
      setTimeout(() => controller.abort(reason), 100)
      await assert.rejects(ensemble.fit(X, y, { signal: controller.signal }), reason)
    })
  })

  test('by the failure of another learner', async () => {
    await withEndless(async (ensemble) => {
      await assert.rejects(ensemble.add(new Ridge({ alpha: -1 })).fit(X, y), {
        code: 'ERR_LEARNER',
        message:
          'Learner `ridge` failed on fold 0: Expected `alpha` of Ridge to be a finite number >= 0, got -1.',
      })
    })
  })
})

test('an option that predict and transform do not have is refused', async () => {
  const ensemble = await new SuperLearner({ folds: 2 })
    .add(new Ridge())
    .addMeta(new Ridge())
    .fit(X, y)
  for (const method of ['predict', 'transform'] as const) {
    const call = (options: unknown): Promise<NDArray> =>
      ensemble[method](X, options as Record<string, never>)
    await assert.rejects(call({ row: [0, 1] }), {
      name: 'TypeError',
      message: `SuperLearner.${method} has no option \`row\`. Did you mean \`rows\`? It has: rows, out.`,
    })
    await assert.rejects(call([0, 1]), {
      name: 'TypeError',
      message: 'Expected options such as { rows: … }, got an array of length 2.',
    })
    assert.equal((await call({})).shape[0], n)
    assert.equal((await call(undefined)).shape[0], n)
  }
})

test('several learners given as arguments are refused, and the text says how they are passed', () => {
  const add = (...args: unknown[]): unknown =>
    Reflect.apply(
      (learners: never, options: never) => new SuperLearner().add(learners, options),
      null,
      args,
    )
  const advice =
    'Pass several learners as a list, such as [new Ridge(), new Lasso()], ' +
    'or by name, such as { ridge: new Ridge() }.'
  for (const [args, message] of [
    [
      [new Ridge(), new Lasso()],
      `Expected options such as { preprocess: … }, got an object of class Lasso. ${advice}`,
    ],
    [
      [new Ridge(), new SignMean()],
      `Expected options such as { preprocess: … }, got an object of class SignMean. ${advice}`,
    ],
    [['ridge', new Ridge()], `Expected a learner with fit() and predict(), got 'ridge'. ${advice}`],
    [['ridge'], `Expected a learner with fit() and predict(), got 'ridge'. ${advice}`],
    [
      [new Ridge(), new StandardScaler()],
      'Expected options such as { preprocess: … }, got an object of class StandardScaler. ' +
        'Pass a transformer as { preprocess: new StandardScaler() }.',
    ],
    [
      [Ridge],
      'Expected a learner with fit() and predict(), got function Ridge. ' +
        'Pass an instance, such as new Ridge(), not its class.',
    ],
  ] as const)
    assert.throws(() => add(...args), { name: 'TypeError', message })
})

test('a learner that is added while a fit runs takes part in the next one', async () => {
  const ensemble = new SuperLearner({ folds: 2 }).add(new Ridge())
  const fit = ensemble.fit(X, y)
  ensemble.add(new SignMean())
  await fit
  assert.deepEqual(ensemble.outOfFold.shape, [n, 1])
  await ensemble.fit(X, y)
  assert.deepEqual(ensemble.outOfFold.shape, [n, 2])
})

test('progress counts every part of the work up to the total', async () => {
  const seen: EnsembleProgress[] = []
  await everyKind().fit(X, y, { onProgress: (progress) => seen.push(progress) })
  const total = seen[0]!.total
  assert.deepEqual(
    seen.map(({ done }) => done),
    Array.from({ length: total }, (_, i) => i + 1),
  )
  // Linear learners in 5 passes, two learners by the fold (and all rows), neighbours in 2 × 5.
  const learners = 5 + 2 * 6 + 10
  assert.equal(seen.filter(({ phase }) => phase === 'learners').length, learners)
  assert.equal(total, learners + 5)
})

test('progress arrives at the total also when a learner fails', async () => {
  const seen: EnsembleProgress[] = []
  await new SuperLearner({ folds: 3, onError: 'skip' })
    .add([new Failing(), new Ridge()])
    .addMeta(new Ridge())
    .fit(X, y, { onProgress: (progress) => seen.push(progress) })
  assert.equal(seen.at(-1)!.done, seen.at(-1)!.total)
  assert.ok(seen.every(({ done }, i) => i === 0 || done > seen[i - 1]!.done))
})

test('any learner can be the meta learner, and is scored on folds that it has not seen', async () => {
  const folds = new KFold({ folds: 4, shuffle: true, seed: 1 })
  for (const meta of [new Lasso({ alpha: 0.1 }), new KNeighborsRegressor(), new SignMean()]) {
    const ensemble = new SuperLearner({ folds }).add([new Ridge(), new SignMean()]).addMeta(meta)
    await ensemble.fit(X, y)
    const Z = ensemble.outOfFold
    for (const [k, { train, test }] of folds.split(n).entries()) {
      const out = zeros([n], 'float64')
      await (
        await clone(meta as Estimator).fit(Z, y, { rows: train })
      ).predict(Z, { rows: test, out })
      const got = ensemble.scores.ensemble!.folds[k]!
      assert.ok(Math.abs(got - rmse(y, out, { rows: test })) < 1e-9, meta.constructor.name)
    }
  }
})

test('what can not be is refused in words', async () => {
  const code = (wanted: string) => (error: unknown) =>
    isOneCopyError(error) && error.code === wanted
  await assert.rejects(new SuperLearner().fit(X, y), code('ERR_ROWS'))
  await assert.rejects(new SuperLearner().add(new Ridge()).predict(X), code('ERR_NOT_FITTED'))
  const fitted = await new SuperLearner().add(new Ridge()).fit(X, y)
  await assert.rejects(fitted.predict(X), code('ERR_NOT_FITTED'))
  await assert.rejects(fitted.transform(X.slice(null, [0, 2])), code('ERR_SHAPE'))
  await assert.rejects(new SuperLearner().add(new Ridge()).fit(X, y.rows(0, 9)), code('ERR_SHAPE'))
  await assert.rejects(
    new SuperLearner({ folds: n + 1 }).add(new Ridge()).fit(X, y),
    code('ERR_ROWS'),
  )
  assert.throws(() => new SuperLearner().add(Ridge as never), TypeError)
  const isNoScorer = {
    message: /^Expected `scorer` to be 'rmse', 'mae', .* or a function from makeScorer\(\), got /,
  }
  for (const scorer of ['auc', 'constructor', 'toString', '__proto__', 3, () => 1])
    assert.throws(() => new SuperLearner({ scorer: scorer as never }), isNoScorer)
})

test('a scorer that returns no number is refused by name', async () => {
  for (const wrong of [undefined, Number.NaN]) {
    const own = makeScorer(() => wrong as never, { greaterIsBetter: true })
    Object.defineProperty(own, 'name', { value: 'gini' })
    await assert.rejects(new SuperLearner({ scorer: own }).add(new Ridge()).fit(X, y), {
      name: 'TypeError',
      message: `Expected the scorer gini to return a number for fold 0, got ${wrong}.`,
    })
  }
})

test('arguments of a wrong type are refused in words', async () => {
  const ensemble = new SuperLearner().add(new Ridge())
  await assert.rejects(ensemble.fit(X, y, { signal: 5 as never }), {
    name: 'TypeError',
    message: 'Expected `signal` to be an AbortSignal, got 5.',
  })
  assert.throws(() => new SuperLearner({ parallel: 2 as never }), {
    name: 'TypeError',
    message:
      'Expected `parallel` to be a Parallel, got 2. Pass one, such as new Parallel({ workers: 2 }).',
  })
  const noArray = (name: string, what: string) => ({
    name: 'TypeError',
    message: `Expected \`${name}\` to be an NDArray, a typed array or a list of numbers or rows, got ${what}.`,
  })
  for (const learner of [new Ridge(), new Lasso(), new KNeighborsRegressor()]) {
    const wrong = new Map() as never
    await assert.rejects(learner.fit(wrong, y), noArray('X', 'an object of class Map'))
    await assert.rejects(learner.fit(X, undefined as never), noArray('y', 'undefined'))
    await learner.fit(X, y)
    await assert.rejects(learner.predict(wrong), noArray('X', 'an object of class Map'))
  }
  await assert.rejects(new StandardScaler().fit('X.npy' as never), {
    name: 'TypeError',
    message: /got 'X\.npy'\. Open a file first, as by openArray\('rows\.npy'\)/,
  })
  assert.throws(() => rmse(y, null as never), noArray('predicted', 'null'))
  assert.throws(() => rmse(1 as never, y), noArray('y', '1'))
})
