/** QuantileTransformer: scikit-learn's numbers, the contract, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  estimatorChecks,
  learnedState,
  QuantileTransformer,
  restore,
} from '../../../src/learn/index.ts'
import { assertClose } from '../close.ts'
import { fixture, matrix } from '../encoders/fixture.ts'

const numbers = matrix(fixture.numbers)
const probe = matrix(fixture.probe)

describe('QuantileTransformer', () => {
  for (const { options, quantiles, transformed } of fixture.quantiles) {
    test(`${JSON.stringify(options)} has the numbers of scikit-learn 1.2`, async () => {
      const transformer = await new QuantileTransformer(options).fit(numbers)
      const count = quantiles.length
      assert.deepEqual(transformer.quantiles_.shape, [3, count])
      for (let j = 0; j < 3; j++)
        assertClose(
          transformer.quantiles_.row(j).copy().toTypedArray(),
          quantiles.map((row) => row[j]!),
          1e-12,
        )
      const found = (await transformer.transform(probe)).copy().toTypedArray() as Float64Array
      const expected = matrix(transformed).toTypedArray()
      const isNumber = (_: number, at: number): boolean => !Number.isNaN(expected[at]!)
      assert.ok(found.every((value, at) => Number.isNaN(value) === Number.isNaN(expected[at]!)))
      assertClose(found.filter(isNumber), expected.filter(isNumber), 1e-9, { floor: 1 })
    })
  }

  test('maps many rows by exact quantiles', async () => {
    const n = 200_000
    const X = array(Float64Array.from({ length: n }, (_, i) => ((i * 7919) % n) ** 2)).reshape(n, 1)
    const transformer = await new QuantileTransformer().fit(X)
    const found = await transformer.transform([[0], [(n / 2) ** 2], [n ** 2]])
    assertClose(found.toTypedArray(), [0, 0.5, 1], 1e-4)
  })

  test('refuses columns without numbers, and wrong options', async () => {
    await assert.rejects(new QuantileTransformer().fit([[1, Number.NaN]]), {
      code: 'ERR_VALUE',
      message: 'Expected numbers in each column of `X`, got only NaN in column 1 (counted from 0).',
    })
    await assert.rejects(new QuantileTransformer().fit([[Infinity]]), { code: 'ERR_VALUE' })
    await assert.rejects(new QuantileTransformer({ quantiles: 0 }).fit(numbers), {
      code: 'ERR_OPTION',
    })
    await assert.rejects(
      new QuantileTransformer({ outputDistribution: 'gauss' as 'normal' }).fit(numbers),
      { code: 'ERR_OPTION' },
    )
    assert.throws(() => new QuantileTransformer({ n_quantiles: 10 } as object), {
      message: /onecopy calls it `quantiles`/,
    })
    assert.throws(() => new QuantileTransformer({ subsample: 10 } as object), {
      message: /`subsample`; quantiles are those of all rows/,
    })
    const descending = array([[2, 1]])
    const state = learnedState(await new QuantileTransformer().fit(numbers))
    assert.throws(() => restore(new QuantileTransformer(), { ...state, quantiles_: descending }), {
      code: 'ERR_FORMAT',
    })
  })
})

for (const [name, make] of [
  ['QuantileTransformer', () => new QuantileTransformer()],
  [
    'QuantileTransformer to a normal distribution',
    () => new QuantileTransformer({ quantiles: 10, outputDistribution: 'normal' }),
  ],
] as const) {
  describe(`${name} keeps the contract`, () => {
    for (const check of estimatorChecks(make, { except: ['NaN in X is refused'] }))
      test(check.name, () => check.run())
  })
}
