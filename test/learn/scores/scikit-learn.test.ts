/** Metrics have the values of scikit-learn's. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { readAnswers } from '../sklearn.ts'

type Labels = string[] | number[]

interface Answers {
  readonly numbers: readonly NumberCase[]
  readonly labels: readonly LabelCase[]
  readonly probabilities: {
    readonly cases: readonly ProbabilityCase[]
    readonly absent: AbsentCase
  }
}

interface NumberCase {
  readonly y: number[]
  readonly predicted: number[]
  readonly weights: number[] | null
  readonly scores: Record<
    string,
    { mean: number; raw?: number[]; shares?: number; variance?: number }
  >
  readonly tweedie?: { power: number; score: number }[]
}

interface LabelCase {
  readonly y: Labels
  readonly predicted: Labels
  readonly weights: number[] | null
  readonly positive: string | number
  readonly scores: {
    readonly average: 'binary' | 'macro' | 'micro' | 'weighted' | null
    readonly zeroDivision: 0 | 1
    readonly classes: Labels | null
    readonly precision: number | number[]
    readonly recall: number | number[]
    readonly f1: number | number[]
    readonly half: number | number[]
    readonly two: number | number[]
  }[]
  readonly accuracy: number
  readonly balancedAccuracy: number
  readonly confusion: number[][]
  readonly normalized: Record<'true' | 'predicted' | 'all', number[][]>
  readonly chosen?: Labels
  readonly chosenConfusion?: number[][]
}

interface ProbabilityCase {
  readonly y: Labels
  readonly classes: Labels
  readonly probabilities: number[][]
  readonly weights: number[] | null
  readonly logLoss: number
  readonly brier: number
  readonly rocAuc?: number
  readonly averagePrecision?: number
  readonly ovr?: number[]
  readonly macro?: number
  readonly weighted?: number
  readonly ovo?: number
  readonly ovoWeighted?: number
  readonly averagePrecisions?: number[]
  readonly curves?: {
    bins: number
    strategy: 'uniform' | 'quantile'
    curve: [observed: number[], predicted: number[]]
  }[]
  readonly isotonic: { grid: number[]; probabilities: number[][] }
  readonly sigmoid: [slope: number, intercept: number][]
  readonly temperature: number
}

interface AbsentCase {
  readonly y: string[]
  readonly classes: string[]
  readonly probabilities: number[][]
  readonly logLoss: number
}

const metrics = { ...learn } as unknown as Record<string, NumberMetric>
const answers = readAnswers('metrics') as Answers

type NumberMetric = (
  y: number[],
  predicted: number[],
  options: { readonly multioutput?: unknown; readonly weights?: number[]; readonly alpha?: number },
) => number | Float64Array

function weighed(weights: number[] | null): { weights?: number[] } {
  return weights === null ? {} : { weights }
}

function listOf(score: number | Float64Array | readonly number[]): ArrayLike<number> {
  return typeof score === 'number' ? [score] : score
}

describe('metrics of numbers', () => {
  for (const [i, { y, predicted, weights, scores, tweedie = [] }] of answers.numbers.entries()) {
    for (const [name, { mean, raw, shares, variance }] of Object.entries(scores)) {
      test(`${name} of case ${i}`, () => {
        const metric = metrics[name]!
        const options = { ...weighed(weights), ...(name === 'pinball' && { alpha: 0.9 }) }
        const score = (multioutput?: unknown): ArrayLike<number> =>
          listOf(
            metric(y, predicted, multioutput === undefined ? options : { ...options, multioutput }),
          )
        assertClose(score(), [mean], 1e-12)
        if (raw === undefined) return
        assertClose(score('rawValues'), raw, 1e-12)
        assertClose(score([0.5, 0.2, 0.3]), [shares!], 1e-12)
        if (variance !== undefined) assertClose(score('varianceWeighted'), [variance], 1e-12)
      })
    }
    for (const { power, score } of tweedie) {
      test(`tweedieDeviance of case ${i} with power ${power}`, () => {
        const options = { power, ...weighed(weights) }
        assertClose([learn.tweedieDeviance(y, predicted, options)], [score], 1e-12)
      })
    }
  }
})

describe('metrics of labels', () => {
  for (const [i, one] of answers.labels.entries()) {
    const { y, predicted, positive, scores } = one
    const options = weighed(one.weights)
    test(`averages of case ${i}`, () => {
      assert.ok(scores.length > 0)
      for (const { average, zeroDivision, classes, ...expected } of scores) {
        const all = {
          ...options,
          average: average as 'macro',
          zeroDivision,
          ...(average === 'binary' && { positive }),
          ...(classes !== null && { classes }),
        }
        const message = `${average} ${zeroDivision} ${classes?.join()}`
        const compare = (found: number, score: number | number[]): void =>
          assertClose(listOf(found), listOf(score), 1e-12, { message })
        if (classes !== null && !classes.some((label) => countsLabel(one, label))) continue
        compare(learn.precision(y, predicted, all), expected.precision)
        compare(learn.recall(y, predicted, all), expected.recall)
        compare(learn.f1(y, predicted, all), expected.f1)
        compare(learn.fbeta(y, predicted, { ...all, beta: 0.5 }), expected.half)
        compare(learn.fbeta(y, predicted, { ...all, beta: 2 }), expected.two)
      }
    })

    test(`accuracy and the confusion matrix of case ${i}`, () => {
      assertClose([learn.accuracy(y, predicted, options)], [one.accuracy], 1e-12)
      assertClose([learn.balancedAccuracy(y, predicted, options)], [one.balancedAccuracy], 1e-12)
      const compare = (more: learn.ConfusionOptions, expected: number[][]): void =>
        assertClose(
          learn.confusionMatrix(y, predicted, { ...options, ...more }).matrix.toTypedArray(),
          expected.flat(),
          1e-12,
        )
      compare({}, one.confusion)
      for (const [normalize, expected] of Object.entries(one.normalized))
        compare({ normalize: normalize as 'true' }, expected)
      if (one.chosen !== undefined) compare({ classes: one.chosen }, one.chosenConfusion!)
    })
  }
})

function countsLabel({ y, weights }: LabelCase, label: string | number): boolean {
  return y.some((one, row) => one === label && weights?.[row] !== 0)
}

describe('metrics of probabilities', () => {
  for (const [i, one] of answers.probabilities.cases.entries()) {
    const { y, classes, probabilities } = one
    const options = weighed(one.weights)
    const known = { ...options, classes }
    const close = (score: number | Float64Array, expected: number | number[]): void =>
      assertClose(listOf(score), listOf(expected), 1e-12)

    test(`logLoss and brier of case ${i}`, () => {
      for (const own of [options, known]) {
        close(learn.logLoss(y, probabilities, own), one.logLoss)
        close(learn.brier(y, probabilities, own), one.brier)
      }
      if (classes.length > 2) return
      const second = probabilities.map((row) => row[1]!)
      const first = probabilities.map((row) => row[0]!)
      close(learn.logLoss(y, second, known), one.logLoss)
      close(learn.brier(y, second, known), one.brier)
      close(learn.brier(y, first, { ...known, positive: classes[0]! }), one.brier)
    })

    test(`areas of case ${i}`, () => {
      if (classes.length === 2) {
        const second = probabilities.map((row) => row[1]!)
        for (const scores of [probabilities, second, second.map((p) => [p])]) {
          close(learn.rocAuc(y, scores, known), one.rocAuc!)
          close(learn.averagePrecision(y, scores, options), one.averagePrecision!)
        }
        return
      }
      close(learn.rocAuc(y, probabilities, options), one.macro!)
      close(learn.rocAuc(y, probabilities, { ...known, average: 'weighted' }), one.weighted!)
      close(learn.rocAuc(y, probabilities, { ...known, average: null }), one.ovr!)
      const each = learn.averagePrecision(y, probabilities, { ...known, average: null })
      close(each, one.averagePrecisions!)
      const mean = one.averagePrecisions!.reduce((a, b) => a + b, 0) / classes.length
      close(learn.averagePrecision(y, probabilities, options), mean)
      if (one.ovo === undefined) return
      const pairs = { ...known, multiClass: 'ovo' } as const
      close(learn.rocAuc(y, probabilities, pairs), one.ovo)
      close(learn.rocAuc(y, probabilities, { ...pairs, average: 'weighted' }), one.ovoWeighted!)
    })

    test(`calibration of case ${i}`, async () => {
      for (const { bins, strategy, curve } of one.curves ?? []) {
        const found = learn.calibrationCurve(y, probabilities, { bins, strategy, ...known })
        assertClose(found.observed, curve[0], 1e-12, { message: `${strategy} ${bins}` })
        assertClose(found.predicted, curve[1], 1e-12, { message: `${strategy} ${bins}` })
      }
      const steps = await new learn.IsotonicCalibration().fit(probabilities, y, known)
      const grid = one.isotonic.grid.map((value) =>
        classes.length === 2 ? [1 - value, value] : classes.map(() => value),
      )
      const calibrated: NDArray = await steps.predictProba(grid)
      assertClose(
        calibrated.toTypedArray() as Float64Array,
        one.isotonic.probabilities.flat(),
        1e-12,
      )
      const sigmoid = await new learn.SigmoidCalibration().fit(probabilities, y, known)
      // scikit-learn stops when derivatives are below 1e-5.
      assertClose(
        sigmoid.slopes_,
        one.sigmoid.map(([slope]) => slope),
        1e-4,
      )
      assertClose(
        sigmoid.intercepts_,
        one.sigmoid.map(([, intercept]) => intercept),
        1e-4,
      )
      const scaled = await new learn.TemperatureScaling().fit(probabilities, y, known)
      assertClose([scaled.temperature_], [one.temperature], 1e-7)
    })
  }

  test('logLoss of probabilities with a class that has no row', () => {
    const { y, classes, probabilities, logLoss } = answers.probabilities.absent
    assertClose([learn.logLoss(y, probabilities, { classes })], [logLoss], 1e-12)
    const wide = array(probabilities.map((row) => row.flatMap((p) => [p, 0.5])))
    const strided = wide.slice(null, [0, 6, 2])
    assertClose([learn.logLoss(y, strided, { classes })], [logLoss], 1e-12)
  })
})
