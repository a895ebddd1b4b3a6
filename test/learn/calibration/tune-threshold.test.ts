/** The best threshold: that of trying all of them. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { array } from '../../../src/arrays/index.ts'
import {
  accuracy,
  balancedAccuracy,
  f1,
  type ThresholdCounts,
  tuneThreshold,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'

const scored = fc.array(
  fc.record({
    isOne: fc.boolean(),
    score: fc.integer({ min: -3, max: 6 }).map((value) => value / 6),
    weight: fc.nat(3),
  }),
  { minLength: 2, maxLength: 20 },
)

test('no threshold is better, and the score is that of the predictions', () => {
  const metrics = { accuracy, balancedAccuracy, f1 }
  fc.assert(
    fc.property(scored, fc.constantFrom('accuracy', 'balancedAccuracy', 'f1'), (rows, metric) => {
      const counted = rows.filter(({ weight }) => weight > 0)
      fc.pre(counted.some(({ isOne }) => isOne) && counted.some(({ isOne }) => !isOne))
      const y = rows.map(({ isOne }) => isOne)
      const scores = rows.map(({ score }) => score)
      const weights = rows.map(({ weight }) => weight)
      const scoreAt = (threshold: number): number =>
        metrics[metric](
          y,
          scores.map((score) => score >= threshold),
          { weights },
        )
      const found = tuneThreshold(y, scores, { metric, weights })
      const all = [...scores, Infinity].map(scoreAt)
      assertClose([found.score], [Math.max(...all)], 1e-13)
      assertClose([scoreAt(found.threshold)], [found.score], 1e-13)
      assert.equal(found.positive, true)
      const { truePositives, falseNegatives, falsePositives, trueNegatives } = found.counts
      const sum = weights.reduce((a, b) => a + b, 0)
      assert.equal(truePositives + falseNegatives + falsePositives + trueNegatives, sum)
      const right = rows.filter(({ isOne, score }) => isOne && score >= found.threshold)
      assert.equal(
        truePositives,
        right.reduce((a, { weight }) => a + weight, 0),
      )
    }),
    { seed: 2 },
  )
})

describe('a threshold', () => {
  const y = ['no', 'no', 'yes', 'yes']

  test('lies halfway between two scores', () => {
    const { threshold, score, positive } = tuneThreshold(y, [0.1, 0.2, 0.4, 0.9])
    assertClose([threshold, score], [0.3, 1], 1e-15)
    assert.equal(positive, 'yes')
  })

  test('is of the class that is found, also in two columns', () => {
    const both = [0.1, 0.2, 0.4, 0.9].map((p) => [1 - p, p])
    assertClose([tuneThreshold(y, both).threshold], [0.3], 1e-15)
    const found = tuneThreshold(y, both, { positive: 'no' })
    assertClose([found.threshold, found.score], [0.7, 1], 1e-15)
    assert.equal(found.positive, 'no')
    assertClose([tuneThreshold(y, both, { rows: [3, 2, 1] }).threshold], [0.3], 1e-15)
  })

  test('is infinite when the class is best never predicted, and the least score when always', () => {
    const cost = ({ falsePositives }: ThresholdCounts): number => -falsePositives
    assert.equal(tuneThreshold(y, [0.9, 0.2, 0.4, 0.1], { metric: cost }).threshold, Infinity)
    const misses = ({ falseNegatives }: ThresholdCounts): number => -falseNegatives
    assert.equal(tuneThreshold([0, 1], [0.9, 0.2], { metric: misses }).threshold, 0.2)
  })

  test('lies between neighbouring numbers and those of any size', () => {
    const next = 1 + 2 ** -52
    assert.equal(tuneThreshold([0, 1], [1, next]).threshold, next)
    assert.equal(tuneThreshold([0, 1], [-1.7e308, 1.7e308]).threshold, 0)
    assert.equal(tuneThreshold([0, 1], [-Infinity, 2]).threshold, 2)
    assert.equal(tuneThreshold([0, 1], [3, Infinity]).threshold, Infinity)
  })

  test('passes over thresholds without a value', () => {
    const metric = ({ truePositives, falsePositives }: ThresholdCounts): number =>
      truePositives / (truePositives + falsePositives)
    assert.equal(tuneThreshold(y, [0.1, 0.2, 0.4, 0.9], { metric }).score, 1)
    assert.throws(() => tuneThreshold([1, 1], [0.1, 0.2]), {
      code: 'ERR_VALUE',
      message:
        'Expected a metric that has a value for some threshold, got NaN for all of them. Are there rows of both classes?',
    })
    assert.equal(tuneThreshold([1, 1], [0.1, 0.2], { metric: 'accuracy' }).score, 1)
  })

  test('refuses wrong options and scores', () => {
    const p = [0.1, 0.2, 0.4, 0.9]
    assert.throws(() => tuneThreshold(y, p, { metric: 'auc' as never }), {
      code: 'ERR_OPTION',
      message:
        "Expected `metric` to be 'accuracy', 'balancedAccuracy' or 'f1', got 'auc'. Or a function of the counts.",
    })
    assert.throws(() => tuneThreshold(y, p, { metric: (() => 'a') as never }), TypeError)
    assert.throws(() => tuneThreshold(y, p, { scoring: 'f1' } as never), /calls it `metric`/)
    assert.throws(() => tuneThreshold(y, [0.1, NaN, 0.4, 0.9]), { code: 'ERR_VALUE' })
    assert.throws(
      () =>
        tuneThreshold(
          y,
          array([
            [1, 0, 0],
            [1, 0, 0],
            [1, 0, 0],
            [1, 0, 0],
          ]),
        ),
      { code: 'ERR_SHAPE' },
    )
    const three = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]
    assert.throws(() => tuneThreshold(['a', 'b', 'c'], three), {
      code: 'ERR_SHAPE',
      message: 'Expected two classes for tuneThreshold, got 3.',
    })
    assert.throws(() => tuneThreshold([], []), { code: 'ERR_ROWS' })
  })
})
