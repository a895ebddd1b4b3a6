/** Shared objects of a layer: made once, used by all, freed after the last user. */

import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { array, type NDArray, shared, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  type FloatArray,
  DecisionTreeRegressor,
  type Estimator,
  estimatorChecks,
  GradientBoostingRegressor,
  KFold,
  KNeighborsRegressor,
  LinearRegression,
  MinMaxScaler,
  type PredictOptions,
  RandomForestRegressor,
  Ridge,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { CountedMean, events, PlainMean, sharingRules } from '../../fixtures/learn/counted-mean.ts'
import { Failing, SignMean, Squares } from '../../fixtures/learn/nearest-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const { X, y, weights } = randomProblem(60, 4)
const folds = 5
const makeEnsemble = (options = {}): SuperLearner =>
  new SuperLearner({ folds: new KFold({ folds, shuffle: true }), ...options })
const countOf = (event: string): number => events.filter((one) => one === event).length

beforeEach(() => {
  events.length = 0
  Object.assign(sharingRules, { perCase: false, inThread: false, fails: false })
})

describe('a shared object', () => {
  for (const inThread of [false, true]) {
    const where = inThread ? 'fits in this thread' : 'fits by calls'
    test(`is made once for all folds, learners and scalers, and freed once: ${where}`, async () => {
      sharingRules.inThread = inThread
      const ensemble = makeEnsemble()
        .add({ a: new CountedMean(), b: new CountedMean({ offset: 1 }) })
        .add({ c: new CountedMean(), d: new CountedMean() }, { preprocess: new StandardScaler() })
        .add(new Ridge())
      await ensemble.fit(X, y)
      assert.equal(countOf('make'), 1)
      assert.equal(countOf('free'), 1)
      assert.equal(
        events.filter((event) => event.startsWith('fit')).length >= 4 * (folds + 1),
        true,
      )
      assert.equal(events[0], 'make')
      assert.ok(events.lastIndexOf('free') > events.lastIndexOf('fit all'))
    })
  }

  test('that depends on scalers is made once for each case', async () => {
    sharingRules.perCase = true
    const ensemble = makeEnsemble()
      .add({ a: new CountedMean(), b: new CountedMean() })
      .add({ c: new CountedMean() }, { preprocess: new StandardScaler() })
      .add({ d: new CountedMean() }, { preprocess: new StandardScaler() })
      .add({ e: new CountedMean() }, { preprocess: new StandardScaler({ withStd: false }) })
      .add({ f: new CountedMean() }, { preprocess: [new MinMaxScaler(), new StandardScaler()] })
    await ensemble.fit(X, y)
    assert.equal(countOf('make'), 1)
    assert.equal(countOf('make for scaled columns'), 3)
    assert.equal(countOf('free'), 4)
  })

  test('is freed before learners that do not use it are fitted', async () => {
    class Late extends SignMean {
      override fit(...given: Parameters<SignMean['fit']>): Promise<this> {
        events.push('late')
        return super.fit(...given)
      }
    }
    await makeEnsemble().add([new CountedMean(), new CountedMean(), new Late()]).fit(X, y)
    assert.ok(events.indexOf('free') < events.indexOf('late'))
    assert.ok(events.indexOf('free') > events.lastIndexOf('fit all'))
  })

  test('is freed when another learner fails, and when its own user fails', async () => {
    await assert.rejects(makeEnsemble().add([new CountedMean(), new Failing()]).fit(X, y))
    assert.equal(countOf('free'), 1)
    events.length = 0
    class FailsLate extends CountedMean {
      override async predict(): Promise<never> {
        throw new RangeError('not today')
      }
    }
    await assert.rejects(makeEnsemble().add([new FailsLate(), new CountedMean()]).fit(X, y), {
      code: 'ERR_LEARNER',
    })
    const skipping = makeEnsemble({ onError: 'skip' }).add([new FailsLate(), new CountedMean()])
    await skipping.fit(X, y)
    assert.deepEqual(Object.keys(skipping.learners), ['counted-mean'])
    assert.equal(countOf('make'), countOf('free'))
  })

  test('that can not be made is the failure of each learner that needs it', async () => {
    sharingRules.fails = true
    const learners = { a: new CountedMean(), b: new CountedMean(), other: new SignMean() }
    await assert.rejects(makeEnsemble().add(learners).fit(X, y), new RangeError('no sums today'))
    const ensemble = makeEnsemble({ onError: 'skip' }).add(learners)
    await ensemble.fit(X, y)
    assert.deepEqual(ensemble.scores.skipped, [
      { name: 'a', reason: 'Learner `a` failed on all rows: no sums today' },
      { name: 'b', reason: 'Learner `b` failed on all rows: no sums today' },
    ])
    assert.equal(countOf('free'), 0)
  })

  test('is not used for a subclass with a fit of its own', async () => {
    class Doubles extends CountedMean {
      override async fit(X: NDArray, y: NDArray, options = {}): Promise<this> {
        await super.fit(X, y, options)
        this.means_ = this.means_.map((mean) => 2 * mean)
        return this
      }
    }
    const ensemble = makeEnsemble().add([new Doubles(), new CountedMean()])
    await ensemble.fit(X, y)
    const { outOfFold } = ensemble
    assertClose([outOfFold.get(3, 0)], [2 * outOfFold.get(3, 1)], 1e-12)
    assert.equal(countOf('make'), 1)
  })

  for (const freesRows of [false, true]) {
    const what = freesRows ? 'are freed with the model of a fold' : 'may be kept'
    test(`whose learner says freesRows: ${freesRows} gets row numbers that ${what}`, async () => {
      const kept: Int32Array[] = []
      const read: number[][] = []
      class Keeping extends CountedMean {
        override foldSharing(): ReturnType<CountedMean['foldSharing']> {
          return { ...super.foldSharing(), freesRows }
        }
        override fitFold(...given: Parameters<CountedMean['fitFold']>): Promise<this> {
          const { fold, rows } = given[3]
          if (fold !== null) kept.push(toRowNumbers(rows))
          if (fold !== null) read.push([...toRowNumbers(rows)])
          return super.fitFold(...given)
        }
      }
      await makeEnsemble().add(new Keeping()).fit(X, y)
      const expected = new KFold({ folds, shuffle: true }).split(60)
      assert.deepEqual(
        read,
        expected.map(({ train }) => [...toRowNumbers(train)]),
      )
      for (const [fold, numbers] of kept.entries()) {
        if (freesRows)
          assert.throws(() => toRowNumbers(numbers, 60), /memory of the row numbers was freed/)
        else assert.deepEqual([...numbers], read[fold])
      }
    })
  }

  test('that is described wrongly is refused with the name of the learner', async () => {
    class Wrong extends CountedMean {
      override foldSharing(): never {
        return { kind: 5, make: () => {} } as never
      }
    }
    await assert.rejects(makeEnsemble().add(new Wrong()).fit(X, y), {
      message:
        "Expected foldSharing() of learner `wrong` to return { kind: 'my-package/…', make }, or undefined, got " +
        'a kind of 5 and a make of function make.',
    })
  })

  test('is not made for learners behind other steps than scalers', async () => {
    await makeEnsemble().add(new CountedMean(), { preprocess: new Squares() }).fit(X, y)
    assert.equal(countOf('make'), 0)
  })

  for (const backend of ['serial', 'threads', 'processes'] as const) {
    test(`gives the predictions of fits on rows, on ${backend}`, async () => {
      const parallel = sharedPool(backend)
      for (const inThread of [false, true]) {
        sharingRules.inThread = inThread
        const ensemble = makeEnsemble({ parallel }).add({
          shared: new CountedMean(),
          alone: new PlainMean(),
        })
        await ensemble.fit(X, y, { weights })
        const [own, alone] = [0, 1].map((l) => [...ensemble.outOfFold.column(l)].map(Number))
        assertClose(Float64Array.from(own!), Float64Array.from(alone!), 1e-12)
        const predicted = await ensemble.transform(X)
        assertClose([predicted.get(7, 0)], [predicted.get(7, 1)], 1e-12)
      }
      assert.equal(countOf('make'), 2)
      assert.equal(countOf('free'), 2)
    })
  }
})

describe('our learners', () => {
  // Few values a column, all of them in every fold: bins of all rows are then those of each fold.
  const levels = shared([400, 3], 'float64')
  for (let i = 0; i < levels.size; i++) levels.data[levels.offset + i] = (i * 7 + (i % 11)) % 5
  const target = array(
    Float64Array.from({ length: 400 }, (_, i) => levels.get(i, 0) * levels.get(i, 1) + Math.sin(i)),
  )
  const learners: Record<string, () => Estimator> = {
    boosting: () => new GradientBoostingRegressor({ maxIter: 8, subsample: 0.7 }),
    forest: () => new RandomForestRegressor({ trees: 6 }),
    tree: () => new DecisionTreeRegressor({ maxDepth: 4 }),
    neighbors: () => new KNeighborsRegressor({ neighbors: 3 }),
    linear: () => new LinearRegression(),
  }
  for (const [name, make] of Object.entries(learners)) {
    for (const preprocess of [[], [new StandardScaler()]]) {
      const how = preprocess.length > 0 ? ' behind a scaler' : ''
      test(`predict folds as fits on their rows do: ${name}${how}`, async () => {
        const splitter = new KFold({ folds: 4, shuffle: true })
        const ensemble = new SuperLearner({ folds: splitter }).add(make(), { preprocess })
        await ensemble.fit(levels, target)
        for (const { train, test } of splitter.split(400)) {
          const scaler = await new StandardScaler().fit(levels, undefined, { rows: train })
          const input = preprocess.length > 0 ? await scaler.transform(levels) : levels
          const model = await make().fit(input, target, { rows: train })
          const expected = Float64Array.from(await model.predict(input, { rows: test }), Number)
          const found = Float64Array.from(toRowNumbers(test), (row) =>
            ensemble.outOfFold.get(row, 0),
          )
          assertClose(found, expected, 1e-9, { floor: 1 })
        }
      })
    }
  }
})

/** A model of the logarithm. */
const logarithmic = {
  ridge: class extends Ridge {
    override fit(X: NDArray, y: NDArray, options = {}): Promise<this> {
      return super.fit(X, logOf(y), options)
    }
  },
  boosting: class extends GradientBoostingRegressor {
    override fit(X: NDArray, y: NDArray, options = {}): Promise<this> {
      return super.fit(X, logOf(y), options)
    }
  },
  neighbors: class extends KNeighborsRegressor {
    override fit(X: NDArray, y: NDArray, options = {}): Promise<this> {
      return super.fit(X, logOf(y), options)
    }
  },
}

function logOf(y: NDArray): NDArray {
  return array(Float64Array.from(y, (value) => Math.log(Number(value) + 1000)))
}

describe('subclasses that override a method keep what it does', () => {
  const target = array(Float64Array.from(y, (value) => 10 * (Number(value) - y.get(0))))
  for (const [name, Model] of Object.entries(logarithmic)) {
    test(`fit of ${name}`, async () => {
      const ensemble = makeEnsemble().add(new Model())
      await ensemble.fit(X, target)
      const { train, test } = new KFold({ folds, shuffle: true }).split(60)[0]!
      const model = await new Model().fit(X, target, { rows: train })
      const expected = Float64Array.from(await model.predict(X, { rows: test }), Number)
      const found = Float64Array.from(toRowNumbers(test), (row) => ensemble.outOfFold.get(row, 0))
      assertClose(found, expected, 1e-9)
      assert.ok(found.every((value) => value < 10))
    })
  }

  test('predict of a linear model', async () => {
    class Clipped extends Ridge {
      override async predict(X: NDArray, options: PredictOptions = {}): Promise<FloatArray> {
        const { rows } = options
        const values = await super.predict(X, rows === undefined ? {} : { rows })
        return array(Float64Array.from(values, (value) => Math.max(0, Number(value))))
      }
    }
    const ensemble = makeEnsemble().add({ clipped: new Clipped(), ridge: new Ridge() })
    await ensemble.fit(X, target)
    const both = [...ensemble.outOfFold.column(1)].map(Number)
    assert.ok(both.some((value) => value < 0))
    assert.deepEqual(
      [...ensemble.outOfFold.column(0)],
      both.map((value) => Math.max(0, value)),
    )
    const predicted = await ensemble.transform(X)
    assert.ok([...predicted.column(0)].every((value) => Number(value) >= 0))
  })

  test('transform of a scaler', async () => {
    class Bounded extends StandardScaler {
      override async transform(X: NDArray, options = {}): Promise<FloatArray> {
        const values = await super.transform(X, options)
        return array(
          Float64Array.from(values.toTypedArray() as Float64Array, (value) => Math.min(value, 0.1)),
          { shape: [...values.shape] },
        )
      }
    }
    const ensemble = makeEnsemble()
      .add({ bounded: new Ridge() }, { preprocess: new Bounded() })
      .add({ free: new Ridge() }, { preprocess: new StandardScaler() })
    await ensemble.fit(X, target)
    const { train, test } = new KFold({ folds, shuffle: true }).split(60)[0]!
    const scaled = await (await new Bounded().fit(X, undefined, { rows: train })).transform(X)
    const model = await new Ridge().fit(scaled, target, { rows: train })
    const expected = Float64Array.from(await model.predict(scaled, { rows: test }), Number)
    const found = Float64Array.from(toRowNumbers(test), (row) => ensemble.outOfFold.get(row, 0))
    assertClose(found, expected, 1e-9, { floor: 1 })
  })
})

test('the contract is checked of a learner that shares', async () => {
  const names = estimatorChecks(CountedMean).map(({ name }) => name)
  assert.ok(names.includes('folds learn from the shared object what they learn from their rows'))
  assert.ok(!estimatorChecks(SignMean).some(({ name }) => name.includes('shared object')))
  class Leaks extends CountedMean {
    override fitFold(...[share, X, y, fit]: Parameters<CountedMean['fitFold']>): Promise<this> {
      return super.fitFold(share, X, y, { ...fit, fold: null })
    }
  }
  const check = estimatorChecks(Leaks).find(({ name }) => name.startsWith('folds learn from'))!
  await assert.rejects(check.run(), { code: 'ERR_CHECK' })
  const sound = estimatorChecks(CountedMean).filter(({ name }) => /shared|folds behind/.test(name))
  for (const check of sound) await check.run()
})
