/** Whether the kernel killed a process of the tree, or somebody else's. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { startMonitor } from '../../../src/monitor/index.ts'
import { OomWatch } from '../../../src/monitor/record/oom-watch.ts'
import { ProcessRecord } from '../../../src/monitor/record/process-record.ts'
import type { ProcessSample } from '../../../src/monitor/sampling/sample.ts'

const MB = 1_000_000

function record(pid: number, bytes: number, ms: number): ProcessRecord {
  const sample: ProcessSample = {
    pid,
    name: 'node',
    state: 'S',
    parent: 1,
    cpuMs: 0,
    threads: 1,
    startTime: 5,
    anonymous: bytes,
    shmem: 0,
    fileBacked: 5,
    pageTables: 0,
    swap: 0,
    peakRss: bytes,
    segments: [],
  }
  const made = new ProcessRecord(sample, 0, ms)
  made.add(sample, 0, ms)
  return made
}

test('a kill is blamed on the largest process that went with it', () => {
  const watch = new OomWatch(4)
  watch.add(4, [], 100)
  watch.add(4, [record(10, 50, 100), record(11, 80, 100)], 200)
  assert.equal(watch.killed, undefined)
  watch.add(5, [], 300)
  assert.deepEqual(watch.killed, { pid: 11, name: 'node', atMs: 100, anonymous: 80, rss: 85 })
})

test('a process that goes soon after the count has risen counts as well', () => {
  const watch = new OomWatch(0)
  watch.add(1, [], 100)
  assert.equal(watch.killed, undefined)
  watch.add(1, [record(10, 50, 100)], 200)
  assert.equal(watch.killed!.pid, 10)
})

test('a kill of a stranger in the same group, and an end without a kill, are no kill', () => {
  const watch = new OomWatch(0)
  watch.add(0, [record(10, 50, 100)], 200)
  watch.add(1, [], 10_000)
  watch.add(1, [], 10_100)
  watch.add(1, [record(11, 50, 20_000)], 20_100)
  watch.add(undefined, [record(12, 50, 20_100)], 20_200)
  assert.equal(watch.killed, undefined)
})

const groups = '/sys/fs/cgroup/memory'
const canLimit = process.geteuid?.() === 0 && existsSync(`${groups}/memory.limit_in_bytes`)

test(
  'a process that the kernel killed is in the verdict, with its last figures',
  { skip: !canLimit && 'needs root and a memory controller of version 1' },
  async () => {
    const group = `${groups}/onecopy-test-${process.pid}`
    mkdirSync(group)
    try {
      writeFileSync(`${group}/memory.limit_in_bytes`, String(150 * MB))
      const member = fileURLToPath(new URL('../../fixtures/monitor/glutton.ts', import.meta.url))
      const child = spawn(process.execPath, [member], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      await once(child, 'message')
      writeFileSync(`${group}/cgroup.procs`, String(child.pid))
      const monitor = startMonitor({ pid: child.pid!, intervalMs: 10 })
      await monitor.sample()
      child.send('eat')
      const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null]
      assert.deepEqual([exitCode, signal], [null, 'SIGKILL'])
      const report = await monitor.stop({ signal: signal! })
      const { oomKilled, killed } = report.data.ending!
      assert.equal(oomKilled, true)
      assert.equal(killed!.pid, child.pid)
      assert.ok(killed!.rss! > 50 * MB, `${killed!.rss}`)
      assert.ok(Math.abs(report.data.limit! - 150 * MB) < 8192, `${report.data.limit}`)
      assert.ok(Math.max(...report.data.total.cgroup!) > 20 * MB)
      assert.match(report.verdict!, /^The kernel killed node glutton\.ts \(\d+\) after .* because/)
    } finally {
      rmdirSync(group)
    }
  },
)
