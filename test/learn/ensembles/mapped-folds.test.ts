/** Learners that were added together learn from one copy of mapped rows. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import { mappingOf } from '../../../src/arrays/internal.ts'
import {
  clone,
  type Estimator,
  type FitOptions,
  type FoldFit,
  type FoldSharing,
  GradientBoostingRegressor,
  KFold,
  KNeighborsRegressor,
  learnedState,
  MinMaxScaler,
  MLPRegressor,
  PCA,
  Pipeline,
  PolynomialFeatures,
  QuantileTransformer,
  RandomForestRegressor,
  type SharingEstimator,
  restore,
  StandardScaler,
  SuperLearner,
  type SuperLearnerOptions,
  type Transformer,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { PlainMean } from '../../fixtures/learn/counted-mean.ts'
import { Squares } from '../../fixtures/learn/nearest-mean.ts'
import { randomProblem } from '../random-problem.ts'

const [n, d, folds] = [120, 4, 3]
const { X, y, weights } = randomProblem(n, d)
const splitter = new KFold({ folds, shuffle: true, seed: 3 })

let mapped: NDArray[] = []
let fits = 0

/** Counts how often it is fitted. */
class CountedSquares extends Squares {
  override async fit(): Promise<this> {
    fits++
    return super.fit()
  }
}

/** Keeps a list of the matrices that it is fitted on. */
class Recorder extends PlainMean {
  override async fit(X: NDArray, y: NDArray, options: FitOptions = {}): Promise<this> {
    for (const earlier of new Set(mapped))
      if (earlier.buffer !== X.buffer) assert.equal(mappingOf(earlier.buffer)!.isGone, true)
    mapped.push(X)
    return super.fit(X, y, options)
  }
}

class Failing extends PlainMean {
  override async fit(X: NDArray, y: NDArray, { rows }: FitOptions = {}): Promise<this> {
    if (rows === undefined) throw new RangeError('not all rows')
    return super.fit(X, y, { rows })
  }
}

const events: string[] = []

/** Shares an object of mapped rows, and counts how often it is made and freed. */
class RowSharer extends PlainMean implements SharingEstimator<{ readonly sum: number }> {
  foldSharing(): FoldSharing<{ readonly sum: number }> {
    return {
      kind: 'test/sum-of-rows',
      make: () => Promise.reject(new Error('there are no scalers alone')),
      async makeOfRows({ y, rows }) {
        events.push('make')
        return { sum: toRowNumbers(rows).reduce((sum, row) => sum + Number(y.get(row)), 0) }
      },
      free: () => events.push('free'),
    }
  }
  async fitFold(
    { sum }: { readonly sum: number },
    _X: NDArray,
    _y: NDArray,
    { fold, rows }: FoldFit,
  ): Promise<this> {
    assert.equal(fold, null)
    events.push('fit')
    const mean = sum / toRowNumbers(rows).length
    this.means_ = Float64Array.of(mean, mean)
    return this
  }
}

const learners = (): Record<string, Estimator> => ({
  forest: new RandomForestRegressor({ trees: 3, maxDepth: 4 }),
  small: new RandomForestRegressor({ trees: 2, maxDepth: 2, binning: 'perFold' }),
  near: new KNeighborsRegressor({ neighbors: 3 }),
  network: new MLPRegressor({ hiddenLayerSizes: [3], maxIter: 20, tol: 1e9, iterNoChange: 1 }),
  mean: new PlainMean(),
  far: new KNeighborsRegressor({ neighbors: 7, weights: 'distance' }),
  boosting: new GradientBoostingRegressor({ maxIter: 3 }),
  stopped: new GradientBoostingRegressor({ maxIter: 4, earlyStopping: true }),
})

/** The ensemble of learners that are added together, or each alone behind clones of the steps. */
function ensembleOf(
  steps: readonly Transformer[],
  isTogether: boolean,
  options: SuperLearnerOptions = {},
): SuperLearner {
  const ensemble = new SuperLearner({ folds: splitter, ...options })
  if (isTogether) return ensemble.add(learners(), { preprocess: steps })
  for (const [name, learner] of Object.entries(learners()))
    ensemble.add({ [name]: learner }, { preprocess: steps })
  return ensemble
}

const cases: readonly (readonly Transformer[])[] = [
  [new PCA({ components: 2 })],
  [new QuantileTransformer({ quantiles: 20 }), new PolynomialFeatures({ degree: 2 })],
  [new Squares(), new StandardScaler()],
  [new MinMaxScaler()],
]

describe('learners that are added together', () => {
  test('have the steps fitted once for each fold, and share one copy of the rows at a time', async () => {
    ;[mapped, fits] = [[], 0]
    const ensemble = new SuperLearner({ folds: splitter }).add(
      { a: new Recorder(), b: new Recorder(), c: new Recorder() },
      { preprocess: [new CountedSquares(), new PCA({ components: 2 })] },
    )
    await ensemble.fit(X, y)
    assert.equal(fits, folds + 1)
    assert.equal(new Set(mapped.map(({ buffer }) => buffer)).size, folds + 1)
    assert.equal(mapped.length, 3 * (folds + 1))
    assert.equal(mappingOf(mapped.at(-1)!.buffer)!.isGone, true)
    const bytes = n * 2 * 8
    assert.deepEqual(ensemble.copiedBytes, { a: bytes, b: bytes, c: bytes })
  })

  test('share one object of the mapped rows of each fold, when they are of one kind', async () => {
    events.length = 0
    const ensemble = await new SuperLearner({ folds: splitter })
      .add(
        { a: new RowSharer(), b: new RowSharer(), mean: new PlainMean() },
        { preprocess: cases[0]! },
      )
      .fit(X, y)
    const one = ['make', 'fit', 'fit', 'free']
    assert.deepEqual(events, Array.from({ length: folds + 1 }, () => one).flat())
    for (let row = 0; row < n; row++) {
      const [a, b, mean] = [0, 1, 2].map((column) => ensemble.outOfFold.get(row, column))
      assert.equal(a, b)
      assert.ok(Math.abs(a! - mean!) < 1e-12)
    }
  })

  for (const backend of ['here', 'threads', 'processes'] as const) {
    test(`predict the bytes of those that are added one by one, ${backend}`, async () => {
      const parallel = backend === 'here' ? undefined : new Parallel({ workers: 3, backend })
      try {
        for (const steps of cases) {
          const alone = await ensembleOf(steps, false).fit(X, y, { weights })
          const together = await ensembleOf(steps, true, { parallel }).fit(X, y, { weights })
          assert.deepEqual(together.outOfFold.toTypedArray(), alone.outOfFold.toTypedArray())
          const expected = (await alone.transform(X)).toTypedArray()
          assert.deepEqual((await together.transform(X)).toTypedArray(), expected)
          assert.deepEqual(together.copiedBytes, alone.copiedBytes)
          const [first, second] = Object.values(together.preprocessing)
          if (first!.length > 0) assert.notEqual(first![0], second![0])
        }
      } finally {
        await parallel?.close()
      }
    })
  }

  test('are the parts of refitted pipelines, byte for byte', async () => {
    for (const preprocess of cases.slice(0, 3)) {
      const ensemble = await ensembleOf(preprocess, true).fit(X, y)
      for (const [column, learner] of Object.values(learners()).entries()) {
        const pipeline = new Pipeline({ steps: [...preprocess.map(clone), learner] })
        for (const { train, test } of splitter.split(n)) {
          await pipeline.fit(X, y, { rows: train })
          const predicted = [...(await pipeline.predict(X, { rows: test }))]
          if (column === 0 && preprocess === cases[0]) assert.ok(new Set(predicted).size > 1)
          const found = 'numbers' in test ? [...test.numbers] : []
          assert.deepEqual(
            found.map((row) => ensemble.outOfFold.get(row, column)),
            predicted,
          )
        }
      }
    }
  })

  test('keep the rows that neighbours need, also when they are saved', async () => {
    for (const workers of [0, 2]) {
      const parallel = workers === 0 ? undefined : new Parallel({ workers })
      try {
        const ensemble = await ensembleOf(cases[0]!, true, { parallel }).fit(X, y)
        const near = ensemble.learners['near'] as KNeighborsRegressor
        assert.equal(mappingOf(near.X_.buffer)?.isGone ?? false, false)
        const saved = restore(clone(near), learnedState(near))
        const [pca] = ensemble.preprocessing['near']!
        const found = await saved.predict(await pca!.transform(X))
        assert.deepEqual([...found], [...(await ensemble.transform(X)).column(2)])
      } finally {
        await parallel?.close()
      }
    }
  })

  test(
    'take turns on any number of workers, with several lists of steps',
    { timeout: 60_000 },
    async () => {
      const make = (parallel?: Parallel): SuperLearner => {
        const ensemble = new SuperLearner({ folds: 4, parallel })
        for (const steps of cases)
          ensemble.add([new PlainMean(), new KNeighborsRegressor(), new PlainMean()], {
            preprocess: steps,
          })
        return ensemble
      }
      const expected = (await make().fit(X, y)).outOfFold.toTypedArray()
      for (const workers of [1, 2, 5]) {
        const parallel = new Parallel({ workers })
        try {
          const found = (await make(parallel).fit(X, y)).outOfFold.toTypedArray()
          assert.deepEqual(found, expected)
        } finally {
          await parallel.close()
        }
      }
    },
  )

  test('go on when one of them fails', async () => {
    const fitted = await new SuperLearner({ folds: splitter, onError: 'skip' })
      .add(
        { a: new PlainMean(), failing: new Failing(), b: new PlainMean() },
        { preprocess: cases[0]! },
      )
      .fit(X, y)
    assert.deepEqual(Object.keys(fitted.learners), ['a', 'b'])
    assert.deepEqual(fitted.scores.skipped, [
      { name: 'failing', reason: 'Learner `failing` failed on all rows: not all rows' },
    ])
  })

  test('fail by their own names when the steps fail', async () => {
    class Refusing extends Squares {
      override async fit(): Promise<this> {
        if (fits++ === 1) throw new RangeError('not this fold')
        return this
      }
    }
    fits = 0
    const ensemble = new SuperLearner({ folds: splitter, onError: 'skip' })
      .add({ a: new PlainMean(), b: new PlainMean() }, { preprocess: new Refusing() })
      .add({ other: new PlainMean() })
    await ensemble.fit(X, y)
    assert.deepEqual(ensemble.scores.skipped, [
      { name: 'a', reason: 'Learner `a` failed on fold 1: not this fold', fold: 1 },
      { name: 'b', reason: 'Learner `b` failed on fold 1: not this fold', fold: 1 },
    ])
    fits = 0
    const stopping = new SuperLearner({ folds: splitter }).add(
      { a: new PlainMean(), b: new PlainMean() },
      { preprocess: new Refusing() },
    )
    await assert.rejects(stopping.fit(X, y), {
      code: 'ERR_LEARNER',
      message: 'Learner `a` failed on fold 1: not this fold',
    })
  })

  test('free the rows when the fit is aborted', async () => {
    ;[mapped, fits] = [[], 0]
    const abort = new AbortController()
    const ensemble = new SuperLearner({ folds: splitter }).add([new Recorder(), new Recorder()], {
      preprocess: cases[0]!,
    })
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 3) abort.abort(new Error('enough'))
    }
    await assert.rejects(ensemble.fit(X, y, { signal: abort.signal, onProgress }), /enough/)
    for (const one of mapped) assert.equal(mappingOf(one.buffer)!.isGone, true)
  })
})
