/** Sends one private array to four worker processes as clones, and says how much memory that took. */

import { sampleTree } from '../../../src/monitor/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { holdAll } from '../../fixtures/tasks/arrays.ts'

const values = new Float64Array(12_500_000).fill(1)
const parallel = new Parallel({ workers: 4, backend: 'processes', shareFromBytes: null })
const hold = (size: number) =>
  [1, 2, 3, 4].map((i) => delayed(holdAll)(values.subarray(0, size), i))
await parallel.run(hold(10))
const hardBytes = (): number => sampleTree(process.pid).hard ?? 0
const before = hardBytes()
let peak = before
const timer = setInterval(() => (peak = Math.max(peak, hardBytes())), 2)
const done = await parallel.run(hold(values.length))
clearInterval(timer)
console.log(JSON.stringify({ done, ratio: (peak - before) / values.byteLength }))
await parallel.close()
