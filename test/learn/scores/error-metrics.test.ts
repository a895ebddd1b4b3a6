/** Relative errors, medians, quantiles and deviances: edges and refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { arange, array } from '../../../src/arrays/index.ts'
import {
  gammaDeviance,
  mae,
  mape,
  maxError,
  medianAbsoluteError,
  pinball,
  poissonDeviance,
  r2,
  rmse,
  tweedieDeviance,
  wape,
} from '../../../src/learn/index.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { assertClose } from '../close.ts'

const all: readonly (typeof rmse)[] = [
  rmse,
  mae,
  r2,
  mape,
  wape,
  medianAbsoluteError,
  maxError,
  pinball,
  poissonDeviance,
  gammaDeviance,
  tweedieDeviance,
]

describe('relative errors', () => {
  test('mape and wape of 1 and 0 … 9 are the numbers that ML-Ensemble tests for', () => {
    const ones = new Float64Array(10).fill(1)
    assertClose([mape(ones, arange(0, 10)), wape(ones, arange(0, 10))], [3.7, 3.7], 1e-15)
  })

  test('a true value of 0 is refused by mape, and counts in wape', () => {
    assert.throws(() => mape([1, 0], [1, 1]), {
      code: 'ERR_VALUE',
      message:
        'Expected no true value of 0, by which mape() would divide, got one in row 1 (counted from 0). Use wape() or mae() for such targets.',
    })
    assert.throws(() => mape([1, 2, 0], [1], { rows: [2] }), /in row 2 \(counted from 0\)/)
    assert.equal(mape([1, 0], [1, 1], { weights: [1, 0] }), 0)
    assert.equal(wape([4, 0], [4, 1]), 0.25)
    assert.throws(() => wape([0, 0], [1, 1]), {
      code: 'ERR_VALUE',
      message:
        'Expected at least one true value that is not 0 to divide by, got only 0. Use mae() for such targets.',
    })
  })

  test('values of any size', () => {
    for (const factor of [2 ** -1000, 1, 2 ** 1000]) {
      const times = (list: number[]): number[] => list.map((value) => value * factor)
      assertClose([mape(times([2, -4]), times([1, 4]))], [1.25], 1e-15)
      assertClose([wape(times([2, -4]), times([1, 4]))], [1.5], 1e-15)
    }
    assertClose([mape([1.5e308], [-1.5e308])], [2], 1e-15)
    assertClose([mape([2, 4], [1, 4], { weights: [1.7e308, 1.7e308] })], [0.25], 1e-15)
  })
})

describe('median and largest errors', () => {
  test('the median of an even number is the mean of the two in the middle', () => {
    assert.equal(medianAbsoluteError([0, 0, 0, 0], [1, -2, 4, 8]), 3)
    assert.equal(medianAbsoluteError([0, 0, 0], [1, -2, 4]), 2)
    assert.equal(medianAbsoluteError([0], [5]), 5)
    assert.equal(medianAbsoluteError([1e308, 1e308], [0, 0]), 1e308)
  })

  test('weights count rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(3)), {
          minLength: 1,
          maxLength: 9,
        }),
        (pairs) => {
          fc.pre(pairs.some(([, weight]) => weight > 0))
          const errors = pairs.map(([error]) => error)
          const weights = pairs.map(([, weight]) => weight)
          const repeated = pairs.flatMap(([error, weight]) => Array<number>(weight).fill(error))
          const zeros = (list: number[]): number[] => list.map(() => 0)
          for (const metric of [medianAbsoluteError, maxError, pinball, mae])
            assertClose(
              [metric(zeros(errors), errors, { weights })],
              [metric(zeros(repeated), repeated)],
              1e-14,
            )
        },
      ),
      { seed: 11 },
    )
  })

  test('the largest error of rows that count', () => {
    assert.equal(maxError([1, 2, 3], [1, 5, 10]), 7)
    assert.equal(maxError([1, 2, 3], [1, 5, 10], { weights: [1, 1, 0] }), 3)
    assert.equal(
      maxError(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [2, 2],
          [3, 7],
        ],
      ),
      2,
    )
    assert.deepEqual(
      maxError(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [2, 2],
          [3, 7],
        ],
        { multioutput: 'rawValues' },
      ),
      Float64Array.of(1, 3),
    )
  })
})

describe('pinball', () => {
  test('half of the mean absolute error by default', () => {
    assert.equal(pinball([1, 2, 3], [2, 2, 1]), mae([1, 2, 3], [2, 2, 1]) / 2)
  })

  test('a prediction that is too small costs alpha, one that is too large the rest', () => {
    assertClose([pinball([10], [7], { alpha: 0.9 })], [2.7], 1e-15)
    assertClose([pinball([7], [10], { alpha: 0.9 })], [0.3], 1e-15)
    assertClose([pinball([1e308, 0], [-1e308, 0], { alpha: 0.25 })], [2.5e307], 1e-15)
  })

  test('an alpha outside [0, 1] is refused', () => {
    assert.throws(() => pinball([1], [1], { alpha: 1.5 }), {
      code: 'ERR_OPTION',
      message: 'Expected `alpha` of pinball to be a number from 0 to 1, got 1.5.',
    })
    assert.throws(() => pinball([1], [1], { alpha: NaN }), { code: 'ERR_OPTION' })
    assert.throws(() => pinball([1], [1], { alpha: '1' as never }), TypeError)
  })
})

describe('deviances', () => {
  test('are 0 for perfect predictions', () => {
    for (const metric of [poissonDeviance, gammaDeviance])
      assert.equal(metric([1, 2, 3.5], [1, 2, 3.5]), 0)
    assert.equal(poissonDeviance([0], [2]), 4)
    assert.equal(tweedieDeviance([1, -2], [3, -2]), 2)
  })

  test('refuse values outside their range by row', () => {
    assert.throws(() => poissonDeviance([1, 2], [1, 0]), {
      code: 'ERR_VALUE',
      message:
        'Expected finite predictions above 0 for poissonDeviance, got 0 in row 1 (counted from 0).',
    })
    assert.throws(() => poissonDeviance([1, -2], [1, 1]), /true values >= 0 .* got -2 in row 1/)
    assert.throws(() => gammaDeviance([1, 0], [1, 1]), /true values above 0 .* got 0 in row 1/)
    assert.throws(() => gammaDeviance([1, 1], [NaN, 1]), /got NaN in row 0/)
    assert.throws(() => gammaDeviance([5, 1, 1], [0], { rows: [2] }), /got 0 in row 2/)
    assert.equal(gammaDeviance([1, 0], [1, 0], { weights: [1, 0] }), 0)
    for (const power of [0.5, NaN, Infinity])
      assert.throws(() => tweedieDeviance([1], [1], { power }), { code: 'ERR_OPTION' })
    assert.throws(() => tweedieDeviance([1], [1], { power: '1' as never }), TypeError)
  })
})

describe('every metric of numbers', () => {
  test('takes columns of tables, rows and weights', () => {
    const table = new Table([
      new NumberColumn('price', array(Float64Array.of(1, 2, 4, NaN))),
      new NumberColumn('visits', array(Float64Array.of(1, 2, 1, 5))),
    ])
    const rows = [0, 1, 2]
    for (const metric of all) {
      const options = { rows, weights: table.column('visits') }
      const found = metric(table.column('price'), [1, 3, 5, 1], options)
      assert.equal(found, metric(table.column('price'), [1, 3, 5], options))
      assertClose([found], [metric([1, 2, 2, 4], [1, 3, 3, 5])], 1e-14)
    }
  })

  test('does not depend on the order of rows', () => {
    const y = [1, 2, 3, 5, 8]
    const predicted = [1.5, 2, 2, 6, 9]
    const weights = [1, 2, 0.5, 1, 3]
    const order = [3, 0, 4, 2, 1]
    const take = (list: number[]): number[] => order.map((row) => list[row]!)
    for (const metric of all)
      assertClose(
        [metric(take(y), take(predicted), { weights: take(weights) })],
        [metric(y, predicted, { weights })],
        1e-14,
      )
  })

  test('refuses no row, other shapes and other options', () => {
    for (const metric of all) {
      assert.throws(() => metric([], []), { code: 'ERR_ROWS' })
      assert.throws(() => metric([1, 2], [1, 2], { weights: [0, 0] }), { code: 'ERR_ROWS' })
      assert.throws(() => metric([1, 2], [1, 2, 3]), { code: 'ERR_SHAPE' })
      assert.throws(() => metric(array(new Float64Array(), { shape: [3, 0] }), [[], [], []]), {
        code: 'ERR_SHAPE',
      })
      assert.throws(() => metric([1], [1], { sample_weight: [1] } as never), /calls it `weights`/)
      assert.throws(() => metric(['a'] as never, [1]), TypeError)
      const buffer = new Float64Array([1, 2])
      structuredClone(buffer, { transfer: [buffer.buffer] })
      assert.throws(() => metric(array([1, 2]), buffer), { code: /ERR_SHAPE|ERR_DETACHED/ })
    }
  })

  test('gives NaN for a prediction that is NaN, unless it refuses it', () => {
    for (const metric of [rmse, mae, r2, mape, wape, medianAbsoluteError, maxError, pinball])
      assert.ok(Number.isNaN(metric([1, 2, 3], [1, NaN, 3])), metric.name)
  })

  test('combines targets as `multioutput` says', () => {
    const y = [
      [1, 10],
      [2, 30],
      [4, 20],
    ]
    const predicted = [
      [1, 11],
      [3, 28],
      [5, 22],
    ]
    const column = (list: number[][], j: number): number[] => list.map((row) => row[j]!)
    for (const metric of all) {
      const apart = [0, 1].map((j) => metric(column(y, j), column(predicted, j)))
      assertClose(metric(y, predicted, { multioutput: 'rawValues' }), apart, 1e-14)
      assertClose([metric(y, predicted)], [(apart[0]! + apart[1]!) / 2], 1e-14)
      const shares = { multioutput: [3, 1] }
      assertClose([metric(y, predicted, shares)], [0.75 * apart[0]! + 0.25 * apart[1]!], 1e-14)
    }
    for (const multioutput of [[1], [1, -1], [0, 0], [1, NaN], 'raw_values'])
      assert.throws(() => rmse(y, predicted, { multioutput: multioutput as never }), {
        code: 'ERR_OPTION',
      })
    assert.throws(() => rmse(y, predicted, { multioutput: 3 as never }), TypeError)
  })

  test('the variance of a target can be its weight in r2', () => {
    const y = [
      [1, 5],
      [2, 5],
      [4, 5],
    ]
    const predicted = [
      [1, 5],
      [3, 6],
      [4, 5],
    ]
    const options = { multioutput: 'varianceWeighted' } as const
    assert.equal(r2(y, predicted, options), r2([1, 2, 4], [1, 3, 4]))
    assert.equal(r2([[5], [5]], [[5], [5]], options), 1)
    assert.throws(() => rmse(y, predicted, options as never), { code: 'ERR_OPTION' })
  })
})
