/** The times that a pool measures, and how they are kept. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as hold, double, array, property } from 'fast-check'
import { delayed } from '../../src/parallel/index.ts'
import { Histogram } from '../../src/parallel/run/histogram.ts'
import { after, busy, square } from '../fixtures/tasks/plain.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const seed = 20261121
console.log(`stats.test.ts: seed ${seed}`)

test('a histogram is right within 4 %, over all magnitudes', () => {
  const times = array(double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 })
  const near = (actual: number, expected: number): boolean =>
    Math.abs(actual - expected) <= 0.04 * expected + 1e-6
  hold(
    property(times, (list) => {
      const histogram = new Histogram()
      for (const ms of list) histogram.add(ms)
      const sorted = list.toSorted((a, b) => a - b)
      const quantile = (part: number): number => sorted[Math.ceil(part * list.length) - 1]!
      const { count, mean, min, p50, p99, max } = histogram.summarize()
      assert.deepEqual([count, min, max], [list.length, sorted[0], sorted.at(-1)])
      assert.ok(near(mean, list.reduce((sum, ms) => sum + ms, 0) / list.length))
      assert.ok(near(p50, quantile(0.5)), `${p50} for ${quantile(0.5)}`)
      assert.ok(near(p99, quantile(0.99)), `${p99} for ${quantile(0.99)}`)
    }),
    { seed, numRuns: 300 },
  )
})

test('a histogram of nothing is all 0, and times below 0 count as 0', () => {
  const histogram = new Histogram()
  assert.deepEqual(histogram.summarize(), { count: 0, mean: 0, min: 0, p50: 0, p99: 0, max: 0 })
  histogram.add(-1)
  histogram.add(Number.NaN)
  assert.deepEqual(histogram.summarize(), { count: 2, mean: 0, min: 0, p50: 0, p99: 0, max: 0 })
})

onBackends(everyBackend, 'stats tell what tasks waited, ran and travelled', async (make) => {
  const parallel = make({ workers: 1 })
  await parallel.run([delayed(square)(1)])
  await parallel.run(
    Array.from({ length: 4 }, (_, i) => delayed(busy)(20, i)),
    { name: 'slow' },
  )
  const { run, wait, transfer } = parallel.stats('slow')
  assert.deepEqual([run.count, wait.count, transfer.count], [4, 4, 4])
  assert.ok(run.min >= 19 && run.p50 >= 19 && run.mean >= 19, JSON.stringify(run))
  assert.equal(parallel.stats().run.count, 5)
  assert.equal(parallel.stats('unknown').run.count, 0)
  assert.throws(() => parallel.stats(1 as never), {
    name: 'TypeError',
    message: 'Expected `name` to be the name of a run, got 1.',
  })
})

onBackends(workerBackends, 'waiting for a busy worker counts as waiting', async (make) => {
  const parallel = make({ workers: 1 })
  await parallel.run([delayed(square)(1)])
  const first = parallel.run([delayed(after)(200, 0)], { name: 'first' })
  await parallel.run([delayed(square)(2)], { name: 'second' })
  await first
  assert.ok(parallel.stats('second').wait.min > 150)
  assert.ok(parallel.stats('second').run.max < 100)
})
