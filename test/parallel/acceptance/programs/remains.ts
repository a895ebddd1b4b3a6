/** Uses pools in one way named on the command line, and prints what is left of it. */

import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { sampleTree } from '../../../../src/monitor/index.ts'
import { delayed, Parallel } from '../../../../src/parallel/index.ts'
import { fill, total } from '../../../fixtures/tasks/arrays.ts'
import { throwQuota } from '../../../fixtures/tasks/failing.ts'

const [scenario, backend] = process.argv.slice(2) as [string, 'threads' | 'processes']

/** Elements of an array of 1.6 MB. */
const n = 200_000

/** What this process holds of the system. */
interface Remains {
  readonly files: number
  readonly maps: number
  readonly segments: number
  readonly processes: number
  /** Names in the folder for temporary files, and ours in that for shared memory. */
  readonly names: number
}

function look(): Remains {
  const { segments, processes } = sampleTree()
  return {
    files: readdirSync('/proc/self/fd').length,
    maps: readFileSync('/proc/self/maps', 'utf8').split('\n').filter(isScratch).length,
    segments: segments.length,
    processes: processes.length,
    names:
      readdirSync(tmpdir()).length +
      readdirSync('/dev/shm').filter((name) => name.includes('onecopy')).length,
  }
}

const isScratch = (line: string): boolean => line.includes('memfd:')

/**
 * Looks once all that can be collected was, which takes some turns; memory that was left lies a second or two
 * for its next use.
 */
async function settle(isEnough: (remains: Remains) => boolean): Promise<Remains> {
  for (let i = 0; i < 60; i++) {
    globalThis.gc!()
    await setImmediate()
    if (isEnough(look())) break
    await sleep(50)
  }
  return look()
}

/** A pool that sees success, failure and readers that leave, with large arrays in and out. */
async function useOnce(msBeforeClose: number): Promise<Remains> {
  const parallel = new Parallel({ workers: 2, backend })
  const sums = Array.from({ length: 8 }, (_, i) => delayed(total)(new Float64Array(n).fill(i)))
  await parallel.run(sums)
  await parallel.run([...sums, delayed(throwQuota)(1)]).catch(() => {})
  const fills = Array.from({ length: 20 }, (_, i) => delayed(fill)(n, i))
  for await (const result of parallel.stream(fills)) if (result.get(0) === 2) break
  for await (const result of parallel.stream(fills, { order: 'completion' }))
    if (result.get(0) >= 0) break
  const during = look()
  await sleep(msBeforeClose)
  await parallel.close()
  return during
}

/** Many runs on one pool, each with a large array of its own, and with large results. */
async function useAgain(parallel: Parallel, runs: number): Promise<void> {
  for (let i = 0; i < runs; i++) {
    const values = new Float64Array(1000).fill(i)
    const [sum, filled] = await parallel.run([
      delayed(total)(values),
      delayed(fill)(1000, i),
    ] as const)
    if (sum !== 1000 * i || filled.get(999) !== i) throw new Error(`run ${i} is wrong`)
  }
}

const scenarios: Record<string, () => Promise<unknown>> = {
  async once() {
    const before = look()
    const during = await useOnce(500)
    const after = await settle(({ segments }) => segments <= before.segments)
    return { before, during, after }
  },

  async closed() {
    const before = look()
    const during = await useOnce(0)
    for (let i = 0; i < 5; i++) await useOnce(0)
    const after = await settle(({ segments }) => segments <= before.segments)
    return { before, during, after }
  },

  async thousand() {
    const use = async (runs: number): Promise<void> => {
      const parallel = new Parallel({ workers: 2, backend, shareFromBytes: 4000 })
      await useAgain(parallel, runs)
      await parallel.close()
    }
    await use(10)
    const before = await settle(() => false)
    await use(1000)
    const after = await settle(({ files, maps }) => files <= before.files && maps <= before.maps)
    return { before, after }
  },

  async pools() {
    const open = async (): Promise<void> => {
      const parallel = new Parallel({ workers: 1, backend, shareFromBytes: 4000 })
      await useAgain(parallel, 1)
      await parallel.close()
    }
    for (let i = 0; i < 3; i++) await open()
    const before = await settle(() => false)
    for (let i = 0; i < 15; i++) await open()
    const after = await settle(({ files, maps }) => files <= before.files && maps <= before.maps)
    return { before, after }
  },
}

console.log(JSON.stringify(await scenarios[scenario]!()))
