/** Cached functions in many processes and workers: computed once, whole, one copy. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type NDArray, openArray, saveArray, shared } from '../../src/arrays/index.ts'
import { cached, cacheInfo } from '../../src/cache/index.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { randomRuns } from '../random-runs.ts'
import { sharedPool } from '../shared-pools.ts'
import { filesIn, makePlace } from './cache-place.ts'
import { keyHere, keyOfExported, squared } from './programs/module-tasks.ts'

const program = join(import.meta.dirname, 'programs/chaos-worker.ts')
const keys = 20

/** Lines of the log that begin with a word. */
function linesOf(log: string, word: string): string[] {
  const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
  return text.split('\n').filter((line) => line.startsWith(`${word} `))
}

/** Runs processes that call a cached function; kills some of them while they do, and starts others in their place. */
async function runChaos(
  place: string,
  { processes, calls, kills }: { processes: number; calls: number; kills: number },
): Promise<void> {
  const [folder, log] = [join(place, 'cache'), join(place, 'log')]
  let seed = 1
  let left = kills
  const run = async (): Promise<void> => {
    const child = spawn(
      process.execPath,
      [program, folder, log, String(calls), String(keys), String(seed++)],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
    const ended = once(child, 'exit')
    // One that has begun to compute is killed in the middle of it, another between calls.
    while (left > 0 && child.exitCode === null && child.signalCode === null) {
      await setTimeout(5)
      if (!linesOf(log, 'start').some((line) => line.endsWith(` ${child.pid}`))) continue
      if (left-- <= 0) break
      await setTimeout((seed * 7) % 25)
      child.kill('SIGKILL')
      await ended
      return run()
    }
    const [code] = (await ended) as [number | null]
    assert.equal(code, 0)
  }
  await Promise.all(Array.from({ length: processes }, run))
}

const chaos = {
  processes: randomRuns(4, 8),
  calls: randomRuns(150, 1000),
  kills: randomRuns(6, 60),
}

test(`K12: ${chaos.processes} processes × ${chaos.calls} calls over ${keys} keys, ${chaos.kills} of them killed: each key is computed once but after a kill, nothing is torn, nothing is left`, async () => {
  const place = makePlace()
  await runChaos(place, chaos)
  const [folder, log] = [join(place, 'cache'), join(place, 'log')]
  assert.deepEqual(linesOf(log, 'wrong'), [])
  const starts = linesOf(log, 'start')
  assert.ok(
    starts.length >= keys && starts.length <= keys + chaos.kills,
    `${starts.length} computations`,
  )
  assert.equal(cacheInfo(folder).items, keys)
  // The next process that computes removes locks which killed ones have left.
  await cached((x: number) => x, { folder })(1)
  const files = filesIn(folder)
  assert.deepEqual(
    files.filter((file) => !file.endsWith('.onecopy')),
    [],
  )
  assert.equal(files.length, keys + 1)
})

test('K12: without kills each key is computed exactly once', async () => {
  const place = makePlace()
  await runChaos(place, { processes: 3, calls: 60, kills: 0 })
  const started = linesOf(join(place, 'log'), 'start').map((line) => line.split(' ')[1])
  assert.equal(new Set(started).size, started.length)
  assert.deepEqual(readdirSync(join(place, 'cache', 'locks')), [])
})

/** 800 KB, so that it is mapped. */
function scale(x: NDArray, by: number, log: string): NDArray {
  process.getBuiltinModule('node:fs').appendFileSync(log, `start ${by} ${process.pid}\n`)
  const out = shared([x.size], 'float64')
  for (let i = 0; i < x.size; i++) out.set(Number(x.get(i)) * by, i)
  return out
}

for (const backend of ['serial', 'threads', 'processes'] as const) {
  test(`a cached function is a task on ${backend}: computed once for all workers, and a hit returns a reference`, async () => {
    const place = makePlace()
    const [path, log] = [join(place, 'x.npy'), join(place, 'log')]
    const values = shared([100_000], 'float64')
    for (let i = 0; i < values.size; i++) values.set(i, i)
    await saveArray(path, values)
    const own = cached(scale, { folder: join(place, 'cache'), ignore: ['log'] })
    const x = openArray(path)
    const parallel = sharedPool(backend)
    const calls = [1, 2, 3, 1, 2, 3, 1, 2, 3].map((by) => delayed(own)(x, by, log))
    const results = await parallel.run(calls)
    for (const [i, result] of results.entries()) {
      assert.equal(result.get(99_999), 99_999 * ((i % 3) + 1))
      assert.equal(result.mapping?.kind, 'file')
    }
    assert.equal(linesOf(log, 'start').length, 3)
    // And here, as the worker's key is the same.
    assert.equal((await own(x, 2, log)).get(10), 20)
    assert.equal(own.last?.isHit, true)
    assert.equal(linesOf(log, 'start').length, 3)
  })

  test(`a closure that captures a cached function takes it along to ${backend}`, async () => {
    const place = makePlace()
    const log = join(place, 'log')
    const by = 3
    const times = cached((x: number) => x * by, { folder: join(place, 'cache'), name: 'times' })
    const results = await sharedPool(backend).run(
      [1, 2, 1, 2].map((x) => delayed(async (y: number) => (await times(y)) + 1)(x)),
    )
    assert.deepEqual(results, [4, 7, 4, 7])
    assert.equal(await times.has(2), true)
    assert.deepEqual(linesOf(log, 'wrong'), [])
  })
}

test('K16: several processes that store at once hold maxBytes within 10 %', async () => {
  const folder = join(makePlace(), 'cache')
  const maxBytes = 6e6
  const part = cached((i: number) => new Float64Array(16_384).fill(i), {
    folder,
    maxBytes,
    name: 'part',
    version: 1,
  })
  let most = 0
  let done = 0
  const calls = Array.from({ length: 200 }, (_, i) => delayed(part)(i))
  for await (const value of sharedPool('processes').stream(calls)) {
    assert.equal(value[5], done++)
    if (existsSync(folder)) most = Math.max(most, cacheInfo(folder).bytes)
  }
  assert.ok(most <= maxBytes * 1.1 && most > maxBytes * 0.8, `${most} bytes`)
  assert.ok(cacheInfo(folder).bytes <= maxBytes * 1.1)
})

test('K12: threads of one process compute each key once, too', async () => {
  const log = join(makePlace(), 'log')
  const own = cached(
    async (key: number, logFile: string) => {
      process.getBuiltinModule('node:fs').appendFileSync(logFile, `start ${key}\n`)
      await new Promise((resolve) => globalThis.setTimeout(resolve, 10))
      return { key }
    },
    { folder: join(makePlace(), 'cache'), ignore: ['logFile'], name: 'own' },
  )
  const calls = Array.from({ length: 60 }, (_, i) => delayed(own)(i % 7, log))
  const results = await sharedPool('threads').run(calls)
  for (const [i, { key }] of results.entries()) assert.equal(key, i % 7)
  assert.equal(linesOf(log, 'start').length, 7)
})

for (const backend of ['threads', 'processes'] as const) {
  test(`K12: a worker of ${backend} that is ended while it computes leaves no lock`, async (t) => {
    const log = join(makePlace(), 'log')
    const own = cached(
      async (key: number, logFile: string) => {
        const { appendFileSync, readFileSync: read } = process.getBuiltinModule('node:fs')
        appendFileSync(logFile, `start ${key}\n`)
        const starts = read(logFile, 'utf8').trim().split('\n').length
        if (starts === 1) await new Promise(() => setInterval(() => undefined, 1000))
        return { key }
      },
      { folder: join(makePlace(), 'cache'), ignore: ['logFile'], name: 'own' },
    )
    const parallel = new Parallel({ workers: 1, backend })
    t.after(() => parallel.close())
    await assert.rejects(
      parallel.run([delayed(own)(1, log)], { timeoutMs: 1500 }),
      (error) => isOneCopyError(error) && error.code === 'ERR_TIMEOUT',
    )
    assert.deepEqual(await own(1, log), { key: 1 })
    assert.equal(linesOf(log, 'start').length, 2)
  })
}

for (const backend of ['threads', 'processes'] as const) {
  test(`a module that makes a cached function has the same keys on ${backend}`, async () => {
    const folder = makePlace()
    const [key, exported, sent] = await sharedPool(backend).run([
      delayed(keyHere)(folder, 5),
      delayed(keyOfExported)(5),
      delayed(async (x: number) => squared.key(x))(5),
    ])
    const own = await squared.key(5)
    assert.deepEqual([key, exported, sent], [own, own, own])
    assert.equal(await keyHere(folder, 5), own)
  })
}
