/** Which objects a piece of work left behind. */

import assert from 'node:assert/strict'
import { Session } from 'node:inspector/promises'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { objectGrowth } from '../../../src/monitor/index.ts'
import { countObjects } from '../../../src/monitor/heap/heap-snapshot.ts'
import { ObjectGrowth } from '../../../src/monitor/heap/object-growth.ts'

const kept: unknown[] = []

class Leaf {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

function leak(count: number): void {
  for (let i = 0; i < count; i++) kept.push([`a text of its own: ${i}`])
}

test('sampling names the function that allocated what is still there', async () => {
  const growth = await objectGrowth()
  leak(200_000)
  for (let i = 0; i < 100; i++) JSON.parse(`[${'1,'.repeat(10_000)}1]`)
  const found = await growth.stop()
  assert.equal(await growth.stop(), found)
  const row = found.rows.find(({ name }) => /^leak \(object-growth\.test\.ts:\d+\)$/.test(name))!
  assert.ok(row.bytes > 4e6 && row.bytes < 60e6, `${row.bytes}`)
  assert.equal(row.count, undefined)
  assert.match(String(found), /^function +bytes\nleak \(object-growth\.test\.ts:\d+\) +\+/)
  kept.length = 0
})

test('snapshots count every object by its constructor', async () => {
  const growth = await objectGrowth({ by: 'snapshot' })
  for (let i = 0; i < 5000; i++) kept.push(new Leaf(i))
  const map = new Map([[1, kept]])
  const { rows } = await growth.stop()
  const leaf = rows.find(({ name }) => name === 'Leaf')!
  assert.equal(leaf.count, 5000)
  assert.ok(leaf.bytes >= 5000 * 12 && leaf.bytes <= 5000 * 64, `${leaf.bytes}`)
  assert.ok(map.size === 1)
  kept.length = 0
})

test('a second sampling of one thread is refused, one after another is not', async () => {
  const growth = await objectGrowth()
  await assert.rejects(objectGrowth(), {
    code: 'ERR_MONITOR',
    message:
      'The heap of this thread is being sampled already. Stop the other growth tracker first.',
  })
  await growth[Symbol.asyncDispose]()
  const again = await objectGrowth()
  await again.stop()
  await assert.rejects(objectGrowth({ by: 'guess' as never }), {
    code: 'ERR_OPTION',
    message: "Expected `by` to be 'sampling' or 'snapshot', got 'guess'.",
  })
})

test('a profiler that takes the sampling over is named', async () => {
  const growth = await objectGrowth()
  const other = new Session()
  other.connect()
  await other.post('HeapProfiler.enable')
  await other.post('HeapProfiler.stopSampling')
  other.disconnect()
  await assert.rejects(growth.stop(), {
    code: 'ERR_MONITOR',
    message: 'Another profiler has stopped the sampling of this heap, so what grew is unknown.',
  })
  await (await objectGrowth()).stop()
})

test('a worker thread follows its own heap', async () => {
  const program = `
    import { objectGrowth } from ${JSON.stringify(new URL('../../../src/monitor/index.ts', import.meta.url).href)}
    import { parentPort } from 'node:worker_threads'
    const growth = await objectGrowth({ by: 'snapshot' })
    class OfWorker { x = 1 }
    const kept = Array.from({ length: 300 }, () => new OfWorker())
    const { rows } = await growth.stop()
    parentPort.postMessage(rows.find(({ name }) => name === 'OfWorker').count + kept.length)
  `
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`))
  const [count] = (await once(worker, 'message')) as [number]
  assert.equal(count, 600)
})

test('a table has the largest first, and nothing for what shrank', () => {
  const growth = new ObjectGrowth([
    { name: 'Map', bytes: -500, count: -5 },
    { name: '(string)', bytes: 1000, count: -1 },
    { name: 'Leaf\n', bytes: 50_000, count: 100 },
  ])
  assert.equal(growth.bytes, 50_500)
  assert.equal(
    String(growth),
    [
      'constructor  objects     bytes',
      'Leaf\ufffd           +100  +50.0 kB',
      '(string)          -1  +1.00 kB',
      '50.5 kB in all',
    ].join('\n'),
  )
  assert.equal(String(new ObjectGrowth([])), 'Nothing grew.')
})

const snapshot = JSON.stringify({
  snapshot: {
    meta: {
      node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
      node_types: [['hidden', 'string', 'object', 'native'], 'string', 'number'],
    },
    node_count: 4,
  },
  nodes: [2, 0, 1, 40, 0, 0, 2, 0, 3, 24, 0, 0, 1, 1, 5, 16, 0, 0, 3, 2, 7, 100, 0, 0],
  edges: [1, 2, 3],
  strings: ['Leaf', 'some "nodes":[ text', 'system / é'],
})

test('a snapshot is read in pieces of any size', async () => {
  const bytes = Buffer.from(snapshot)
  for (const size of [1, 7, 64, 10_000]) {
    const pieces = async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    }
    assert.deepEqual(
      await countObjects(pieces()),
      new Map([
        ['Leaf', { count: 2, bytes: 64 }],
        ['(string)', { count: 1, bytes: 16 }],
        ['system / é', { count: 1, bytes: 100 }],
      ]),
    )
  }
})

test('what is no snapshot is refused', async () => {
  for (const text of [
    '',
    '{"nodes":[1,2]}',
    snapshot.slice(0, 250),
    '{"snapshot":{},"nodes":[]}',
  ]) {
    const pieces = async function* () {
      yield text
    }
    await assert.rejects(countObjects(pieces()), {
      code: 'ERR_FORMAT',
      message:
        'Expected a heap snapshot of V8, got something else, or a part of one. Node.js may have changed its format.',
    })
  }
})
