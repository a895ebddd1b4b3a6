/** Who belongs to a tree of processes, also while it changes. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { fork } from 'node:child_process'
import { test } from 'node:test'
import { procFiles } from '../../../src/monitor/proc/proc-files.ts'
import { ProcessTree } from '../../../src/monitor/proc/tree.ts'
import { FakeProc } from '../fake-proc.ts'

const pids = (tree: ProcessTree): number[] => tree.walk().map((process) => process.pid)

/** 10 has the children 11 and 12; 12 has 13; 99 is a stranger. */
function family(): FakeProc {
  return new FakeProc(
    { pid: 10, threads: { 10: [11, 12] } },
    { pid: 11, parent: 10 },
    { pid: 12, parent: 10, threads: { 12: [13] } },
    { pid: 13, parent: 12 },
    { pid: 99 },
  )
}

test('a walk finds a process and everything under it', () => {
  assert.deepEqual(pids(new ProcessTree(family(), 10)), [10, 11, 12, 13])
})

test('without children only the process itself is watched', () => {
  assert.deepEqual(pids(new ProcessTree(family(), 10, { children: false })), [10])
})

test('children of any thread belong to the tree', () => {
  const files = new FakeProc(
    { pid: 10, threads: { 10: [11], 21: [], 22: [12] } },
    { pid: 11, parent: 10 },
    { pid: 12, parent: 10 },
  )
  assert.deepEqual(pids(new ProcessTree(files, 10)), [10, 11, 12])
})

test('a kernel without lists of children is searched by parent', () => {
  const files = family()
  files.hasChildren = false
  assert.deepEqual(pids(new ProcessTree(files, 10)), [10, 11, 12, 13])
})

test('a process that goes before any one read is left out, and nobody else is', () => {
  const reads: string[] = []
  const quiet = family()
  quiet.onRead = (path) => reads.push(path)
  pids(new ProcessTree(quiet, 10))
  for (const [moment, path] of reads.entries()) {
    const files = family()
    let count = 0
    files.onRead = () => {
      if (count++ === moment) files.end(11)
    }
    const found = pids(new ProcessTree(files, 10)).filter((pid) => pid !== 11)
    assert.deepEqual(found, [10, 12, 13], `gone before ${path}`)
  }
})

test('when a pid is given out again while the tree is walked, the stranger is left out', () => {
  const files = family()
  files.onRead = (path) => {
    if (path === '/proc/11/stat') files.add({ pid: 11, parent: 99, startTime: 2000 })
  }
  assert.deepEqual(pids(new ProcessTree(files, 10)), [10, 12, 13])
})

test('when a pid is given out again between walks, the stranger is left out', () => {
  const files = family()
  const tree = new ProcessTree(files, 10)
  pids(tree)
  files.add({ pid: 10, threads: { 10: [14] }, startTime: 2000 }, { pid: 14, parent: 10 })
  assert.deepEqual(pids(tree), [11, 12, 13])
})

test('a process whose parent ended stays in the tree', () => {
  const files = family()
  const tree = new ProcessTree(files, 10)
  pids(tree)
  files.end(12)
  files.add({ pid: 13, parent: 1 }, { pid: 10, threads: { 10: [11] } })
  assert.deepEqual(pids(tree), [10, 11, 13])
})

test('a tree of nothing is empty', () => {
  assert.deepEqual(pids(new ProcessTree(family(), 12345)), [])
})

test('a child that a worker thread started is found, until it ends', async () => {
  const parent = fork(new URL('../../fixtures/monitor/thread-with-child.ts', import.meta.url))
  try {
    const [child] = (await once(parent, 'message')) as [number]
    const tree = new ProcessTree(procFiles, parent.pid!)
    assert.deepEqual(pids(tree), [parent.pid, child])
    const mainThread = procFiles.read(`/proc/${parent.pid}/task/${parent.pid}/children`)
    assert.equal(mainThread, '', 'the main thread is not the one that started it')
    process.kill(child, 'SIGKILL')
    await once(parent, 'message')
    assert.deepEqual(pids(tree), [parent.pid])
  } finally {
    parent.kill('SIGKILL')
  }
})
