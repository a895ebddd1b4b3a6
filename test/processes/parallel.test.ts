/** Programs with workers end when they should, and take their workers along. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ourSharedFiles } from '../shared-files.ts'

const isLinux = process.platform === 'linux'
const program = (name: string): string =>
  fileURLToPath(new URL(`./programs/${name}`, import.meta.url))

/** A program of `programs/` while it runs. */
interface Program {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly errors: string[]
  readonly ended: Promise<[code: number | null, signal: string | null]>
}

/** Starts a program in a process group of its own, which ends with the test, and collects its lines. */
function start(context: TestContext, name: string, ...args: string[]): Program {
  const child = spawn(process.execPath, [program(name), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const lines: string[] = []
  const errors: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
  const ended: Program['ended'] = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]))
  })
  context.after(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
  })
  return { child, lines, errors, ended }
}

/**
 * Waits for so many milliseconds at most, by looks 10 ms apart: where the machine has too much to do, this
 * process gets fewer of them too.
 */
async function until(what: () => boolean, ms = 20_000): Promise<void> {
  for (let looks = ms / 10; !what(); looks--) {
    assert.ok(looks > 0, 'waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Whether a process still runs; one that has ended may wait for its parent to take note (state Z). */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The processes that a program printed as `worker <pid>`. */
const workersOf = (lines: readonly string[]): number[] =>
  lines.filter((line) => line.startsWith('worker ')).map((line) => Number(line.slice(7)))

test(
  'an idle pool that nobody closes does not keep the program alive',
  { timeout: 60_000 },
  async (context) => {
    for (const backend of ['threads', 'processes', 'serial']) {
      const { lines, errors, ended } = start(context, 'leave-open.ts', backend)
      assert.deepEqual(await ended, [0, null], backend)
      assert.deepEqual([lines, errors], [['done 1 4 9'], []])
    }
  },
)

test(
  'a run that nobody awaits keeps the program alive until it is over',
  { timeout: 60_000 },
  async (context) => {
    for (const backend of ['threads', 'processes', 'serial']) {
      const { lines, ended } = start(context, 'pending-run.ts', backend)
      assert.deepEqual(await ended, [0, null], backend)
      assert.deepEqual(lines, ['main is done', 'then 7'])
    }
  },
)

test(
  'a stream that nobody reads does not keep the program alive',
  { timeout: 60_000 },
  async (context) => {
    for (const backend of ['threads', 'processes']) {
      const { lines, ended } = start(context, 'unread-stream.ts', backend)
      assert.deepEqual(await ended, [0, null], backend)
      assert.deepEqual(lines, ['main is done'])
    }
  },
)

test(
  'A17: SIGKILL and SIGTERM of the program leave no worker and no memory',
  { skip: !isLinux, timeout: 60_000 },
  async (context) => {
    const before = ourSharedFiles()
    for (const [task, signal] of [
      ['spin', 'SIGKILL'],
      ['never', 'SIGKILL'],
      ['spin', 'SIGTERM'],
    ] as const) {
      const { child, lines, ended } = start(context, 'busy-processes.ts', task)
      await until(() => workersOf(lines).length === 2)
      const workers = workersOf(lines)
      child.kill(signal)
      await until(() => child.signalCode !== null && !workers.some(isAlive), 2000)
      assert.deepEqual(await ended, [null, signal])
    }
    assert.deepEqual(ourSharedFiles(), before)
  },
)

test(
  'A17: SIGKILL of a program ends workers that have workers themselves',
  { skip: !isLinux, timeout: 60_000 },
  async (context) => {
    for (const task of ['spin', 'never']) {
      const { child, lines, ended } = start(context, 'nested-workers.ts', task)
      await until(() => lines.some((line) => line.startsWith('nested')))
      const workers = workersOf(lines)
      assert.equal(workers.length, 1)
      child.kill('SIGKILL')
      assert.deepEqual(await ended, [null, 'SIGKILL'])
      await until(() => !workers.some(isAlive), 2000)
    }
  },
)

test(
  'A17: SIGKILL of a program whose pool belongs to a thread ends its workers',
  { skip: !isLinux, timeout: 60_000 },
  async (context) => {
    const { child, lines, ended } = start(context, 'pool-in-thread.ts', 'stay')
    await until(() => workersOf(lines).length === 2)
    const workers = workersOf(lines)
    child.kill('SIGKILL')
    assert.deepEqual(await ended, [null, 'SIGKILL'])
    await until(() => !workers.some(isAlive), 2000)
  },
)

test(
  'the end of a thread that owns a pool ends its processes',
  { skip: !isLinux, timeout: 60_000 },
  async (context) => {
    const { child, lines, ended } = start(context, 'pool-in-thread.ts')
    await until(() => lines.includes('thread ended'))
    await until(() => !workersOf(lines).some(isAlive), 2000)
    assert.equal(workersOf(lines).length, 2)
    child.kill('SIGKILL')
    await ended
  },
)

test(
  'A31: Ctrl-C reaches the program, and its workers end with it without a word',
  { timeout: 60_000 },
  async (context) => {
    for (const task of ['spin', 'never']) {
      const { child, lines, errors, ended } = start(context, 'busy-processes.ts', task)
      await until(() => workersOf(lines).length === 2)
      const workers = workersOf(lines)
      process.kill(-child.pid!, 'SIGINT')
      assert.deepEqual(await ended, [null, 'SIGINT'])
      await until(() => !workers.some(isAlive), 2000)
      assert.deepEqual(errors, [])
    }
  },
)

test(
  'a program that handles Ctrl-C itself keeps its workers till it closes them',
  { timeout: 60_000 },
  async (context) => {
    const { child, lines, errors, ended } = start(context, 'handles-interrupt.ts')
    await until(() => lines.includes('running'))
    process.kill(-child.pid!, 'SIGINT')
    assert.deepEqual(await ended, [0, null])
    assert.deepEqual([lines.slice(1), errors], [['result 5', 'closed'], []])
  },
)

const withoutProc = [
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs none /proc && exec "$@"',
  'sh',
]
const [unshare = '', ...flags] = withoutProc
const mayMount = spawnSync(unshare, [...flags, 'true']).status === 0

test(
  'without /proc threads get shared arrays, and processes say what they need',
  { skip: !mayMount && 'needs namespaces' },
  () => {
    const command = [process.execPath, program('without-proc.ts')]
    const { stdout, stderr } = spawnSync(unshare, [...flags, ...command], {
      encoding: 'utf8',
    })
    assert.equal(stdout, 'threads [ 7 ]\nprocesses ERR_WORKER_START\n')
    assert.match(
      stderr,
      /Arrays are sent through \/proc, which is not mounted here\. Mount it, or use arrays of files: /,
    )
  },
)
