/** A worker ends because of one task, and only that task pays. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, shared } from '../../src/arrays/index.ts'
import { Collector } from '../../src/parallel/run/collector.ts'
import { delayed, type Task } from '../../src/parallel/index.ts'
import { completeOptions } from '../../src/parallel/pool/parallel-options.ts'
import { Pool } from '../../src/parallel/pool/pool.ts'
import { totalBehind } from '../fixtures/tasks/arrays.ts'
import { never, spin } from '../fixtures/tasks/misbehaving.ts'
import { pid, square, whereAmI } from '../fixtures/tasks/plain.ts'
import { workerBackends } from './backends.ts'

const ones = array([1, 1, 1])

function start(pool: Pool, tasks: readonly Task<unknown>[]): Promise<unknown[]> {
  const collector = new Collector()
  pool.run(tasks, collector)
  return collector.promise
}

/** Waits until a worker of the pool is in a task of that name. */
async function untilIn(pool: Pool, name: string) {
  for (;;) {
    for (const worker of pool.workers) {
      const [{ job, ms } = { job: undefined, ms: 0 }] = worker.running
      // The time is below 0 while the worker loads the function, which does not count.
      if (job?.task.callee.name === name && ms >= 0) return { worker, job, ms }
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

for (const backend of workerBackends) {
  describe(`evict on ${backend}`, { timeout: 60_000 }, () => {
    const withPool = async (body: (pool: Pool) => Promise<void>, workers = 1): Promise<void> => {
      const pool = new Pool(completeOptions({ workers, backend }))
      try {
        await body(pool)
      } finally {
        await pool.close()
      }
    }

    for (const stuck of [spin, never]) {
      test(`a task that never ends (${stuck.name}) fails alone with the given error`, async () => {
        await withPool(async (pool) => {
          await start(pool, [delayed(square)(1)])
          const blamed = start(pool, [delayed(stuck)()])
          const behind = start(
            pool,
            [1, 2, 3].map((x) => delayed(square)(x)),
          )
          const { worker, job } = await untilIn(pool, stuck.name)
          const error = new RangeError('too slow')
          assert.equal(worker.evict(job, error), true)
          assert.equal(worker.evict(job, error), false, 'a second time')
          assert.equal(await blamed.catch((thrown: unknown) => thrown), error)
          assert.deepEqual((error as RangeError & { task?: unknown }).task, {
            index: 0,
            name: stuck.name,
            worker: worker.label,
          })
          assert.deepEqual(await behind, [1, 4, 9])
          assert.deepEqual(await start(pool, [delayed(square)(4)]), [16])
          assert.notEqual(pool.workers[0], worker)
        })
      })
    }

    test('what waits behind a task is not touched by the end of a third one', async () => {
      await withPool(async (pool) => {
        const [before] = await start(pool, [delayed(whereAmI)()])
        const gate = shared([1], 'int32')
        const slow = start(pool, [delayed(totalBehind)(gate, ones)])
        const { worker, job } = await untilIn(pool, 'totalBehind')
        const behind = start(
          pool,
          [5, 6].map((x) => delayed(square)(x)),
        )
        gate.set(1, 0)
        assert.deepEqual(await slow, [3])
        assert.equal(worker.evict(job, new Error('late')), false)
        assert.deepEqual(await behind, [25, 36])
        assert.deepEqual(await start(pool, [delayed(whereAmI)()]), [before])
      })
    })

    test('running says which task and for how long, and nothing between tasks', async () => {
      await withPool(async (pool) => {
        const gate = shared([1], 'int32')
        const running = start(pool, [delayed(pid)(), delayed(totalBehind)(gate, ones)])
        running.catch(() => {}) // an assertion that fails says more
        const { worker, job } = await untilIn(pool, 'totalBehind')
        assert.equal(job.index, 1)
        const since = performance.now() // a timer may come some ms early by it
        await new Promise((resolve) => setTimeout(resolve, 100))
        const waitedMs = performance.now() - since
        const [{ ms } = { ms: 0 }] = worker.running
        assert.ok(ms >= waitedMs - 2 && ms < 60_000, `${ms}, waited ${waitedMs}`)
        gate.set(1, 0)
        await running
        assert.deepEqual(worker.running, [])
        assert.equal(worker.evict(job, new Error('late')), false)
      })
    })
  })
}
