/** Products and choices of columns: scikit-learn's numbers, the contract, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  estimatorChecks,
  learnedState,
  PolynomialFeatures,
  restore,
  SelectColumns,
  SelectKBest,
} from '../../../src/learn/index.ts'
import { fSurvival } from '../../../src/learn/statistics/f-distribution.ts'
import { assertClose } from '../close.ts'
import { fixture, flat } from './fixture.ts'

const plain = array(fixture.plain)

describe('PolynomialFeatures', () => {
  for (const { options, powers, transformed } of fixture.polynomials) {
    test(`${JSON.stringify(options)} has the products of scikit-learn 1.2 in the same order`, async () => {
      const features = await new PolynomialFeatures(options).fit(plain)
      assert.deepEqual(features.powers.toArray(), powers)
      const found = await features.transform(fixture.fresh)
      assertClose(found.toTypedArray(), flat(transformed), 1e-14)
    })
  }

  test('refuses degrees that are none, and too many products', async () => {
    for (const degree of [-1, 1.5, [3, 2], '2'] as const) {
      await assert.rejects(new PolynomialFeatures({ degree: degree as number }).fit(plain), {
        code: 'ERR_OPTION',
        message: /whole number >= 0, or two of them in ascending order/,
      })
    }
    const wide = array(new Float64Array(400), { shape: [1, 400] })
    await assert.rejects(new PolynomialFeatures({ degree: 3 }).fit(wide), {
      code: 'ERR_OPTION',
      message: /more from 400 columns and degree 3\. Lower degree\.$/,
    })
    await assert.rejects(new PolynomialFeatures({ degree: 0, includeBias: false }).fit(plain), {
      code: 'ERR_OPTION',
    })
    const state = learnedState(await new PolynomialFeatures().fit(plain))
    assert.throws(() => restore(new PolynomialFeatures(), { ...state, inputColumns_: 2 }), {
      code: 'ERR_FORMAT',
    })
  })
})

describe('SelectColumns', () => {
  test('keeps columns in the given order, with NaN in its place', async () => {
    const chosen = await new SelectColumns({ columns: [2, 0] }).fit(plain)
    const found = await chosen.transform([[1, 2, Number.NaN, 4]])
    assert.deepEqual(found.toArray(), [[Number.NaN, 1]])
  })

  test('refuses columns that there are not', async () => {
    const fit = (columns: unknown) => new SelectColumns({ columns: columns as number[] }).fit(plain)
    await assert.rejects(fit([0, 4]), {
      code: 'ERR_INDEX',
      message: 'Expected `columns` of SelectColumns to be column numbers in [0, 4), got 4.',
    })
    await assert.rejects(fit([-1]), { code: 'ERR_INDEX' })
    await assert.rejects(fit([]), { code: 'ERR_OPTION' })
    await assert.rejects(fit('carat'), { name: 'TypeError' })
    await assert.rejects(fit(['carat']), { name: 'TypeError' })
  })
})

describe('SelectKBest', () => {
  for (const { score, scores, pValues, columns } of fixture.selections) {
    test(`${score} has the scores of scikit-learn 1.2`, async () => {
      const target = score === 'fClassif' ? fixture.labels : fixture.y
      const best = await new SelectKBest({ score, k: 2 }).fit(plain, target)
      assertClose(best.scores_, scores, 1e-10)
      assertClose(best.pValues_, pValues, 1e-10, { floor: 1e-12 })
      assert.deepEqual([...best.columns_], columns)
    })
  }

  test('classes far apart keep their digits', async () => {
    const labels = Array.from({ length: 40 }, (_, i) => i % 2)
    const x = labels.map((label, i) => [label * 1e9 + Math.sin(i)])
    const best = await new SelectKBest({ k: 1 }).fit(x, labels)
    const within = [0, 1].flatMap((label) => {
      const own = x.flatMap(([value], i) => (labels[i] === label ? [value! - label * 1e9] : []))
      const mean = own.reduce((a, b) => a + b, 0) / own.length
      return own.map((value) => (value - mean) ** 2)
    })
    const spread = within.reduce((a, b) => a + b, 0)
    // The means differ by 1e9 and little more, so the sum between them is 10 * 1e18.
    assertClose([best.scores_[0]!], [1e19 / (spread / 38)], 1e-6)
  })

  test('a constant column scores 0, one that gives the target the most that there is', async () => {
    const y = [1, 2, 3, 5, 8]
    const X = y.map((value) => [7, 2 * value])
    const best = await new SelectKBest({ score: 'fRegression', k: 1 }).fit(X, y)
    assert.equal(best.scores_[0], 0)
    assert.ok(best.scores_[1]! > 1e15)
    assert.deepEqual([...best.columns_], [1])
    assert.equal(best.pValues_[0], 1)
  })

  test('more than 256 columns are read in blocks', async () => {
    const n = 12
    const X = Array.from({ length: n }, (_, i) =>
      Array.from({ length: 300 }, (_, j) => Math.sin(i * 300 + j)),
    )
    const y = X.map((row) => row[290]! + 0.01 * row[3]!)
    const best = await new SelectKBest({ score: 'fRegression', k: 1 }).fit(X, y)
    assert.deepEqual([...best.columns_], [290])
    const part = await new SelectKBest({ score: 'fRegression', k: 1 }).fit(
      X.map((row) => row.slice(256)),
      y,
    )
    assertClose(best.scores_.subarray(256), part.scores_, 1e-12)
    X[5]![280] = Number.NaN
    await assert.rejects(new SelectKBest({ score: 'fRegression', k: 1 }).fit(X, y), {
      message: /NaN in `X` at row 5, column 280/,
    })
  })

  test('refuses what it cannot score by', async () => {
    await assert.rejects(new SelectKBest({ k: 1 }).fit(plain), {
      name: 'TypeError',
      message: /`y`/,
    })
    await assert.rejects(new SelectKBest({ k: 1 }).fit(plain, new Float64Array(40).fill(1)), {
      code: 'ERR_VALUE',
      message: /at least two classes in `y`, got 1/,
    })
    await assert.rejects(new SelectKBest({ k: 5 }).fit(plain, fixture.labels), {
      code: 'ERR_OPTION',
      message:
        "Expected `k` of SelectKBest to be a whole number from 1 to 4, the number of columns, or 'all', got 5.",
    })
    await assert.rejects(
      new SelectKBest({ score: 'f_regression' as 'fClassif', k: 1 }).fit(plain, fixture.y),
      { code: 'ERR_OPTION', message: /onecopy calls it 'fRegression'\.$/ },
    )
  })
})

test('probabilities of the F distribution', () => {
  // scipy.stats.f.sf, and for 0.001 the more precise scipy.stats.t.sf.
  const known: [number, number, number, number][] = [
    [1, 1, 1, 0.5],
    [3.2, 2, 37, 0.05226030009555944],
    [4, 3, 20, 0.022076999662362443],
    [50, 5, 1_000_000, 5.5813995112876066e-52],
    [900, 1, 98, 3.466352323464838e-51],
    [1.05, 500, 3000, 0.2313260759887081],
    [0.001, 1, 1_000_000, 0.9747728856809424],
    [0, 1, 5, 1],
  ]
  for (const [f, above, below, p] of known) assertClose([fSurvival(f, above, below)], [p], 1e-10)
})

for (const [name, make, except] of [
  ['PolynomialFeatures', PolynomialFeatures, true],
  ['SelectColumns', () => new SelectColumns({ columns: [0] }), true],
  ['SelectKBest', () => new SelectKBest({ score: 'fRegression', k: 1 }), false],
] as const) {
  describe(`${name} keeps the contract`, () => {
    const readsNoValues = ['NaN in X is refused', 'Infinity in X is refused']
    for (const check of estimatorChecks(make, { except: except ? readsNoValues : [] }))
      test(check.name, () => check.run())
  })
}
