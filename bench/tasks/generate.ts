/** Streams large results to one of several kinds of reader, and tells how long that took. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { NDArray } from '../../src/arrays/index.ts'
import { delayed, Parallel, type Task } from '../../src/parallel/index.ts'
import { tell, waitForWatch } from '../tree-peak.ts'
import { fillLater, fillPrivateLater } from './arrays.ts'

const [order, reader, memory, count, slowMs, end] = process.argv.slice(2)
/** Elements of a result of 16 MB. */
const n = 2_000_000

type Result = NDArray<'float64'> | Float64Array

function make(i: number, size: number, ms: number): Task<Result> {
  return memory === 'shared'
    ? delayed(fillLater)(size, i, ms)
    : delayed(fillPrivateLater)(size, i, ms)
}

/** As in joblib's example, every 60th task may be slow. */
function* calls(): Generator<Task<Result>> {
  for (let i = 0; i < Number(count); i++)
    yield make(i, n, reader === 'stragglers' && (i + 20) % 60 === 0 ? Number(slowMs) : 0)
}

const parallel = new Parallel({ workers: 2, backend: 'processes', eagerGc: end === 'eagerGc' })
// Both workers have started and compiled what they need.
for (let i = 0; i < 10; i++) await parallel.run([make(0, 1, 5), make(0, 1, 5)])
for await (const _ of parallel.stream([0, 1, 2, 3].map((i) => make(i, n, 0)))) void _
await waitForWatch()
const start = performance.now()
let sum = 0
for await (const result of parallel.stream(calls(), { order: order as 'input' })) {
  sum += ArrayBuffer.isView(result) ? result[0]! : result.get(0)
  if (end === 'dispose' && !ArrayBuffer.isView(result)) result[Symbol.dispose]()
  if (reader === 'slow') await sleep(100)
}
const seconds = (performance.now() - start) / 1000
if (sum !== (Number(count) * (Number(count) - 1)) / 2) throw new Error('a wrong sum')
await parallel.close()
tell({ seconds })
