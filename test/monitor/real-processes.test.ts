/** Processes that come, go and hide while they are looked at: real ones. */

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startMonitor } from '../../src/monitor/index.ts'
import type { TreeSample } from '../../src/monitor/index.ts'
import { procFiles } from '../../src/monitor/proc/proc-files.ts'
import { TreeSampler } from '../../src/monitor/sampling/sample.ts'
import { readStat } from '../../src/monitor/proc/tree.ts'

const never = 3_600_000
const isRoot = process.geteuid?.() === 0
const nobody = 65_534

/** What a user without rights sees of a process; it is the test itself when that has none. */
function sampleAsNobody(pid: number): TreeSample {
  const program = fileURLToPath(new URL('../fixtures/monitor/sample-of.ts', import.meta.url))
  const output = execFileSync(process.execPath, [program, String(pid)], {
    encoding: 'utf8',
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  })
  return JSON.parse(output) as TreeSample
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test("another user's process shows its figures, and what it hides is n/a, never 0", () => {
  const { processes, unreadable, hard } = sampleAsNobody(isRoot ? process.pid : 1)
  const [root] = processes
  assert.equal(root!.segments, undefined)
  assert.ok(root!.anonymous! > 0, 'status is for everybody')
  assert.deepEqual(root!.rollup, {}, 'smaps_rollup is not')
  assert.deepEqual(unreadable, [root!.pid])
  assert.ok(hard! > 0)
})

test('a process that may not be dumped hides from its own user, and is n/a there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-'))
  try {
    const program = join(folder, 'sleep')
    copyFileSync('/bin/sleep', program)
    // Who may run a program but not read it can't look into the process either.
    chmodSync(program, 0o111)
    chmodSync(folder, 0o755)
    const child = spawn(program, ['60'], {
      stdio: 'ignore',
      ...(isRoot ? { uid: nobody, gid: nobody } : {}),
    })
    await once(child, 'spawn')
    const [process] = sampleAsNobody(child.pid!).processes
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.ok(process!.anonymous! > 0)
    assert.equal(process!.segments, undefined)
    assert.deepEqual(process!.rollup, {})
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a zombie has no memory, hides nothing, and tells how it ended', async () => {
  // The shell becomes a program that never asks how its child ended.
  const parent = spawn('sh', ['-c', 'sh -c "sleep 0.2; kill -TERM \\$\\$" & exec sleep 60'])
  const monitor = startMonitor({ pid: parent.pid!, intervalMs: never })
  try {
    const childOf = () => sampler.take().processes.find(({ parent: of }) => of === parent.pid)
    const sampler = new TreeSampler(procFiles, parent.pid!)
    await waitFor(() => childOf()?.state === 'Z')
    const { anonymous, shmem, waitStatus } = childOf()!
    assert.deepEqual([anonymous, shmem, waitStatus], [undefined, undefined, 15])
    const sample = await monitor.sample()
    assert.deepEqual(sample.unreadable, [])
    assert.ok(sample.anonymous! > 0)
    const { data } = await monitor.stop()
    assert.deepEqual(data.processes.find(({ parent: of }) => of === parent.pid)!.ending, {
      signal: 'SIGTERM',
    })
  } finally {
    parent.kill('SIGKILL')
  }
})

test('a grandchild whose parent died stays in the tree', async () => {
  const shell = spawn('sh', ['-c', 'sh -c "sleep 60 & echo \\$!; exec sleep 50" & wait'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = (await once(shell.stdout, 'data')) as [Buffer]
  const grandchild = Number(output.toString())
  const monitor = startMonitor({ pid: shell.pid!, intervalMs: never })
  try {
    const parent = readStat(procFiles, grandchild)!.parent
    assert.ok((await monitor.sample()).processes.some(({ pid }) => pid === grandchild))
    process.kill(parent, 'SIGKILL')
    await waitFor(() => readStat(procFiles, grandchild)!.parent !== parent)
    const found = (await monitor.sample()).processes.find(({ pid }) => pid === grandchild)
    assert.ok(found!.anonymous! > 0)
    assert.notEqual(found!.parent, parent)
    const { data } = await monitor.stop()
    assert.equal(data.processes.find(({ pid }) => pid === grandchild)!.parent, parent)
  } finally {
    process.kill(grandchild, 'SIGKILL')
    shell.kill('SIGKILL')
  }
})

test('a daemon whose parent died before any sample belongs to a run that marks its own', async () => {
  const run = `test-${process.pid}-${Math.random()}`
  const shell = spawn('sh', ['-c', 'sh -c "sleep 60 & echo \\$!" && exec sleep 50'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ONECOPY_RUN: run },
  })
  const [output] = (await once(shell.stdout, 'data')) as [Buffer]
  const daemon = Number(output.toString())
  try {
    await waitFor(() => readStat(procFiles, daemon)!.parent !== shell.pid)
    // While a process starts its program, it has no environment.
    for (const pid of [shell.pid!, daemon])
      await waitFor(() => readStat(procFiles, pid)!.name === 'sleep')
    const sampler = new TreeSampler(procFiles, shell.pid!)
    const { processes } = sampler.take()
    sampler.close()
    assert.deepEqual(
      processes.map(({ pid }) => pid),
      [shell.pid, daemon],
    )
  } finally {
    process.kill(daemon, 'SIGKILL')
    shell.kill('SIGKILL')
  }
})

test('children that exit while the tree is walked end their own lines and nothing else', async () => {
  const short = spawn('sh', ['-c', 'while :; do sleep 0.002; (exit 0); done'], { stdio: 'ignore' })
  const steady = spawn('sleep', ['60'], { stdio: 'ignore' })
  await Promise.all([once(short, 'spawn'), once(steady, 'spawn')])
  const sampler = new TreeSampler(procFiles, process.pid)
  const seen = new Set<number>()
  const started = performance.now()
  for (let i = 0; i < 200 || (seen.size < 20 && performance.now() - started < 20_000); i++) {
    const { processes, hard, unreadable } = sampler.take()
    const pids = processes.map(({ pid }) => pid)
    assert.ok([process.pid, short.pid!, steady.pid!].every((pid) => pids.includes(pid)))
    assert.equal(new Set(pids).size, pids.length)
    assert.ok(hard! > 0)
    // A process that gives its memory back at this moment has none to show.
    assert.ok(![process.pid, short.pid!, steady.pid!].some((pid) => unreadable.includes(pid)))
    for (const pid of pids) seen.add(pid)
  }
  short.kill('SIGKILL')
  steady.kill('SIGKILL')
  await Promise.all([once(short, 'exit'), once(steady, 'exit')])
  assert.ok(seen.size >= 20, `${seen.size} processes were seen`)
})

const lastPid = '/proc/sys/kernel/ns_last_pid'

test(
  'a pid that is given out again begins another line',
  { skip: !(isRoot && existsSync(lastPid)) && 'needs root, to choose a pid' },
  async (context) => {
    const first = spawn('sleep', ['60'], { stdio: 'ignore' })
    await once(first, 'spawn')
    const monitor = startMonitor({ intervalMs: never })
    await monitor.sample()
    first.kill('SIGKILL')
    await once(first, 'exit')
    await new Promise((resolve) => setTimeout(resolve, 20)) // start times count in 10 ms
    // Others start processes, too, so one try may miss.
    let second = spawn('true', { stdio: 'ignore' })
    for (let tries = 0; tries < 50 && second.pid !== first.pid; tries++) {
      await once(second, 'exit')
      writeFileSync(lastPid, String(first.pid! - 1))
      second = spawn('sleep', ['60'], { stdio: 'ignore' })
      await once(second, 'spawn')
      if (second.pid !== first.pid) second.kill('SIGKILL')
    }
    if (second.pid !== first.pid) return context.skip('the pid went to somebody else each time')
    const { processes } = await monitor.sample()
    assert.equal(processes.filter(({ pid }) => pid === first.pid).length, 1)
    const { data } = await monitor.stop()
    second.kill('SIGKILL')
    const lines = data.processes.filter(({ pid }) => pid === first.pid)
    assert.equal(lines.length, 2)
    assert.ok(lines[0]!.endMs < lines[1]!.startMs)
  },
)
