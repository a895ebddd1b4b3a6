/** Acceptance cases A21–A30: the ends of runs, their failures and time limits. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { delayed, type RunProgress } from '../../../src/parallel/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { refuseOdd } from '../../fixtures/tasks/failing.ts'
import { after, square } from '../../fixtures/tasks/plain.ts'
import { onBackends, workerBackends } from '../backends.ts'
import { exitOnce } from './tasks/life.ts'

/** No test waits for a task that takes so long. */
const tenMinutes = 600_000

onBackends(
  workerBackends,
  'A21: of ten tasks one is slow, and the other nine come first',
  async (make) => {
    const parallel = make()
    const calls = Array.from({ length: 10 }, (_, i) => delayed(after)(i === 4 ? tenMinutes : 1, i))
    const seen: number[] = []
    for await (const i of parallel.stream(calls, { order: 'completion', maxAhead: 10 })) {
      seen.push(i)
      if (seen.length === 9) break
    }
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      [0, 1, 2, 3, 5, 6, 7, 8, 9],
    )
  },
)

onBackends(
  workerBackends,
  'A23: to leave a stream of slow tasks frees its workers for the next run',
  async (make) => {
    const parallel = make()
    const calls = Array.from({ length: 100 }, (_, i) => delayed(after)(i === 0 ? 1 : tenMinutes, i))
    for await (const i of parallel.stream(calls)) if (i === 0) break
    assert.deepEqual(await parallel.run([2, 3, 4].map((x) => delayed(square)(x))), [4, 9, 16])
  },
)

onBackends(
  workerBackends,
  'A23: whoever leaves a stream is told how much was begun and taken in vain',
  async (make) => {
    const parallel = make()
    const calls = Array.from({ length: 100 }, (_, i) => delayed(after)(i === 0 ? 1 : tenMinutes, i))
    const told: RunProgress[] = []
    const stream = parallel.stream(calls, { onProgress: (progress) => told.push(progress) })
    for await (const i of stream) if (i === 0) break
    const { isOver, done, running, waiting, failed } = told.at(-1)!
    assert.deepEqual([isOver, done, failed], [true, 1, 0])
    assert.ok(running + waiting >= 1, 'and how many were begun and taken in vain')
  },
)

onBackends(
  workerBackends,
  'A26: one bad task among a hundred slow ones fails the run at once, and the pool is usable',
  async (make) => {
    const parallel = make()
    const slow = Array.from({ length: 100 }, (_, i) => delayed(after)(tenMinutes, i))
    const tasks = [slow[0]!, delayed(refuseOdd)(7), ...slow.slice(1)]
    const error: unknown = await parallel.run(tasks).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof Error)
    assert.equal(error.message, '7 is odd')
    assert.match(error.stack!, /at refuseOdd .*failing\.ts:\d+:\d+\)\n {4}in task 1 \(refuseOdd\)/)
    assert.deepEqual(await parallel.run([2, 3].map((x) => delayed(square)(x))), [4, 9])
  },
)

onBackends(
  workerBackends,
  'A29: a task whose worker is lost runs again if asked, and else is named',
  async (make, _, context) => {
    const parallel = make()
    const folder = temporaryFolder(context)
    const calls = (name: string) =>
      [1, 2, 3, 4].map((i) => delayed(exitOnce)(join(folder, `${name} ${i}`), i))
    assert.deepEqual(await parallel.run(calls('again'), { retries: 1 }), [1, 2, 3, 4])
    await assert.rejects(
      parallel.run(calls('once')),
      refusal('ERR_WORKER_LOST', /exited with code 7 while it ran task \d \(`exitOnce`\)/),
    )
  },
)

onBackends(
  workerBackends,
  'A30: a task that takes too long fails alone, and the others go on',
  async (make) => {
    const parallel = make()
    const calls = Array.from({ length: 8 }, (_, i) => delayed(after)(i === 2 ? tenMinutes : 1, i))
    const outcomes = await parallel.run(calls, { timeoutMs: 3000, onError: 'collect' })
    for (const [i, outcome] of outcomes.entries()) {
      assert.equal(outcome.index, i)
      if (outcome.status === 'fulfilled') assert.equal(outcome.value, i)
      else {
        assert.equal(i, 2)
        assert.ok(refusal('ERR_TIMEOUT')(outcome.reason), String(outcome.reason))
      }
    }
    assert.equal(outcomes[2]!.status, 'rejected')
    assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
  },
)

onBackends(
  workerBackends,
  'A30: what waits for its turn does not run out of time',
  async (make) => {
    const parallel = make({ workers: 1, timeoutMs: 4000 })
    const calls = Array.from({ length: 9 }, (_, i) => delayed(after)(600, i))
    assert.deepEqual(await parallel.run(calls), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  },
)
