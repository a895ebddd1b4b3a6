/** Random kills, errors and early ends: nothing hangs, nothing is wrong, nothing stays. */

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { isOneCopyError } from '../../src/errors.ts'
import { array } from '../../src/arrays/index.ts'
import { delayed, Parallel, type Task } from '../../src/parallel/index.ts'
import { fill, total } from '../fixtures/tasks/arrays.ts'
import { refuseOdd } from '../fixtures/tasks/failing.ts'
import { exit, throwLater } from '../fixtures/tasks/misbehaving.ts'
import { after, pid, square } from '../fixtures/tasks/plain.ts'

/** `ONECOPY_SOAK_SECONDS=1800 node --test test/processes/soak.test.ts` soaks for half an hour. */
const seconds = Number(process.env['ONECOPY_SOAK_SECONDS'] ?? 5)
const seed = Number(process.env['ONECOPY_SOAK_SEED'] ?? Date.now() % 2 ** 31)

/** How long one run may take at most, in a machine's worst hour. */
const patienceMs = 60_000

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
  if (isOneCopyError(error)) return error.code === 'ERR_WORKER_LOST'
  return error instanceof Error && error.message.endsWith('is odd')
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
  async kill(_, workers) {
    const worker = workers[draw(Math.max(1, workers.length))]
    try {
      if (worker !== undefined) process.kill(worker, 'SIGKILL')
    } catch {
      // it ended before
    }
  },
}

const openFiles = (): number => readdirSync('/proc/self/fd').length

for (const backend of ['threads', 'processes'] as const) {
  test(`soak ${backend} (seed ${seed})`, { timeout: seconds * 1000 + 3 * patienceMs }, async () => {
    const names = Object.keys(acts).filter((name) => backend === 'processes' || name !== 'kill')
    const end = Date.now() + seconds * 1000
    let filesBefore: number | undefined
    while (Date.now() < end) {
      const parallel = new Parallel({ workers: 1 + draw(3), backend })
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
      filesBefore ??= openFiles()
    }
    globalThis.gc?.()
    assert.ok(
      openFiles() <= filesBefore! + 40,
      `${openFiles()} open files, ${filesBefore} at first`,
    )
  })
}
