/** Moments: against a naive oracle, merged in any order, mapped, refused. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { array, rowRanges, type Rows } from '../../../src/arrays/index.ts'
import { allRows, rowNumbers, rowRange } from '../../../src/arrays/internal.ts'
import { KFold } from '../../../src/learn/splits/k-fold.ts'
import { Moments } from '../../../src/learn/statistics/moments.ts'
import { assertClose, digits } from '../close.ts'
import { naiveMoments, type PlainMoments } from '../naive-moments.ts'
import { randomProblem } from '../random-problem.ts'

/** Asserts that statistics agree; products to a part of the spreads that they are made of. */
function assertMoments(actual: PlainMoments, expected: PlainMoments, tolerance: number): void {
  const p = expected.mean.length
  assert.equal(actual.columns, expected.columns)
  assert.deepEqual(actual.targetShape, expected.targetShape)
  assert.equal(actual.count, expected.count)
  assertClose([actual.weight], [expected.weight], tolerance)
  assert.deepEqual(actual.minimum, expected.minimum)
  assert.deepEqual(actual.maximum, expected.maximum)
  const spread = Float64Array.from({ length: p }, (_, i) => Math.sqrt(expected.cross[i * p + i]!))
  for (let i = 0; i < p; i++) {
    const unit = spread[i]! / Math.sqrt(expected.weight) + Math.abs(expected.mean[i]!)
    assert.ok(Math.abs(actual.mean[i]! - expected.mean[i]!) <= tolerance * unit, `mean ${i}`)
    for (let j = 0; j < p; j++) {
      const error = Math.abs(actual.cross[i * p + j]! - expected.cross[i * p + j]!)
      assert.ok(error <= tolerance * spread[i]! * spread[j]!, `cross ${i}, ${j}: ${error}`)
      assert.equal(actual.cross[i * p + j], actual.cross[j * p + i])
    }
  }
}

const problems = fc.record({
  n: fc.integer({ min: 1, max: 60 }),
  d: fc.integer({ min: 1, max: 7 }),
  seed: fc.nat(),
  offset: fc.constantFrom(0, 1, -1e4),
  targets: fc.integer({ min: 0, max: 3 }),
  weighted: fc.boolean(),
})

describe('Moments.compute', () => {
  test('agrees with two plain passes', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ n, d, weighted, ...options }) => {
        const { X, y, weights } = randomProblem(n, d, options)
        weights[0] = 1
        const given = weighted ? { weights } : {}
        const [moments] = await Moments.compute(X, y, given)
        assertMoments(moments!, naiveMoments(X, y, allRows(n), given.weights), 1e-11)
      }),
      { seed: 5 },
    )
  })

  test('reads groups of ranges and of row numbers in one call', async () => {
    const { X, y, weights } = randomProblem(50, 3)
    const groups: Rows[] = [
      rowRanges([
        [0, 7],
        [20, 31],
      ]),
      rowNumbers(Int32Array.of(49, 3, 3, 12)),
      rowRanges([]),
    ]
    const found = await Moments.compute(X, y, { groups, weights })
    assert.equal(found.length, 3)
    for (const [k, rows] of groups.slice(0, 2).entries()) {
      assertMoments(found[k]!, naiveMoments(X, y, rows, weights), 1e-12)
    }
    assert.equal(found[2]!.count, 0)
    assert.equal(found[2]!.weight, 0)
  })

  test('without a target it has those of X alone', async () => {
    const { X } = randomProblem(20, 3)
    const [moments] = await Moments.compute(X, null)
    assertMoments(moments!, naiveMoments(X, null, allRows(20)), 1e-12)
    assert.equal(moments!.targets, 0)
  })

  test('a mean of 1e8 beside a deviation of 1 costs no digits', async () => {
    const { X, y } = randomProblem(5000, 4, { offset: 1e8 })
    const [moments] = await Moments.compute(X, y)
    const expected = naiveMoments(X, y, allRows(5000))
    assertMoments(moments!, expected, 1e-12)
    for (let j = 0; j < 4; j++) {
      assert.ok(digits(moments!.cross[j * 6]!, expected.cross[j * 6]!) >= 11)
    }
  })

  test('a constant column has its value for a mean and no deviation, exactly', async () => {
    const X = array(
      Float64Array.from({ length: 30 }, (_, i) => (i % 3 === 1 ? 0.1 : i ** 2)),
      { shape: [10, 3] },
    )
    const folds = new KFold({ folds: 3 }).split(10).map(({ test }) => test)
    const parts = await Moments.compute(X, null, { groups: folds })
    for (const moments of [...parts, Moments.merge(parts), ...Moments.mergeOthers(parts)]) {
      assert.equal(moments.mean[1], 0.1)
      assert.deepEqual(
        [3, 4, 5].map((at) => moments.cross[at]),
        [0, 0, 0],
      )
    }
  })

  test('every dtype and stride gives the same', async () => {
    const values = Array.from({ length: 24 }, (_, i) => (i * 7) % 11)
    const plain = array(Float64Array.from(values), { shape: [8, 3] })
    const [expected] = await Moments.compute(plain, plain.column(1))
    for (const dtype of ['int8', 'uint16', 'int32', 'int64', 'uint64', 'float32'] as const) {
      const nested = dtype.endsWith('64') ? values.map(BigInt) : values
      const X = array(nested, { dtype }).reshape(8, 3)
      const [found] = await Moments.compute(X, X.column(1))
      assertMoments(found!, expected!, 1e-15)
    }
    const turned = plain.transpose().copy().transpose()
    assertMoments((await Moments.compute(turned, turned.column(1)))[0]!, expected!, 1e-15)
    const backwards = plain.reversed(0)
    assertMoments((await Moments.compute(backwards, backwards.column(1)))[0]!, expected!, 1e-14)
  })

  test('a row of weight 0 is not there', async () => {
    const { X, y } = randomProblem(6, 2)
    const weights = Float64Array.of(1, 0, 2, 0, 1, 1)
    X.set(Number.NaN, 1, 0)
    y.set(1e9, 3)
    const [moments] = await Moments.compute(X, y, { weights })
    assertMoments(moments!, naiveMoments(X, y, allRows(6), weights), 1e-12)
    assert.equal(moments!.count, 4)
  })

  test('weights may be an array of any dtype', async () => {
    const { X, y } = randomProblem(6, 2)
    const weights = array([1, 2, 0, 3, 1, 1], { dtype: 'uint8' })
    const [moments] = await Moments.compute(X, y, { weights })
    const expected = naiveMoments(X, y, allRows(6), Float64Array.of(1, 2, 0, 3, 1, 1))
    assertMoments(moments!, expected, 1e-12)
  })
})

describe('Moments of several parts', () => {
  test('merged in any order they are those of all rows', async () => {
    const options = fc.record({
      n: fc.integer({ min: 6, max: 80 }),
      folds: fc.integer({ min: 2, max: 6 }),
      seed: fc.nat(),
      offset: fc.constantFrom(0, 1e8),
      order: fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(options, async ({ n, folds, seed, offset, order }) => {
        const { X, y, weights } = randomProblem(n, 3, { seed, offset })
        weights[0] = 1
        const groups = new KFold({ folds, shuffle: true, seed: seed % 2 ** 32 })
          .split(n)
          .map(({ test }) => test)
        const parts = await Moments.compute(X, y, { groups, weights })
        const expected = naiveMoments(X, y, allRows(n), weights)
        const shuffled = parts.toSorted(
          (a, b) => order[parts.indexOf(a)]! - order[parts.indexOf(b)]!,
        )
        const tolerance = 1e-10
        assertMoments(Moments.merge(shuffled), expected, tolerance)
        const oneByOne = shuffled.reduce((merged, part) => merged.merge(part))
        assertMoments(oneByOne, expected, tolerance)
      }),
      { seed: 6 },
    )
  })

  test('all others of each fold are those of its training rows', async () => {
    const { X, y, weights } = randomProblem(47, 4, { offset: 1e3 })
    const folds = new KFold({ folds: 5 }).split(47)
    const groups = folds.map(({ test }) => test)
    const others = Moments.mergeOthers(await Moments.compute(X, y, { groups, weights }))
    assert.equal(others.length, 5)
    for (const [k, { train }] of folds.entries()) {
      assertMoments(others[k]!, naiveMoments(X, y, train, weights), 1e-12)
    }
  })

  test('two parts are each other’s others', async () => {
    const { X, y } = randomProblem(10, 2)
    const groups = new KFold({ folds: 2 }).split(10).map(({ test }) => test)
    const [a, b] = await Moments.compute(X, y, { groups })
    assert.deepEqual(Moments.mergeOthers([a!, b!]), [b, a])
  })

  test('a structured clone is as good', async () => {
    const { X, y } = randomProblem(10, 2)
    const [moments] = await Moments.compute(X, y)
    assert.deepEqual(new Moments(structuredClone(moments!)), moments)
  })

  test('parts of other columns are refused', async () => {
    const { X, y } = randomProblem(10, 2)
    const [both] = await Moments.compute(X, y)
    const [alone] = await Moments.compute(X, null)
    assert.throws(() => both!.merge(alone!), {
      code: 'ERR_SHAPE',
      message: 'Expected Moments of the same columns to merge, got 2 + 1 and 2 + 0 (X + y).',
    })
    assert.throws(() => Moments.mergeOthers([both!]), { name: 'TypeError' })
    assert.throws(() => Moments.merge([]), { name: 'TypeError' })
  })
})

describe('Moments of other columns', () => {
  test('selected columns are those of the columns', async () => {
    const { X, y } = randomProblem(20, 4)
    const [moments] = await Moments.compute(X, y)
    const picked = array(Array.from({ length: 20 }, (_, i) => [X.get(i, 3), X.get(i, 1)]))
    assertMoments(moments!.select([3, 1]), naiveMoments(picked, y, allRows(20)), 1e-12)
    assert.throws(() => moments!.select([0, 4]), {
      code: 'ERR_INDEX',
      message: 'Expected column numbers in [0, 4), got 4.',
    })
  })

  test('an affine map of the columns is one of the statistics', async () => {
    const { X, y } = randomProblem(20, 3)
    const [moments] = await Moments.compute(X, y)
    const map = { shift: Float64Array.of(1, -2, 0.5), scale: Float64Array.of(3, -0.25, 1e-3) }
    const values = X.toTypedArray().map((v, at) => (v - map.shift[at % 3]!) / map.scale[at % 3]!)
    const mapped = array(values, { shape: [20, 3] })
    const found = moments!.affine(map)
    const expected = naiveMoments(mapped, y, allRows(20))
    assertClose(found.minimum, expected.minimum, 1e-15)
    assertClose(found.maximum, expected.maximum, 1e-15)
    const { columns, targetShape, count, weight, mean, cross } = found
    const { minimum, maximum } = expected // their last bits depend on how one divides
    const same = { columns, targetShape, count, weight, mean, cross, minimum, maximum }
    assertMoments(same, expected, 1e-12)
    assert.throws(() => moments!.select([0]).affine(map), { code: 'ERR_SHAPE' })
  })
})

describe('Moments.compute refuses', () => {
  test('NaN and infinity, naming the first row and column', async () => {
    const { X, y } = randomProblem(40, 3)
    X.set(Number.NaN, 31, 0)
    X.set(-Infinity, 12, 2)
    const halves = [allRows(20), rowRanges([[20, 40]])]
    await assert.rejects(Moments.compute(X, y, { groups: halves.toReversed() }), {
      code: 'ERR_VALUE',
      message:
        'Expected finite numbers, got -Infinity in `X` at row 12, column 2 (counted from 0). ' +
        'Leave such rows out, or fill in their values first.',
      details: { name: 'X', row: 12, column: 2, value: -Infinity },
    })
    await Moments.compute(X, y, { groups: [allRows(12)] })
  })

  test('NaN in the target', async () => {
    const { X, y } = randomProblem(10, 3)
    y.set(Number.NaN, 7)
    await assert.rejects(Moments.compute(X, y), {
      message:
        'Expected finite numbers, got NaN in `y` at row 7 (counted from 0). ' +
        'Leave such rows out, or fill in their values first.',
    })
    const matrix = randomProblem(10, 3, { targets: 2 })
    matrix.y.set(Number.NaN, 7, 1)
    await assert.rejects(Moments.compute(matrix.X, matrix.y), {
      message: /^Expected finite numbers, got NaN in `y` at row 7, column 1 /,
    })
  })

  test('shapes that do not fit', async () => {
    const { X, y } = randomProblem(10, 3)
    await assert.rejects(Moments.compute(X, y.rows(1)), {
      code: 'ERR_SHAPE',
      message: 'Expected `y` to have 10 rows like `X`, got 9. Both must describe the same samples.',
    })
    await assert.rejects(Moments.compute(y, y), { code: 'ERR_SHAPE' })
    await assert.rejects(Moments.compute(X, y.reshape(10, 1, 1)), {
      message: 'Expected `y` to have shape (n) or (n, m), got (10, 1, 1).',
    })
    await assert.rejects(Moments.compute(X, y, { groups: [allRows(11)] }), { code: 'ERR_INDEX' })
  })

  test('weights that are not one finite number >= 0 for every row', async () => {
    const { X, y } = randomProblem(3, 2)
    await assert.rejects(Moments.compute(X, y, { weights: new Float64Array(2) }), {
      code: 'ERR_VALUE',
      message: 'Expected `weights` to have 3 values, one for every row of `X`, got 2.',
    })
    for (const wrong of [-1, Number.NaN, Infinity]) {
      await assert.rejects(Moments.compute(X, y, { weights: Float64Array.of(1, wrong, 1) }), {
        message: `Expected finite \`weights\` >= 0, got ${wrong} for row 1.`,
      })
    }
  })

  test('X without columns', async () => {
    await assert.rejects(Moments.compute(array([[], []]), null), {
      code: 'ERR_SHAPE',
      message: 'Expected `X` to have columns, got shape (2, 0).',
    })
  })

  test('values whose squares overflow or vanish', async () => {
    for (const [factor, spread] of [
      [1e200, 3e200],
      [1e-200, 3e-200],
    ] as const) {
      const X = array([
        [1, -factor],
        [2, 2 * factor],
        [3, 0],
      ])
      await assert.rejects(Moments.compute(X, null), {
        code: 'ERR_VALUE',
        message:
          'Expected values that differ by 1e-145 to 1e145, so that float64 can hold their squares, ' +
          `got differences up to ${spread} in column 1 of \`X\`. Rescale it first.`,
      })
      await assert.rejects(Moments.compute(X.slice(null, [0, 1]), X.column(1)), {
        message: / in target 0 of `y`\. Rescale it first\.$/,
      })
    }
  })
})

describe('merged moments', () => {
  test('of a column that is constant in all parts have no variance and its value for a mean', async () => {
    const X = array(Array.from({ length: 9 }, (_, i) => [i === 8 ? 1 : 0.1, i]))
    const groups = [0, 3, 6].map((start) => ({ ranges: [[start, start + 3]] as const }))
    const [a, b, c] = (await Moments.compute(X, null, { groups })) as [Moments, Moments, Moments]
    const merged = a.merge(b)
    assert.deepEqual([merged.cross[0], merged.cross[1], merged.mean[0]], [0, 0, 0.1])
    assert.ok(merged.merge(c).cross[0]! > 0.7)
  })

  test('of one group keep their digits where weights put the mean far from the rows', async () => {
    const values = Array.from({ length: 40 }, (_, i) => [i === 4 ? 1e12 : i / 40])
    const weights = Float64Array.from(values, (_, i) => (i === 4 ? 1e-40 : 1))
    const [found] = await Moments.compute(array(values), null, { weights })
    const others = [rowRange(0, 4), rowRange(5, 40)]
    const [first, second] = await Moments.compute(array(values), null, { groups: others })
    assertClose(found!.cross, first!.merge(second!).cross, 1e-13)
  })
})
