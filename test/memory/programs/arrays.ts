/** Uses arrays in one way named on the command line, and prints the memory that it took. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  type ArrayReference,
  createArray,
  decodeReference,
  encodeReference,
  type NDArray,
  openArray,
  saveArray,
  shared,
  zeros,
} from '../../../src/arrays/index.ts'
import { bytesOf, Snapshot } from '../../../src/arrays/internal.ts'

const [scenario = '', folder = ''] = process.argv.slice(2)

/** Anonymous and shared memory of this process in bytes; files that are mapped don't count. */
function hardBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kib = [...status.matchAll(/(?:RssAnon|RssShmem):\s+(\d+)/g)].map((match) =>
    Number(match[1]),
  )
  return kib.reduce((sum, part) => sum + part, 0) * 1024
}

/** The most that `use` took at any moment when it called `look`, beyond what was there before. */
async function peakOf(use: (look: () => void) => unknown): Promise<number> {
  const before = hardBytes()
  let peak = before
  const look = (): void => {
    peak = Math.max(peak, hardBytes())
  }
  const timer = setInterval(look, 2)
  await use(look)
  look()
  clearInterval(timer)
  return peak - before
}

/** A file of 64 MiB. */
function largeFile(): string {
  const path = join(folder, 'large.npy')
  createArray(path, { dtype: 'float64', shape: [8192, 1024] }).data.fill(1, 16)
  return path
}

function sum({ data }: NDArray<'float64'>): number {
  let total = 0
  for (let i = 16; i < data.length; i++) total += data[i]!
  return total
}

const scenarios: Record<string, () => Promise<unknown>> = {
  async drop() {
    const bytes = 32 << 20
    const peak = await peakOf(async (look) => {
      for (let i = 0; i < 60; i++) {
        const Z = shared([bytes], 'uint8')
        Z.data.fill(1)
        look()
        // Node ends the hold of an external ArrayBuffer only between two turns of the event loop.
        if (Z.buffer instanceof ArrayBuffer) await setImmediate()
      }
    })
    return { ratio: peak / bytes }
  },

  async dispose() {
    const bytes = 32 << 20
    const held: NDArray[] = []
    const peak = await peakOf((look) => {
      for (let i = 0; i < 20; i++) {
        const Z = shared([bytes], 'uint8')
        Z.data.fill(1)
        look()
        Z[Symbol.dispose]()
        held.push(Z)
      }
    })
    return { ratio: peak / bytes, held: held.length }
  },

  async views() {
    const X = openArray(largeFile(), { dtype: 'float64' })
    const views: NDArray[] = []
    const peak = await peakOf((look) => {
      for (let i = 0; i < X.shape[0]!; i++) views.push(X.row(i).reversed())
      look()
      return sum(X)
    })
    return { ratio: peak / X.nbytes, views: views.length }
  },

  async share() {
    const X = zeros([8192, 1024], 'float64')
    X.data.fill(1)
    const snapshot = new Snapshot(X.buffer)
    const peak = await peakOf(() => {
      const views = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => X.rows(k * 1024, k * 1024 + 1024))
      const shown = [...views, X, X.transpose()].map((view) => {
        snapshot.copy(X.buffer, bytesOf(view))
        return decodeReference(snapshot.refer(view, 'given')) as NDArray<'float64'>
      })
      // Only what is touched is in this process's figures.
      for (const { data } of shown) for (let i = 0; i < data.length; i += 512) data[i]!++
    })
    return { ratio: peak / X.nbytes }
  },

  async save() {
    const X = openArray(largeFile(), { dtype: 'float64' })
    const view = X.slice(null, [0, 1023])
    const peak = await peakOf(() => saveArray(join(folder, 'saved.npy'), view))
    return { ratio: peak / X.nbytes }
  },

  async readers() {
    const X = shared([8192, 1024], 'float64')
    X.data.fill(1)
    const children = [1, 2, 3].map(() => fork(import.meta.filename, ['read']))
    for (const child of children) {
      child.send([encodeReference(X), encodeReference(X, { copyOnWrite: true })])
      await once(child, 'message')
    }
    const answers = children.map(async (child) => {
      child.send('measure')
      const [pss] = (await once(child, 'message')) as [number]
      return pss
    })
    const pss = await Promise.all(answers)
    for (const child of children) child.send('end')
    return { ratio: pss.reduce((total, part) => total + part, 0) / X.nbytes }
  },
}

/** A child of `readers`: reads all arrays, then says what they take of its memory. */
async function read(): Promise<void> {
  const [references] = (await once(process, 'message')) as [ArrayReference[]]
  const arrays = references.map(decodeReference) as NDArray<'float64'>[]
  for (const array of arrays) assert.equal(sum(array), array.size - 16)
  process.send!('read')
  await once(process, 'message')
  process.send!(proportionalBytes())
  // The others are not measured yet: what one process lets go counts in full for them.
  await once(process, 'message')
  assert.equal(arrays.length, 2)
}

/**
 * This process's share of the pages in its maps of scratch memory: a page that is mapped seven
 * times counts a seventh for each map, and one that was copied on a write counts in full.
 */
function proportionalBytes(): number {
  const maps = readFileSync('/proc/self/smaps', 'utf8').split(/\n(?=[\da-f]+-[\da-f]+ )/)
  const scratch = maps.filter((map) => map.includes('/memfd:onecopy '))
  return scratch.reduce((total, map) => total + Number(/^Pss:\s+(\d+)/m.exec(map)![1]) * 1024, 0)
}

if (scenario === 'read') await read()
else console.log(JSON.stringify(await scenarios[scenario]!()))
