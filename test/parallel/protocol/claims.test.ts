/** Tasks are claimed once, whoever is faster. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { Claims, claimsBytes, isBefore, taskAfter } from '../../../src/parallel/protocol/claims.ts'

test('what is offered can be claimed in order, and only once', () => {
  const claims = new Claims(new Int32Array(claimsBytes() / 4))
  assert.equal(claims.offer(3), 0)
  assert.deepEqual([claims.claim(1), claims.claim(0)], [false, true])
  claims.finish(0)
  assert.equal(claims.claim(0), false)
  assert.equal(claims.takeBack(), 2)
  assert.equal(claims.claim(1), false)
  assert.equal(claims.offer(1), 3, 'numbers go on behind what was taken back')
  assert.equal(claims.claim(3), true)
  assert.equal(claims.takeBack(), 0)
})

test('an offer that was never sent is withdrawn alone', () => {
  const claims = new Claims(new Int32Array(claimsBytes() / 4))
  claims.offer(2)
  claims.offer(5)
  claims.withdraw(5)
  for (const [task, isClaimed] of [true, true, false].entries()) {
    assert.equal(claims.claim(task), isClaimed)
    if (isClaimed) claims.finish(task)
  }
  assert.equal(claims.offer(1), 2)
})

test('the state names the task in progress after a sudden death', () => {
  const claims = new Claims(new Int32Array(claimsBytes() / 4))
  claims.offer(3)
  claims.claim(0)
  claims.finish(0)
  claims.claim(1)
  assert.equal(claims.unclaimed, 2)
  assert.deepEqual(
    claims.running.map(({ task }) => task),
    [1],
  )
  assert.deepEqual(
    [0, 1, 2].map((task) => claims.isFinished(task)),
    [true, false, false],
  )
})

test('several tasks at a time end in any order, and each is asked to end by itself', () => {
  const claims = new Claims(new Int32Array(claimsBytes(3) / 4))
  assert.equal(claims.concurrency, 3)
  claims.offer(5)
  for (const task of [0, 1, 2]) assert.ok(claims.claim(task))
  assert.throws(() => claims.claim(3), /Expected a slot/)
  claims.abort(1)
  assert.deepEqual(
    [0, 1, 2].map((task) => claims.isAborted(task)),
    [false, true, false],
  )
  claims.finish(1)
  assert.deepEqual([claims.isFinished(1), claims.isAborted(1)], [true, false])
  assert.ok(claims.claim(3))
  assert.equal(claims.isAborted(3), false)
  assert.deepEqual(
    claims.running.map(({ task }) => task),
    [0, 3, 2],
  )
  assert.equal(claims.takeBack(), 1)
})

test('numbers wrap', () => {
  const claims = new Claims(new Int32Array(claimsBytes() / 4))
  for (let i = 0; i < 70_000; i++) {
    const task = claims.offer(1)
    assert.equal(task, i % 65_536)
    assert.ok(claims.claim(task))
    claims.finish(task)
  }
  assert.equal(taskAfter(65_535), 0)
  assert.deepEqual([isBefore(65_535, 2), isBefore(2, 65_535), isBefore(2, 2)], [true, false, false])
})

test('a thread and the pool never both have a task', { timeout: 60_000 }, async () => {
  const words = new Int32Array(new SharedArrayBuffer(claimsBytes()))
  const claimed = new Uint8Array(new SharedArrayBuffer(65_536))
  const claims = new Claims(words)
  const worker = new Worker(new URL('../programs/claim-all.ts', import.meta.url), {
    workerData: { words, claimed },
  })
  await new Promise((resolve) => worker.once('message', resolve))
  const takenBack = new Set<number>()
  let end = 0
  while (end < 60_000) {
    const first = claims.offer(20)
    end = first + 20
    const count = claims.takeBack()
    for (let task = end - count; task < end; task++) takenBack.add(task)
  }
  claims.offer(1)
  while (Atomics.load(claimed, 60_000) === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  await worker.terminate()
  for (let task = 0; task < 60_000; task++) {
    assert.equal(claimed[task], takenBack.has(task) ? 0 : 1, `task ${task}`)
  }
})
