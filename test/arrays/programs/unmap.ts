/** Drops arrays on this and another thread, and says when their maps end. Needs --expose-gc. */

import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import {
  arange,
  encodeReference,
  type NDArray,
  openArray,
  saveArray,
  shared,
} from '../../../src/arrays/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-unmap-'))
const path = join(folder, 'a.npy')

function count(): { maps: number; descriptors: number } {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n')
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // the descriptor that listed the folder
    }
  })
  return {
    maps: lines.filter((line) => line.includes(path) || line.includes('memfd:onecopy')).length,
    descriptors: links.filter((link) => link.includes('memfd:onecopy')).length,
  }
}

/** Collects until nothing is held any more, or until it is clear that something is. */
async function collect(): Promise<void> {
  // The map and the descriptor end one after the other, on a thread of V8's.
  const isHeld = ({ maps, descriptors } = count()): boolean => maps + descriptors > 0
  for (let i = 0; i < 30 && isHeld(); i++) {
    globalThis.gc?.()
    await sleep(10)
  }
}

await saveArray(path, arange(0, 3))
let held: NDArray[] = [openArray(path), shared([3], 'float64'), openArray(path).reversed()]
globalThis.gc?.()
const whileHeld = count()

const worker = new Worker(join(import.meta.dirname, 'receiver.ts'))
for (const reference of held.map((array) => encodeReference(array, { sameProcess: true }))) {
  worker.postMessage({ reference })
  await once(worker, 'message')
}
held = []
await collect()
const heldByThread = count()

await worker.terminate()
await collect()
console.log(JSON.stringify({ whileHeld, heldByThread, afterAll: count() }))
rmSync(folder, { recursive: true })
