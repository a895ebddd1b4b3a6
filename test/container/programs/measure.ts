/** Saves or opens a container in one way, and prints the memory that it took. */

import { readFileSync, statSync } from 'node:fs'
import { createArray, openArray } from '../../../src/arrays/index.ts'
import { openContainer, saveContainer } from '../../../src/container/index.ts'

const [scenario = '', path = '', size = '0'] = process.argv.slice(2)

/** The most anonymous and shared memory that this process has had, in bytes; files that are mapped don't count. */
function hardBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kib = Array.from(status.matchAll(/(?:RssAnon|RssShmem):\s+(\d+)/g), ([, part]) =>
    Number(part),
  )
  return kib.reduce((sum, part) => sum + part, 0) * 1024
}

async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const before = hardBytes()
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, hardBytes())), 2)
  await work()
  peak = Math.max(peak, hardBytes())
  clearInterval(timer)
  return peak - before
}

const scenarios: Record<string, () => Promise<number>> = {
  /** A mapped array of `size` bytes, without any on the disk, in C order and with its axes the other way round. */
  save: () => {
    const form = { dtype: 'float64', shape: [Number(size) / 64 / 8, 64], overwrite: true } as const
    createArray(`${path}.npy`, form)
    const X = openArray(`${path}.npy`)
    const arrays = new Map([
      ['a.npy', X],
      ['b.npy', X.slice(null, [0, 64, 2])],
    ])
    return peakOf(() => saveContainer(path, { schema: 1, arrays }))
  },
  open: () => peakOf(() => openContainer(path, { verify: true })),
  copy: () => peakOf(() => openContainer(path, { copy: true, verify: true })),
  refuse: () => peakOf(() => openContainer(path, { verify: true }).catch(() => {})),
}

const bytes = await scenarios[scenario]!()
console.log(JSON.stringify({ bytes, size: statSync(path).size }))
