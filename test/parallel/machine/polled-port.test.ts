/** Messages that are taken without the event loop. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageChannel, Worker } from 'node:worker_threads'
import { PolledPort, portBytes } from '../../../src/parallel/machine/polled-port.ts'

/** The longest wait that there is: a millisecond. */
const longestMicros = 1000

function makeMemory(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(portBytes))
}

test('messages are taken in their order, or left to the event loop', async () => {
  const { port1, port2 } = new MessageChannel()
  const posted = makeMemory()
  const ours = new PolledPort(port1, posted, 0)
  const theirs = new PolledPort(port2, posted, 1)
  assert.equal(theirs.take(0), undefined)
  ours.post('first')
  ours.post({ second: 2 })
  ours.post('third')
  assert.deepEqual(theirs.take(longestMicros), { message: 'first' })
  assert.deepEqual(theirs.take(0), { message: { second: 2 } })
  assert.deepEqual(await new Promise((resolve) => port2.once('message', resolve)), 'third')
  assert.equal(theirs.take(longestMicros), undefined)
  assert.equal(ours.take(longestMicros), undefined, 'not what it has posted itself')
  port1.close()
  assert.equal(ours.take(0), undefined, 'a closed port has none')
})

test('what was not sent is not counted', () => {
  const { port1 } = new MessageChannel()
  const posted = makeMemory()
  const ours = new PolledPort(port1, posted, 0)
  assert.throws(() => ours.post(() => {}), { name: 'DataCloneError' })
  assert.deepEqual([...posted], [0, 0])
  port1.close()
})

test('a message of another thread comes while this one waits', async () => {
  const { port1, port2 } = new MessageChannel()
  const posted = makeMemory()
  const source = `
    const { port, posted } = require('node:worker_threads').workerData
    port.postMessage('here')
    Atomics.add(posted, 1, 1)
  `
  const workerData = { port: port2, posted }
  const worker = new Worker(source, { eval: true, workerData, transferList: [port2] })
  const ours = new PolledPort(port1, posted, 0)
  let next = ours.take(longestMicros)
  while (next === undefined) next = ours.take(longestMicros)
  assert.deepEqual(next, { message: 'here' })
  await worker.terminate()
  port1.close()
})
