/** Runs much on one pool, or opens many pools, and prints what this process holds. */

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { runInThisContext } from 'node:vm'
import { array } from '../../../src/arrays/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { fill, total } from '../../fixtures/tasks/arrays.ts'
import { refuseOdd } from '../../fixtures/tasks/failing.ts'
import { square } from '../../fixtures/tasks/plain.ts'

const [what, backend, count] = process.argv.slice(2) as [
  'runs' | 'names' | 'pools',
  'threads',
  string,
]
const times = Number(count)
const values = array(new Float64Array(150_000).fill(1))

/** A little of everything: small values, a large argument, a large result, an error, an early end. */
async function use(parallel: Parallel, i: number): Promise<void> {
  await parallel.run([1, 2, 3].map((x) => delayed(square)(x)))
  if (i % 10 === 0) await parallel.run([delayed(total)(values), delayed(fill)(150_000, i)])
  if (i % 10 === 1) await parallel.run([delayed(refuseOdd)(1)]).catch(() => {})
  if (i % 10 === 2) for await (const x of parallel.map(square, [1, 2, 3, 4])) if (x > 3) break
}

/**
 * Maps of files and of scratch memory, and anonymous ones above 1 MiB. V8's own pages of 256 KiB
 * don't count: a young generation that grows takes some fifty of them at any moment it likes.
 */
function maps(): number {
  const lines = readFileSync('/proc/self/maps', 'latin1').trimEnd().split('\n')
  return lines.filter((line) => {
    const [range = '', , , , , name = ''] = line.split(/\s+/)
    const [start, end] = range.split('-').map((address) => BigInt(`0x${address}`)) as [
      bigint,
      bigint,
    ]
    return name !== '' || end - start > 1n << 20n
  }).length
}

/** Open files, threads, maps and private bytes of this process, when all that is over is collected. */
async function holdings(): Promise<object> {
  for (let round = 0; round < 5; round++) {
    globalThis.gc!()
    await sleep(20)
  }
  const [, kiB] = /RssAnon:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))!
  return {
    files: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    maps: maps(),
    privateMiB: Math.round(Number(kiB) / 1024),
    buffersMiB: Math.round(process.memoryUsage().arrayBuffers / 2 ** 20),
    heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
  }
}

/** A run of a name and a function of its own; now and then one whose source is its own too. */
async function useOnce(parallel: Parallel, i: number): Promise<void> {
  const name = `run ${i}`
  await parallel.run([delayed((x: number) => x + i)(1)], { name })
  if (i % 10 > 0) return
  const made = runInThisContext(`(x) => x + ${i}`) as (x: number) => number
  await parallel.run([delayed(made)(1)], { name })
}

const open = (): Parallel => new Parallel({ workers: 2, backend })
if (what !== 'pools') {
  const parallel = open()
  for (let i = 0; i < times; i++) {
    if (i % Math.floor(times / 5) === 0) console.log(JSON.stringify(await holdings()))
    await (what === 'runs' ? use : useOnce)(parallel, i)
  }
  console.log(JSON.stringify(await holdings()))
  await parallel.close()
} else {
  for (let i = 0; i < times; i++) {
    if (i % Math.floor(times / 5) === 0) console.log(JSON.stringify(await holdings()))
    const parallel = open()
    await use(parallel, i)
    await parallel.close()
  }
  console.log(JSON.stringify(await holdings()))
}
