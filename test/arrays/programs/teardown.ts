/** Starts and ends threads with mapped memory in ways named on the command line. Needs --expose-gc. */

import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

// Not imported by the main thread of `outlive`, which must not load the core.
const loadArrays = () => import('../../../src/arrays/index.ts')

const [scenario = ''] = process.argv.slice(2)

/** Maps and descriptors of this process that lead to our memory. */
function countHeld(folder: string): number {
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n')
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // the descriptor that listed the folder
    }
  })
  return [...maps, ...links].filter(
    (line) => line.includes('memfd:onecopy') || line.includes(folder),
  ).length
}

async function collect(folder: string): Promise<number> {
  for (let i = 0; i < 100 && countHeld(folder) > 0; i++) {
    globalThis.gc?.()
    await sleep(10)
  }
  return countHeld(folder)
}

function start(name: string, folder: string): Worker {
  return new Worker(import.meta.filename, { argv: [name], workerData: folder })
}

/** What the threads do. */
const threads: Record<string, (folder: string) => Promise<void>> = {
  async makes() {
    const { shared } = await loadArrays()
    const Z = shared([1000], 'float64')
    Z.set(42, 7)
    parentPort!.postMessage(Z.data)
  },

  async holds(folder) {
    const { openArray, shared } = await loadArrays()
    const held = [openArray(join(folder, 'a.npy'), { dtype: 'float64' }), shared([1000], 'float64')]
    for (const array of held) array.data.fill(1, 16)
    parentPort!.postMessage(held.length)
    await once(parentPort!, 'message')
  },

  async races(folder) {
    const { openArray, shared } = await loadArrays()
    for (let i = 0; i < 300; i++) {
      const modes = ['c', 'r+'] as const
      const X = openArray(join(folder, 'a.npy'), { mode: modes[i % 2]!, dtype: 'float64' })
      if (X.get(5) !== 5) throw new Error(`read ${X.get(5)}`)
      const Z = shared([100], 'float64')
      Z.set(i, 3)
      if (i % 3 === 0) Z[Symbol.dispose]()
      if (i % 50 === 0) globalThis.gc?.()
    }
  },
}

/** What the main thread does with them. */
const scenarios: Record<string, (folder: string) => Promise<string>> = {
  async outlive(folder) {
    const worker = start('makes', folder)
    const received: { data?: Float64Array } = {}
    ;[received.data] = (await once(worker, 'message')) as [Float64Array]
    await worker.terminate()
    const value = received.data[7]
    delete received.data
    return `${value} ${await collect(folder)}`
  },

  async churn(folder) {
    const { arange, saveArray } = await loadArrays()
    await saveArray(join(folder, 'a.npy'), arange(0, 1000))
    for (let round = 0; round < 5; round++) {
      const workers = [1, 2, 3].map(() => start('holds', folder))
      await Promise.all(workers.map((worker) => once(worker, 'message')))
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
    return String(await collect(folder))
  },

  async race(folder) {
    const { arange, saveArray } = await loadArrays()
    await saveArray(join(folder, 'a.npy'), arange(0, 1000))
    const workers = [1, 2, 3, 4].map(() => start('races', folder))
    const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')))
    if (codes.some(([code]) => code !== 0)) throw new Error(`threads ended with ${String(codes)}`)
    return String(await collect(folder))
  },
}

if (isMainThread) {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-teardown-'))
  try {
    console.log(await scenarios[scenario]!(folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
} else await threads[scenario]!(workerData as string)
