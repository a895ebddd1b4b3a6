/** Random kills, errors and early ends: nothing hangs, nothing is wrong, nothing stays. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { isOneCopyError } from '../../src/errors.ts'
import { collectGarbage } from '../../src/collect-garbage.ts'
import { array } from '../../src/arrays/index.ts'
import { delayed, Parallel, type ParallelOptions, type Task } from '../../src/parallel/index.ts'
import { fill, total } from '../fixtures/tasks/arrays.ts'
import { refuseOdd } from '../fixtures/tasks/failing.ts'
import { exit, exitOften, never, spin, throwLater } from '../fixtures/tasks/misbehaving.ts'
import { nest } from '../fixtures/tasks/nested.ts'
import { after, busy, pid, square } from '../fixtures/tasks/plain.ts'
import { leak, prepare, prepared, print } from '../fixtures/tasks/workers.ts'

/** `ONECOPY_SOAK_SECONDS=1800 node --test test/processes/soak.test.ts` soaks for half an hour. */
const seconds = Number(process.env['ONECOPY_SOAK_SECONDS'] ?? 5)
const seed = Number(process.env['ONECOPY_SOAK_SEED'] ?? Date.now() % 2 ** 31)

/** How long one run may take at most, in a machine's worst hour. */
const patienceMs = Number(process.env['ONECOPY_SOAK_PATIENCE_MS'] ?? 60_000)

const random = xoroshiro128plus(seed)
const draw = (below: number): number => (random.next() >>> 0) % below
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Rejects when `promise` hangs. */
async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs (seed ${seed})`)), patienceMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** What may end a run: a task's own error, or the loss of its worker. */
function isExpected(error: unknown): boolean {
  // A worker may be killed in its initializer, too.
  if (isOneCopyError(error)) return ['ERR_WORKER_LOST', 'ERR_WORKER_START'].includes(error.code)
  return error instanceof Error && error.message.endsWith('is odd')
}

/** A task that took longer than its run allows. */
function isLate(error: unknown): boolean {
  return isOneCopyError(error) && error.code === 'ERR_TIMEOUT'
}

/** Something that a program does with a pool; its results are checked. */
const acts: Record<string, (parallel: Parallel, workers: number[]) => Promise<void>> = {
  async small(parallel) {
    const n = draw(3000)
    assert.deepEqual(
      await parallel.run(range(n).map((x) => delayed(square)(x))),
      range(n).map((x) => x * x),
    )
  },
  async arrays(parallel) {
    const values = array(new Float64Array(150_000).fill(1))
    const results = await parallel.run(
      range(draw(6)).map((i) => delayed(total)(values.rows(i * 1000))),
    )
    assert.deepEqual(
      results,
      range(results.length).map((i) => 150_000 - i * 1000),
    )
    const filled = await parallel.run(range(draw(4)).map((i) => delayed(fill)(150_000, i)))
    for (const [i, part] of filled.entries()) assert.ok(part.data.every((x) => x === i))
  },
  async stream(parallel) {
    let next = 0
    for await (const x of parallel.stream(range(draw(200)).map((x) => delayed(after)(draw(3), x))))
      assert.equal(x, next++)
  },
  async leave(parallel) {
    const end = draw(20)
    for await (const x of parallel.map(square, range(500))) if (x >= end * end) break
  },
  async fail(parallel) {
    await parallel.run(range(1 + draw(50)).map((x) => delayed(refuseOdd)(x)))
  },
  async exit(parallel) {
    const calls: Task<unknown>[] = range(20).map((x) => delayed(square)(x))
    calls.splice(draw(20), 0, draw(2) === 0 ? delayed(exit)(draw(3)) : delayed(throwLater)('late'))
    await parallel.run(calls)
  },
  async abort(parallel) {
    const controller = new AbortController()
    const { signal } = controller
    const tasks = range(20).map((x) =>
      draw(2) === 0 ? delayed(after)(draw(20), x) : delayed(busy)(draw(20), x),
    )
    setTimeout(() => controller.abort(new RangeError('aborted')), draw(60))
    const outcome = await parallel
      .run(tasks, { signal, graceMs: draw(30) })
      .catch((error: unknown) => error)
    if (!(outcome instanceof RangeError && outcome.message === 'aborted')) {
      if (!Array.isArray(outcome)) throw outcome
      assert.deepEqual(outcome, range(20))
    }
  },
  async late(parallel) {
    const slow = draw(2) === 0 ? never : spin
    const options = { timeoutMs: 20 + draw(200), onError: 'collect' } as const
    const calls = [delayed(square)(3), delayed(slow)(), delayed(square)(4)] as Task<number>[]
    const settled = await parallel.run(calls, options)
    for (const [i, value] of [9, undefined, 16].entries()) {
      const one = settled[i]!
      if (one.status === 'fulfilled') assert.equal(one.value, value)
      else if (!isLate(one.reason) && !isExpected(one.reason)) throw one.reason
    }
    assert.equal(settled[1]!.status, 'rejected')
  },
  async retry(parallel) {
    const calls = range(10).map((x) => delayed(exitOften)(8, x))
    assert.deepEqual(await parallel.run(calls, { retries: 1000 }), range(10))
  },
  async collect(parallel) {
    const settled = await parallel.run(
      range(20).map((x) => delayed(refuseOdd)(x)),
      { onError: 'collect' },
    )
    for (const [i, one] of settled.entries()) {
      if (one.status === 'fulfilled') assert.equal(one.value, i)
      else if (!isExpected(one.reason)) throw one.reason
      if (i % 2 === 1) assert.equal(one.status, 'rejected')
    }
  },
  async prepared(parallel) {
    const states = await parallel.run(range(1 + draw(10)).map(() => delayed(prepared)()))
    for (const { values } of states) assert.deepEqual(values, [1, 2, 3])
  },
  async print(parallel) {
    assert.deepEqual(await parallel.run([delayed(print)('soak', draw(4))]), ['soak'])
  },
  async leak(parallel) {
    const n = 1 + draw(5)
    const sizes = range(n).map(() => draw(20) * 2 ** 20)
    assert.deepEqual(await parallel.run(sizes.map((bytes, i) => delayed(leak)(bytes, i))), range(n))
  },
  async nest(parallel) {
    const [seen] = await parallel.run([delayed(nest)({ workers: 2 }, 0)])
    assert.ok(seen.places >= 1)
  },
  async kill(_, workers) {
    const worker = workers[draw(Math.max(1, workers.length))]
    try {
      if (worker !== undefined && isOurs(worker)) process.kill(worker, 'SIGKILL')
    } catch {
      // it ended before
    }
  },
}

/** Whether that process is a child of this one: the number of one that ended may be another's by now. */
function isOurs(pid: number): boolean {
  const [, parent] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))!
  return Number(parent) === process.pid
}

/** A pool of any kind; every worker is made ready, and what tasks print is dropped. */
function anyOptions(backend: 'threads' | 'processes'): ParallelOptions {
  return {
    backend,
    workers: 1 + draw(3),
    initializer: delayed(prepare)([1, 2, 3]),
    output: 'ignore',
    ...(draw(3) === 0 && { maxTasksPerWorker: 50 + draw(1000) }),
    ...(draw(3) === 0 && { maxMemoryPerWorker: (100 + draw(100)) * 2 ** 20 }),
    ...(draw(3) === 0 && { idleTimeoutMs: draw(500) }),
    ...(draw(3) === 0 && { preDispatch: 1 + draw(10) }),
    ...(draw(3) === 0 && { maxAhead: 1 + draw(10) }),
  }
}

/** How many of each kind of file are open. */
type OpenFiles = Readonly<Record<string, number>>

/**
 * What this process has open, garbage and memory kept for its next use apart: those go after a while, for which
 * is waited as long as more than a few are open that were not before.
 */
async function settle(before?: OpenFiles): Promise<OpenFiles> {
  for (let round = 1; ; round++) {
    collectGarbage('major')
    await sleep(500)
    const files = openFiles()
    if (round >= 3 && (round === 20 || before === undefined || excess(files, before).length === 0))
      return files
  }
}

/** Kinds of which more are open than before, but for a few. */
function excess(files: OpenFiles, before: OpenFiles): string[] {
  return Object.keys(files).filter((kind) => files[kind]! > (before[kind] ?? 0) + 4)
}

function openFiles(): OpenFiles {
  const files: Record<string, number> = {}
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const kind = readlinkSync(`/proc/self/fd/${fd}`).replace(/\[\d+\]$/, '')
      files[kind] = (files[kind] ?? 0) + 1
    } catch {
      // the listing's own
    }
  }
  return files
}

for (const backend of ['threads', 'processes'] as const) {
  test(`soak ${backend} (seed ${seed})`, { timeout: seconds * 1000 + 3 * patienceMs }, async () => {
    const names = Object.keys(acts).filter((name) => backend === 'processes' || name !== 'kill')
    const end = Date.now() + seconds * 1000
    let before: OpenFiles | undefined
    while (Date.now() < end) {
      const parallel = new Parallel(anyOptions(backend))
      const workers = new Set<number>()
      for (let round = 0; round < 5; round++) {
        const chosen = range(1 + draw(4)).map(() => names[draw(names.length)]!)
        const outcomes = chosen.map((name) => inTime(acts[name]!(parallel, [...workers]), name))
        for (const outcome of await Promise.allSettled(outcomes)) {
          if (outcome.status === 'rejected' && !isExpected(outcome.reason)) throw outcome.reason
        }
        if (backend === 'processes') {
          const pids = await inTime(parallel.run(range(4).map(() => delayed(pid)())), 'pid').catch(
            () => [],
          )
          workers.clear()
          for (const id of pids) workers.add(id)
        }
      }
      await inTime(parallel.close(), 'close')
      before ??= await settle()
    }
    const files = await settle(before)
    console.log(
      `soak ${backend}: open at first ${JSON.stringify(before)}, and at the end ${JSON.stringify(files)}`,
    )
    assert.deepEqual(excess(files, before!), [])
  })
}
