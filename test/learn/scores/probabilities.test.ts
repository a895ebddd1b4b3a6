/** Metrics of probabilities and decision values: pairs, classes and refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { array } from '../../../src/arrays/index.ts'
import { averagePrecision, brier, logLoss, rocAuc } from '../../../src/learn/index.ts'
import { CategoryColumn, Table } from '../../../src/tables/index.ts'
import { assertClose } from '../close.ts'

type Metric = (y: unknown, scores: unknown, options?: object) => number
const all = [logLoss, brier, rocAuc, averagePrecision] as Metric[]
const ofProbabilities = [logLoss, brier] as Metric[]

const scored = fc.array(
  fc.record({
    isOne: fc.boolean(),
    score: fc.integer({ min: 0, max: 6 }).map((value) => value / 6),
    weight: fc.nat(3),
  }),
  { minLength: 2, maxLength: 25 },
)

test('rocAuc is the share of pairs that are in order, by weight; ties count one half', () => {
  fc.assert(
    fc.property(scored, (rows) => {
      const counted = rows.filter(({ weight }) => weight > 0)
      fc.pre(counted.some(({ isOne }) => isOne) && counted.some(({ isOne }) => !isOne))
      let [won, pairs] = [0, 0]
      for (const a of rows.filter(({ isOne }) => isOne))
        for (const b of rows.filter(({ isOne }) => !isOne)) {
          const weight = a.weight * b.weight
          pairs += weight
          won += weight * (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)
        }
      const y = rows.map(({ isOne }) => isOne)
      const scores = rows.map(({ score }) => score)
      const weights = rows.map(({ weight }) => weight)
      const area = rocAuc(y, scores, { weights })
      assertClose([area], [won / pairs], 1e-13)
      // The other class has the other side, and any growing function of scores the same.
      assertClose([rocAuc(y, scores, { weights, positive: false })], [1 - area], 1e-13)
      assert.equal(
        rocAuc(
          y,
          scores.map((score) => Math.exp(9 * score) - 4),
          { weights },
        ),
        area,
      )
      assertClose(
        [
          rocAuc(
            y,
            scores.map((p) => [1 - p, p]),
            { weights },
          ),
        ],
        [area],
        1e-13,
      )
    }),
    { seed: 8 },
  )
})

test('with more classes, rocAuc is the mean over pairs or over classes', () => {
  const rowsOf = fc.array(
    fc.tuple(fc.nat(2), fc.nat(4), fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 3 })),
    {
      minLength: 3,
      maxLength: 20,
    },
  )
  fc.assert(
    fc.property(rowsOf, (rows) => {
      fc.pre(new Set(rows.map(([code]) => code)).size === 3)
      const y = rows.map(([code]) => 'abc'[code]!)
      const scores = rows.map(([, ...row]) => row.slice(0, 3))
      const weights = rows.map((row) => row[4])
      const binary = (own: number, others: number[]): number => {
        const chosen = Array.from(rows.keys()).filter(
          (i) => rows[i]![0] === own || others.includes(rows[i]![0]),
        )
        return rocAuc(
          chosen.map((i) => rows[i]![0] === own),
          chosen.map((i) => scores[i]![own]!),
          { weights: chosen.map((i) => weights[i]!) },
        )
      }
      const others = [
        [1, 2],
        [0, 2],
        [0, 1],
      ]
      const each = others.map((rest, own) => binary(own, rest))
      assertClose(rocAuc(y, scores, { weights, average: null }), each, 1e-13)
      assertClose([rocAuc(y, scores, { weights })], [(each[0]! + each[1]! + each[2]!) / 3], 1e-13)
      const pairs = [
        [0, 1],
        [0, 2],
        [1, 2],
      ].map(([a, b]) => (binary(a!, [b!]) + binary(b!, [a!])) / 2)
      assertClose(
        [rocAuc(y, scores, { weights, multiClass: 'ovo' })],
        [(pairs[0]! + pairs[1]! + pairs[2]!) / 3],
        1e-13,
      )
    }),
    { seed: 9 },
  )
})

test('averagePrecision is the mean precision at each row of the class', () => {
  fc.assert(
    fc.property(scored, (rows) => {
      fc.pre(rows.some(({ isOne, weight }) => isOne && weight > 0))
      let [sum, total] = [0, 0]
      for (const { score, isOne, weight } of rows) {
        if (!isOne) continue
        const above = rows.filter((other) => other.score >= score)
        const all = above.reduce((a, other) => a + other.weight, 0)
        const right = above.reduce((a, other) => a + (other.isOne ? other.weight : 0), 0)
        if (weight > 0) sum += (weight * right) / all
        total += weight
      }
      const found = averagePrecision(
        rows.map(({ isOne }) => Number(isOne)),
        rows.map(({ score }) => score),
        { weights: rows.map(({ weight }) => weight) },
      )
      assertClose([found], [sum / total], 1e-13)
    }),
    { seed: 10 },
  )
})

test('weights count rows, and the order of rows makes no difference', () => {
  fc.assert(
    fc.property(scored, (rows) => {
      const counted = rows.filter(({ weight }) => weight > 0)
      fc.pre(counted.some(({ isOne }) => isOne) && counted.some(({ isOne }) => !isOne))
      const y = rows.map(({ isOne }) => (isOne ? 'yes' : 'no'))
      const scores = rows.map(({ score }) => score)
      const weights = rows.map(({ weight }) => weight)
      const chosen = rows.flatMap(({ weight }, row) => Array<number>(weight).fill(row)).toReversed()
      for (const metric of all) {
        const found = metric(y, scores, { weights })
        assertClose([metric(y, scores, { rows: chosen })], [found], 1e-12)
        const huge = weights.map((weight) => weight * 1e307)
        assertClose([metric(y, scores, { weights: huge })], [found], 1e-12)
        const few = chosen.map((row) => scores[row]!)
        if (few.length !== y.length) assertClose([metric(y, few, { rows: chosen })], [found], 1e-12)
      }
    }),
    { seed: 12 },
  )
})

describe('classes', () => {
  const y = ['no', 'yes', 'yes', 'no']
  const p = [0.1, 0.8, 0.4, 0.3]

  test('are those of y, sorted; the second one has the scores', () => {
    for (const metric of all) {
      const expected = metric([0, 1, 1, 0], p)
      assert.equal(metric(y, p), expected)
      assert.equal(
        metric(
          y.map((label) => label === 'yes'),
          p,
        ),
        expected,
      )
      assert.equal(metric([-1, 1, 1, -1], p), expected)
      assert.equal(
        metric(BigInt64Array.of(3n, 9n, 9n, 3n), Float32Array.from(p)),
        metric(y, Float32Array.from(p)),
      )
      const table = new Table([
        new CategoryColumn('y', array(Int8Array.of(0, 1, 1, 0)), ['no', 'yes']),
      ])
      assert.equal(metric(table.column('y'), p), expected)
      assert.equal(metric(y, p, { classes: ['yes', 'no'], positive: 'yes' }), expected)
      assert.equal(metric(y, p, { classes: ['no', 'yes'] }), expected)
    }
    assert.equal(
      brier(y, p, { positive: 'no' }),
      brier(
        y,
        p.map((value) => 1 - value),
      ),
    )
  })

  test('columns belong to the classes in their order', () => {
    const both = p.map((value) => [1 - value, value])
    const swapped = p.map((value) => [value, 1 - value])
    for (const metric of all)
      assertClose(
        [metric(y, swapped, { classes: ['yes', 'no'], positive: 'yes' })],
        [metric(y, both)],
        1e-15,
      )
  })

  test('of which one has no row are known of 0 and 1, and of true and false', () => {
    for (const metric of ofProbabilities) {
      const expected = metric(['b', 'b'], [0.9, 0.7], { classes: ['a', 'b'] })
      assert.equal(metric([1, 1], [0.9, 0.7]), expected)
      assert.equal(metric([true, true], [0.9, 0.7]), expected)
      assert.equal(metric([-1, -1], [0.1, 0.3]), metric([0, 0], [0.1, 0.3]))
      assertClose(
        [
          metric(
            [0, 0],
            [
              [0.9, 0.1],
              [0.7, 0.3],
            ],
          ),
        ],
        [metric([0, 0], [0.1, 0.3])],
        1e-15,
      )
      assert.throws(() => metric(['b', 'b'], [0.9, 0.7]), {
        code: 'ERR_VALUE',
        message:
          "Expected rows of two classes in `y`, got only the label 'b'. Pass the labels of both as `classes`, such as `model.classes_`.",
      })
    }
    assert.equal(averagePrecision([1, 1], [0.1, 0.2]), 1)
    assert.throws(() => averagePrecision([0, 0], [0.1, 0.2]), {
      code: 'ERR_VALUE',
      message:
        'Expected a row of the class to find for averagePrecision, got none of 1. Folds of StratifiedKFold have rows of each class.',
    })
    assert.throws(() => rocAuc([1, 1], [0.1, 0.2]), {
      code: 'ERR_VALUE',
      message:
        'Expected a row of each class for rocAuc, got none of 0. Folds of StratifiedKFold have rows of each class.',
    })
    const three = [
      [0.2, 0.3, 0.5],
      [0.1, 0.1, 0.8],
    ]
    assert.throws(() => rocAuc(['a', 'c'], three, { classes: ['a', 'b', 'c'] }), /none of 'b'/)
  })

  test('one class has a loss', () => {
    assertClose([logLoss(['a', 'a'], [[1], [1]], { classes: ['a'] })], [0], 1e-15)
    assert.throws(() => rocAuc(['a', 'a'], [[1], [1]], { classes: ['a'] }), {
      message: 'Expected at least two classes for rocAuc, got one.',
    })
  })
})

describe('what is no score', () => {
  const y = [0, 1, 1]

  test('numbers that are no probabilities', () => {
    for (const metric of ofProbabilities) {
      for (const wrong of [-0.1, 1.1, NaN, Infinity]) {
        assert.throws(() => metric(y, [0.5, wrong, 0.5]), {
          code: 'ERR_VALUE',
          message: `Expected probabilities from 0 to 1, got ${wrong} for row 1 (counted from 0). Pass what predictProba() returns.`,
        })
        assert.throws(
          () =>
            metric(y, [
              [0.5, 0.5],
              [0.5, wrong],
              [0.5, 0.5],
            ]),
          { code: 'ERR_VALUE' },
        )
      }
      assert.throws(
        () =>
          metric(y, [
            [0.5, 0.5],
            [0.5, 0.5],
            [0.5, 0.9],
          ]),
        {
          code: 'ERR_VALUE',
          message:
            'Expected the probabilities of a row to sum to 1, got 1.4 for row 2 (counted from 0). Divide each row by its sum.',
        },
      )
      assert.throws(() => metric([7, 0, 1, 1], [0.5], { rows: [0] }), { code: 'ERR_VALUE' })
      assert.equal(metric(y, [0.5, NaN, 0.5], { weights: [1, 0, 1] }), metric([0, 1], [0.5, 0.5]))
    }
    assertClose([logLoss(y, Float32Array.of(0.1, 0.9, 0.9))], [-Math.log(0.9)], 1e-6)
  })

  test('certain and wrong probabilities cost 36, not infinity', () => {
    assertClose([logLoss([1], [0])], [52 * Math.LN2], 1e-15)
    assertClose([logLoss([0], [1])], [52 * Math.LN2], 1e-15)
    assert.ok(logLoss([0, 1], [0, 1]) < 1e-15)
    assertClose(
      [
        logLoss(
          ['a', 'b', 'c'],
          [
            [0, 1, 0],
            [0, 1, 0],
            [0, 1, 0],
          ],
        ),
      ],
      [(104 * Math.LN2) / 3],
      1e-14,
    )
  })

  test('NaN among values to sort', () => {
    for (const metric of [rocAuc, averagePrecision] as Metric[]) {
      assert.throws(() => metric(y, [1, NaN, 2]), {
        code: 'ERR_VALUE',
        message: 'Expected scores to be numbers, got NaN for row 1 (counted from 0).',
      })
      assert.equal(metric(y, [-5, Infinity, 3]), 1)
    }
  })

  test('other shapes, labels and options', () => {
    for (const metric of all) {
      assert.throws(() => metric([], []), { code: 'ERR_ROWS' })
      assert.throws(() => metric(y, [0.1, 0.2]), { code: 'ERR_SHAPE' })
      assert.throws(() => metric(y, array(new Float64Array(8), { shape: [2, 2, 2] })), {
        code: 'ERR_SHAPE',
      })
      assert.throws(() => metric(y, array(new Float64Array(), { shape: [3, 0] })), {
        code: 'ERR_SHAPE',
      })
      assert.throws(() => metric(y, [0.1, 0.2, 0.3], { weights: [0, 0, 0] }), { code: 'ERR_ROWS' })
      assert.throws(() => metric(['a', 'b', 'c'], [0.1, 0.2, 0.3]), {
        code: 'ERR_SHAPE',
        message:
          /of 3 classes, shape \(n, 3\), got \(3\)\. The labels are 'a', 'b' and 'c'; pass those/,
      })
      assert.throws(() => metric(['a', 'b', 'c'], [0.1, 0.2, 0.3], { classes: ['a', 'b'] }), {
        code: 'ERR_VALUE',
        message:
          "Expected labels in `y` among those of the columns, 'a' and 'b', got 'c' at row 2 (counted from 0).",
      })
      assert.throws(() => metric(['a', 'b', 3], [0.1, 0.2, 0.3], {}), TypeError)
      assert.throws(() => metric([0, 1, NaN], [0.1, 0.2, 0.3]), { code: 'ERR_VALUE' })
      assert.throws(() => metric(y, ['a', 'b', 'c']), TypeError)
      assert.throws(() => metric(y, [0.1, 0.2, 0.3], { positive: 7 }), { code: 'ERR_OPTION' })
      const three = [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]
      assert.throws(() => metric([0, 1, 2], three, { positive: 1 }), { code: 'ERR_OPTION' })
      assert.throws(() => metric(y, [0.1, 0.2, 0.3], { eps: 1e-3 }), TypeError)
      const gone = array([0.1, 0.2, 0.3])
      structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] })
      assert.throws(() => metric(y, gone), { code: 'ERR_DETACHED' })
      assert.throws(() => metric(gone, [0.1, 0.2, 0.3]), { code: 'ERR_DETACHED' })
    }
    assert.throws(() => rocAuc(y, [1, 2, 3], { multiClass: 'raise' as never }), {
      code: 'ERR_OPTION',
    })
    assert.throws(() => rocAuc(y, [1, 2, 3], { average: 'micro' as never }), { code: 'ERR_OPTION' })
    const three = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]
    assert.throws(() => rocAuc([0, 1, 2], three, { multiClass: 'ovo', average: null }), {
      code: 'ERR_OPTION',
    })
  })
})
