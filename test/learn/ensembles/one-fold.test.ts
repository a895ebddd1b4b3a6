/** Failures of single folds, folds of weight 0, and fits that never settle. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  BlendEnsemble,
  crossValidate,
  type Estimator,
  Evaluator,
  type FitOptions,
  type FoldSharing,
  KFold,
  type Params,
  type PredictOptions,
  Ridge,
  type SharingEstimator,
  type Splitter,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { SignMean } from '../../fixtures/learn/nearest-mean.ts'
import { randomProblem } from '../random-problem.ts'

const n = 90
const { X, y } = randomProblem(n, 3)
const folds = new KFold({ folds: 3 })
const valuesOf = (values: NDArray): number[] => Array.from(values.copy().toTypedArray(), Number)

/** Fails, or predicts NaN, where row 40 is held out: in fold 1. */
class FailsOnce implements Estimator {
  how: 'fit' | 'predict' | 'nan'
  #fails = false

  constructor({ how = 'fit' }: { readonly how?: 'fit' | 'predict' | 'nan' } = {}) {
    this.how = how
  }

  getParams(): Params {
    return { how: this.how }
  }

  setParams(params: Params): this {
    return Object.assign(this, params)
  }

  async fit(rows: NDArray, _: NDArray, options: FitOptions = {}): Promise<this> {
    const chosen =
      options.rows === undefined ? [40] : [...toRowNumbers(options.rows, rows.shape[0])]
    this.#fails = !chosen.includes(40)
    if (this.#fails && this.how === 'fit') throw new Error('Row 40 is missing.')
    return this
  }

  async predict(
    rows: NDArray,
    { rows: chosen = { ranges: [[0, rows.shape[0]!]] } }: PredictOptions = {},
  ): Promise<NDArray> {
    if (this.#fails && this.how === 'predict') throw new Error('I can not predict.')
    const count = toRowNumbers(chosen, rows.shape[0]).length
    return array(new Float64Array(count).fill(this.#fails ? Number.NaN : 1))
  }
}

describe('a learner that fails on a single fold', () => {
  const reasons = {
    fit: 'Learner `once` failed on fold 1: Row 40 is missing.',
    predict: 'Learner `once` failed on fold 1: I can not predict.',
    nan: 'Learner `once` failed on fold 1: Expected finite predictions, got NaN for row 30 (counted from 0).',
  } as const
  for (const how of ['fit', 'predict', 'nan'] as const)
    test(`is left out as a whole and reported with the fold: ${how}`, async () => {
      const ensemble = new SuperLearner({ folds, onError: 'skip' })
        .add({ once: new FailsOnce({ how }), ridge: new Ridge(), mean: new SignMean() })
        .addMeta(new Ridge())
      await ensemble.fit(X, y)
      const without = await new SuperLearner({ folds })
        .add({ ridge: new Ridge(), mean: new SignMean() })
        .addMeta(new Ridge())
        .fit(X, y)
      assert.deepEqual(ensemble.scores.skipped, [{ name: 'once', reason: reasons[how], fold: 1 }])
      assert.deepEqual(ensemble.outOfFoldColumns, ['ridge', 'mean'])
      assert.deepEqual(valuesOf(ensemble.outOfFold), valuesOf(without.outOfFold))
      assert.deepEqual(ensemble.weights, without.weights)
      assert.deepEqual(valuesOf(await ensemble.predict(X)), valuesOf(await without.predict(X)))
      await assert.rejects(ensemble.setParams({ onError: 'stop' }).fit(X, y), {
        code: 'ERR_LEARNER',
        message: reasons[how],
      })
    })

  test('of one partition is left out of all of them', async () => {
    const ensemble = await new Subsemble({ partitions: 2, onError: 'skip' })
      .add({ once: new FailsOnce(), ridge: new Ridge() })
      .fit(X, y)
    assert.deepEqual(ensemble.outOfFoldColumns, ['ridge/0', 'ridge/1'])
    assert.equal(ensemble.scores.skipped[0]!.name, 'once')
  })

  test('stops the fit when no other learner is left', async () => {
    const ensemble = new SuperLearner({ folds, onError: 'skip' }).add({ once: new FailsOnce() })
    await assert.rejects(ensemble.fit(X, y), { code: 'ERR_LEARNER', message: reasons.fit })
  })
})

test('a fold whose training rows all weigh 0 is named before anything is fitted', async () => {
  const weights = new Float64Array(n).fill(1).fill(0, 0, 40)
  const refused = (fold: number): object => ({
    code: 'ERR_ROWS',
    details: { fold },
    message:
      `Expected at least one training row with a weight above 0 in each fold, got none in fold ${fold} (counted from 0), so that no model ` +
      'can learn from it. Use other folds, or leave rows of weight 0 out through `rows`.',
  })
  const temporal = new TemporalEnsemble({ stepSize: 20, burnIn: 50, window: 10 }).add(new Ridge())
  await temporal.fit(X, y, { weights })
  const half = weights.slice().fill(0, 0, 45)
  const blend = new BlendEnsemble().add(new Ridge())
  await assert.rejects(blend.fit(X, y, { weights: half }), refused(0))
  const own: Splitter = {
    split: () => [
      { train: [50, 51, 52], test: [60, 61] },
      { train: [10, 11], test: [70, 71] },
    ],
  }
  const stack = new SuperLearner({ folds: own, onError: 'skip' }).add(new Ridge())
  await assert.rejects(stack.fit(X, y, { weights }), refused(1))
  await assert.rejects(crossValidate(new Ridge(), X, y, { folds: own, weights }), refused(1))
  // Left out through `rows`, they do no harm.
  await blend.fit(X, y, { weights: half, rows: { ranges: [[45, 90]] } })
})

/** Learns without an end in one of its methods. */
class NeverSettles extends SignMean {
  override fit(): Promise<this> {
    return new Promise(() => {})
  }
}

class NeverPredicts extends SignMean {
  override predict(): Promise<NDArray> {
    return new Promise(() => {})
  }
}

/** What it shares is never made. */
class NeverShares extends SignMean implements SharingEstimator {
  foldSharing(): FoldSharing {
    return { kind: 'test/never', inThread: true, make: () => new Promise(() => {}) }
  }

  fitFold(): Promise<this> {
    return new Promise(() => {})
  }
}

class NeverFitsFold extends NeverShares {
  override foldSharing(): FoldSharing {
    return { kind: 'test/at-once', inThread: true, make: async () => ({}) }
  }
}

class NeverMaps {
  getParams(): Params {
    return {}
  }

  setParams(): this {
    return this
  }

  fit(): Promise<this> {
    return new Promise(() => {})
  }

  async transform(rows: NDArray): Promise<NDArray> {
    return rows
  }
}

describe('a signal ends a fit in this thread that never settles', { timeout: 60_000 }, () => {
  const never: Splitter = {
    split: () => [],
    forData: () => new Promise(() => {}),
  }
  const cases: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
    'of a learner': (signal) =>
      new SuperLearner({ folds }).add([new Ridge(), new NeverSettles()]).fit(X, y, { signal }),
    'of one of several that take turns': (signal) =>
      new SuperLearner({ folds })
        .add([new NeverSettles(), new SignMean()], { preprocess: new NeverMaps() })
        .fit(X, y, { signal }),
    'of a prediction': (signal) =>
      new SuperLearner({ folds }).add(new NeverPredicts()).fit(X, y, { signal }),
    'of a meta learner': (signal) =>
      new SuperLearner({ folds })
        .add(new Ridge())
        .addMeta(new NeverSettles())
        .fit(X, y, { signal }),
    'of a step': (signal) =>
      new SuperLearner({ folds })
        .add(new SignMean(), { preprocess: new NeverMaps() })
        .fit(X, y, { signal }),
    'of a shared object': (signal) =>
      new SuperLearner({ folds }).add(new NeverShares()).fit(X, y, { signal }),
    'of a shared fit': (signal) =>
      new SuperLearner({ folds }).add([new NeverFitsFold(), new Ridge()]).fit(X, y, { signal }),
    'of a splitter': (signal) =>
      new SuperLearner({ folds: never }).add(new Ridge()).fit(X, y, { signal }),
    'of an ensemble in it': (signal) =>
      new SuperLearner({ folds })
        .add({ inner: new SuperLearner().add(new NeverSettles()) })
        .fit(X, y, { signal }),
    'when learners that fail are skipped': (signal) =>
      new SuperLearner({ folds, onError: 'skip' })
        .add([new NeverSettles(), new Ridge()])
        .fit(X, y, { signal }),
    'in crossValidate': (signal) => crossValidate(new NeverSettles(), X, y, { signal }),
    'in a search': (signal) =>
      new Evaluator({ folds }).add(new NeverSettles()).fit(X, y, { signal }),
  }
  for (const [name, run] of Object.entries(cases))
    test(name, async () => {
      const reason = new Error('enough')
      const controller = new AbortController()
      setTimeout(() => controller.abort(reason), 50)
      await assert.rejects(run(controller.signal), reason)
    })

  test('and what was learned before stays', async () => {
    const ensemble = await new SuperLearner({ folds })
      .add(new Ridge())
      .addMeta(new Ridge())
      .fit(X, y)
    const before = valuesOf(await ensemble.predict(X))
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await assert.rejects(
      ensemble.add(new NeverSettles()).fit(X, y, { signal: controller.signal }),
      /enough/,
    )
    assert.deepEqual(valuesOf(await ensemble.predict(X)), before)
    // The data are free again.
    await ensemble.remove('never-settles').fit(X, y)
  })
})
