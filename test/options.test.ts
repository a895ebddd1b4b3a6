/** Misspelt options, at every public function and class that takes some. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as arrays from '../src/arrays/index.ts'
import { createPendingArray } from '../src/arrays/internal.ts'
import * as learn from '../src/learn/index.ts'
import { Moments, predictLinear, QrFactor } from '../src/learn/internal.ts'
import * as monitor from '../src/monitor/index.ts'
import { explainUnknown, requireKnown } from '../src/options.ts'
import { Parallel } from '../src/parallel/index.ts'
import { designMatrix, readCsv, TableEncoder } from '../src/tables/index.ts'

const { array } = arrays
const folder = mkdtempSync(join(tmpdir(), 'onecopy-options-'))
after(() => rmSync(folder, { recursive: true }))

const X = array([
  [1, 2],
  [3, 4],
  [5, 7],
])
const y = array([1, 2, 4])
const fitted = {
  ridge: await new learn.Ridge().fit(X, y),
  scaler: await new learn.StandardScaler().fit(X),
  neighbors: await new learn.KNeighborsRegressor({ neighbors: 1 }).fit(X, y),
}
const watch = monitor.startMonitor()
const report = await watch.stop()
const serial = new Parallel({ backend: 'serial' })
await arrays.saveArray(join(folder, 'X.npy'), X)
writeFileSync(join(folder, 'y.csv'), 'a,y\n1,2\n3,4\n')
const table = await readCsv(join(folder, 'y.csv'))
const foreign = arrays.openForeignArray(join(folder, 'X.npy'))

const runNames = 'preDispatch, chunkSize, retries, timeoutMs, graceMs, whenFull, progress'
const ownNames = 'onError, signal, onProgress, name, priority'
const streamNames = `order, ${runNames}, maxAhead, maxBufferedBytes, ${ownNames}`
const pictureNames = 'by, theme, width, height, title, budgets, id'

/** A public door, the misspelt option, and what the text says after `… has no option`. */
type Case = readonly [
  what: string,
  call: (options: never) => unknown,
  wrong: Readonly<Record<string, unknown>>,
  rest: string,
]

const cases: readonly Case[] = [
  // Arrays
  ['array', (o) => array([1], o), { dtpye: 'int8' }, 'Did you mean `dtype`? It has: dtype, shape.'],
  ['arange', (o) => arrays.arange(0, 3, o), { stride: 2 }, 'It has: step, dtype.'],
  [
    'shared',
    (o) => arrays.shared([1], 'int8', o),
    { scrach: folder },
    'Did you mean `scratch`? It has: scratch.',
  ],
  ['ForeignArray.toNative', (o) => foreign.toNative(o), { target: folder }, 'It has: scratch.'],
  [
    'openArray',
    (o) => arrays.openArray(join(folder, 'X.npy'), o),
    { modus: 'r+' },
    'It has: mode, dtype.',
  ],
  [
    'createArray',
    (o) => arrays.createArray(join(folder, 'new.npy'), o),
    { dtype: 'int8', shape: [1], swap: true },
    'It has: dtype, shape, overwrite.',
  ],
  [
    'createPendingArray',
    (o) => createPendingArray(folder, o),
    { dtype: 'int8', shapes: [1] },
    'Did you mean `shape`? It has: dtype, shape.',
  ],
  [
    'saveArray',
    (o) => arrays.saveArray(join(folder, 'new.npy'), X, o),
    { signals: undefined },
    'Did you mean `signal`? It has: signal.',
  ],
  [
    'encodeReference',
    (o) => arrays.encodeReference(X, o),
    { copyonwrite: true },
    'Did you mean `copyOnWrite`? It has: sameProcess, copyOnWrite, given.',
  ],
  // Tables
  [
    'readCsv',
    (o) => readCsv('no.csv', o),
    { seperator: ';' },
    'It has: delimiter, decimal, encoding, thousands, skipRows, rowLimit, trim, header, comment, rowNames, shortRows, trailingDelimiter, skipInitialSpace, columns, schema, missing, out, onProgress, signal.',
  ],
  [
    'designMatrix',
    (o) => designMatrix(table, o),
    { traget: 'y' },
    'Did you mean `target`? It has: target, columns, categories, unknown, missing, maxCategories, labels, encoder.',
  ],
  [
    'TableEncoder',
    (o) => new TableEncoder(o),
    { unknwon: 'ignore' },
    'Did you mean `unknown`? It has: target, columns, categories, unknown, missing, maxCategories.',
  ],
  // Parallel
  [
    'Parallel',
    (o) => new Parallel(o),
    { worker: 2 },
    `Did you mean \`workers\`? It has: workers, minWorkers, backend, shareFromBytes, kernelThreads, initializer, maxTasksPerWorker, maxMemoryPerWorker, idleTimeoutMs, eagerGc, startTimeoutMs, maxQueue, concurrency, env, execArgv, output, ${runNames}, maxAhead, maxBufferedBytes, captures, monitor.`,
  ],
  [
    'A run',
    (o) => serial.run([], o),
    { timeoutMss: 5 },
    `Did you mean \`timeoutMs\`? It has: ${runNames}, ${ownNames}.`,
  ],
  [
    'A stream',
    (o) => serial.stream([], o),
    { ordered: true },
    `Did you mean \`order\`? It has: ${streamNames}.`,
  ],
  ['A stream', (o) => serial.map(Math.abs, [], o), { nope: 2 }, `It has: ${streamNames}.`],
  ['A stream', (o) => serial.starmap(Math.max, [], o), { nope: 2 }, `It has: ${streamNames}.`],
  // Monitor
  [
    'startMonitor',
    (o) => monitor.startMonitor(o),
    { interval: 3 },
    'Did you mean `intervalMs`? It has: pid, intervalMs, children, pssBudget.',
  ],
  [
    'MemoryMonitor.report',
    (o) => watch.report(o),
    { since: 3 },
    'Did you mean `sinceMs`? It has: sinceMs.',
  ],
  [
    'MemoryReport.save',
    (o) => report.save(join(folder, 'a.svg'), o),
    { hieght: 300 },
    `Did you mean \`height\`? It has: ${pictureNames}.`,
  ],
  [
    'MemoryReport.show',
    (o) => report.show(o),
    { color: true },
    'Did you mean `colour`? It has: width, height, colour, marks.',
  ],
  [
    'plotReports',
    (o) => monitor.plotReports([['a', report]], join(folder, 'a.svg'), o),
    { dark: true },
    `It has: ${pictureNames}.`,
  ],
  [
    'expectPeakBelow',
    (o) => monitor.expectPeakBelow('1GB', () => 1, o),
    { intervallMs: 3 },
    'Did you mean `intervalMs`? It has: intervalMs.',
  ],
  ['objectGrowth', (o) => monitor.objectGrowth(o), { mode: 'snapshot' }, 'It has: by.'],
  [
    'publishHeap',
    (o) => monitor.publishHeap(o),
    { task: () => 1 },
    'Did you mean `tasks`? It has: name, tasks.',
  ],
  [
    'sampleTree',
    (o) => monitor.sampleTree(process.pid, o),
    { child: false },
    'Did you mean `children`? It has: children, pss.',
  ],
  [
    'openLivePage',
    (o) => monitor.openLivePage(o),
    { prot: 0 },
    'Did you mean `port`? It has: port, title, budgets.',
  ],
  // Learning
  [
    'LinearRegression',
    (o) => new learn.LinearRegression(o),
    { alpha: 1 },
    'It has: fitIntercept, positive.',
  ],
  [
    'Ridge',
    (o) => new learn.Ridge(o),
    { alhpa: 1 },
    'Did you mean `alpha`? It has: alpha, fitIntercept, positive.',
  ],
  [
    'Lasso',
    (o) => new learn.Lasso(o),
    { l1Ratio: 1 },
    'It has: alpha, fitIntercept, tol, maxIter, positive.',
  ],
  [
    'ElasticNet',
    (o) => new learn.ElasticNet(o),
    { l1Ration: 1 },
    'Did you mean `l1Ratio`? It has: alpha, fitIntercept, tol, maxIter, positive, l1Ratio.',
  ],
  [
    'KNeighborsRegressor',
    (o) => new learn.KNeighborsRegressor(o),
    { neighbours: 3 },
    'Did you mean `neighbors`? It has: weights, algorithm, p, neighbors.',
  ],
  [
    'StandardScaler',
    (o) => new learn.StandardScaler(o),
    { withMaen: false },
    'Did you mean `withMean`? It has: withMean, withStd.',
  ],
  ['MinMaxScaler', (o) => new learn.MinMaxScaler(o), { min: 0 }, 'It has: featureRange.'],
  ['KFold', (o) => new learn.KFold(o), { split: 3 }, 'It has: folds, shuffle, seed.'],
  [
    'SuperLearner',
    (o) => new learn.SuperLearner(o),
    { fold: 2 },
    'Did you mean `folds`? It has: folds, scorer, task, seed, parallel, onError, plan.',
  ],
  [
    'SuperLearner.add',
    (o) => new learn.SuperLearner().add(new learn.Ridge(), o),
    { preproces: [] },
    'Did you mean `preprocess`? It has: preprocess, proba.',
  ],
  [
    'SuperLearner.fit',
    (o) => new learn.SuperLearner().fit(X, y, o),
    { weigths: [1] },
    'Did you mean `weights`? It has: rows, weights, groups, refit, nestedFolds, signal, onProgress.',
  ],
  ...[
    new learn.Ridge(),
    new learn.Lasso(),
    new learn.KNeighborsRegressor(),
    new learn.StandardScaler(),
  ].map((model): Case => [
    `${model.constructor.name}.fit`,
    (o) => model.fit(X, y, o),
    { weigths: [1] },
    'Did you mean `weights`? It has: rows, weights.',
  ]),
  [
    'Ridge.predict',
    (o) => fitted.ridge.predict(X, o),
    { row: [1] },
    'Did you mean `rows`? It has: rows, out.',
  ],
  [
    'KNeighborsRegressor.predict',
    (o) => fitted.neighbors.predict(X, o),
    { output: y },
    'It has: rows, out.',
  ],
  [
    'StandardScaler.transform',
    (o) => fitted.scaler.transform(X, o),
    { outs: y },
    'Did you mean `out`? It has: rows, out.',
  ],
  ['Moments.compute', (o) => Moments.compute(X, y, o), { rows: 1 }, 'It has: groups, weights.'],
  [
    'QrFactor.compute',
    (o) => QrFactor.compute(X, y, o),
    { group: [] },
    'Did you mean `groups`? It has: groups, weights.',
  ],
  [
    'predictLinear',
    (o) => predictLinear(X, [], y, o),
    { column: 1 },
    'Did you mean `columns`? It has: rows, columns.',
  ],
  ...[learn.rmse, learn.mae, learn.r2].map((score): Case => [
    score.name,
    (o) => score(y, y, o),
    { weigths: [1] },
    'Did you mean `weights`? It has: rows, weights, multioutput.',
  ]),
  [
    'makeScorer',
    (o) => learn.makeScorer(() => 1, o),
    { greaterIsBeter: true },
    'Did you mean `greaterIsBetter`? It has: greaterIsBetter, name, needs.',
  ],
  [
    'checkEstimator',
    (o) => learn.checkEstimator(learn.Ridge, o),
    { exept: [] },
    'Did you mean `except`? It has: except.',
  ],
  ['checkEstimator', (o) => learn.estimatorChecks(learn.Ridge, o), { skip: [] }, 'It has: except.'],
]

for (const [what, call, wrong, rest] of cases) {
  const name = Object.keys(wrong).at(-1)!
  test(`${what} refuses \`${name}\``, async () => {
    await assert.rejects(async () => call(wrong as never), {
      name: 'TypeError',
      message: `${what} has no option \`${name}\`. ${rest}`,
    })
    await assert.rejects(async () => call(null as never), TypeError)
  })
}

const foreignNames: readonly (readonly [call: () => unknown, text: string])[] = [
  [
    () => arrays.openArray('X.npy', { mmap_mode: 'r' } as object),
    'openArray has no option `mmap_mode`; onecopy calls it `mode`. It has: mode, dtype.',
  ],
  [
    () => arrays.openArray('X.npy', { readonly: true } as object),
    "openArray has no option `readonly`; use mode 'c', which keeps writes private to this process. It has: mode, dtype.",
  ],
  [
    () => arrays.createArray('X.npy', { size: [1], dtype: 'int8' } as never),
    'createArray has no option `size`; onecopy calls it `shape`. It has: dtype, shape, overwrite.',
  ],
  [
    () => arrays.shared([1], 'int8', { temp_folder: folder } as object),
    'shared has no option `temp_folder`; onecopy calls it `scratch`. It has: scratch.',
  ],
  [
    () => arrays.saveArray('X.npy', X, { allowPickle: false } as object),
    'saveArray has no option `allowPickle`; files hold numbers only, and no pickle. It has: signal.',
  ],
  [
    () => arrays.zeros([1], 'float' as 'int8'),
    `Expected a dtype (${arrays.dtypes.join(', ')}), got 'float'. onecopy calls it 'float64'.`,
  ],
]

for (const [call, message] of foreignNames)
  test(message, () => assert.rejects(async () => call(), { message }))

test('what takes no object of options says how they look', () => {
  assert.throws(() => new learn.Ridge(5 as never), {
    name: 'TypeError',
    message: 'Expected options such as { alpha: … }, got 5.',
  })
  assert.throws(() => requireKnown<{ a?: 1 }>('f', [] as object, { a: true }), {
    name: 'TypeError',
    message: 'Expected options such as { a: … }, got an array of length 0.',
  })
})

test('a name that every object inherits is no option', () => {
  assert.throws(() => requireKnown<{ a?: 1 }>('f', { toString: 1 } as object, { a: true }), {
    message: 'f has no option `toString`. It has: a.',
  })
})

test('what has no options says so', () => {
  assert.equal(explainUnknown('Nothing', 'a', []), 'Nothing takes no options, got `a`.')
})

test('a subclass may hand all its options up, and is cloned with them', async () => {
  class Robust extends learn.Ridge {
    limit: number
    constructor(options: learn.RidgeOptions & { readonly limit?: number } = {}) {
      super(options)
      this.limit = options.limit ?? 3
    }
  }
  class Steps extends learn.Lasso {
    steps: number
    constructor(options: learn.LassoOptions & { readonly steps?: number } = {}) {
      super(options)
      this.steps = options.steps ?? 1
    }
  }
  const model = new Robust({ alpha: 2, limit: 5 })
  const same = { alpha: 2, fitIntercept: true, positive: false, limit: 5 }
  assert.deepEqual(learn.clone(model).getParams(), same)
  assert.equal(learn.clone(new Steps({ steps: 4 })).steps, 4)
  assert.equal(model.setParams({ limit: 1 }).limit, 1)
  assert.throws(() => model.setParams({ limti: 1 }), {
    code: 'ERR_OPTION',
    message:
      'Robust has no option `limti`. Did you mean `limit`? It has: alpha, fitIntercept, positive, limit.',
  })
  await learn.checkEstimator(Robust)
})

test('an array stands for its own form', () => {
  assert.deepEqual(arrays.createArray(join(folder, 'like.npy'), X).shape, [3, 2])
})

test('arrays and other collections in the place of options are refused', async () => {
  const calls: Record<string, [expected: string, call: (options: never) => unknown]> = {
    fit: ['weights', (o) => new learn.Ridge().fit(X, y, o)],
    'fit of an ensemble': [
      'weights',
      (o) => new learn.SuperLearner().add(new learn.Ridge()).fit(X, y, o),
    ],
    predict: ['rows', (o) => fitted.ridge.predict(X, o)],
    'a learner': ['alpha', (o) => new learn.Ridge(o)],
    array: ['dtype', (o) => array([1], o)],
    openArray: ['mode', (o) => arrays.openArray('x.npy', o)],
  }
  for (const given of [Float64Array.of(1, 2, 3), y, [1, 2, 3], new Map(), new Set()])
    for (const [name, [expected, call]] of Object.entries(calls)) {
      const kind = Array.isArray(given)
        ? 'an array of length 3'
        : `an object of class ${given.constructor.name}`
      await assert.rejects(
        async () => call(given as never),
        {
          name: 'TypeError',
          message:
            name === 'array' && Array.isArray(given)
              ? `Expected options, as in array(values, { shape: [1, 2, 3] }), got ${kind}.`
              : `Expected options such as { ${expected}: … }, got ${kind}.`,
        },
        name,
      )
    }
})
