/** Scalers: scikit-learn's numbers, their maps, refusals. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { array } from '../../src/arrays/index.ts'
import { MinMaxScaler, StandardScaler } from '../../src/learn/index.ts'
import { isAffineTransformer, Moments } from '../../src/learn/internal.ts'
import { assertClose } from './close.ts'
import { randomProblem } from './random-problem.ts'

interface Standard {
  mean: number[]
  variance: number[]
  scale: number[]
  transformed: number[][]
}

interface MinMax {
  minimum: number[]
  maximum: number[]
  transformed: number[][]
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/sklearn/scalers.json', import.meta.url), 'utf8'),
) as {
  X: number[][]
  weights: number[]
  standard: Standard
  weighted: Standard
  unit: MinMax
  signed: MinMax
}
const X = array(fixture.X)

describe('StandardScaler', () => {
  for (const kind of ['standard', 'weighted'] as const) {
    test(`has the numbers of scikit-learn 1.2 on ${kind} rows, also for a constant column`, async () => {
      const { mean, variance, scale, transformed } = fixture[kind]
      const weights = Float64Array.from(fixture.weights)
      const options = kind === 'weighted' ? { weights } : {}
      const scaler = await new StandardScaler().fit(X, undefined, options)
      assertClose(scaler.mean_, mean, 1e-14)
      // scikit-learn leaves rounding of some 1e-32 in the variance of a constant column.
      assertClose(scaler.variance_, variance, 1e-13, { floor: 1e-15 })
      assertClose(scaler.scale_, scale, 1e-13)
      const found = await scaler.transform(X)
      assertClose(found.toTypedArray(), transformed.flat(), 1e-11, { floor: 1 })
    })
  }

  test('without mean or deviation it leaves them', async () => {
    const scaler = await new StandardScaler({ withMean: false, withStd: false }).fit(X)
    assert.deepEqual(await scaler.transform(X), X.copy())
  })

  test('options that are not true or false are refused at fit', async () => {
    const scaler = new StandardScaler({ withStd: 1 as unknown as boolean })
    await assert.rejects(scaler.fit(X), {
      name: 'TypeError',
      message: 'Expected `withStd` of StandardScaler to be true or false, got 1.',
    })
  })
})

describe('MinMaxScaler', () => {
  for (const [kind, featureRange] of [
    ['unit', [0, 1]],
    ['signed', [-1, 3]],
  ] as const) {
    test(`has the numbers of scikit-learn 1.2 for [${featureRange.join(', ')}]`, async () => {
      const { minimum, maximum, transformed } = fixture[kind]
      const scaler = await new MinMaxScaler({ featureRange }).fit(X)
      assert.deepEqual([...scaler.minimum_], minimum)
      assert.deepEqual([...scaler.maximum_], maximum)
      const found = await scaler.transform(X)
      assertClose(found.toTypedArray(), transformed.flat(), 1e-11, { floor: 1 })
    })
  }

  test('a range that is none is refused at fit', async () => {
    for (const featureRange of [
      [1, 1],
      [2, 1],
      [0, Infinity],
    ] as const) {
      await assert.rejects(new MinMaxScaler({ featureRange }).fit(X), {
        code: 'ERR_OPTION',
        message:
          'Expected `featureRange` of MinMaxScaler to be finite with low < high, ' +
          `got [${featureRange.join(', ')}].`,
      })
    }
    const featureRange = [0] as unknown as [number, number]
    await assert.rejects(new MinMaxScaler({ featureRange }).fit(X), { name: 'TypeError' })
  })
})

describe('a scaler', () => {
  for (const make of [
    () => new StandardScaler(),
    () => new MinMaxScaler({ featureRange: [1, 4] }),
  ]) {
    const name = make().constructor.name

    test(`${name} maps moments as it maps rows`, async () => {
      const { X, y } = randomProblem(30, 3, { offset: 5 })
      const scaler = await make().fit(X)
      assert.ok(isAffineTransformer(scaler))
      const [raw] = await Moments.compute(X, y)
      const [scaled] = await Moments.compute(await scaler.transform(X), y)
      const mapped = raw!.affine(scaler.affine())
      assertClose(mapped.mean, scaled!.mean, 1e-13)
      assertClose(mapped.cross, scaled!.cross, 1e-12)
      assertClose(mapped.maximum, scaled!.maximum, 1e-14)
    })

    test(`${name} can be fitted on moments that have a target`, async () => {
      const { X, y } = randomProblem(30, 3)
      const [moments] = await Moments.compute(X, y)
      const scaler = make().fitMoments(moments!)
      assert.equal(scaler.scale_.length, 3)
      assertClose(scaler.scale_, (await make().fit(X)).scale_, 1e-15)
    })
  }

  test('lets the event loop turn while it maps many rows', async () => {
    const rows = array(new Float64Array(3 << 20), { shape: [3 << 19, 2] })
    const scaler = await new StandardScaler().fit(rows.rows(0, 4))
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await scaler.transform(rows)
    clearInterval(timer)
    assert.ok(turns >= 1)
  })
})

test('a column that differs only by rounding stays as it is, so that no model sees it scaled up', async () => {
  const X = array([[0.3], [0.1 + 0.2], [0.3]])
  for (const scaler of [new StandardScaler(), new MinMaxScaler()]) {
    const scaled = await (await scaler.fit(X)).transform(X)
    assert.deepEqual([...scaled.toTypedArray()], [0.3, 0.1 + 0.2, 0.3])
  }
  const small = array([[1e-20], [3e-20]])
  assert.deepEqual(
    [...(await (await new MinMaxScaler().fit(small)).transform(small)).toTypedArray()],
    [0, 1],
  )
})
