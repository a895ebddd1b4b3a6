/** Learners while memory of arrays is moved away or freed: right, or refused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { array, type NDArray, type Rows } from '../../src/arrays/index.ts'
import { requireAttached, rowNumbers } from '../../src/arrays/internal.ts'
import { isOneCopyError } from '../../src/errors.ts'
import {
  ElasticNet,
  type Estimator,
  GradientBoostingRegressor,
  HuberRegressor,
  isTransformer,
  KNeighborsRegressor,
  Lasso,
  learnedState,
  LinearRegression,
  LinearSVR,
  MLPRegressor,
  MinMaxScaler,
  PCA,
  Pipeline,
  RandomForestRegressor,
  Ridge,
  RobustScaler,
  SelectColumns,
  SelectKBest,
  SimpleImputer,
  StandardScaler,
  SuperLearner,
  SVR,
  type Transformer,
} from '../../src/learn/index.ts'
import { makeVictims, places } from '../native/moved-buffers.ts'
import { disposable } from './disposable.ts'
import { randomProblem } from './random-problem.ts'

type Arrays = Record<string, NodeJS.TypedArray>

const [n, d] = [3000, 5]
const { X, y, weights } = randomProblem(n, d)
const chosen = Int32Array.from({ length: n / 2 }, (_, i) => 2 * i)
/** Columns that are nearly the same: moments don't suffice, and the rows are read again. */
const near = X.data.map((value, i) => (i % d === 1 ? X.data[i - 1]! + 1e-9 * value : value))

const matrix = (data: NodeJS.TypedArray | undefined): NDArray =>
  array(data as Float64Array, { shape: [data!.length / d, d] })
const vector = (data: NodeJS.TypedArray | undefined): NDArray => array(data as Float64Array)
const rowsOf = (data: NodeJS.TypedArray | undefined): Rows => rowNumbers(data as Int32Array)

/** Something to be done with arrays, and what comes of it, in plain values. */
interface Action {
  readonly arrays: Arrays
  /** Does all of it that needs no moved memory, and returns the rest. */
  prepare(arrays: Arrays): Promise<() => Promise<unknown>>
}

type Learner = Estimator | Transformer

/** What was learned, without what was only kept. */
function learned(model: Learner): unknown {
  const { X_: _X, y_: _y, weights_: _weights, index_: _index, ...values } = learnedState(model)
  return values
}

function fitting(make: () => Learner, xs = X.data): Action {
  return {
    arrays: { X: xs, y: y.data, weights, rows: chosen },
    prepare: async (arrays) => async () => {
      const options = { weights: arrays['weights'] as Float64Array, rows: rowsOf(arrays['rows']) }
      const model = await make().fit(matrix(arrays['X']), vector(arrays['y']), options)
      return learned(model)
    },
  }
}

function predicting(make: () => Learner): Action {
  const out = isTransformer(make()) ? new Float64Array(n * d) : new Float64Array(n)
  return {
    arrays: { X: X.data, rows: chosen, out },
    prepare: async (arrays) => {
      const model = await make().fit(X, y)
      return async () => {
        const target = out.length === n ? vector(arrays['out']) : matrix(arrays['out'])
        const options = { out: target, rows: rowsOf(arrays['rows']) }
        const values = await (isTransformer(model)
          ? model.transform(matrix(arrays['X']), options)
          : model.predict(matrix(arrays['X']), options))
        requireAttached(values)
        return values.toArray()
      }
    },
  }
}

/** Nearest neighbours keep the arrays of `fit`. */
function searchingKept(algorithm: 'tree' | 'brute'): Action {
  return {
    arrays: { X: X.data, y: y.data, weights },
    prepare: async (arrays) => {
      const model = new KNeighborsRegressor({ algorithm })
      const options = { weights: arrays['weights'] as Float64Array }
      await model.fit(matrix(arrays['X']), vector(arrays['y']), options)
      return async () => (await model.predict(X)).toArray()
    },
  }
}

const learners: Readonly<Record<string, () => Learner>> = {
  LinearRegression: () => new LinearRegression(),
  Ridge: () => new Ridge(),
  Lasso: () => new Lasso({ alpha: 0.01 }),
  ElasticNet: () => new ElasticNet({ alpha: 0.01 }),
  HuberRegressor: () => new HuberRegressor(),
  LinearSVR: () => new LinearSVR({ tol: 1 }),
  MLPRegressor: () => new MLPRegressor({ hiddenLayerSizes: [4], maxIter: 3, earlyStopping: true }),
  SVR: () => new SVR({ epsilon: 3, tol: 1 }),
  'KNeighborsRegressor (tree)': () => new KNeighborsRegressor({ algorithm: 'tree' }),
  'KNeighborsRegressor (brute)': () => new KNeighborsRegressor({ algorithm: 'brute' }),
  RandomForestRegressor: () => new RandomForestRegressor({ trees: 2, maxDepth: 3 }),
  GradientBoostingRegressor: () =>
    new GradientBoostingRegressor({ maxIter: 2, earlyStopping: true }),
  StandardScaler: () => new StandardScaler(),
  MinMaxScaler: () => new MinMaxScaler(),
  'Pipeline (moments of blocks)': () =>
    new Pipeline({ steps: [new RobustScaler(), new SelectColumns(), new Ridge()] }),
  'Pipeline (rows in scratch memory)': () =>
    new Pipeline({ steps: [new PCA(), new RobustScaler()] }),
  PCA: () => new PCA(),
  SelectColumns: () => new SelectColumns(),
  SelectKBest: () => new SelectKBest({ score: 'fRegression', k: 'all' }),
  RobustScaler: () => new RobustScaler(),
  'SimpleImputer (means)': () => new SimpleImputer(),
  'SimpleImputer (medians)': () => new SimpleImputer({ strategy: 'median' }),
}

const actions: Record<string, Action> = {
  'LinearRegression.fit, nearly dependent columns': fitting(() => new LinearRegression(), near),
  'KNeighborsRegressor.predict from what fit kept, tree': searchingKept('tree'),
  'KNeighborsRegressor.predict from what fit kept, brute': searchingKept('brute'),
  'SuperLearner.fit': {
    arrays: { X: X.data, y: y.data, weights },
    prepare: async (arrays) => async () => {
      const ensemble = new SuperLearner({ folds: 3 })
        .add(new Ridge())
        .add(new KNeighborsRegressor({ algorithm: 'tree' }))
        .addMeta(new LinearRegression())
      const options = { weights: arrays['weights'] as Float64Array }
      await ensemble.fit(matrix(arrays['X']), vector(arrays['y']), options)
      return ensemble.outOfFold.toArray()
    },
  },
}
// More values than a scaler reads in one turn of the event loop.
const [manyRows, many] = [220_000, new Float64Array(220_000 * d).fill(2)]
actions['StandardScaler.transform, in several turns'] = {
  arrays: { X: many, out: new Float64Array(many.length) },
  prepare: async (arrays) => {
    const model = await new StandardScaler().fit(X)
    return async () => {
      const values = await model.transform(matrix(arrays['X']), { out: matrix(arrays['out']) })
      requireAttached(values)
      return [values.get(0, 0), values.get(manyRows - 1, d - 1)]
    }
  },
}
for (const [name, make] of Object.entries(learners)) {
  actions[`${name}.fit`] = fitting(make)
  actions[`${name}.${isTransformer(make()) ? 'transform' : 'predict'}`] = predicting(make)
}

/** The errors that say what has happened, at whatever depth. */
function saysDetached(error: unknown): boolean {
  if (!isOneCopyError(error)) return false
  return error.code === 'ERR_DETACHED' || saysDetached(error.cause)
}

/** All of a result as text. */
const whole = { depth: Infinity, maxArrayLength: Infinity, compact: false, sorted: true } as const

const ticks = (count: number): Promise<void> =>
  count === 0
    ? Promise.resolve()
    : new Promise((resolve) => setImmediate(resolve)).then(() => ticks(count - 1))

for (const [title, action] of Object.entries(actions)) {
  test(`${title} is right, or refused, while memory is moved`, async () => {
    const { arrays: sources } = action
    const copies = (): Arrays =>
      Object.fromEntries(Object.entries(sources).map(([name, array]) => [name, array.slice()]))
    const expected = inspect(await (await action.prepare(copies()))(), whole)
    for (const [name, source] of Object.entries(sources)) {
      for (const [place, way] of [
        [places['private']!, 'transfer(0)'],
        [places['private']!, 'transfer(2n)'],
        [places['resizable']!, 'resize(0)'],
        [disposable, 'dispose'],
      ] as const) {
        for (const delay of [0, 2]) {
          const { array, ways } = place(source)
          const run = await action.prepare({ ...copies(), [name]: array })
          const what = `${title}, ${name}, ${way} after ${delay} ticks`
          const running = run().then(
            (value) => inspect(value, whole),
            (error: unknown) => error,
          )
          await ticks(delay)
          ways[way]!()
          const areUntouched = makeVictims(source.byteLength)
          const outcome = await running
          if (typeof outcome !== 'string')
            assert.ok(saysDetached(outcome), `${what}: ${inspect(outcome)}`)
          else assert.ok(outcome === expected, `${what}: another result`)
          assert.ok(areUntouched(), `${what}: another array was overwritten`)
        }
      }
    }
  })
}
