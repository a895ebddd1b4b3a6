/** Boosting learns targets of every size, or refuses them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { GradientBoostingRegressor, r2 } from '../../../src/learn/index.ts'

const n = 200
const X = array(
  Float64Array.from({ length: n }, (_, i) => i),
  { shape: [n, 1] },
)
const targets = (size: number): ReturnType<typeof array> =>
  array(Float64Array.from({ length: n }, (_, i) => size * (1 + i / n)))

const losses = ['squared', 'absolute', 'quantile', 'huber', 'poisson', 'gamma', 'tweedie'] as const

/** Losses that learn from targets of a size; the others must refuse them. */
const learned: readonly (readonly [size: number, losses: readonly string[]])[] = [
  [1, losses],
  [1e-17, ['squared', 'absolute', 'quantile', 'huber']],
  [1e-130, ['squared', 'absolute', 'quantile', 'huber']],
  [1e-145, ['absolute', 'quantile']],
  [1e-161, ['absolute', 'quantile']],
  [1e-200, ['absolute', 'quantile']],
  [1e-300, ['absolute', 'quantile']],
]

for (const loss of losses) {
  test(`the ${loss} loss learns targets of every size, or refuses them`, async () => {
    for (const [size, those] of learned) {
      const model = new GradientBoostingRegressor({
        loss,
        maxIter: 50,
        delta: Math.max(size, 1e-139),
      })
      const fitted = model.fit(X, targets(size))
      if (!those.includes(loss)) {
        await assert.rejects(fitted, {
          code: 'ERR_VALUE',
          message: /^Expected targets (that differ|with a mean) .*\. Rescale them first\.$/,
        })
        continue
      }
      const predicted = await (await fitted).predict(X)
      // The score of scaled values, whose squares are numbers.
      const scaled = [targets(size), predicted].map((values) =>
        array(Float64Array.from({ length: n }, (_, i) => Number(values.get(i)) / size)),
      )
      const score = r2(scaled[0]!, scaled[1]!)
      assert.ok(score > 0.3, `${size}: R² ${score}`)
    }
  })
}

test('equal targets, and counts that are all 0, are learned at every size', async () => {
  for (const [loss, value] of [
    ['squared', 1e-200],
    ['huber', 1e-200],
    ['poisson', 0],
  ] as const) {
    const model = await new GradientBoostingRegressor({ loss, maxIter: 3 }).fit(
      X,
      array(new Float64Array(n).fill(value)),
    )
    const predicted = (await model.predict(X)).get(0)
    assert.ok(Math.abs(predicted - value) <= 1e-15, `${loss}: ${predicted}`)
  }
})

test('a delta whose squares are no numbers is refused', async () => {
  const model = new GradientBoostingRegressor({ loss: 'huber', delta: 1e-150 })
  await assert.rejects(model.fit(X, targets(1)), {
    code: 'ERR_OPTION',
    message:
      'Expected `delta` of GradientBoostingRegressor to be a finite number > 1e-140, got 1e-150.',
  })
})
