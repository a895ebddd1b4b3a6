/** Computes and stores a result of `megabytes`, and prints hard memory in MB: at most, while it is held, and after a hit. */

import { readFileSync } from 'node:fs'
import { shared } from '../../../src/arrays/index.ts'
import { cached } from '../../../src/cache/index.ts'
import { native } from '../../../src/native/index.ts'

const [folder = '', megabytes = '0'] = process.argv.slice(2)

/** Anonymous and shared memory that this process has; files that are mapped don't count. */
function hardMegabytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kib = Array.from(status.matchAll(/(?:RssAnon|RssShmem):\s+(\d+)/g), ([, part]) =>
    Number(part),
  )
  return kib.reduce((sum, part) => sum + part, 0) / 1024
}

function make(count: number) {
  const out = shared([count], 'float64')
  for (let i = 0; i < count; i++) out.data[out.offset + i] = i
  return out
}

async function settle(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    ;(globalThis as { gc?: () => void }).gc!()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // What is kept for the next scratch array is freed after some idle time otherwise.
  native.trimScratch(0)
  return hardMegabytes()
}

const own = cached(make, { folder })
await own(1000)
const before = await settle()
let most = 0
const timer = setInterval(() => (most = Math.max(most, hardMegabytes() - before)), 1)
const count = (Number(megabytes) * 2 ** 20) / 8
const result = await own(count)
most = Math.max(most, hardMegabytes() - before)
clearInterval(timer)
const held = (await settle()) - before
const again = await own(count)
let sum = 0
for (let i = 0; i < count; i++) sum += Number(again.data[again.offset + i])
const hit = (await settle()) - before
console.log(
  JSON.stringify({
    most,
    held,
    hit,
    isRight: sum === (count * (count - 1)) / 2 && result.size === count,
  }),
)
