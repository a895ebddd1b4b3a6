/** Two threads that watch one tree, one after the other. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { sampleTree } from '../../../src/monitor/index.ts'
import type {
  SamplerAnswer,
  SamplerData,
  SamplerRequest,
  SamplerTask,
} from '../../../src/monitor/watch/sampler-worker.ts'
import { HandoverLock } from '../../../src/monitor/watch/handover-lock.ts'

test('looks are made until the turn is over, also after one that failed', () => {
  const turn = new HandoverLock()
  const fail = (): never => {
    throw new Error('no look')
  }
  assert.throws(() => turn.take(fail), /no look/)
  assert.equal(
    turn.take(() => 7),
    7,
  )
  assert.equal(turn.isOver, false)
  turn.end()
  assert.equal(turn.isOver, true)
  assert.equal(turn.take(fail), undefined)
})

test('a turn ends after the look that is under way', async () => {
  const turn = new HandoverLock()
  const file = new URL('../../../src/monitor/watch/handover-lock.ts', import.meta.url).href
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
    import(${JSON.stringify(file)}).then(({ HandoverLock }) => {
      parentPort.once('message', () => {
        const turn = new HandoverLock(workerData)
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

test('what one thread saw comes before all that the next one sees', async () => {
  const start = sampleTree()
  const turn = new HandoverLock()
  const task: SamplerTask = {
    pid: process.pid,
    children: false,
    pssBudget: 0,
    start,
    intervalMs: 5,
    turn: turn.state,
  }
  const file = new URL('../../../src/monitor/watch/sampler-worker.ts', import.meta.url)
  const worker = new Worker(file, { workerData: task })
  const epochMs = turn.take(() => {
    const sample = sampleTree()
    // Told late: the thread would have looked many times by now.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    worker.postMessage({ earlier: { sample } } satisfies SamplerRequest)
    return sample.epochMs
  })!
  const [word] = (await once(worker, 'message')) as [SamplerAnswer]
  assert.equal(word, 'ready')
  const exited = once(worker, 'exit') // which may come with the last message
  worker.postMessage({ ending: {} } satisfies SamplerRequest)
  const [{ data }] = (await once(worker, 'message')) as [SamplerData]
  await exited
  assert.equal(data.times[1], Math.round(10 * (epochMs - data.startEpochMs)) / 10)
  assert.ok(data.times[2]! > data.times[1] + 1000, 'its own came after')
})
