/** Folds of any splitter: out-of-fold predictions and final models are those of refits on copied rows. */

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  array,
  countRows,
  type NDArray,
  type Rows,
  toRowNumbers,
} from '../../../src/arrays/index.ts'
import { complement, rowNumbers, rowRange } from '../../../src/arrays/internal.ts'
import {
  clone,
  DecisionTreeRegressor,
  type Estimator,
  type Fold,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  LogisticRegression,
  MinMaxScaler,
  Pipeline,
  Ridge,
  rmse,
  type Splitter,
  StandardScaler,
  SuperLearner,
  type Transformer,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { CountedMean } from '../../fixtures/learn/counted-mean.ts'
import { SignMean, Squares } from '../../fixtures/learn/nearest-mean.ts'
import { seeded } from '../random-problem.ts'

/** Folds, and the rows of final models; default: all. */
interface Split {
  readonly folds: Fold[]
  readonly refit?: Rows
}

type MakeSplit = (n: number, random: () => number) => Split

const chosenRows = (n: number, isChosen: (row: number) => boolean): Rows =>
  rowNumbers(Int32Array.from([...Array(n).keys()].filter(isChosen)))

const splits: Record<string, MakeSplit> = {
  blend(n, random) {
    const first = Math.floor(n * (0.4 + 0.3 * random()))
    const train = rowRange(0, first)
    return { folds: [{ train, test: rowRange(first, n) }], refit: train }
  },
  'blend of chosen rows'(n) {
    const train = chosenRows(n, (row) => row % 3 !== 0)
    return { folds: [{ train, test: complement(train, n) }], refit: train }
  },
  'growing time'(n) {
    const starts = [Math.floor(n / 2), Math.floor(0.7 * n), Math.floor(0.9 * n)]
    const folds = starts.map((start, k) => ({
      train: rowRange(0, start - (k % 2)),
      test: rowRange(start, starts[k + 1] ?? n),
    }))
    return { folds }
  },
  'moving window'(n) {
    const width = Math.floor(n / 2)
    const folds = [0, 3, 6].map((k) => ({
      train: rowRange(k, k + width),
      test: rowRange(k + width + 1, k + width + 4),
    }))
    return { folds, refit: rowRange(n - width, n) }
  },
  subsets(n) {
    const folds = [0, 1].flatMap((partition) =>
      [0, 1, 2].map((k) => ({
        partition,
        train: chosenRows(n, (row) => row % 2 === partition && row % 3 !== k),
        test: chosenRows(n, (row) => row % 3 === k),
      })),
    )
    return { folds }
  },
  repeated(n) {
    return {
      folds: [1, 2].flatMap((seed) => new KFold({ folds: 3, shuffle: true, seed }).split(n)),
    }
  },
  'random shares'(n, random) {
    const folds = Array.from({ length: 4 }, () => {
      const sides = Array.from({ length: n }, () => random())
      return {
        train: chosenRows(n, (row) => sides[row]! < 0.7),
        test: chosenRows(n, (row) => sides[row]! > 0.8),
      }
    })
    return { folds: folds.filter(({ test }) => countRows(test) > 0) }
  },
  'many random shares'(n, random) {
    const folds = Array.from({ length: 9 }, () => {
      const train = chosenRows(n, () => random() < 0.7)
      return { train, test: complement(train, n) }
    })
    return { folds }
  },
}

const splitterOf = ({ folds, refit }: Split): Splitter => ({
  split: () => folds,
  ...(refit && { refitRows: () => refit }),
})

const learners: Record<string, [Estimator, Transformer[]]> = {
  ols: [new LinearRegression(), []],
  ridge: [new Ridge({ alpha: 0.5 }), [new StandardScaler()]],
  lasso: [
    new Pipeline({ steps: [new MinMaxScaler(), new Lasso({ alpha: 0.01, tol: 1e-12 })] }),
    [],
  ],
  neighbors: [new KNeighborsRegressor({ neighbors: 3 }), []],
  scaledNeighbors: [
    new KNeighborsRegressor({ neighbors: 2, weights: 'distance', algorithm: 'brute' }),
    [new StandardScaler()],
  ],
  tree: [new DecisionTreeRegressor({ maxDepth: 3, binning: 'perFold' }), []],
  own: [new SignMean(), []],
  squared: [new Ridge({ alpha: 0.1 }), [new Squares()]],
  mappedNeighbors: [new KNeighborsRegressor({ neighbors: 1 }), [new Squares()]],
  shared: [new CountedMean(), []],
}

interface Data {
  readonly X: NDArray
  readonly y: NDArray
  readonly weights?: Float64Array
}

function makeData(n: number, random: () => number, weighting: string): Data {
  const X = Array.from({ length: n }, () => [random(), 10 + random(), Math.floor(4 * random())])
  const y = X.map(([a, b, c]) => a! - 2 * b! + 0.5 * c! * a! + 0.1 * random())
  const weights = {
    even: undefined,
    zeros: Float64Array.from(X, (_, row) => Number(row % 5 > 0)),
    uneven: Float64Array.from(X, () => 0.1 + random()),
  }[weighting]
  return { X: array(X), y: array(y), ...(weights && { weights }) }
}

const pick = (source: NDArray, rows: Rows): NDArray =>
  array(
    Array.from(toRowNumbers(rows), (row) =>
      source.ndim === 1 ? source.get(row) : source.row(row).toArray(),
    ) as number[],
  )

/** Fits on copied rows, and predicts copied rows. */
async function refit(
  [learner, steps]: [Estimator, Transformer[]],
  { X, y, weights }: Data,
  train: Rows,
  test: Rows,
): Promise<number[]> {
  const given = weights && {
    weights: Float64Array.from(toRowNumbers(train), (row) => weights[row]!),
  }
  let [learned, asked] = [pick(X, train), pick(X, test)]
  for (const step of steps) {
    const fitted = await clone(step).fit(learned, undefined, given)
    ;[learned, asked] = [await fitted.transform(learned), await fitted.transform(asked)]
  }
  const model = await clone(learner).fit(learned, pick(y, train), given)
  return Array.from((await model.predict(asked)).toTypedArray(), Number)
}

/** Predictions of refits of each fold, their mean for rows of several folds, NaN for rows of none. */
async function refitFolds(
  learner: [Estimator, Transformer[]],
  data: Data,
  folds: readonly Fold[],
): Promise<Float64Array> {
  const n = data.y.size
  const sums = new Float64Array(n)
  const counts = new Float64Array(n)
  for (const { train, test } of folds) {
    const predicted = await refit(learner, data, train, test)
    for (const [i, row] of toRowNumbers(test).entries()) {
      sums[row]! += predicted[i]!
      counts[row]!++
    }
  }
  return sums.map((sum, row) => sum / counts[row]!)
}

function assertNear(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(found.length, expected.length)
  for (let row = 0; row < expected.length; row++) {
    const [got, want] = [Number(found[row]), expected[row]!]
    const isNear = Math.abs(got - want) <= 1e-9 * Math.max(1, Math.abs(want))
    assert.ok(
      isNear || (Number.isNaN(got) && Number.isNaN(want)),
      `${what}, row ${row}: ${got}, ${want}`,
    )
  }
}

const makeEnsemble = (split: Split, parallel?: Parallel): SuperLearner => {
  const ensemble = new SuperLearner({ folds: splitterOf(split), parallel })
  for (const [name, [learner, preprocess]] of Object.entries(learners))
    ensemble.add({ [name]: learner }, { preprocess })
  return ensemble
}

const bytesOf = (Z: NDArray): Buffer => {
  const values = Z.copy().toTypedArray()
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength)
}

describe('out-of-fold predictions and final models are those of refits on copied rows', () => {
  for (const [name, makeSplit] of Object.entries(splits)) {
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(1e6),
          fc.integer({ min: 36, max: 60 }),
          fc.constantFrom('even', 'zeros', 'uneven'),
          async (seed, n, weighting) => {
            const random = seeded(seed)
            const data = makeData(n, random, weighting)
            const split = makeSplit(n, random)
            const { X, y, weights } = data
            const ensemble = await makeEnsemble(split).fit(X, y, weights && { weights })
            const partitions = 1 + Math.max(...split.folds.map(({ partition = 0 }) => partition))
            const final = await ensemble.transform(X)
            const names = Object.keys(learners)
            for (const [column, title] of Object.keys(ensemble.learners).entries()) {
              const partition = column % partitions
              const key = names[Math.floor(column / partitions)]!
              assert.equal(title, partitions === 1 ? key : `${key}/${partition}`)
              const folds = split.folds.filter((fold) => (fold.partition ?? 0) === partition)
              const expected = await refitFolds(learners[key]!, data, folds)
              assertNear([...ensemble.outOfFold.column(column)] as number[], expected, title)
              const rows =
                partitions > 1
                  ? chosenRows(n, (row) => row % 2 === partition)
                  : (split.refit ?? rowRange(0, n))
              const whole = await refit(learners[key]!, data, rows, rowRange(0, n))
              assertNear([...final.column(column)] as number[], whole, `${title}, final`)
            }
          },
        ),
        {
          seed: Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20261130),
          numRuns: Number(process.env['ONECOPY_FUZZ_RUNS'] ?? 2),
        },
      )
    })
  }
})

describe('the bytes are the same on every backend', () => {
  const pools = [new Parallel({ workers: 2 }), new Parallel({ workers: 2, backend: 'processes' })]
  after(() => Promise.all(pools.map((pool) => pool.close())))
  for (const [name, makeSplit] of Object.entries(splits)) {
    test(name, async () => {
      const data = makeData(45, seeded(5), 'uneven')
      const split = makeSplit(45, seeded(6))
      const fit = async (parallel?: Parallel): Promise<Buffer[]> => {
        const ensemble = await makeEnsemble(split, parallel).fit(data.X, data.y, {
          weights: data.weights!,
        })
        return [bytesOf(ensemble.outOfFold), bytesOf(await ensemble.transform(data.X))]
      }
      const expected = await fit()
      for (const pool of pools) assert.deepEqual(await fit(pool), expected)
    })
  }
})

describe('a meta learner', () => {
  const data = makeData(60, seeded(3), 'even')
  const { X, y } = data

  const fit = async (split: Split): Promise<SuperLearner> =>
    new SuperLearner({ folds: splitterOf(split) })
      .add({ ridge: new Ridge(), neighbors: new KNeighborsRegressor() })
      .addMeta(new LinearRegression())
      .fit(X, y)

  for (const [name, makeSplit] of Object.entries(splits))
    test(`learns from rows with predictions only: ${name}`, async () => {
      const ensemble = await fit(makeSplit(60, seeded(8)))
      const Z = ensemble.outOfFold
      const rows = chosenRows(60, (row) => Array.from(Z.row(row), Number).every(Number.isFinite))
      const expected = await new LinearRegression().fit(Z, y, { rows })
      assertNear(
        (ensemble.meta as LinearRegression).coef_.toTypedArray(),
        expected.coef_.toTypedArray(),
        name,
      )
      assert.equal((await ensemble.predict(X)).shape[0], 60)
      assert.ok(Number.isFinite(ensemble.scores.ensemble!.score))
    })

  test('is scored on the rows of a fold by what the fold learns from', async () => {
    const split = splits['growing time']!(60, seeded(8))
    const ensemble = await fit(split)
    const Z = ensemble.outOfFold
    // The first fold learns from rows without predictions.
    assert.equal(ensemble.scores.ensemble!.folds.length, 2)
    const [, { train, test: held }] = split.folds as [Fold, Fold]
    const rows = chosenRows(60, (row) => row >= 30 && toRowNumbers(train).includes(row))
    const model = await new LinearRegression().fit(Z, y, { rows })
    const out = array(new Float64Array(60))
    await model.predict(Z, { rows: held, out })
    assertNear([ensemble.scores.ensemble!.folds[0]!], [rmse(y, out, { rows: held })], 'score')
  })
})

test('logistic models of general folds learn from their rows alone', async () => {
  const { X, y } = makeData(60, seeded(9), 'even')
  const labels = array(Array.from(y, (value) => Number(value) > -19.5).map(Number))
  const split = splits['growing time']!(60, seeded(1))
  const ensemble = await new SuperLearner({ folds: splitterOf(split), task: 'regression' })
    .add(new LogisticRegression())
    .fit(X, labels)
  const expected = await refitFolds([new LogisticRegression(), []], { X, y: labels }, split.folds)
  assertNear([...ensemble.outOfFold.column(0)] as number[], expected, 'labels')
})
