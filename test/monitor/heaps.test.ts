/** The heaps of isolates, in all threads and processes of a tree. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { publishHeap, sampleTree, startMonitor } from '../../src/monitor/index.ts'
import { decodeHeapPage, encodeHeapPage } from '../../src/monitor/marks/heap-page.ts'
import { ourSharedFiles } from '../shared-files.ts'

const MB = 1_000_000
const file = new URL('../fixtures/monitor/heap.ts', import.meta.url)

/** The heaps of this process, or of a child. */
function heapsOf(pid = process.pid) {
  return sampleTree().processes.find((process) => process.pid === pid)?.isolates
}

test('every isolate publishes its own heap, external memory and ArrayBuffers', async () => {
  const before = ourSharedFiles()
  await withResource(publishHeap({ name: 'test' }), async (mine) => {
    const kept = new ArrayBuffer(30 * MB)
    mine.update()
    const worker = new Worker(file, { argv: [String(20 * MB), '0'] })
    await once(worker, 'message')
    const child = fork(file, [String(10 * MB), '400000'])
    await once(child, 'message')
    const [main, thread] = heapsOf()!
    const [other] = heapsOf(child.pid)!
    assert.deepEqual([main!.name, main!.thread], ['test', 0])
    assert.ok(main!.arrayBuffers >= kept.byteLength, `${main!.arrayBuffers}`)
    assert.ok(main!.external >= main!.arrayBuffers)
    assert.deepEqual([thread!.name, thread!.thread], ['fixture', worker.threadId])
    assert.ok(thread!.arrayBuffers >= 20 * MB && thread!.arrayBuffers < 30 * MB)
    assert.ok(other!.heapUsed >= 400_000 * 16, `${other!.heapUsed}`)
    assert.ok(other!.arrayBuffers >= 10 * MB && other!.arrayBuffers < 20 * MB)
    const { length } = heapsOf()!
    await worker.terminate()
    assert.equal(heapsOf()!.length, length - 1, 'a page vanishes with its thread')
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  assert.deepEqual(ourSharedFiles(), before, 'and with its process')
})

test('a heap is published until the last who asked for it has disposed of it', () => {
  const [one, two] = [publishHeap(), publishHeap({ name: 'late' })]
  assert.equal(heapsOf()![0]!.name, 'main')
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  assert.equal(heapsOf()!.length, 1)
  two[Symbol.dispose]()
  two.update()
  assert.equal(heapsOf(), undefined)
})

test('a report has a line for each isolate, and their sum', async () => {
  const monitor = startMonitor({ intervalMs: 20 })
  const child = fork(file, [String(10 * MB), '0'])
  await once(child, 'message')
  await monitor.sample()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const { data } = await monitor.stop()
  const [main, other] = data.isolates!
  assert.deepEqual([main!.pid, main!.name], [process.pid, 'main'])
  assert.deepEqual([other!.pid, other!.name], [child.pid, 'fixture'])
  assert.ok(other!.peak.arrayBuffers! >= 10 * MB)
  assert.equal(main!.columns.heapUsed!.length, data.times.length - main!.first)
  const sum = Math.max(...data.total.heap!.filter((value) => value > 0))
  assert.ok(sum >= other!.peak.external! + other!.peak.heapUsed!)
})

test('publishing keeps no program alive, and a name has to be text', async () => {
  const child = fork(file, ['0', '0', 'leave'])
  await once(child, 'exit')
  assert.equal(child.exitCode, 0)
  assert.throws(() => publishHeap({ name: 7 as never }), {
    name: 'TypeError',
    message: 'Expected `name` to be a string, got 7.',
  })
})

test('a long name is cut, within a letter never', () => {
  const heap = { thread: 3, epochMs: 5, heapUsed: 1, heapTotal: 2, external: 3, arrayBuffers: 4 }
  const name = 'ö'.repeat(500)
  const back = decodeHeapPage(encodeHeapPage(9, 1, { ...heap, name }), 9)!
  assert.deepEqual({ ...back, name: '' }, { ...heap, name: '' })
  assert.equal(back.name, 'ö'.repeat(84))
})

/** Node 22 has no `await using`. */
async function withResource<T extends { [Symbol.dispose](): void }>(
  resource: T,
  work: (resource: T) => Promise<void>,
): Promise<void> {
  try {
    await work(resource)
  } finally {
    resource[Symbol.dispose]()
  }
}
