/** Metrics: reference values, weights, rows, targets, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { arange, array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import { rowNumbers, rowRange } from '../../../src/arrays/internal.ts'
import { mae, makeScorer, r2, rmse, type Scorer } from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'

const ones = array(new Float64Array(10).fill(1))
const steps = arange(0, 10)

describe('metrics', () => {
  test('rmse of 1 and 0 … 9 is the number that ML-Ensemble tests for', () => {
    assertClose([rmse(ones, steps)], [4.5276925690687087], 1e-15)
  })

  test('known answers', () => {
    // numpy: y = [3, -0.5, 2, 7], p = [2.5, 0, 2, 8], as in scikit-learn's examples
    const y = array([3, -0.5, 2, 7])
    const predicted = array([2.5, 0, 2, 8])
    assertClose([rmse(y, predicted)], [Math.sqrt(0.375)], 1e-15)
    assertClose([mae(y, predicted)], [0.5], 1e-15)
    assertClose([r2(y, predicted)], [0.9486081370449679], 1e-15)
  })

  test('a perfect prediction', () => {
    assert.equal(rmse(steps, steps), 0)
    assert.equal(mae(steps, steps), 0)
    assert.equal(r2(steps, steps), 1)
  })

  test('r2 of a constant target is 1 when met, else 0', () => {
    assert.equal(r2(ones, ones), 1)
    assert.equal(r2(ones, steps), 0)
  })

  test('r2 of a target that is constant up to the rounding of its mean', () => {
    const tenths = array(new Float64Array(10).fill(0.1))
    assert.equal(r2(tenths, tenths), 1)
    assert.equal(r2(tenths, ones), 0)
  })

  test('r2 of a single row is NaN, as in scikit-learn', () => {
    assert.equal(r2([1], [1]), Number.NaN)
    assert.equal(r2([1, 2, 3], [1, 1, 1], { rows: [1] }), Number.NaN)
    assert.equal(r2([1, 2, 3], [1, 1, 1], { weights: [0, 1, 0] }), Number.NaN)
  })

  test('values of any size have the scores that they have near 1', () => {
    const y = [3, -0.5, 2, 7]
    const guess = [2.5, 0, 2, 8]
    for (const factor of [2 ** -1070, 2 ** -600, 2 ** 520, 2 ** 1020]) {
      const times = (values: number[]): number[] => values.map((value) => value * factor)
      const scores = [rmse, mae, r2].map((metric) => metric(times(y), times(guess)))
      const close = factor < 2 ** -1000 ? 0.1 : 1e-15
      assertClose([scores[0]! / factor], [Math.sqrt(0.375)], close)
      assertClose([scores[1]! / factor], [0.5], close)
      assertClose([scores[2]!], [0.9486081370449679], close)
    }
    assertClose([rmse([1e308, 0], [-1e308, 0]) / 1e308], [Math.SQRT2], 1e-15)
    assertClose([rmse([8e307, 0], [-8e307, 0]) / 1e308], [1.6 / Math.SQRT2], 1e-15)
    assertClose([mae([1.6e308, 1.7e308], [0, 0]) / 1e308], [1.65], 1e-15)
  })

  test('weights of any size weigh like those near 1', () => {
    const expected = rmse([1, 2, 4], [1, 1, 1], { weights: [1, 2, 3] })
    for (const factor of [1e-320, 1e-200, 1e307]) {
      const weights = [1, 2, 3].map((weight) => weight * factor)
      assertClose([rmse([1, 2, 4], [1, 1, 1], { weights })], [expected], 1e-3)
    }
  })

  test('the mean as a prediction has an r2 of 0', () => {
    assert.equal(r2(steps, array(new Float64Array(10).fill(4.5))), 0)
  })

  test('weights count rows', () => {
    const weights = Float64Array.of(0, 1, 2, 0, 0, 0, 3, 0, 0, 1)
    const numbers = Int32Array.of(1, 2, 2, 6, 6, 6, 9)
    for (const metric of [rmse, mae, r2]) {
      const weighted = metric(steps, ones, { weights })
      assertClose([weighted], [metric(steps, ones, { rows: rowNumbers(numbers) })], 1e-14)
    }
  })

  test('rows are a list, an Int32Array, a mask or ranges', () => {
    const mask = Array.from({ length: 10 }, (_, row) => row >= 3 && row < 8)
    for (const metric of [rmse, mae, r2]) {
      const part = metric(steps, ones, { rows: rowRange(3, 8) })
      for (const rows of [[3, 4, 5, 6, 7], Int32Array.of(3, 4, 5, 6, 7), mask, array(mask)])
        assert.equal(metric(steps, ones, { rows }), part)
    }
  })

  test('rows are scored in place', () => {
    for (const metric of [rmse, mae, r2]) {
      const part = metric(steps, ones, { rows: rowRange(3, 8) })
      assert.equal(part, metric(steps.rows(3, 8), ones.rows(3, 8)))
    }
  })

  test('a matrix has the mean over its targets', () => {
    const y = array([
      [1, 10],
      [2, 20],
      [4, 10],
    ])
    const predicted = array([
      [1, 11],
      [3, 18],
      [4, 10],
    ])
    for (const metric of [rmse, mae, r2]) {
      const apart = [0, 1].map((j) => metric(y.column(j), predicted.column(j)))
      assertClose([metric(y, predicted)], [(apart[0]! + apart[1]!) / 2], 1e-15)
    }
  })

  test('integers, also of 64 bits, and strides are read where they are', () => {
    const y = array([1n, 2n, 5n])
    const predicted = array([
      [0, 1],
      [0, 2],
      [0, 4],
    ]).column(1)
    assertClose([mae(y, predicted)], [1 / 3], 1e-15)
  })

  test('a large mean costs no digits of r2', () => {
    const y = arange(1e8, 1e8 + 10)
    const predicted = arange(1e8 + 1, 1e8 + 11)
    assertClose([r2(y, predicted)], [1 - 10 / 82.5], 1e-14)
  })

  test('predictions of just the rows are scored as those of all', () => {
    const y = array([1, 2, 4, 8, 16])
    const all = array([1.5, 9, 4, 7, 12])
    const weights = [1, 2, 3, 4, 5]
    for (const rows of [Int32Array.of(4, 0, 3), [true, false, false, true, true]]) {
      const few = Array.from(toRowNumbers(rows, 5), (row) => all.get(row))
      for (const metric of [rmse, mae, r2])
        assertClose([metric(y, few, { rows, weights })], [metric(y, all, { rows, weights })], 1e-14)
    }
    const pairs = array([
      [1, 2],
      [3, 4],
      [5, 7],
    ])
    assert.equal(mae(pairs, [[5, 5]], { rows: [2] }), 1)
    assert.throws(() => rmse(y, [1, 2], { rows: [0, 1, 2] }), {
      code: 'ERR_SHAPE',
      message:
        'Expected predictions of the same shape as `y`, (n) or (n, m), got (2) for (5). ' +
        'Pass predictions of all rows of `y`, or of just the 3 rows of `rows` in their order.',
    })
  })

  test('what cannot be scored is refused', () => {
    assert.throws(() => rmse(ones, steps.rows(1)), {
      code: 'ERR_SHAPE',
      message: 'Expected predictions of the same shape as `y`, (n) or (n, m), got (9) for (10).',
    })
    assert.throws(() => rmse(ones, steps.reshape(10, 1)), { code: 'ERR_SHAPE' })
    assert.throws(() => rmse(ones, steps, { rows: rowRange(0, 0) }), {
      code: 'ERR_ROWS',
      message: 'Expected at least one row with a weight above 0 to score, got none.',
    })
    assert.throws(() => mae(ones, steps, { rows: rowRange(0, 11) }), { code: 'ERR_INDEX' })
    assert.throws(() => mae(ones, steps, { weights: new Float64Array(9) }), {
      code: 'ERR_VALUE',
    })
  })

  test('an array whose memory was moved away is refused', () => {
    const gone = (): NDArray => {
      const lost = array([1, 2, 3])
      structuredClone(lost.buffer, { transfer: [lost.buffer as ArrayBuffer] })
      return lost
    }
    const there = array([1, 2, 3])
    for (const metric of [rmse, mae, r2]) {
      assert.throws(() => metric(gone(), there), { code: 'ERR_DETACHED' })
      assert.throws(() => metric(there, gone()), { code: 'ERR_DETACHED' })
      assert.throws(() => metric(there, there, { weights: gone() }), { code: 'ERR_DETACHED' })
    }
  })

  test('a scorer has a name and a direction', () => {
    const scorers: Scorer[] = [rmse, mae, r2]
    assert.deepEqual(
      scorers.map(({ name, greaterIsBetter }) => [name, greaterIsBetter]),
      [
        ['rmse', false],
        ['mae', false],
        ['r2', true],
      ],
    )
    const bias = makeScorer(
      function bias(y, predicted) {
        return Math.abs(Number(y.get(0)) - Number(predicted.get(0)))
      },
      { greaterIsBetter: false },
    )
    assert.equal(bias.name, 'bias')
    assert.equal(bias(ones, steps), 1)
  })
})

test('a scorer has a heading, its own or that of its function', () => {
  const better = { greaterIsBetter: true }
  assert.equal(makeScorer(() => 1, better).name, 'score')
  assert.equal(makeScorer(() => 1, { ...better, name: 'bias' }).name, 'bias')
  function share(): number {
    return 1
  }
  assert.equal(makeScorer(share, better).name, 'share')
  assert.throws(() => makeScorer(() => 1, { ...better, name: 3 as never }), {
    name: 'TypeError',
    message: 'Expected `name` to be a string, got 3.',
  })
})
