/** Workers of a `Parallel` tell monitors their heaps and what they have finished. */

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { startMonitor } from '../../src/monitor/index.ts'
import { TaskCounter } from '../../src/monitor/record/task-counter.ts'
import type { ProcessSample, TreeSample } from '../../src/monitor/index.ts'
import { Parallel } from '../../src/parallel/index.ts'
import { same } from '../fixtures/tasks/arrays.ts'

for (const backend of ['threads', 'processes'] as const) {
  test(`finished tasks of ${backend} are counted, and their heaps are known`, async () => {
    const monitor = startMonitor({ intervalMs: 50 })
    assert.equal(process.env['ONECOPY_WATCHED'], '1')
    const parallel = new Parallel({ workers: 2, backend })
    const numbers = Array.from({ length: 120 }, (_, i) => i)
    let sum = 0
    for await (const value of parallel.map(same<number>, numbers)) sum += value
    assert.equal(sum, 7140)
    const tasks = async (): Promise<number> => {
      const { data } = await monitor.report()
      return data.total.tasks?.at(-1) ?? 0
    }
    for (let tries = 0; (await tasks()) !== 120; tries++) {
      assert.ok(tries < 200, `${await tasks()} of 120`)
      await sleep(50)
    }
    await parallel.close()
    const { data } = await monitor.stop()
    assert.equal(data.total.tasks!.at(-1), 120, 'workers that have ended keep their count')
    const names = data.isolates!.map(({ name }) => name.replace(/\d+$/, 'N'))
    const worker = backend === 'threads' ? 'worker thread N' : 'worker'
    // On a busy machine one worker may be done with all before the other is up.
    assert.deepEqual([...new Set(names)].toSorted(), ['main', worker])
    assert.equal(process.env['ONECOPY_WATCHED'], undefined)
  })
}

test('the variable stays while one monitor runs, and when somebody else has set it', async () => {
  const [one, two] = [startMonitor(), startMonitor()]
  await one.stop()
  await one.stop()
  assert.equal(process.env['ONECOPY_WATCHED'], '1')
  await two.stop()
  assert.equal(process.env['ONECOPY_WATCHED'], undefined)
  process.env['ONECOPY_WATCHED'] = 'mine'
  await startMonitor().stop()
  assert.equal(process.env['ONECOPY_WATCHED'], 'mine')
  delete process.env['ONECOPY_WATCHED']
})

test('counts go on when a worker ends and another one has its number', () => {
  const counter = new TaskCounter()
  const sampleOf = (...isolates: readonly (readonly [thread: number, tasks?: number])[]) => ({
    processes: [
      {
        pid: 7,
        startTime: 1,
        isolates: isolates.map(([thread, tasks]) => ({ thread, tasks })),
      } as unknown as ProcessSample,
    ],
  })
  const add = (...isolates: readonly (readonly [number, number?])[]): number | undefined =>
    counter.add(sampleOf(...isolates) as unknown as TreeSample)
  assert.equal(add([0]), undefined)
  assert.equal(add([0], [1, 5]), 5)
  assert.equal(add([0], [1, 9], [2, 1]), 10)
  assert.equal(add([0], [2, 4]), 13)
  assert.equal(add([0], [1, 2], [2, 4]), 15)
  assert.equal(add([0], [1, 1], [2, 4]), 16, 'a new thread of the same number')
  assert.equal(counter.add({ processes: [] as readonly ProcessSample[] } as TreeSample), 16)
})
