/** Weights of combiners: SciPy's, those of a plain greedy selection, and their conditions. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  accuracy,
  BestLearner,
  brier,
  CombinedClassifier,
  estimatorChecks,
  GreedySelection,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  mae,
  makeScorer,
  NonNegativeLeastSquares,
  Ridge,
  rmse,
  rocAuc,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { Moments } from '../../../src/learn/internal.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import { readAnswers } from '../sklearn.ts'

const makers = {
  NonNegativeLeastSquares,
  'convex NonNegativeLeastSquares': () => new NonNegativeLeastSquares({ convex: true }),
  GreedySelection,
  'GreedySelection by mae': () => new GreedySelection({ size: 6, scorer: 'mae' }),
  BestLearner,
  'BestLearner by r2': () => new BestLearner({ scorer: 'r2' }),
  CombinedClassifier,
  'CombinedClassifier by GreedySelection': () =>
    new CombinedClassifier({ combiner: new GreedySelection({ size: 5 }) }),
  'CombinedClassifier by BestLearner': () =>
    new CombinedClassifier({ combiner: new BestLearner() }),
}
for (const [name, make] of Object.entries(makers)) {
  describe(`contract: ${name}`, () => {
    for (const check of estimatorChecks(make)) test(check.name, () => check.run())
  })
}

interface Numbers {
  readonly kind: string
  readonly Z: number[][]
  readonly y: number[]
  readonly weights: number[]
  readonly nnls: number[]
  readonly convex: number[]
  readonly order: number[]
  readonly shares: number[]
  readonly maeOrder: number[]
  readonly maeShares: number[]
}

interface ClassWeights {
  readonly classes: number
  readonly Z: number[][]
  readonly codes: number[]
  readonly weights: number[]
  readonly nnls: number[]
  readonly convex: number[]
  readonly order: number[]
  readonly shares: number[]
}

const answers = readAnswers('combiners') as {
  readonly numbers: readonly Numbers[]
  readonly classes: readonly ClassWeights[]
}

const listOf = (values: NDArray): number[] => [...(values.copy().toTypedArray() as Float64Array)]

const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0)

function predictions(Z: readonly number[][], w: readonly number[]): number[] {
  return Z.map((row) => sum(row.map((value, l) => value * w[l]!)))
}

describe('weights for numbers', () => {
  for (const [i, expected] of answers.numbers.entries()) {
    const { kind, Z, y, weights } = expected
    const fit = async (model: GreedySelection | NonNegativeLeastSquares): Promise<number[]> =>
      listOf((await model.fit(Z, y, { weights })).weights_)
    test(`${i}, ${kind}: NNLS of SciPy`, async () => {
      const found = await fit(new NonNegativeLeastSquares())
      assert.ok(found.every((weight) => weight >= 0))
      // Of equal columns, and of more columns than rows, several weights are the best.
      if (kind === 'plain' || kind === 'offset') assertClose(found, expected.nnls, 1e-7)
      const [own, best] = [found, expected.nnls].map((w) => squares(expected, w))
      assert.ok(own! <= best! * (1 + 1e-9) + 1e-12, `${own} is more than ${best}`)
    })
    test(`${i}, ${kind}: the convex program`, async () => {
      const found = await fit(new NonNegativeLeastSquares({ convex: true }))
      assert.ok(found.every((weight) => weight >= 0))
      assert.ok(Math.abs(sum(found) - 1) < 1e-15)
      if (kind === 'plain' || kind === 'offset') assertClose(found, expected.convex, 1e-7)
      const [own, best] = [found, expected.convex].map((w) => squares(expected, w))
      assert.ok(own! <= best! * (1 + 1e-9) + 1e-12, `${own} is more than ${best}`)
    })
    test(`${i}, ${kind}: greedy selection`, async () => {
      const model = await new GreedySelection({ size: 12 }).fit(Z, y, { weights })
      assert.deepEqual([...(model.order_ as Int32Array)], expected.order)
      assertClose(listOf(model.weights_), expected.shares, 1e-15)
      const byMae = new GreedySelection({ size: 12, scorer: 'mae' })
      assertClose(await fit(byMae), expected.maeShares, 1e-15)
      assert.deepEqual([...(byMae.order_ as Int32Array)], expected.maeOrder)
    })
    test(`${i}, ${kind}: rows of any scorer choose what moments do`, async () => {
      const scorer = makeScorer((y, p, options) => -(rmse(y, p, options) ** 2), {
        greaterIsBetter: true,
        name: 'negative mse',
      })
      const byRows = await new GreedySelection({ size: 12, scorer }).fit(Z, y, { weights })
      assert.deepEqual([...(byRows.order_ as Int32Array)], expected.order)
    })
    test(`${i}, ${kind}: the best learner`, async () => {
      for (const [scorer, score] of [
        ['rmse', rmse],
        ['mae', mae],
      ] as const) {
        const { order_, weights_ } = await new BestLearner({ scorer }).fit(Z, y, { weights })
        const losses = Z[0]!.map((_, l) =>
          score(
            y,
            Z.map((row) => row[l]!),
            { weights },
          ),
        )
        const best = losses.indexOf(Math.min(...losses))
        assert.deepEqual([...(order_ as Int32Array)], [best])
        assert.deepEqual(
          listOf(weights_),
          losses.map((_, l) => Number(l === best)),
        )
      }
    })
  }
})

function squares({ Z, y, weights }: Numbers, w: readonly number[]): number {
  return sum(predictions(Z, w).map((value, i) => weights[i]! * (value - y[i]!) ** 2))
}

describe('weights for probabilities of classes', () => {
  for (const [i, expected] of answers.classes.entries()) {
    const { classes, Z, codes, weights } = expected
    const name = `${i}, ${classes} classes`
    test(`${name}: NNLS of SciPy and the convex program`, async () => {
      for (const convex of [false, true]) {
        const combiner = new NonNegativeLeastSquares({ convex })
        const model = await new CombinedClassifier({ combiner }).fit(Z, codes, { weights })
        assertClose(listOf(model.weights_), convex ? expected.convex : expected.nnls, 1e-7)
        assert.deepEqual([...model.order_], [])
      }
    })
    test(`${name}: greedy selection by scikit-learn's log loss`, async () => {
      const combiner = new GreedySelection({ size: 15 })
      const model = await new CombinedClassifier({ combiner }).fit(Z, codes, { weights })
      assert.deepEqual([...model.order_], expected.order)
      assertClose(listOf(model.weights_), expected.shares, 1e-15)
    })
    test(`${name}: probabilities and labels`, async () => {
      const texts = codes.map((code) => `class ${code}`)
      const model = await new CombinedClassifier({ combiner: new GreedySelection() }).fit(Z, texts)
      const w = listOf(model.weights_)
      const probabilities = (await model.predictProba(Z)).toArray() as number[][]
      const labels = await model.predict(Z)
      for (const [row, given] of Z.entries()) {
        const own =
          classes === 2
            ? [1 - predictions([given], w)[0]!, predictions([given], w)[0]!]
            : Array.from({ length: classes }, (_, c) =>
                sum(w.map((weight, l) => weight * given[l * classes + c]!)),
              )
        assertClose(probabilities[row]!, own, 1e-12)
        assert.equal(labels[row], `class ${own.indexOf(Math.max(...own))}`)
      }
    })
  }

  for (const [i, { classes, Z, codes, weights }] of answers.classes.entries())
    test(`${i}, ${classes} classes, each scorer of classes chooses what a plain loop does`, async () => {
      const width = classes === 2 ? 1 : classes
      const meanOf = (chosen: readonly number[]): number[][] =>
        Z.map((row) =>
          Array.from(
            { length: width },
            (_, c) => sum(chosen.map((l) => row[l * width + c]!)) / chosen.length,
          ),
        )
      const labelsOf = (mean: readonly number[][]): number[] =>
        mean.map((row) => (width === 1 ? Number(row[0]! > 0.5) : row.indexOf(Math.max(...row))))
      const shape = (mean: number[][]): NDArray => array(width === 1 ? mean.flat() : mean)
      const list = Array.from({ length: classes }, (_, code) => code)
      const losses = {
        accuracy: (mean: number[][]) => -accuracy(codes, labelsOf(mean), { weights }),
        brier: (mean: number[][]) => brier(codes, shape(mean), { weights, classes: list }),
        rocAuc: (mean: number[][]) => -rocAuc(codes, shape(mean), { weights, classes: list }),
      }
      for (const [scorer, loss] of Object.entries(losses)) {
        const combiner = new GreedySelection({ size: 6, scorer: scorer as 'brier' })
        const { order_ } = await new CombinedClassifier({ combiner }).fit(Z, codes, { weights })
        const learners = [...Array.from({ length: Z[0]!.length / width }).keys()]
        const order: number[] = []
        const reached: number[] = []
        for (let step = 0; step < 6; step++) {
          const found = learners.map((l) => loss(meanOf([...order, l])))
          const least = Math.min(...found)
          const equal = learners.filter((l) => found[l]! - least < 1e-12)
          order.push(equal.find((l) => order.includes(l)) ?? equal[0]!)
          reached.push(least)
        }
        const length = reached.findIndex((one) => one - Math.min(...reached) < 1e-12) + 1
        assert.deepEqual([...order_], order.slice(0, length), scorer)
      }
      const named = new CombinedClassifier({ combiner: new BestLearner({ scorer: 'logLoss' }) })
      const unnamed = new CombinedClassifier({ combiner: new BestLearner() })
      await named.fit(Z, codes, { weights })
      assert.deepEqual(named.order_, (await unnamed.fit(Z, codes, { weights })).order_)
    })

  test('a scorer of numbers is refused for classes, and one of classes for numbers', async () => {
    const { Z, codes } = answers.classes[0]!
    const combiner = new GreedySelection({ scorer: 'mae' })
    await assert.rejects(new CombinedClassifier({ combiner }).fit(Z, codes), { code: 'ERR_OPTION' })
    await assert.rejects(new BestLearner({ scorer: 'accuracy' }).fit(Z, codes), {
      code: 'ERR_OPTION',
    })
  })

  test('numbers of classes keep their columns where a class has no row', async () => {
    const { Z, codes } = answers.classes[4]!
    const rows = codes.map((code) => code !== 3)
    for (const combiner of [new NonNegativeLeastSquares(), new GreedySelection()]) {
      const model = new CombinedClassifier({ combiner, classes: 3 })
      await assert.rejects(model.fit(Z, codes), {
        code: 'ERR_VALUE',
        message:
          'Expected `y` to hold numbers of classes from 0 to 2, because CombinedClassifier has `classes: 3`, got 3.',
      })
      model.setParams({ classes: 4 })
      await model.fit(Z, codes, { rows })
      assert.deepEqual(model.classes_, Float64Array.of(0, 1, 2, 3))
      assert.equal(model.weights_.size, 5)
    }
  })
})

test('equal learners share no weight: the first one has it', async () => {
  const y = [1, 2, 3, 4, 5]
  const Z = y.map((value) => [value + 1, value, value, 7])
  for (const model of [
    new NonNegativeLeastSquares(),
    new NonNegativeLeastSquares({ convex: true }),
    new GreedySelection(),
    new GreedySelection({ scorer: 'mae' }),
    new BestLearner(),
  ]) {
    const { weights_ } = await model.fit(Z, y)
    assertClose(listOf(weights_), [0, 1, 0, 0], 1e-12)
  }
})

test('learners that are all bad, constant or 0 have finite weights', async () => {
  const y = [1, -1, 2, -2]
  const bad = y.map((value) => [-value, 0])
  assert.deepEqual(listOf((await new NonNegativeLeastSquares().fit(bad, y)).weights_), [0, 0])
  const convex = await new NonNegativeLeastSquares({ convex: true }).fit(bad, y)
  assertClose(listOf(convex.weights_), [0, 1], 1e-12)
  const constant = y.map(() => [3, 3])
  const level = await new NonNegativeLeastSquares().fit(
    constant,
    y.map((value) => value + 6),
  )
  assertClose(listOf(level.weights_), [2, 0], 1e-12)
})

test('a target of several columns has weights for each', async () => {
  const { X, y } = randomProblem(50, 4, { targets: 2 })
  const options = { weights: Float64Array.from({ length: 50 }, (_, i) => i % 3) }
  for (const make of [
    () => new NonNegativeLeastSquares(),
    () => new NonNegativeLeastSquares({ convex: true }),
    () => new GreedySelection(),
    () => new GreedySelection({ scorer: 'mae' }),
    () => new BestLearner(),
  ]) {
    const model = await make().fit(X, y, options)
    assert.deepEqual(model.weights_.shape, [2, 4])
    for (const target of [0, 1]) {
      const one = await make().fit(X, y.column(target), options)
      assertClose(listOf(model.weights_.row(target)), listOf(one.weights_), 1e-12)
      if ('order_' in model && 'order_' in one)
        assert.deepEqual((model.order_ as Int32Array[])[target], one.order_)
    }
    assert.deepEqual((await model.predict(X)).shape, [50, 2])
  }
})

test('convex weights meet the conditions of the minimum', async () => {
  const random = seeded(3)
  for (let run = 0; run < 60; run++) {
    const [n, L] = [2 + Math.floor(random() * 40), 1 + Math.floor(random() * 12)]
    const { X, y } = randomProblem(n, L, { seed: run, offset: run % 3 === 0 ? 1e4 : 1 })
    if (run % 4 === 0) X.data.forEach((value, i) => (X.data[i] = Math.round(value)))
    const model = await new NonNegativeLeastSquares({ convex: true }).fit(X, y)
    const w = listOf(model.weights_)
    const errors = (X.toArray() as number[][]).map((row, i) => row.map((z) => z - y.data[i]!))
    const rest = predictions(errors, w)
    const slopes = w.map((_, l) => sum(errors.map((row, i) => row[l]! * rest[i]!)))
    const reached = sum(rest.map((value) => value ** 2))
    const size = Math.max(...slopes.map(Math.abs), reached)
    // No learner's slope is below that of the mix, and those with a weight are equal to it.
    for (const [l, slope] of slopes.entries()) {
      assert.ok(slope >= reached - 1e-7 * size, `run ${run}: ${slope} < ${reached}`)
      if (w[l]! > 0) assert.ok(Math.abs(slope - reached) <= 1e-7 * size, `run ${run}`)
    }
  }
})

test('learners near each other and far from 0 are told apart', async () => {
  const { X } = randomProblem(500, 3, { offset: 1e6 })
  const y = Float64Array.from(
    { length: 500 },
    (_, i) => 0.25 * X.get(i, 0) + 0.75 * X.get(i, 2) + 1e-3 * Math.sin(i * i),
  )
  for (const convex of [false, true]) {
    const { weights_ } = await new NonNegativeLeastSquares({ convex }).fit(X, y)
    assertClose(listOf(weights_), [0.25, 0, 0.75], 1e-3, { floor: 1 })
  }
})

test('many learners are weighed', async () => {
  const { X, y } = randomProblem(400, 150)
  const model = await new NonNegativeLeastSquares().fit(X, y)
  const expected = await new LinearRegression({ positive: true, fitIntercept: false }).fit(X, y)
  assertClose(listOf(model.coef_), listOf(expected.coef_), 1e-8)
})

test('moments are all that NNLS needs, also of equal columns', async () => {
  const X = array([
    [1, 1],
    [2, 2],
    [4, 4],
  ])
  const [moments] = await Moments.compute(X, array([2, 4, 8]))
  const model = new NonNegativeLeastSquares().fitMoments(moments!)
  assertClose(listOf(model.weights_), [2, 0], 1e-12)
})

describe('as meta learners', () => {
  const { X, y } = randomProblem(120, 5)
  const learners = {
    some: new LinearRegression({ positive: true }),
    all: new LinearRegression(),
  }
  for (const [name, meta] of Object.entries({
    nnls: new NonNegativeLeastSquares(),
    convex: new NonNegativeLeastSquares({ convex: true }),
    greedy: new GreedySelection(),
    byMae: new GreedySelection({ scorer: 'mae' }),
    best: new BestLearner(),
  }))
    test(`${name}: fitted on what each fold leaves, as on copies of these rows`, async () => {
      const folds = new KFold({ folds: 4 })
      const ensemble = await new SuperLearner({ folds }).add(learners).addMeta(meta).fit(X, y)
      const Z = ensemble.outOfFold
      const scores = await Promise.all(
        folds.split(120).map(async ({ train, test }) => {
          const own = new (meta.constructor as new (params: object) => typeof meta)(
            meta.getParams(),
          )
          await own.fit(Z, y, { rows: train })
          return rmse(y, await own.predict(Z, { rows: test }), { rows: test })
        }),
      )
      assertClose(ensemble.scores.ensemble!.folds, scores, 1e-9)
      const alone = await (meta as NonNegativeLeastSquares).fit(Z, y)
      const found = ensemble.meta as NonNegativeLeastSquares
      assertClose(listOf(found.weights_), listOf(alone.weights_), 1e-9)
    })
})

describe('weights of an ensemble', () => {
  const { X, y } = randomProblem(80, 4)
  const learners = { ols: new LinearRegression(), level: new Lasso({ alpha: 100 }) }
  const make = (): SuperLearner => new SuperLearner({ folds: 4 }).add(learners)

  test('are those of a combiner or of a linear meta learner, by name', async () => {
    const ensemble = await make().addMeta(new BestLearner()).fit(X, y)
    assert.deepEqual(ensemble.weights, { ols: 1, level: 0 })
    await ensemble.addMeta(new Ridge()).fit(X, y)
    const [ols, level] = listOf((ensemble.meta as Ridge).coef_)
    assert.deepEqual(ensemble.weights, { ols, level })
  })

  test('are undefined without one', async () => {
    assert.equal((await make().fit(X, y)).weights, undefined)
    const meta = new KNeighborsRegressor()
    assert.equal((await make().addMeta(meta).fit(X, y)).weights, undefined)
    assert.throws(() => make().weights, { code: 'ERR_NOT_FITTED' })
  })
})

describe('what is refused', () => {
  const y = [1, 2, 3, 4]
  const Z = y.map((value) => [value, value + 1])
  test('options that are not allowed', async () => {
    await assert.rejects(new GreedySelection({ size: 0 }).fit(Z, y), { code: 'ERR_OPTION' })
    await assert.rejects(new GreedySelection({ scorer: 'mse' as never }).fit(Z, y), {
      code: 'ERR_OPTION',
    })
    await assert.rejects(new NonNegativeLeastSquares({ convex: 1 as never }).fit(Z, y), {
      name: 'TypeError',
    })
    assert.throws(() => new BestLearner({ size: 2 } as never), { name: 'TypeError' })
    const texts = ['a', 'b', 'a', 'b']
    await assert.rejects(new CombinedClassifier({ combiner: {} as never }).fit(Z, texts), {
      name: 'TypeError',
      message:
        /^Expected `combiner` of CombinedClassifier to be a combiner, such as new GreedySelection\(\), got/,
    })
    await assert.rejects(new CombinedClassifier({ classes: 1 }).fit(Z, [0, 1, 0, 1]), {
      code: 'ERR_OPTION',
    })
  })

  test('labels of one class, and columns that are no groups of classes', async () => {
    await assert.rejects(new CombinedClassifier().fit(Z, ['a', 'a', 'a', 'a']), {
      code: 'ERR_ROWS',
      message: "Expected rows of at least two classes to fit CombinedClassifier on, got only 'a'.",
    })
    await assert.rejects(new CombinedClassifier().fit(Z, [0, 1, 2, 0]), {
      code: 'ERR_SHAPE',
      message:
        'Expected `X` to have 3 columns for each classifier, the probabilities of 3 classes, got 2 columns.',
    })
  })

  test('a scorer that returns no number', async () => {
    const scorer = makeScorer(() => Number.NaN, { greaterIsBetter: true, name: 'none' })
    await assert.rejects(new GreedySelection({ scorer }).fit(Z, y), {
      name: 'TypeError',
      message: 'Expected the scorer none to return a number for column 0, got NaN.',
    })
  })

  test('a single row, by a scorer that needs more', async () => {
    await assert.rejects(new BestLearner({ scorer: 'r2' }).fit([[1, 2]], [3]), {
      code: 'ERR_ROWS',
      message: 'Expected more than one row to choose learners by r2, got a score of NaN for one.',
    })
  })

  test('NaN, also where rows are read by a scorer, but not in rows of weight 0', async () => {
    const wrong = [...Z.slice(0, 3), [Number.NaN, 4]]
    for (const make of [
      () => new NonNegativeLeastSquares(),
      () => new GreedySelection({ scorer: 'mae' }),
      () => new BestLearner(),
    ]) {
      await assert.rejects(make().fit(wrong, y), {
        code: 'ERR_VALUE',
        message: /got NaN in `X` at row 3, column 0/,
      })
      await make().fit(wrong, y, { weights: [1, 1, 1, 0] })
      await assert.rejects(make().fit(Z, y, { weights: [0, 0, 0, 0] }), { code: 'ERR_ROWS' })
    }
    const classes = [0, 1, 0, 1]
    for (const combiner of [new NonNegativeLeastSquares(), new BestLearner()]) {
      await assert.rejects(new CombinedClassifier({ combiner }).fit(wrong, classes), {
        code: 'ERR_VALUE',
        message: /got NaN in `X` at row 3, column 0/,
      })
      await new CombinedClassifier({ combiner }).fit(wrong, classes, { weights: [1, 1, 1, 0] })
    }
  })
})

test('infinite scores are the best or the worst ones, not a failure', async () => {
  const Z = [
    [1, 2],
    [2, 1],
    [3, 5],
  ]
  const scorerOf = (score: (predicted: NDArray) => number, greaterIsBetter: boolean) =>
    makeScorer((_y: NDArray, predicted: NDArray) => score(predicted), {
      greaterIsBetter,
      name: 'own',
    })
  const fit = async (scorer: ReturnType<typeof scorerOf>): Promise<number[]> =>
    listOf((await new GreedySelection({ scorer, size: 3 }).fit(Z, [2, 1, 5])).weights_)
  const ofSecond = (predicted: NDArray): boolean => predicted.get(0) === 2
  assert.deepEqual(await fit(scorerOf(() => Infinity, false)), [1, 0])
  assert.deepEqual(await fit(scorerOf(() => Infinity, true)), [1, 0])
  assert.deepEqual(await fit(scorerOf((one) => (ofSecond(one) ? 1 : Infinity), false)), [0, 1])
  assert.deepEqual(await fit(scorerOf((one) => (ofSecond(one) ? Infinity : 1), true)), [0, 1])
})
