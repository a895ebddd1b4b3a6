/** Two threads that watch one tree, one after the other. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { startMonitor } from '../../src/monitor/index.ts'
import { Turn } from '../../src/monitor/turn.ts'

test('a look is made while it is its turn, also within a look', () => {
  const turn = new Turn()
  assert.equal(
    turn.take(() => turn.take(() => 7)),
    7,
  )
  assert.throws(() =>
    turn.take(() => {
      throw new Error('no look')
    }),
  )
  assert.equal(turn.isOver, false)
  turn.end()
  assert.equal(turn.isOver, true)
  assert.equal(
    turn.take(() => assert.fail('looks')),
    undefined,
  )
})

test('a turn ends after the look that is under way', async () => {
  const turn = new Turn()
  const file = new URL('../../src/monitor/turn.ts', import.meta.url).href
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
    import(${JSON.stringify(file)}).then(({ Turn }) => {
      parentPort.once('message', () => {
        const turn = new Turn(workerData)
        parentPort.postMessage('ends')
        turn.end()
        parentPort.postMessage('ended')
      })
      parentPort.postMessage('up')
    })`,
    { eval: true, workerData: turn.state },
  )
  const told: string[] = []
  worker.on('message', (word: string) => told.push(word))
  await once(worker, 'message')
  turn.take(() => {
    worker.postMessage('go')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    assert.equal(turn.isOver, false, 'not while this thread looks')
  })
  await once(worker, 'exit')
  assert.deepEqual(told, ['up', 'ends', 'ended'])
  assert.equal(turn.isOver, true)
})

test('what was seen before the thread was up is in the report, and in order', async () => {
  const monitor = startMonitor({ intervalMs: 5 })
  const start = performance.timeOrigin + performance.now()
  const taken: number[] = []
  while (performance.timeOrigin + performance.now() < start + 400) {
    taken.push((await monitor.sample()).atMs)
  }
  const { data } = await monitor.stop()
  const times = new Set(data.times)
  const missing = taken.map((atMs) => Math.round(10 * (atMs - data.startMs)) / 10)
  assert.deepEqual(
    missing.filter((ms) => !times.has(ms)),
    [],
  )
})
