/** QR factors: they say what moments say, and survive what moments don't. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { KFold } from '../../../src/learn/index.ts'
import { Moments, QrFactor } from '../../../src/learn/internal.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

/** RᵀR, the products that moments hold. */
function products({ triangle, mean }: QrFactor): Float64Array {
  const p = mean.length
  return Float64Array.from({ length: p * p }, (_, at) => {
    let sum = 0
    for (let k = 0; k < p; k++)
      sum += triangle[k * p + Math.floor(at / p)]! * triangle[k * p + (at % p)]!
    return sum
  })
}

function assertSame(factor: QrFactor, moments: Moments, tolerance = 1e-12): void {
  assert.equal(factor.columns, moments.columns)
  assert.deepEqual(factor.targetShape, moments.targetShape)
  assertClose([factor.weight], [moments.weight], 1e-15)
  assertClose(factor.mean, moments.mean, tolerance)
  assertClose(products(factor), moments.cross, tolerance, { floor: 0.1 })
}

describe('QrFactor', () => {
  const { X, y, weights } = randomProblem(60, 4, { offset: 3, targets: 2 })

  test('is a root of the products of moments', async () => {
    for (const options of [{}, { weights }]) {
      const [factor] = await QrFactor.compute(X, y, options)
      const [moments] = await Moments.compute(X, y, options)
      assertSame(factor!, moments!)
    }
  })

  test('factors of folds merge', async () => {
    const groups = new KFold({ folds: 4 }).split(60).map(({ test }) => test)
    const parts = await QrFactor.compute(X, y, { groups, weights })
    const [moments] = await Moments.compute(X, y, { weights })
    assertSame(
      parts.reduce((merged, part) => merged.merge(part)),
      moments!,
    )
  })

  test('all others of each fold are those of its training rows', async () => {
    const folds = new KFold({ folds: 5 }).split(60)
    const groups = folds.map(({ test }) => test)
    const others = QrFactor.mergeOthers(await QrFactor.compute(X, y, { groups, weights }))
    const training = folds.map(({ train }) => train)
    const expected = await Moments.compute(X, y, { groups: training, weights })
    for (const [k, factor] of others.entries()) assertSame(factor, expected[k]!)
  })

  test('a group without rows changes nothing', async () => {
    const groups = [{ ranges: [] }, { ranges: [[0, 60]] }] as const
    const [none, all] = await QrFactor.compute(X, y, { groups })
    assert.equal(none!.weight, 0)
    assert.equal(none!.merge(all!), all)
    assert.equal(all!.merge(none!), all)
  })

  test('fewer rows than columns are enough', async () => {
    const [factor] = await QrFactor.compute(X, y, { groups: [{ ranges: [[0, 3]] }] })
    const [moments] = await Moments.compute(X, y, { groups: [{ ranges: [[0, 3]] }] })
    assertSame(factor!, moments!)
  })

  test('follows a choice and a map of the columns', async () => {
    const [factor] = await QrFactor.compute(X, y)
    const [moments] = await Moments.compute(X, y)
    assertSame(factor!.select([3, 1]), moments!.select([3, 1]))
    const map = { shift: Float64Array.of(1, 2, 3, 4), scale: Float64Array.of(1e-3, -2, 5, 1e3) }
    const mapped = factor!.affine(map)
    assertClose(mapped.mean, moments!.affine(map).mean, 1e-12)
    assertClose(products(mapped), moments!.affine(map).cross, 1e-10, { floor: 1e-6 })
    assert.throws(() => factor!.select([4]), { code: 'ERR_INDEX' })
  })

  test('NaN is named', async () => {
    const wrong = array([[1], [Number.NaN]])
    await assert.rejects(QrFactor.compute(wrong, array([1, 2])), {
      code: 'ERR_VALUE',
      details: { name: 'X', row: 1, column: 0, value: Number.NaN },
    })
  })
})
