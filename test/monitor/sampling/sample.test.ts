/** What a sample says of real processes, held against what they really use. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeReference, shared } from '../../../src/arrays/index.ts'
import { sampleTree, type TreeSample } from '../../../src/monitor/index.ts'
import { TreeSampler } from '../../../src/monitor/sampling/sample.ts'
import { FakeProc, statusText } from '../fake-proc.ts'
import { withMembers } from '../members.ts'

const MB = 1_000_000

function assertNear(value: number | undefined, expected: number, tolerance: number): void {
  assert.ok(
    value !== undefined && Math.abs(value - expected) <= tolerance * expected,
    `expected ${expected} ± ${100 * tolerance} %, got ${value}`,
  )
}

/** What the kernel's own division of pages gives to the processes together, in bytes. */
function pssAnonymous({ processes }: TreeSample): number {
  return processes.reduce((sum, { rollup }) => sum + rollup!.pssAnonymous!, 0)
}

test('private memory adds up over a tree and a shared array counts once, within 1 %', async () => {
  await withMembers(4, async (members) => {
    const before = sampleTree()
    const array = shared([96 * MB], 'uint8')
    array.data.fill(1)
    const reference = encodeReference(array)!
    await Promise.all(members.map((member) => member.touch({ map: reference })))
    // Spikes have V8 collect what loading has left, so that it doesn't do so while the test measures.
    for (let i = 0; i < 3; i++)
      await Promise.all(members.map((member) => member.touch({ spike: 50 * MB })))
    const mapped = sampleTree(process.pid, { pss: true })
    await Promise.all(members.map((member) => member.touch({ keep: 50 * MB })))
    const full = sampleTree(process.pid, { pss: true })

    assert.equal(full.processes.length, 5)
    // V8 may still give back a MB or two in each process, so the kernel's other count is the measure.
    assertNear(full.anonymous! - mapped.anonymous!, 200 * MB, 0.08)
    assertNear(full.anonymous! - mapped.anonymous!, pssAnonymous(full) - pssAnonymous(mapped), 0.01)
    assertNear(full.shmem! - before.shmem!, 96 * MB, 0.01)
    assert.equal(full.hard, full.anonymous! + full.shmem!)
    const rollups = full.processes.map(({ rollup }) => rollup!)
    const pss = rollups.reduce((sum, of) => sum + of.pssAnonymous! + of.pssShmem!, 0)
    assertNear(full.hard, pss, 0.01)
    const touched = full.processes.reduce((sum, { shmem }) => sum + shmem!, 0)
    assertNear(touched, 5 * 96 * MB, 0.01)

    array[Symbol.dispose]()
    const left = sampleTree().shmem! - before.shmem!
    assert.ok(left <= 4096, 'all but the last, partial page went at once')
  })
})

test('a shared array that nobody has touched costs nothing', () => {
  const before = sampleTree()
  const array = shared([MB], 'float64')
  const after = sampleTree()
  assert.equal(after.segments.length, before.segments.length + 1)
  assert.equal(after.shmem, before.shmem)
  array[Symbol.dispose]()
})

test('a process that ended while it was read is left out, and nobody else is', () => {
  const status = statusText({ RssAnon: 100, RssShmem: 0, RssFile: 10 })
  const files = new FakeProc(
    { pid: 10, threads: { 10: [11, 12] }, status },
    { pid: 11, parent: 10, status },
    { pid: 12, parent: 10, status },
  )
  files.onRead = (path) => {
    if (path === '/proc/11/status') files.end(11)
  }
  const sample = new TreeSampler(files, 10).take()
  assert.deepEqual(
    sample.processes.map((process) => process.pid),
    [10, 12],
  )
  assert.equal(sample.anonymous, 200 * 1024)
  assert.deepEqual(sample.unreadable, [])
})

test('a process has a title when it is new, when it is no longer new, and when its name changes', () => {
  const status = statusText({ RssAnon: 100, RssShmem: 0, RssFile: 10 })
  const files = new FakeProc({ pid: 10, status })
  const sampler = new TreeSampler(files, 10)
  const titleOf = (script: string): string => {
    files.texts.set('/proc/10/cmdline', `node\0${script}\0`)
    return sampler.take().processes[0]!.title!
  }
  assert.deepEqual(['fork.js', 'exec.js', 'late.js'].map(titleOf), [
    'node fork.js',
    'node exec.js',
    'node exec.js',
  ])
  files.add({ pid: 10, status, name: 'sh' })
  assert.equal(titleOf('other.js'), 'node other.js')
  files.add({ pid: 10, status, name: 'node' })
  files.texts.set('/proc/10/cmdline', '')
  const [dying] = sampler.take().processes
  assert.equal(dying!.title, 'node other.js', 'one without arguments keeps the last')
})

test('a pid that was given out again while it was read is left out', () => {
  const status = statusText({ RssAnon: 100, RssShmem: 0, RssFile: 10 })
  const files = new FakeProc({ pid: 10, threads: { 10: [11] }, status }, { pid: 11, parent: 10 })
  files.onRead = (path) => {
    if (path === '/proc/11/status') files.add({ pid: 11, parent: 10, startTime: 2000, status })
  }
  assert.equal(new TreeSampler(files, 10).take().processes.length, 1)
})

test('a zombie has no memory to show and hides none', () => {
  const status = statusText({ RssAnon: 100, RssShmem: 0, RssFile: 10 })
  const files = new FakeProc(
    { pid: 10, threads: { 10: [11] }, status },
    { pid: 11, parent: 10, state: 'Z' },
  )
  const sample = new TreeSampler(files, 10).take()
  assert.equal(sample.processes[1]!.anonymous, undefined)
  assert.deepEqual([sample.anonymous, sample.unreadable], [100 * 1024, []])
})

test('a process that is about to be a zombie has given its memory back, and hides nothing', () => {
  const files = new FakeProc(
    { pid: 10, threads: { 10: [11, 12] }, status: statusText({ RssAnon: 7, RssShmem: 0 }) },
    // It still runs, in the middle of its exit, and has no address space any more.
    { pid: 11, parent: 10, state: 'R', status: '', descriptors: null, addressSpace: 0 },
    { pid: 12, parent: 10, status: null },
  )
  const { hard, unreadable } = new TreeSampler(files, 10).take()
  assert.deepEqual([hard, unreadable], [7168, [12]])
})

test('without /proc there are no processes and no figures', () => {
  const nothing = new FakeProc()
  const sample = new TreeSampler(nothing, 10).take()
  const { anonymous, shmem, fileBacked, hard, processes } = sample
  assert.deepEqual([anonymous, shmem, fileBacked, hard], Array(4).fill(undefined))
  assert.deepEqual(processes, [])
})

test('a pid that is no number is refused', () => {
  for (const [pid, shown] of [
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    ['1', "'1'"],
  ] as const) {
    assert.throws(() => sampleTree(pid as number), {
      name: 'TypeError',
      message: `Expected \`pid\` to be a process id, got ${shown}.`,
    })
  }
})
