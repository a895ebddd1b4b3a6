/** Linear models over folds of odd designs: what shared statistics give is what a refit gives. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { array, toRowNumbers, type NDArray, type Rows } from '../../src/arrays/index.ts'
import {
  ElasticNet,
  type Estimator,
  type Fold,
  KFold,
  Lasso,
  LinearRegression,
  MinMaxScaler,
  Ridge,
  StandardScaler,
  SuperLearner,
  type Transformer,
} from '../../src/learn/index.ts'
import { seeded } from './random-problem.ts'

const learners: Record<string, () => Estimator> = {
  LinearRegression: () => new LinearRegression(),
  'LinearRegression without intercept': () => new LinearRegression({ fitIntercept: false }),
  'Ridge of a small penalty': () => new Ridge({ alpha: 1e-3 }),
  'Ridge of no penalty': () => new Ridge({ alpha: 0 }),
  'Ridge without intercept': () => new Ridge({ alpha: 0.5, fitIntercept: false }),
  'Ridge of a large penalty': () => new Ridge({ alpha: 1e6 }),
  Lasso: () => new Lasso({ alpha: 0.05, tol: 1e-13, maxIter: 5000 }),
  'Lasso of coefficients >= 0': () =>
    new Lasso({ alpha: 0.01, tol: 1e-13, maxIter: 5000, positive: true }),
  ElasticNet: () => new ElasticNet({ alpha: 0.05, tol: 1e-13, maxIter: 5000 }),
  'ElasticNet without intercept': () =>
    new ElasticNet({ alpha: 0.05, tol: 1e-13, maxIter: 5000, fitIntercept: false }),
}

const steps: Record<string, () => Transformer[]> = {
  none: () => [],
  standard: () => [new StandardScaler()],
  'minimum and maximum': () => [new MinMaxScaler({ featureRange: [-1, 1] })],
  both: () => [new MinMaxScaler(), new StandardScaler()],
  'scale only': () => [new StandardScaler({ withMean: false })],
  'mean only': () => [new StandardScaler({ withStd: false })],
}

type Column = (row: number, random: () => number, earlier: readonly number[]) => number

/** Columns by name; `earlier` are the values of the columns before it. */
const columns: Record<string, Column> = {
  even: (_, random) => random(),
  constant: () => 0.1,
  zero: () => 0,
  'a copy': (_, random, earlier) => earlier[0] ?? random(),
  'a multiple': (_, random, earlier) => 4 * (earlier[0] ?? random()) - 2,
  'a sum': (_, random, earlier) =>
    earlier.length === 0 ? random() : earlier.reduce((sum, value) => sum + value, 0),
  'one hot': (row) => Number(row % 3 === 0),
  rare: (row) => Number(row === 7),
  'rare and huge': (row) => (row === 4 ? 1e9 : 0),
  'rare beside small values': (row, random) => (row === 9 ? 1e6 : random()),
  last: (row) => Number(row > 8),
  blocks: (row) => Math.floor(row / 4),
  huge: (_, random) => 1e12 * random(),
  tiny: (_, random) => 1e-12 * random(),
  'small about a constant': (_, random) => 1000 + random(),
  'within rounding': (row) => (row % 2 === 0 ? 0.3 : 0.1 + 0.2),
  steps: (row, random) => row + 0.1 * random(),
  'far from 0': (_, random) => 1e6 + random(),
  'nearly a copy': (_, random, earlier) => (earlier[0] ?? 1) + 1e-3 * random(),
}

const weightings: Record<string, (row: number, random: () => number) => number> = {
  even: () => 1,
  zeros: (row) => row % 3,
  uneven: (_, random) => 0.01 + 10 * random(),
  'of one row near nothing': (row) => (row === 4 ? 1e-20 : 1),
  huge: (_, random) => 1e12 * (1 + random()),
  tiny: (_, random) => 1e-12 * (1 + random()),
}

/** A target, the spread of its values and the largest of them, about. */
interface Target {
  readonly spread: number
  readonly largest: number
  readonly value: (row: number, random: () => number) => number
}

const targets: Record<string, Target> = {
  even: { spread: 1, largest: 1, value: (_, random) => random() },
  constant: { spread: 1, largest: 1, value: () => 0.7 },
  zero: { spread: 1, largest: 1, value: () => 0 },
  'two classes': { spread: 1, largest: 1, value: (row) => row % 2 },
  huge: { spread: 1e9, largest: 1e9, value: (_, random) => 1e9 * random() },
  tiny: { spread: 1e-9, largest: 1e-9, value: (_, random) => 1e-9 * random() },
  'far from 0': { spread: 1, largest: 1000, value: (_, random) => 1000 + random() },
}

interface Problem {
  readonly seed: number
  readonly rows: number
  readonly columns: readonly string[]
  readonly weights: string
  readonly target?: string
  readonly folds: number
  readonly shuffle: boolean
  readonly learner: string
  readonly steps: string
}

const problems: fc.Arbitrary<Problem> = fc.record({
  seed: fc.nat(1e6),
  rows: fc.oneof(fc.integer({ min: 12, max: 40 }), fc.integer({ min: 3, max: 12 })),
  columns: fc.array(fc.constantFrom(...Object.keys(columns)), { minLength: 1, maxLength: 5 }),
  weights: fc.constantFrom(...Object.keys(weightings)),
  target: fc.constantFrom(...Object.keys(targets)),
  // More folds than rows stand for one row each.
  folds: fc.oneof(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 50 })),
  shuffle: fc.boolean(),
  learner: fc.constantFrom(...Object.keys(learners)),
  steps: fc.constantFrom(...Object.keys(steps)),
})

interface Data {
  readonly X: number[][]
  readonly y: number[]
  readonly weights: Float64Array
}

function makeData(problem: Problem): Data {
  const random = seeded(problem.seed)
  const X = Array.from({ length: problem.rows }, (_, row) => {
    const values: number[] = []
    for (const name of problem.columns) values.push(columns[name]!(row, random, values))
    return values
  })
  const y = X.map((_, row) => targets[problem.target ?? 'even']!.value(row, random))
  const weights = Float64Array.from(X, (_, row) => weightings[problem.weights]!(row, random))
  return { X, y, weights }
}

function pick<T>(list: ArrayLike<T>, rows: Rows): T[] {
  return Array.from(toRowNumbers(rows), (row) => list[row]!)
}

interface Refit {
  readonly predicted: Float64Array
  /** Condition number of the training rows, times the greatest ratio of values to their spread. */
  readonly condition: number
  /**
   * Distance of each predicted row from the training rows: in spreads of a column, or in those of a combination
   * of columns, which may hardly vary where the columns do.
   */
  readonly far: readonly number[]
}

/** Refits on copied rows and scaled copies of them. */
async function refit(problem: Problem, data: Data, train: Rows, test: Rows): Promise<Refit> {
  const weights = Float64Array.from(pick(data.weights, train))
  let learned: NDArray = array(pick(data.X, train))
  let asked: NDArray = array(pick(data.X, test))
  for (const step of steps[problem.steps]!()) {
    await step.fit(learned, undefined, { weights })
    learned = await step.transform(learned)
    asked = await step.transform(asked)
  }
  const y = array(pick(data.y, train))
  const model = await learners[problem.learner]!().fit(learned, y, { weights })
  const predicted = Float64Array.from((await model.predict(asked)).toTypedArray(), Number)
  const scaled = unitColumns(rowsOf(learned), weights)
  const offset = Math.max(...unitColumns(pick(data.X, train), weights).map((one) => one.offset))
  const combined = combinations(scaled)
  const total = Math.sqrt(weights.reduce((sum, weight) => sum + weight, 0))
  const far = rowsOf(asked).map((row) =>
    Math.max(total * combined(row), ...row.map((value, j) => scaled[j]!.far(value))),
  )
  // A small penalty keeps dependent columns apart, as far as it stands beside their lengths.
  const penalized = problem.learner.startsWith('Ridge')
    ? Math.max(...scaled.map(({ size }) => size)) / Math.sqrt(1e-3)
    : 1
  const condition = Math.max(conditionOf(scaled), penalized) * offset
  return { predicted, condition, far }
}

function rowsOf(matrix: NDArray): number[][] {
  return Array.from({ length: matrix.shape[0]! }, (_, row) => Array.from(matrix.row(row), Number))
}

/** A column about its mean and about 0, both as parts of their lengths, without rows of weight 0. */
interface UnitColumn {
  readonly centred: number[]
  readonly whole: number[]
  /** Length about 0. */
  readonly size: number
  /** The greatest value, in units of the column's spread. */
  readonly offset: number
  /** A value as in `centred` and as in `whole`. */
  readonly place: (value: number) => { readonly centred: number; readonly whole: number }
  /** How far a value is from the mean, in units of the spread; of a constant column in its own. */
  readonly far: (value: number) => number
}

/** The columns that vary, with roots of the weights. */
function unitColumns(X: readonly (readonly number[])[], weights: Float64Array): UnitColumn[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const roots = weights.map(Math.sqrt)
  return X[0]!.flatMap((_, j) => {
    const values = X.map((row) => row[j]!)
    const first = values[weights.findIndex((weight) => weight > 0)]!
    const mean =
      values.reduce((sum, value, i) => sum + weights[i]! * (value - first), 0) / total + first
    const differences = values.map((value, i) => roots[i]! * (value - mean))
    const length = Math.hypot(...differences)
    const largest = Math.max(...values.map((value, i) => (roots[i]! > 0 ? Math.abs(value) : 0)))
    const whole = values.map((value, i) => roots[i]! * value)
    const size = Math.hypot(...whole) || 1
    const isConstant = !(length > 20 * Number.EPSILON * largest * Math.sqrt(total))
    return {
      centred: isConstant ? differences.map(() => 0) : differences.map((value) => value / length),
      size,
      whole: whole.map((value) => value / size),
      offset: isConstant ? 1 : Math.max(1, (largest * Math.sqrt(total)) / length),
      place: (value) => ({
        centred: isConstant ? 0 : (value - mean) / length,
        whole: value / size,
      }),
      far: (value) =>
        Math.abs(value - mean) / (isConstant ? largest || 1 : length / Math.sqrt(total)),
    }
  })
}

const kinds = ['centred', 'whole'] as const

/** Singular values of the columns that are more than rounding, about the means or about 0. */
function decompose(
  columns: readonly UnitColumn[],
  kind: (typeof kinds)[number],
): { decomposition: SingularValueDecomposition; kept: number[] } {
  const matrix = new Matrix(columns.map((column) => column[kind])).transpose()
  const decomposition = new SingularValueDecomposition(matrix, { autoTranspose: true })
  const kept = [...decomposition.diagonal.keys()].filter((k) => decomposition.diagonal[k]! > 1e-14)
  return { decomposition, kept }
}

/** The worse of the condition numbers about the means and about 0. */
function conditionOf(columns: readonly UnitColumn[]): number {
  const conditions = kinds.map((kind) => {
    const { decomposition, kept } = decompose(columns, kind)
    const values = kept.map((k) => decomposition.diagonal[k]!)
    return values.length === 0 ? 1 : Math.max(...values) / Math.min(...values)
  })
  return Math.max(...conditions)
}

/** Measures how much of the training rows a row takes: the length of the least combination that gives it. */
function combinations(columns: readonly UnitColumn[]): (row: readonly number[]) => number {
  const parts = kinds.map((kind) => ({ kind, ...decompose(columns, kind) }))
  return (row) => {
    const lengths = parts.map(({ kind, decomposition, kept }) => {
      const { rightSingularVectors: V, diagonal } = decomposition
      const amounts = kept.map((k) =>
        row.reduce((sum, value, j) => sum + V.get(j, k) * columns[j]!.place(value)[kind], 0),
      )
      return Math.hypot(...amounts.map((amount, i) => amount / diagonal[kept[i]!]!))
    })
    return Math.max(...lengths)
  }
}

/** Asserts that out-of-fold predictions are those of refits. */
async function assertAsRefits(problem: Problem, mostError?: number): Promise<void> {
  const data = makeData(problem)
  const [X, y, weights] = [array(data.X), array(data.y), data.weights]
  const { shuffle } = problem
  const splitter = new KFold({ folds: Math.min(problem.folds, problem.rows), shuffle })
  const target = targets[problem.target ?? 'even']!
  // Without an intercept the mean of the target is part of what the columns have to explain.
  const size = problem.learner.endsWith('without intercept') ? target.largest : target.spread
  const isScored = ({ test }: Fold): boolean => pick(weights, test).some((weight) => weight > 0)
  fc.pre(splitter.split(problem.rows).every(isScored))
  // Another member shares the statistics, and must leave them as they are.
  const ensemble = new SuperLearner({ folds: splitter })
    .add(learners[problem.learner]!(), { preprocess: steps[problem.steps]!() })
    .add(new Ridge(), { preprocess: new StandardScaler() })
    .fit(X, y, { weights })
  const found = (await ensemble).outOfFold.column(0)
  for (const { train, test } of splitter.split(problem.rows)) {
    const { predicted: expected, condition, far } = await refit(problem, data, train, test)
    const tolerance = mostError ?? 1e-9 * Math.max(1, condition / 1e5)
    // Where nothing was learned, residuals bring the square of the condition number in.
    const beyond = mostError ?? Math.max(tolerance, 1e-15 * condition ** 2)
    // Rows that hardly count, and penalties that hardly do, leave directions that nothing was learned in.
    const isOpen = ['of one row near nothing', 'huge'].includes(problem.weights)
    for (const [i, row] of toRowNumbers(test).entries()) {
      const value = found.get(row)
      const near = tolerance * (size + Math.abs(expected[i]!))
      const limit = near + (isOpen ? beyond : tolerance) * far[i]! * size
      assert.ok(
        Math.abs(value - expected[i]!) <= limit,
        `row ${row}: ${value}, by refit ${expected[i]} (limit ${limit})`,
      )
    }
  }
}

describe('out-of-fold predictions are those of refits', () => {
  const plain: Problem = {
    seed: 1,
    rows: 12,
    columns: ['even'],
    weights: 'even',
    folds: 3,
    shuffle: false,
    learner: 'LinearRegression',
    steps: 'none',
  }
  for (const [name, odd] of Object.entries({
    'a column that only the held-out rows vary in': ['rare'],
    'a huge value among the held-out rows': ['rare and huge', 'even'],
    'small differences beside a huge held-out value': ['rare beside small values', 'even'],
    'columns that differ only by rounding': ['within rounding', 'even'],
    'a sum of the other columns': ['even', 'one hot', 'a sum', 'rare'],
    'a constant column among copies': ['constant', 'even', 'a copy', 'last'],
  })) {
    test(name, async () => {
      for (const weights of ['even', 'zeros'])
        await assertAsRefits({ ...plain, rows: 24, columns: odd, weights }, 1e-9)
      for (const learner of Object.keys(learners))
        for (const scaling of Object.keys(steps))
          await assertAsRefits({ ...plain, columns: odd, learner, steps: scaling })
    })
  }

  test('columns that scalings of two rows make copies of each other', async () => {
    const columns = ['nearly a copy', 'even']
    for (const learner of Object.keys(learners))
      for (const scaling of Object.keys(steps))
        for (const seed of [0, 1, 2])
          await assertAsRefits({
            ...plain,
            seed,
            rows: 3,
            folds: 2,
            columns,
            learner,
            steps: scaling,
          })
  })

  test('columns near 1e6 that are nearly copies, to what float64 leaves of w x + b', async () => {
    // Coefficients near 1e3 times values of 1e6 have 1e-7 in their last place.
    const columns = ['far from 0', 'nearly a copy']
    for (const weights of ['even', 'zeros'])
      await assertAsRefits({ ...plain, rows: 24, columns, weights }, 2e-7)
  })

  test('the ten rows of a column that only the last one varies in', async () => {
    const X = array(Array.from({ length: 10 }, (_, i) => [i === 9 ? 1 : 0]))
    const y = array([0.3, 0.1, 0.4, 0.1, 0.5, 0.9, 0.2, 0.6, 0.5, 0.3])
    const folds = new KFold({ folds: 3 })
    const ensemble = new SuperLearner({ folds }).add(new LinearRegression())
    const { outOfFold } = await ensemble.fit(X, y)
    assert.ok(Math.abs(outOfFold.column(0).get(9) - 2.5 / 7) < 1e-15)
  })

  test('50 rare categories give predictions in the range of the target', async () => {
    const random = seeded(5)
    const rows = Array.from({ length: 120 }, (_, row) =>
      Array.from({ length: 50 }, (_, city) => Number((row < 60 ? row % 50 : 49) === city)),
    )
    const y = rows.map(() => random())
    const ensemble = new SuperLearner().add(
      Object.fromEntries(Object.entries(learners).map(([name, make]) => [name, make()])),
      { preprocess: new StandardScaler() },
    )
    const { outOfFold } = await ensemble.addMeta(new LinearRegression()).fit(array(rows), array(y))
    for (const value of outOfFold.toTypedArray()) assert.ok(Math.abs(value) < 2, String(value))
    const { ensemble: row } = ensemble.scores
    assert.ok(row!.score < 0.5, String(row!.score))
  })

  test('any design, folds, weights and scalings', async () => {
    await fc.assert(
      fc.asyncProperty(problems, (problem) => assertAsRefits(problem)),
      {
        seed: Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20261129),
        numRuns: Number(process.env['ONECOPY_FUZZ_RUNS'] ?? 60),
      },
    )
  })
})
