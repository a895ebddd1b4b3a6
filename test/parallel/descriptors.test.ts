/** Descriptors that workers take from this process, and when they are back. */

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { square } from '../fixtures/tasks/plain.ts'

const skip = process.platform === 'linux' ? false : 'descriptors are counted in /proc'

/** Descriptors that are open after so many worker processes have come and gone. */
async function openAfter(count: number): Promise<number> {
  const parallel = new Parallel({ workers: 2, backend: 'processes', maxTasksPerWorker: 1 })
  const numbers = Array.from({ length: count }, (_, i) => i)
  const results = await parallel.run(numbers.map((x) => delayed(square)(x)))
  assert.deepEqual(
    results,
    numbers.map((x) => x * x),
  )
  await parallel.close()
  return readdirSync('/proc/self/fd').length
}

test('X6: a worker process leaves no descriptor behind', { skip, timeout: 120_000 }, async () => {
  const before = await openAfter(2)
  assert.equal(await openAfter(24), before)
})
