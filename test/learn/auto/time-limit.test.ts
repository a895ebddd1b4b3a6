/** Whole fits end in time, by a clock that scorers move. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NDArray } from '../../../src/arrays/index.ts'
import { settleAuto } from '../../../src/learn/auto/auto-options.ts'
import { type FittedAuto, fitAuto } from '../../../src/learn/auto/fit-auto.ts'
import { RunLimits } from '../../../src/learn/auto/run-limits.ts'
import {
  AutoEnsemble,
  type AutoEnsembleOptions,
  mae,
  makeScorer,
  Ridge,
} from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

/** Fits on a clock on which only calls of the scorer take time; resolves to what it was fitted on, too. */
async function fitSlowly(
  rows: number,
  options: AutoEnsembleOptions,
  takesMs: (y: NDArray) => number,
): Promise<{ readonly ms: number; readonly fitted: FittedAuto }> {
  let ms = 0
  const slow = (y: NDArray, ...others: [NDArray, object?]): number => {
    ms += takesMs(y)
    return mae(y, ...others)
  }
  const scorer = makeScorer(slow, { name: 'slow', greaterIsBetter: false })
  const settled = settleAuto(new AutoEnsemble({ ...options, scorer }))
  const limits = new RunLimits(settled, undefined, { now: () => ms, bytes: () => 0 })
  const { X, y } = randomProblem(rows, 4)
  const data = { X, y, weights: undefined, groups: undefined, rows: undefined }
  const caller = { signal: undefined, onProgress: undefined }
  return { fitted: await fitAuto(data, settled, limits, caller), ms }
}

test('a selection takes as many steps as there is time for', async () => {
  const options: AutoEnsembleOptions = { preset: 'good', learners: ['linear'] }
  const { ms: most } = await fitSlowly(60, options, () => 10)
  assert.ok(most > 5500, `${most} ms`)
  for (const timeLimitMs of [5000, 2000]) {
    const { ms, fitted } = await fitSlowly(60, { ...options, timeLimitMs }, () => 10)
    assert.ok(ms <= 1.05 * timeLimitMs, `${ms} ms of ${timeLimitMs}`)
    assert.ok(fitted.leaderboard.rows.length > 0)
  }
})

test('a second layer is not fitted when there is no time to compare it', async () => {
  const options: AutoEnsembleOptions = { preset: 'best', learners: ['extraTrees'], folds: 2 }
  // Rows that are set aside are scored alone.
  const ofUnseen = ({ size }: NDArray): number => (size === 200 ? 20_000 : 0)
  const { ms, fitted } = await fitSlowly(2000, { ...options, timeLimitMs: 30_000 }, ofUnseen)
  assert.equal(ms, 20_000)
  assert.equal(fitted.leaderboard.secondLayer, undefined)
  assert.deepEqual(fitted.leaderboard.leftOut, [
    { name: 'extra-trees-layer2', reason: 'would exceed the time limit' },
  ])
})

/** Never ends. */
class Endless extends Ridge {
  static override readonly name: string = 'Endless'
  override fit(): Promise<this> {
    return new Promise(() => {})
  }
}

test('a learner that never ends is stopped, and the others are used', async () => {
  const learners = { ridge: new Ridge(), endless: new Endless() }
  const { X, y } = randomProblem(60, 4)
  const ensemble = await new AutoEnsemble({ learners, timeLimitMs: 300, folds: 2 }).fit(X, y)
  assert.deepEqual(ensemble.weights, { ridge: 1 })
  assert.deepEqual(ensemble.leaderboard.leftOut, [
    { name: 'endless', reason: 'was stopped by the time limit' },
  ])
})
