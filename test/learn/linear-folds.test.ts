/** Linear models over folds: from shared statistics as from copied rows. */

import { describe, test } from 'node:test'
import { array, toRowNumbers, zeros, type NDArray, type Rows } from '../../src/arrays/index.ts'
import {
  ElasticNet,
  KFold,
  Lasso,
  LinearRegression,
  MinMaxScaler,
  Ridge,
  StandardScaler,
  SuperLearner,
} from '../../src/learn/index.ts'
import type { AffineTransformer, LinearModel } from '../../src/learn/internal.ts'
import { assertClose } from './close.ts'
import { randomProblem } from './random-problem.ts'

const learners: Record<string, () => LinearModel> = {
  LinearRegression: () => new LinearRegression(),
  'LinearRegression without intercept': () => new LinearRegression({ fitIntercept: false }),
  Ridge: () => new Ridge({ alpha: 0.7 }),
  Lasso: () => new Lasso({ alpha: 0.05, tol: 1e-12 }),
  ElasticNet: () => new ElasticNet({ alpha: 0.05, tol: 1e-12 }),
}
const cases: Record<string, () => readonly AffineTransformer[]> = {
  'raw columns': () => [],
  'standardized columns': () => [new StandardScaler()],
  'columns scaled twice': () => [new MinMaxScaler(), new StandardScaler({ withStd: false })],
}

function copyRows(values: NDArray, rows: Rows): NDArray {
  const taken = Array.from(toRowNumbers(rows), (i) => [
    ...values
      .rows(i, i + 1)
      .copy()
      .toTypedArray(),
  ])
  return array(taken.flat() as number[]).reshape(taken.length, ...values.shape.slice(1))
}

function valuesOf(values: NDArray): Float64Array {
  return Float64Array.from(values.copy().toTypedArray(), Number)
}

interface FoldOptions {
  readonly shuffle?: boolean
  readonly weights?: Float64Array
}

/** Out-of-fold predictions of an ensemble, which shares statistics over folds. */
async function outOfFold(
  X: NDArray,
  y: NDArray,
  makeLearner: () => LinearModel,
  makeSteps: () => readonly AffineTransformer[],
  { shuffle = false, weights }: FoldOptions = {},
): Promise<NDArray> {
  const ensemble = new SuperLearner({ folds: new KFold({ folds: 4, shuffle, seed: 3 }) })
  ensemble.add(makeLearner(), { preprocess: makeSteps() })
  await ensemble.fit(X, y, weights ? { weights } : {})
  return ensemble.outOfFold.column(0)
}

/** The same by copies of rows and scaled copies of them. */
async function byCopies(
  X: NDArray,
  y: NDArray,
  makeLearner: () => LinearModel,
  makeSteps: () => readonly AffineTransformer[],
  { shuffle = false, weights }: FoldOptions = {},
): Promise<NDArray> {
  const n = X.shape[0]!
  const out = zeros([n], 'float64')
  for (const { train, test } of new KFold({ folds: 4, shuffle, seed: 3 }).split(n)) {
    const options = weights
      ? { weights: Float64Array.from(toRowNumbers(train), (i) => weights[i]!) }
      : {}
    let [learned, asked] = [copyRows(X, train), copyRows(X, test)]
    for (const step of makeSteps()) {
      await step.fit(learned, undefined, options)
      learned = await step.transform(learned)
      asked = await step.transform(asked)
    }
    const model = await makeLearner().fit(learned, copyRows(y, train), options)
    const predicted = await model.predict(asked)
    for (const [i, row] of toRowNumbers(test).entries()) out.set(predicted.get(i), row)
  }
  return out
}

describe('out-of-fold predictions equal those of refitting on copied rows', () => {
  const { X, y, weights } = randomProblem(90, 5, { offset: 20 })
  for (const [learner, makeLearner] of Object.entries(learners)) {
    for (const [name, makeSteps] of Object.entries(cases)) {
      test(`${learner} on ${name}`, async () => {
        for (const options of [{}, { shuffle: true }, { weights }]) {
          const found = await outOfFold(X, y, makeLearner, makeSteps, options)
          const expected = await byCopies(X, y, makeLearner, makeSteps, options)
          assertClose(valuesOf(found), valuesOf(expected), 1e-9, { floor: 1 })
        }
      })
    }
  }

  test('collinear columns, by merged QR factors', async () => {
    const levels = Array.from({ length: 90 }, (_, i) => [0, 1, 2].map((k) => Number(i % 3 === k)))
    const wide = array(levels.map((row, i) => [...row, X.get(i, 0), 2 * X.get(i, 0), X.get(i, 1)]))
    for (const makeSteps of Object.values(cases)) {
      const make = (): LinearRegression => new LinearRegression()
      const found = await outOfFold(wide, y, make, makeSteps)
      const expected = await byCopies(wide, y, make, makeSteps)
      assertClose(valuesOf(found), valuesOf(expected), 1e-9, { floor: 1 })
    }
  })
})
