/** Fits that keep what is fitted: `refit: false` and `continue`. */

import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { type NDArray } from '../../../src/arrays/index.ts'
import {
  BlendEnsemble,
  type EnsembleFitOptions,
  type EnsembleProgress,
  GaussianNB,
  KFold,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Lasso,
  learnedState,
  LinearRegression,
  LogisticRegression,
  restore,
  Ridge,
  StandardScaler,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { Failing, SignMean, Squares } from '../../fixtures/learn/nearest-mean.ts'
import { randomProblem } from '../random-problem.ts'

const n = 120
const { X, y, weights } = randomProblem(n, 3)
const ones = Float64Array.from(weights, (weight) => weight + 1)
const fresh = randomProblem(30, 3, { seed: 8 }).X

/** Counts how often any of them was fitted. */
class Counting extends SignMean {
  static fits = 0

  override fit(...args: Parameters<SignMean['fit']>): Promise<this> {
    Counting.fits++
    return super.fit(...args)
  }
}

beforeEach(() => {
  Counting.fits = 0
})

const valuesOf = (values: NDArray): number[] => Array.from(values.copy().toTypedArray(), Number)

/** Everything that two ensembles say, but for times. */
async function assertSame(actual: SuperLearner, expected: SuperLearner): Promise<void> {
  assert.deepEqual(actual.outOfFoldColumns, expected.outOfFoldColumns)
  assert.deepEqual(valuesOf(actual.outOfFold), valuesOf(expected.outOfFold))
  assert.deepEqual(
    valuesOf(await actual.transform(fresh)),
    valuesOf(await expected.transform(fresh)),
  )
  assert.deepEqual(
    actual.layers.map(({ learners, columns, propagated }) => [
      Object.keys(learners),
      columns,
      propagated,
    ]),
    expected.layers.map(({ learners, columns, propagated }) => [
      Object.keys(learners),
      columns,
      propagated,
    ]),
  )
  const scoresOf = ({ scores }: SuperLearner): unknown =>
    [...scores.learners, scores.ensemble].map((row) => [row?.name, row?.folds, row?.score])
  assert.deepEqual(scoresOf(actual), scoresOf(expected))
  if (expected.meta === undefined) return
  assert.deepEqual(valuesOf(actual.combinedOutOfFold!), valuesOf(expected.combinedOutOfFold!))
  assert.deepEqual(actual.weights, expected.weights)
  const [found, wanted] = [await actual.predict(fresh), await expected.predict(fresh)] as unknown[]
  const plain = (one: unknown): unknown => (Array.isArray(one) ? one : valuesOf(one as NDArray))
  assert.deepEqual(plain(found), plain(wanted))
  const heir = restore(expected.setParams({}), learnedState(actual))
  assert.deepEqual(plain((await heir.predict(fresh)) as unknown), plain(wanted))
}

const kinds: Readonly<Record<string, () => SuperLearner>> = {
  SuperLearner: () => new SuperLearner({ folds: 3 }),
  BlendEnsemble: () => new BlendEnsemble(),
  Subsemble: () => new Subsemble({ partitions: 2 }),
  TemporalEnsemble: () => new TemporalEnsemble({ stepSize: 20, burnIn: 40 }),
}

const first = (ensemble: SuperLearner): SuperLearner =>
  ensemble
    .add([new Ridge(), new KNeighborsRegressor()], { preprocess: new StandardScaler() })
    .add({ counted: new Counting() }, { preprocess: new Squares() })
    .addMeta(new LinearRegression())

describe('learners that are added to a fitted ensemble', () => {
  for (const [name, make] of Object.entries(kinds))
    test(`are fitted, the others are not, as if all had been fitted at once: ${name}`, async () => {
      const ensemble = await first(make()).fit(X, y)
      const { fits } = Counting
      assert.ok(fits > 0)
      const more = (one: SuperLearner): SuperLearner =>
        one.add([new Lasso({ alpha: 0.01 }), new SignMean()])
      assert.equal(await more(ensemble).continue(X, y), ensemble)
      assert.equal(Counting.fits, fits)
      await assertSame(ensemble, await more(first(make())).fit(X, y))
    })

  test('with weights, rows and groups of the same fit', async () => {
    const options: EnsembleFitOptions = { weights: ones, rows: { ranges: [[10, 100]] } }
    const ensemble = await first(new SuperLearner({ folds: 3 })).fit(X, y, options)
    const { fits } = Counting
    await ensemble.add(new Lasso()).continue(X, y, options)
    assert.equal(Counting.fits, fits)
    await assertSame(
      ensemble,
      await first(new SuperLearner({ folds: 3 }))
        .add(new Lasso())
        .fit(X, y, options),
    )
  })

  test('of classes', async () => {
    const labels = Array.from({ length: n }, (_, row) =>
      X.get(row, 0) > 0 ? 'yes' : X.get(row, 1) > 0 ? 'no' : 'or',
    )
    const make = (): SuperLearner =>
      new SuperLearner({ folds: 3 }).add(new GaussianNB()).addMeta(new LogisticRegression())
    const ensemble = make()
    await ensemble.fit(X, labels)
    await ensemble.add(new KNeighborsClassifier()).continue(X, labels)
    const whole = make().add(new KNeighborsClassifier())
    await whole.fit(X, labels)
    await assertSame(ensemble, whole)
    // Codes of labels depend on the rows that are learned from.
    const rows = { ranges: [[0, 60]] } as const
    for (const given of [labels, Float64Array.from(labels, (label) => label.length)]) {
      const again = make()
      await again.fit(X, given as never, { rows })
      await again.fit(X, given as never, { refit: false })
      const expected = make()
      await expected.fit(X, given as never)
      await assertSame(again, expected)
    }
    const others = labels.toReversed()
    await assert.rejects(ensemble.continue(X, others), {
      code: 'ERR_VALUE',
      details: { name: 'y' },
    })
  })

  test('to one of the layers: those behind it learn from new columns', async () => {
    const make = (): SuperLearner =>
      new SuperLearner({ folds: 3 })
        .add({ counted: new Counting(), ridge: new Ridge() })
        .addLayer({ late: new Ridge(), near: new KNeighborsRegressor() })
        .addMeta(new Ridge())
    const ensemble = await make().fit(X, y)
    const { fits } = Counting
    await ensemble.add({ more: new Lasso() }).continue(X, y)
    assert.equal(Counting.fits, fits)
    await assertSame(ensemble, await make().add({ more: new Lasso() }).fit(X, y))
    Counting.fits = 0
    const replaced = await make().fit(X, y)
    await replaced.replace('ridge', new Ridge({ alpha: 9 })).continue(X, y)
    assert.equal(Counting.fits, fits)
    await assertSame(
      replaced,
      await make()
        .replace('ridge', new Ridge({ alpha: 9 }))
        .fit(X, y),
    )
  })
})

describe('what is kept', () => {
  const make = (): SuperLearner =>
    new SuperLearner({ folds: 3 })
      .add({ one: new Counting(), two: new Counting() })
      .add({ ridge: new Ridge() })
      .addMeta({ meta: new Ridge(), other: new LinearRegression() })
  const each = 4 // three folds and all rows

  const fitsOf = async (
    change: (ensemble: SuperLearner) => unknown,
    options: EnsembleFitOptions = { refit: false },
  ): Promise<number> => {
    const ensemble = await make().fit(X, y)
    Counting.fits = 0
    change(ensemble)
    await ensemble.fit(X, y, options)
    const { fits } = Counting
    const whole = make()
    change(whole)
    await assertSame(ensemble, await whole.fit(X, y, { ...options, refit: true }))
    return fits
  }

  test('is everything when nothing has changed', async () => {
    assert.equal(await fitsOf(() => {}), 0)
    const ensemble = await make().fit(X, y)
    const { outOfFold, meta } = ensemble
    const seen: EnsembleProgress[] = []
    await ensemble.fit(X, y, { refit: false, onProgress: (progress) => seen.push(progress) })
    assert.deepEqual(seen, [])
    assert.equal(ensemble.outOfFold, outOfFold)
    assert.equal(ensemble.meta, meta)
  })

  test('is what has the same options, steps and folds', async () => {
    assert.equal(await fitsOf((one) => one.setParams({ 'ridge.alpha': 5 })), 0)
    assert.equal(await fitsOf((one) => one.replace('one', new Counting())), 0)
    assert.equal(await fitsOf((one) => one.replace('one', new Lasso())), 0)
    assert.equal(await fitsOf((one) => one.replace('ridge', new Counting())), each)
    assert.equal(await fitsOf((one) => one.remove('two')), 0)
    assert.equal(
      await fitsOf((one) => one.setParams({ 'two.preprocess': [new Squares()] })),
      2 * each,
    )
    assert.equal(await fitsOf((one) => one.setParams({ folds: 4 })), 2 * 5)
    assert.equal(await fitsOf((one) => one.setParams({ seed: 3 })), 2 * each)
    assert.equal(await fitsOf((one) => one.setParams({ scorer: 'mae' })), 0)
    assert.equal(await fitsOf((one) => one.addMeta(new Lasso())), 0)
    assert.equal(await fitsOf((one) => one.setParams({ 'meta.other.fitIntercept': false })), 0)
    assert.equal(await fitsOf(() => {}, { refit: false, rows: { ranges: [[0, 90]] } }), 2 * each)
    assert.equal(await fitsOf(() => {}, {}), 2 * each)
  })

  test('is not a learner whose options were changed in place', async () => {
    const ensemble = await make().fit(X, y)
    const learner = (one: SuperLearner): Ridge =>
      one.plan.layers![0]!.groups[1]!.learners['ridge'] as Ridge
    learner(ensemble).alpha = 50
    await ensemble.continue(X, y)
    const whole = make()
    learner(whole).alpha = 50
    await assertSame(ensemble, await whole.fit(X, y))
  })

  test('is tried again when it failed', async () => {
    const make = (): SuperLearner =>
      new SuperLearner({ folds: 3, onError: 'skip' })
        .add({ fails: new Failing(), one: new Counting() })
        .addMeta(new Ridge())
    const ensemble = await make().fit(X, y)
    Counting.fits = 0
    await ensemble.continue(X, y)
    assert.equal(Counting.fits, 0)
    assert.deepEqual(
      ensemble.scores.skipped.map(({ name }) => name),
      ['fails'],
    )
    await ensemble.replace('fails', new Lasso()).continue(X, y)
    assert.deepEqual(ensemble.outOfFoldColumns, ['fails', 'one'])
    assert.deepEqual(ensemble.scores.skipped, [])
  })

  test('stays as it was when the new fit fails or is aborted', async () => {
    const ensemble = await make().fit(X, y)
    const before = valuesOf(ensemble.outOfFold)
    const predicted = valuesOf(await ensemble.predict(fresh))
    await assert.rejects(ensemble.add(new Failing()).continue(X, y), { code: 'ERR_LEARNER' })
    const controller = new AbortController()
    const aborted = ensemble
      .remove('failing')
      .add(new Counting())
      .continue(X, y, {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      })
    await assert.rejects(aborted, /enough/)
    assert.deepEqual(valuesOf(ensemble.outOfFold), before)
    assert.deepEqual(valuesOf(await ensemble.predict(fresh)), predicted)
    await ensemble.continue(X, y)
    await assertSame(ensemble, await make().add(new Counting()).fit(X, y))
  })

  test('stays as it was when only a later layer or the meta learner fails', async () => {
    for (const fail of [
      (ensemble: SuperLearner): SuperLearner => ensemble.addMeta(new Failing()),
      (ensemble: SuperLearner): SuperLearner => ensemble.addLayer(new Failing()),
    ]) {
      const small = (): SuperLearner =>
        new SuperLearner({ folds: 3 }).add([new Ridge(), new Lasso()])
      const ensemble = await small().addMeta(new LinearRegression()).fit(X, y)
      const before = valuesOf(ensemble.outOfFold)
      await assert.rejects(fail(ensemble).continue(X, y), { code: 'ERR_LEARNER' })
      assert.deepEqual(valuesOf(ensemble.outOfFold), before)
      const mended = ensemble.plan.layers!.length > 1 ? ensemble.remove('failing') : ensemble
      await mended.addMeta(new LinearRegression()).continue(X, y)
      await assertSame(mended, await small().addMeta(new LinearRegression()).fit(X, y))
    }
  })
})

test('any changes, fitted one after the other, give what one fit gives', async () => {
  const changes: readonly ((ensemble: SuperLearner) => unknown)[] = [
    (one) => one.add(new Ridge({ alpha: 3 })),
    (one) => one.add(new KNeighborsRegressor(), { preprocess: new StandardScaler() }),
    (one) => one.addLayer(new Ridge(), { propagateFeatures: [0] }),
    (one) => one.addLayer([new Ridge(), new SignMean()], { folds: new KFold({ folds: 2 }) }),
    (one) => one.setParams({ 'base.alpha': 7 }),
    (one) => one.replace('base', new Lasso({ alpha: 0.1 })),
    (one) => one.addMeta(new LinearRegression()),
    (one) => one.addMeta(new KNeighborsRegressor()),
    (one) => one.setParams({ seed: 4 }),
    (one) => one.setParams({ 'layer-1.propagateFeatures': [1] }),
  ]
  const seed = 11
  const make = (): SuperLearner =>
    new SuperLearner({ folds: 3 }).add({ base: new Ridge() }).addMeta(new Ridge())
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(changes.length - 1), { minLength: 1, maxLength: 6 }),
      async (list) => {
        const ensemble = await make().fit(X, y)
        const whole = make()
        for (const change of list) {
          changes[change]!(ensemble)
          changes[change]!(whole)
          await ensemble.continue(X, y)
        }
        await assertSame(ensemble, await whole.fit(X, y))
      },
    ),
    { seed, numRuns: 30 },
  )
})

describe('other data are refused', () => {
  const ready = first(new SuperLearner({ folds: 3 })).fit(X, y, { weights: ones })
  const advice = 'Call fit() without `refit` to fit everything on other data.'
  const other = (values: NDArray<'float64'>): NDArray<'float64'> => {
    const copy = values.copy()
    copy.data[7]! += 1
    return copy
  }

  test('by what differs', async () => {
    const ensemble = await ready
    await assert.rejects(
      ensemble.continue(X.rows(0, 100), y.rows(0, 100), { weights: ones.subarray(0, 100) }),
      {
        code: 'ERR_SHAPE',
        message: `Expected with \`refit: false\` the \`X\` that this ensemble was fitted on, of shape (120, 3), got (100, 3). ${advice}`,
      },
    )
    const values = (name: string): object => ({
      code: 'ERR_VALUE',
      message: `Expected with \`refit: false\` the \`${name}\` that this ensemble was fitted on, got other values. ${advice}`,
    })
    await assert.rejects(ensemble.continue(other(X), y, { weights: ones }), values('X'))
    await assert.rejects(ensemble.continue(X, other(y), { weights: ones }), values('y'))
    await assert.rejects(ensemble.continue(X, y), values('weights'))
    await ensemble.continue(X.copy(), y.copy(), { weights: ones.slice() })
  })

  test('and so is an ensemble that has not been fitted here', async () => {
    const ensemble = await ready
    const make = (): SuperLearner => first(new SuperLearner({ folds: 3 }))
    await assert.rejects(make().continue(X, y), { code: 'ERR_NOT_FITTED' })
    const restored = restore(make(), learnedState(ensemble))
    await assert.rejects(restored.continue(X, y), {
      code: 'ERR_NOT_FITTED',
      message: /^The learned values of this ensemble were restored\./,
    })
    // Without anything to keep, everything is fitted.
    await assertSame(await make().fit(X, y, { refit: false }), await make().fit(X, y))
    await assert.rejects(make().fit(X, y, { refit: 0 as never }), {
      name: 'TypeError',
      message: 'Expected `refit` to be true or false, got 0.',
    })
  })
})
