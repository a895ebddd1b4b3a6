/** Data that a SuperLearner refuses before it fits anything. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NDArray } from '../../../src/arrays/index.ts'
import { type FitOptions, KFold, Ridge, SuperLearner } from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const n = 30
const { X, y } = randomProblem(n, 2)
const folds = new KFold({ folds: 3 })

test('a fold without a row of positive weight is named before anything is fitted', async () => {
  let fits = 0
  class Counting extends Ridge {
    override async fit(rows: NDArray, target: NDArray, options?: FitOptions): Promise<this> {
      fits++
      return super.fit(rows, target, options)
    }
  }
  const ensemble = new SuperLearner({ folds }).add(new Counting()).addMeta(new Ridge())
  const weights = new Float64Array(n).fill(1).fill(0, 10, 20)
  await assert.rejects(ensemble.fit(X, y, { weights }), {
    code: 'ERR_ROWS',
    details: { fold: 1 },
    message:
      'Expected at least one row with a weight above 0 in each fold, got none in fold 1 (counted from 0), so that no ' +
      'model can be scored on it. Use fewer folds, shuffle them with another `seed`, or leave rows of weight 0 out of ' +
      '`X` and `y`.',
  })
  await assert.rejects(ensemble.fit(X, y, { weights: new Float64Array(n) }), {
    code: 'ERR_ROWS',
    message:
      'Expected at least one row with a weight above 0 in each fold, got none among all rows. Give the rows to learn ' +
      'from a weight.',
  })
  assert.equal(fits, 0)
  weights[14] = 0.5
  await ensemble.fit(X, y, { weights })
  assert.ok(ensemble.scores.ensemble!.folds.every((score) => Number.isFinite(score)))
  assert.ok(fits > 0)
})
