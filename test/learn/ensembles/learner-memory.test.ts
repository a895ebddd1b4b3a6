/** Memory of learners that need vectors with an element for each row, over folds. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { sampleTree } from '../../../src/monitor/index.ts'

const program = join(import.meta.dirname, 'programs/learner-memory.ts')
const n = 600_000

/** Bytes of anonymous and shared memory at the peak of a fit above those before it. */
async function growthOf(learner: string): Promise<number> {
  const child = fork(program, [learner, String(n)], {
    execArgv: ['--expose-gc', '--no-warnings'],
  })
  await once(child, 'message')
  const start = sampleTree(child.pid).hard!
  let peak = start
  const exit = once(child, 'exit')
  const ended = new AbortController()
  void Promise.race([once(child, 'message'), exit]).then(() => ended.abort())
  child.send('go')
  while (!ended.signal.aborted) {
    peak = Math.max(peak, sampleTree(child.pid).hard ?? 0)
    await setTimeout(3)
  }
  const [code] = (await exit) as [number]
  assert.equal(code, 0, learner)
  return peak - start
}

// Bytes for each row: predictions, lists of the rows of folds, the vectors of a fit, and some 20 MB whatever the number of rows. Lists of
// objects, or vectors of each fold that wait for the garbage collector, would take 24 to 100 more.
const most = {
  GaussianNB: 95,
  GradientBoostingClassifier: 90,
  RidgeClassifier: 90,
  LinearSVC: 110,
  LogisticRegressionCV: 110,
  HuberRegressor: 105,
  QuantileRegressor: 120,
}
for (const [learner, bytes] of Object.entries(most)) {
  test(`folds of ${learner} leave no vectors or lists behind`, async () => {
    const growth = await growthOf(learner)
    assert.ok(growth < n * bytes, `${growth / n} bytes for each row`)
  })
}
