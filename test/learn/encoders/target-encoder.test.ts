/** TargetEncoder: against a plain computation, cross-fitting, the contract, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  clone,
  ColumnTransformer,
  estimatorChecks,
  learnedState,
  Pipeline,
  restore,
  Ridge,
  StandardScaler,
  TargetEncoder,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'

const n = 300
const codes = Array.from({ length: n }, (_, i) => [
  (i * i) % 7,
  i % 11 === 0 ? Number.NaN : (i * 31) % 40,
])
const X = array(codes)
const y = array(Float64Array.from(codes, ([a], i) => a! ** 2 + Math.sin(i * i) + 100))

/** scikit-learn 1.3's encoding of one category, in plain words. */
function naive(own: readonly number[], all: readonly number[], smoothing: 'auto' | number): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / values.length
  const variance = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / values.length
  if (own.length === 0) return mean(all)
  if (smoothing !== 'auto')
    return (mean(own) * own.length + smoothing * mean(all)) / (own.length + smoothing)
  const share = (variance(all) * own.length) / (variance(all) * own.length + variance(own))
  return share * mean(own) + (1 - share) * mean(all)
}

describe('TargetEncoder', () => {
  for (const smoothing of ['auto', 0, 5] as const) {
    test(`smoothing ${smoothing} gives the means of scikit-learn's formulas`, async () => {
      const encoder = await new TargetEncoder({ smoothing }).fit(X, y)
      const all = [...y.toTypedArray()]
      const found = await encoder.transform(X)
      for (let i = 0; i < n; i += 13)
        for (const column of [0, 1]) {
          const value = codes[i]![column]!
          const own = all.filter((_, k) => Object.is(codes[k]![column], value))
          assertClose([found.get(i, column)], [naive(own, all, smoothing)], 1e-11)
        }
      assertClose([encoder.targetMean_], [all.reduce((a, b) => a + b, 0) / n], 1e-13)
      const strange = await encoder.transform([[99, 1000]])
      assert.deepEqual(strange.toArray(), [[encoder.targetMean_, encoder.targetMean_]])
    })
  }

  test('training rows know nothing of their own target', async () => {
    const categories = array(Array.from({ length: 2000 }, (_, i) => [(i * 7919) % 1000]))
    const noise = array(Float64Array.from({ length: 2000 }, (_, i) => Math.sin(i * i * 1.7)))
    const correlation = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
      const mean = (values: ArrayLike<number>): number =>
        Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
      const [ma, mb] = [mean(a), mean(b)]
      let [ab, aa, bb] = [0, 0, 0]
      for (let i = 0; i < a.length; i++) {
        ab += (a[i]! - ma) * (b[i]! - mb)
        aa += (a[i]! - ma) ** 2
        bb += (b[i]! - mb) ** 2
      }
      return ab / Math.sqrt(aa * bb)
    }
    const encoder = new TargetEncoder()
    const crossed = (await encoder.fitTransform(categories, noise)).toTypedArray() as Float64Array
    const plain = (await encoder.transform(categories)).toTypedArray() as Float64Array
    assert.ok(correlation(plain, noise.toTypedArray()) > 0.5)
    assert.ok(Math.abs(correlation(crossed, noise.toTypedArray())) < 0.1)
    // A model behind it sees them so, also behind a ColumnTransformer and another pipeline.
    for (const first of [
      new TargetEncoder(),
      new ColumnTransformer({
        transformers: { a: { columns: [0], transformer: new TargetEncoder() } },
      }),
      new Pipeline({ steps: [new TargetEncoder(), new StandardScaler({ withStd: false })] }),
    ]) {
      const model = await new Pipeline({ steps: { first, ridge: new Ridge({ alpha: 0 }) } }).fit(
        categories,
        noise,
      )
      const { coef_ } = model.step('ridge') as Ridge
      const alone = await new Ridge({ alpha: 0 }).fit(array(crossed).reshape(2000, 1), noise)
      assertClose(coef_.toTypedArray(), alone.coef_.toTypedArray(), 1e-9)
    }
  })

  test('a fold is learned from the other folds only', async () => {
    // One category, so that each training row gets the mean of the rows in other folds.
    const ones = array(new Float64Array(40).fill(1)).reshape(40, 1)
    const target = array(Float64Array.from({ length: 40 }, (_, i) => 2 ** (i % 20)))
    const encoder = new TargetEncoder({ smoothing: 0, folds: 4, seed: 9 })
    const crossed = (await encoder.fitTransform(ones, target)).toTypedArray() as Float64Array
    const groups = Map.groupBy(crossed.keys(), (row) => crossed[row]!)
    assert.equal(groups.size, 4)
    for (const [mean, rows] of groups) {
      assert.equal(rows.length, 10)
      const others = [...target.toTypedArray()].filter((_, i) => !rows.includes(i))
      assertClose([mean], [others.reduce((a, b) => a + b, 0) / others.length], 1e-12)
      // One of every four rows.
      assert.equal(new Set(rows.map((row) => row >> 2)).size, 10)
    }
    const others = new TargetEncoder({ smoothing: 0, folds: 4, seed: 10 })
    assert.notDeepEqual([...(await others.fitTransform(ones, target)).toTypedArray()], [...crossed])
  })

  test('fitTransform takes rows, weights and out', async () => {
    const rows = { ranges: [[10, 200]] } as const
    const weights = Float64Array.from({ length: n }, (_, i) => i % 3)
    const encoder = new TargetEncoder()
    const packed = await encoder.fitTransform(X, y, { rows, weights })
    assert.deepEqual(packed.shape, [190, 2])
    const out = array(new Float32Array(n * 2)).reshape(n, 2)
    assert.equal(await new TargetEncoder().fitTransform(X, y, { rows, weights, out }), out)
    assert.equal(out.get(15, 1), Math.fround(packed.get(5, 1)))
    assert.equal(out.get(9, 0), 0)
  })

  test('one row, restored values and refusals', async () => {
    const one = await new TargetEncoder().fitTransform([[3]], [5])
    assert.deepEqual(one.toArray(), [[5]])
    const encoder = await new TargetEncoder().fit(X, y)
    const state = learnedState(encoder)
    const heir = restore(clone(encoder), state)
    assert.deepEqual((await heir.transform(X)).toArray(), (await encoder.transform(X)).toArray())
    assert.throws(() => restore(clone(encoder), { ...state, encodings_: [new Float64Array(2)] }), {
      code: 'ERR_FORMAT',
    })
    await assert.rejects(new TargetEncoder().fit(X), { name: 'TypeError', message: /`y`/ })
    await assert.rejects(new TargetEncoder().fit([[1], [2]], [1, Number.NaN]), {
      code: 'ERR_VALUE',
      message:
        'Expected finite numbers, got NaN in `y` at row 1 (counted from 0). Leave such rows out, or fill in their values first.',
    })
    await assert.rejects(new TargetEncoder().fit([[1]], [[1, 2]]), { code: 'ERR_SHAPE' })
    await assert.rejects(new TargetEncoder({ smoothing: -1 }).fit(X, y), { code: 'ERR_OPTION' })
    await assert.rejects(new TargetEncoder({ folds: 1 }).fit(X, y), { code: 'ERR_OPTION' })
    assert.throws(() => new TargetEncoder({ cv: 3 } as object), {
      message: /onecopy calls it `folds`/,
    })
    assert.throws(() => new TargetEncoder({ smooth: 3 } as object), {
      message: /onecopy calls it `smoothing`/,
    })
  })
})

describe('TargetEncoder keeps the contract', () => {
  for (const check of estimatorChecks(TargetEncoder, { except: ['NaN in X is refused'] }))
    test(check.name, () => check.run())
})
