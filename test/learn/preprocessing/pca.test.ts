/** PCA: scikit-learn's numbers, precision, signs, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { estimatorChecks, learnedState, PCA, restore } from '../../../src/learn/index.ts'
import { Moments } from '../../../src/learn/internal.ts'
import { symmetricEigen } from '../../../src/learn/statistics/symmetric-eigen.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'
import { fixture, flat } from './fixture.ts'

const plain = array(fixture.plain)
const n = fixture.plain.length

describe('PCA', () => {
  for (const {
    options,
    mean,
    components,
    variance,
    ratio,
    singular,
    noise,
    transformed,
  } of fixture.analyses) {
    test(`${JSON.stringify(options)} has the numbers of scikit-learn 1.2 up to signs`, async () => {
      const pca = await new PCA(options).fit(plain)
      assertClose(pca.mean_, mean, 1e-14)
      const k = components.length
      // Signs: those of ours make the largest coefficient positive.
      const signs = components.map((row, i) => (row[0]! * pca.components_.get(i, 0) < 0 ? -1 : 1))
      const expected = components.flatMap((row, i) => row.map((value) => value * signs[i]!))
      assertClose(pca.components_.toTypedArray(), expected, 1e-10, { floor: 1 })
      for (let i = 0; i < k; i++) {
        const row = [...pca.components_.row(i).copy().toTypedArray()]
        assert.ok(Math.max(...row) >= -Math.min(...row), `component ${i} points the other way`)
      }
      assertClose(pca.explainedVariance_, variance, 1e-10)
      assertClose(pca.explainedVarianceRatio_, ratio, 1e-10)
      assertClose(pca.singularValues_, singular, 1e-10)
      assertClose([pca.noiseVariance_], [noise], 1e-9)
      const found = await pca.transform(fixture.fresh)
      assertClose(
        found.toTypedArray(),
        flat(transformed).map((value, at) => value * signs[at % k]!),
        1e-8,
        { floor: 1 },
      )
    })
  }

  test('finds small variances to as many digits as large ones where units differ', async () => {
    // Rotated by hand: eigenvalues of a scaled matrix are those of Demmel and Veselic's bound.
    const { X } = randomProblem(200, 4)
    const scales = [1e8, 1, 1e-4, 1e-9]
    const scaled = array(
      X.toTypedArray().map((value, at) => value * scales[at % 4]!),
      { shape: [200, 4] },
    )
    const pca = await new PCA().fit(scaled)
    const Z = await pca.transform(scaled)
    const [moments] = await Moments.compute(Z, null)
    for (let k = 0; k < 4; k++) {
      const own = moments!.cross[k * 4 + k]! / 199
      assert.ok(Math.abs(pca.explainedVariance_[k]! / own - 1) < 1e-6, `component ${k}`)
    }
  })

  test('components without variance whiten to 0', async () => {
    const { X } = randomProblem(30, 2)
    const doubled = array(
      Array.from({ length: 30 }, (_, i) => [X.get(i, 0), X.get(i, 1), X.get(i, 0) * 2, 0.1]),
    )
    const pca = await new PCA({ whiten: true }).fit(doubled)
    assert.deepEqual([...pca.explainedVariance_.subarray(2)], [0, 0])
    const Z = await pca.transform(doubled)
    const [moments] = await Moments.compute(Z, null)
    assertClose(
      [0, 1, 2, 3].map((k) => moments!.cross[k * 5]! / 29),
      [1, 1, 0, 0],
      1e-12,
    )
  })

  test('more columns than rows give as many components as rows', async () => {
    const { X } = randomProblem(5, 9)
    const pca = await new PCA().fit(X)
    assert.deepEqual(pca.components_.shape, [5, 9])
    assert.ok(pca.explainedVariance_[4]! < 1e-20)
  })

  test('large matrices are decomposed as small ones', () => {
    const p = 260
    const matrix = new Float64Array(p * p)
    for (let i = 0; i < p; i++)
      for (let j = 0; j < p; j++) matrix[i * p + j] = i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0
    const { values, vectors } = symmetricEigen(matrix, p)
    const expected = Array.from(
      { length: p },
      (_, k) => 2 + 2 * Math.cos(((k + 1) * Math.PI) / (p + 1)),
    )
    assertClose(values, expected, 1e-12)
    const first = vectors.subarray(0, p)
    for (let i = 1; i < p - 1; i++)
      assert.ok(
        Math.abs(2 * first[i]! - first[i - 1]! - first[i + 1]! - values[0]! * first[i]!) < 1e-12,
      )
  })

  test('refuses a number of components that there is not', async () => {
    for (const components of [0, 5, 1.5, -0.1, Number.NaN]) {
      await assert.rejects(new PCA({ components }).fit(plain), {
        code: 'ERR_OPTION',
        message:
          'Expected `components` of PCA to be a whole number from 1 to 4 (the smaller of rows and columns), ' +
          `or a share of the variance between 0 and 1, got ${components}.`,
      })
    }
    assert.throws(() => new PCA({ n_components: 2 } as object), {
      message: /no option `n_components`; onecopy calls it `components`/,
    })
    await assert.rejects(new PCA().fit(plain.rows(0, 1)), { code: 'ERR_ROWS' })
    const state = learnedState(await new PCA().fit(plain))
    assert.throws(() => restore(new PCA(), { ...state, mean_: new Float64Array(n) }), {
      code: 'ERR_FORMAT',
    })
  })
})

for (const [name, make] of [
  ['PCA', () => new PCA()],
  ['PCA of one component, whitened', () => new PCA({ components: 1, whiten: true })],
] as const) {
  describe(`${name} keeps the contract`, () => {
    for (const check of estimatorChecks(make)) test(check.name, () => check.run())
  })
}
