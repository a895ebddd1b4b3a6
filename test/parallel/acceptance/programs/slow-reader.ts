/** Reads a stream of large results slowly, and prints the memory at its peak in results. */

import { setTimeout as sleep } from 'node:timers/promises'
import { sampleTree } from '../../../../src/monitor/index.ts'
import { delayed, Parallel } from '../../../../src/parallel/index.ts'
import { fillShared } from '../../../fixtures/tasks/arrays.ts'
import { whereAmI } from '../../../fixtures/tasks/plain.ts'

const [backend, order, end] = process.argv.slice(2) as ['threads', 'input', 'disposed' | 'dropped']
const results = 40
/** Elements of a result of 16 MB. */
const n = 2 << 20

const parallel = new Parallel({ workers: 2, backend })
await parallel.run([1, 2, 3, 4].map(() => delayed(whereAmI)(50)))
const base = sampleTree().hard!
let peak = base
let pulled = 0
function* calls() {
  for (; pulled < results; pulled++) yield delayed(fillShared)(n, pulled)
}
let read = 0
let ahead = 0
for await (const result of parallel.stream(calls(), { order })) {
  if (result.get(n - 1) < 0) throw new Error('a wrong result')
  await sleep(20)
  peak = Math.max(peak, sampleTree().hard!)
  ahead = Math.max(ahead, pulled - ++read)
  if (end === 'disposed') result[Symbol.dispose]()
}
await parallel.close()
console.log(JSON.stringify({ results: (peak - base) / (8 * n), ahead, read }))
