/**
 * What results on disk take, beside joblib.Memory in the same run: hits, misses, hashing, many processes, eviction. Uses 1.5 GB of memory
 * and 1 GB of disk; joblib comes from Debian's python3-joblib.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type NDArray, openArray, saveArray, shared } from '../src/arrays/index.ts'
import { cached, cacheInfo, clearCache } from '../src/cache/index.ts'
import { native } from '../src/native/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  median,
  PythonPeer,
  record,
} from './harness.ts'

const rounds = Number(process.env['ROUNDS'] ?? 200)
const machine = describeMachine()
const task = fileURLToPath(new URL('./tasks/cache-task.ts', import.meta.url))
/** 100 MB. */
const size = 12_500_000
const figures: Record<string, number> = {}

/** Twice each value, in a new shared array. */
function double(x: NDArray): NDArray {
  const out = shared([x.size], 'float64')
  const { data, offset } = x
  for (let i = 0; i < x.size; i++) out.data[out.offset + i] = 2 * Number(data[offset + i])
  return out
}

/** Median microseconds of calls one after the other. */
async function microseconds(calls: number, call: (i: number) => unknown): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < calls; i++) {
    const start = performance.now()
    await call(i)
    times.push((performance.now() - start) * 1000)
  }
  return median(times)
}

async function measureOurs(folder: string): Promise<void> {
  const path = join(folder, 'x.npy')
  const values = shared([size], 'float64')
  for (let i = 0; i < size; i++) values.data[values.offset + i] = Math.sqrt(i)
  await saveArray(path, values)
  const past = new Date(Date.now() - 60_000)
  utimesSync(path, past, past)
  await setTimeout(2100)
  const cache = join(folder, 'ours')
  const own = cached(double, { folder: cache })
  figures['miss, 100 MB in and out, ms'] =
    (await microseconds(1, () => own(openArray(path)))) / 1000
  const x = openArray(path)
  const kept = await own(x)
  figures['hit, mapped 100 MB in and out, µs'] = await microseconds(rounds, () => own(x))
  figures['hit, 100 MB in memory, ms'] = (await microseconds(9, () => own(values))) / 1000
  if (kept.get(4) !== 4) throw new Error('wrong result')
  const sum = cached((a: number, b: number) => a + b, { folder: cache, name: 'sum' })
  figures['miss, small, µs'] = await microseconds(rounds, (i) => sum(1, i))
  figures['hit, small, µs'] = await microseconds(10 * rounds, () => sum(1, 2))
}

/** GB/s of one thread, of 400 MB in memory. */
async function measureHash(): Promise<void> {
  const data = new Float64Array(50_000_000).fill(1.5)
  const speed = async (shape: number[], strides: number[], bytes: number): Promise<number> => {
    const us = await microseconds(5, () => native.hashElements(data, 0, shape, strides, 1))
    return bytes / us / 1000
  }
  figures['hash, GB/s a core'] = await speed([5e7], [1], 4e8)
  figures['hash of every second of 8 columns, GB/s a core'] = await speed([5e6, 5], [10, 2], 2e8)
}

/** Processes that ask for one key at once: who computes, and what their memory is. */
async function measureProcesses(folder: string): Promise<void> {
  const log = join(folder, 'log')
  const children = Array.from({ length: 8 }, () => fork(task, [join(folder, 'many'), log]))
  const answers = await Promise.all(
    children.map(async (child) => (await once(child, 'message'))[0]),
  )
  const ends = children.map((child) => once(child, 'exit'))
  for (const child of children) child.send('measure')
  const shares = await Promise.all(
    children.map(async (child) => (await once(child, 'message'))[0] as number),
  )
  for (const child of children) child.send('end')
  await Promise.all(ends)
  if (answers.length !== 8) throw new Error('a process is missing')
  figures['8 processes, one key: computed'] = readFileSync(log, 'utf8').trim().split('\n').length
  figures['8 processes, one key: MB of the result'] = shares.reduce((sum, share) => sum + share, 0)
}

/** How far above its limit a folder comes, of results of 128 KB. */
async function measureEviction(folder: string): Promise<void> {
  const cache = join(folder, 'limited')
  const maxBytes = 10e6
  const part = cached((i: number) => new Float64Array(16_384).fill(i), {
    folder: cache,
    maxBytes,
    version: 1,
    name: 'part',
  })
  let most = 0
  for (let i = 0; i < 300; i++) {
    await part(i)
    if (i % 10 === 0) most = Math.max(most, cacheInfo(cache).bytes)
  }
  figures['maxBytes 10 MB: most MB'] = most / 1e6
  clearCache(cache)
}

const python = (folder: string): string => `
import joblib, numpy as np, tempfile
memory = joblib.Memory(${JSON.stringify(join(folder, 'joblib'))}, verbose=0)
mapped = joblib.Memory(${JSON.stringify(join(folder, 'joblib-mapped'))}, verbose=0, mmap_mode='r')
x = np.sqrt(np.arange(${size}, dtype=np.float64))
counter = [0]
def double(x): return 2 * x
def add(a, b): return a + b
own, own_mapped, small = memory.cache(double), mapped.cache(double), memory.cache(add)
def prepare():
    own(x); own_mapped(x); small(1, 2)
def hit(): own(x)
def hit_mapped(): own_mapped(x)
def small_hit():
    for _ in range(100): small(1, 2)
def small_miss():
    for _ in range(20):
        counter[0] += 1
        small(1, counter[0] + 10)
def hash_100(): joblib.hash(x)
def miss():
    own.clear(warn=False); own(x)
`

async function measureJoblib(folder: string): Promise<void> {
  const peer = await PythonPeer.start('joblib', python(folder))
  if (peer === undefined) return
  const ms = async (name: string, count = 5): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < count; i++) times.push((await peer.time(name)).wallMs)
    return median(times)
  }
  await peer.time('prepare')
  figures['joblib: miss, 100 MB in and out, ms'] = await ms('miss', 1)
  figures['joblib: hit, 100 MB in and out, ms'] = await ms('hit')
  figures['joblib: hit, result mapped, ms'] = await ms('hit_mapped')
  figures['joblib: hit, small, µs'] = (await ms('small_hit')) * 10
  figures['joblib: miss, small, µs'] = (await ms('small_miss')) * 50
  figures['joblib: hash, GB/s'] = 100 / (await ms('hash_100'))
  peer.close()
}

console.log(`${formatMachine(machine)}\n`)
await inTemporaryFolder(async (folder) => {
  await measureOurs(folder)
  await measureHash()
  await measureProcesses(folder)
  await measureEviction(folder)
  await measureJoblib(folder)
})
const rows = Object.entries(figures).map(([name, value]) => [name, value.toPrecision(3)])
console.log(formatTable([['', 'figure'], ...rows]))
record('cache', machine, figures)
