/** What a sample says of real processes, held against what they really use. */

import assert from 'node:assert/strict'
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { sampleTree } from '../../src/monitor/index.ts'
import { TreeSampler } from '../../src/monitor/sample.ts'
import { FakeProc, statusText } from './fake-proc.ts'
import { withMembers } from './members.ts'

const MB = 1_000_000

/** A file of /dev/shm without a name, `bytes` long. */
function sharedFile(bytes: number): number {
  const path = `/dev/shm/onecopy-test-${process.pid}`
  const file = openSync(path, 'wx+')
  unlinkSync(path)
  writeSync(file, new Uint8Array(bytes).fill(1))
  return file
}

function assertNear(value: number | undefined, expected: number, tolerance: number): void {
  assert.ok(
    value !== undefined && Math.abs(value - expected) <= tolerance * expected,
    `expected ${expected} ± ${100 * tolerance} %, got ${value}`,
  )
}

test('private memory adds up over a tree and a shared segment counts once, within 1 %', async () => {
  const segment = sharedFile(32 * MB)
  const before = sampleTree()
  try {
    await withMembers(
      6,
      async (members) => {
        const idle = sampleTree()
        await Promise.all(members.map((member) => member.touch({ keep: 50 * MB })))
        const full = sampleTree()
        assert.equal(full.processes.length, 7)
        assertNear(full.anonymous! - idle.anonymous!, 300 * MB, 0.01)
        assert.equal(full.shmem, before.shmem, 'six more holders, no byte more')
        assertNear(full.shmem, 32 * MB, 0.01)
        assert.equal(full.hard, full.anonymous! + full.shmem!)
      },
      segment,
    )
  } finally {
    closeSync(segment)
  }
  assert.equal(sampleTree().shmem, before.shmem! - before.segments[0]!.bytes)
})

test('anonymous memory agrees with the PSS of a tree, within 1 %', async () => {
  await withMembers(3, async (members) => {
    await Promise.all(members.map((member) => member.touch({ keep: 50 * MB })))
    const { anonymous, processes } = sampleTree(process.pid, { pss: true })
    const pss = processes.reduce((sum, { rollup }) => sum + rollup!.pssAnonymous!, 0)
    assertNear(anonymous, pss, 0.01)
  })
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
      message: `Expected \`pid\` to be the number of a process, got ${shown}.`,
    })
  }
})
