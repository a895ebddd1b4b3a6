/** Gradients, steps and predictions of neural networks against naive ones. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { MLPClassifier, MLPRegressor } from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import {
  flatten,
  naiveGradient,
  type NaiveKind,
  type NaiveLayer,
  naiveLoss,
  naiveProbabilities,
  type NaiveRows,
  naiveScores,
  naiveStep,
} from './naive-network.ts'

const values = (found: NDArray): Float64Array => found.copy().toTypedArray() as Float64Array

/** The layers of a model as lists. */
function layersOf({ coefs_, intercepts_ }: MLPRegressor | MLPClassifier): NaiveLayer[] {
  return coefs_.map((one, l) => ({
    coefs: one.toArray() as number[][],
    intercepts: [...intercepts_[l]!],
  }))
}

interface Problem extends NaiveRows {
  readonly given: NDArray
  readonly target: NDArray
  readonly make: (options: object) => MLPRegressor | MLPClassifier
  readonly kind: NaiveKind
}

/** A problem of 13 rows and 5 columns with weights. */
function makeProblem(kind: NaiveKind): Problem {
  const n = 13
  const random = seeded(5)
  const X = Array.from({ length: n }, () => Array.from({ length: 5 }, () => 2 * random() - 1))
  const classes = { values: 0, logistic: 2, softmax: 3 }[kind.output]
  const y = X.map((row, i) => (classes === 0 ? [row[0]! + 1, row[1]! * 2, -row[2]!] : i % classes))
  const target = classes === 0 ? array(y as number[][]) : array(y as number[])
  const make = (options: object): MLPRegressor | MLPClassifier =>
    classes === 0 ? new MLPRegressor(options) : new MLPClassifier(options)
  return { X, y, weights: X.map(() => 0.2 + random()), given: array(X), target, make, kind }
}

const kinds = (['identity', 'logistic', 'tanh', 'relu'] as const).flatMap((activation) =>
  (['values', 'logistic', 'softmax'] as const).map((output) => ({ activation, output })),
)

describe('the gradient is that of the loss, by differences', () => {
  for (const kind of kinds) {
    test(`${kind.activation}, ${kind.output}`, async () => {
      const problem = makeProblem(kind)
      const options = {
        activation: kind.activation,
        hiddenLayerSizes: [7, 9],
        alpha: 0.3,
        maxIter: 1,
      }
      const { given, target, weights, make } = problem
      const start = await make({ ...options, learningRate: 1e-300 }).fit(given, target, { weights })
      // So large an epsilon makes a step of Adam the gradient itself.
      const moved = await make({
        ...options,
        learningRate: 1e12,
        epsilon: 1e12,
        beta1: 0,
        beta2: 0,
      }).fit(given, target, { weights })
      const layers = layersOf(start)
      const after = flatten(layersOf(moved))
      const own = flatten(layers).map((value, i) => value - after[i]!)
      const loss = (): number => naiveLoss(layers, kind, problem, 0.3)
      assertClose([start.lossCurve_[0]!], [loss()], 1e-12)
      assertClose(own, naiveGradient(layers, loss), 1e-6, { floor: 0.1 })
    })
  }
})

test('batches are taken in the order of the rows, each followed by a step of Adam', async () => {
  const problem = makeProblem({ activation: 'tanh', output: 'softmax' })
  const { given, target, weights, make, kind } = problem
  const options = { activation: kind.activation, hiddenLayerSizes: [6], alpha: 0.2, batchSize: 5 }
  const start = await make({ ...options, learningRate: 1e-300, maxIter: 1 }).fit(given, target, {
    weights,
  })
  const learned = await make({ ...options, shuffle: false, learningRate: 0.01, maxIter: 3 }).fit(
    given,
    target,
    { weights },
  )
  const layers = layersOf(start)
  const moments = { first: [], second: [], steps: 0 }
  const mean = weights.reduce((a, b) => a + b) / 13
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let at = 0; at < 13; at += 5) {
      const rows = {
        X: problem.X.slice(at, at + 5),
        y: problem.y.slice(at, at + 5),
        weights: weights.slice(at, at + 5),
      }
      // Weights count relative to the mean of all rows, not to that of a batch.
      const own = rows.weights.reduce((a, b) => a + b)
      const scale = own / (mean * rows.X.length)
      const loss = (): number => scale * naiveLoss(layers, kind, rows, 0.2)
      naiveStep(layers, naiveGradient(layers, loss), moments, 0.01)
    }
  }
  assertClose(flatten(layersOf(learned)), flatten(layers), 1e-7, { floor: 0.1 })
})

test('a batch of several blocks of rows takes the step of all of them', async () => {
  const { X, y } = randomProblem(1100, 3)
  const options = { hiddenLayerSizes: [4], maxIter: 1, batchSize: 1100, shuffle: false }
  const start = await new MLPRegressor({ ...options, learningRate: 1e-300 }).fit(X, y)
  const moved = await new MLPRegressor({
    ...options,
    learningRate: 1e12,
    epsilon: 1e12,
    beta1: 0,
    beta2: 0,
  }).fit(X, y)
  const [layers, after] = [layersOf(start), flatten(layersOf(moved))]
  const rows = {
    X: X.toArray() as number[][],
    y: Array.from(y.data, (value) => [value]),
    weights: Array<number>(1100).fill(1),
  }
  const kind = { activation: 'relu', output: 'values' } as const
  const own = flatten(layers).map((value, i) => value - after[i]!)
  const loss = (): number => naiveLoss(layers, kind, rows, 1e-4)
  assertClose(own, naiveGradient(layers, loss), 1e-3, { floor: 0.1 })
})

describe('predictions are those of the coefficients', () => {
  for (const kind of kinds) {
    test(`${kind.activation}, ${kind.output}`, async () => {
      const { X, given, target, make } = makeProblem(kind)
      const model = await make({
        activation: kind.activation,
        hiddenLayerSizes: [9, 3],
        maxIter: 50,
      }).fit(given, target)
      const scores = X.map((row) => naiveScores(layersOf(model), kind, row))
      if (model instanceof MLPRegressor) {
        assertClose(values(await model.predict(given)), scores.flat(), 1e-12)
        return
      }
      const probabilities = scores.map((own) => naiveProbabilities(kind, own))
      assertClose(values(await model.predictProba(given)), probabilities.flat(), 1e-12)
      const likeliest = probabilities.map((own) => own.indexOf(Math.max(...own)))
      assert.deepEqual([...values(await model.predict(given))], likeliest)
    })
  }
})
