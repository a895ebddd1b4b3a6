/** Passes one large array to four worker processes, and tells what that took. */

import { type NDArray, shared, zeros } from '../../src/arrays/index.ts'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { tell, waitForWatch } from '../tree-peak.ts'
import { now, sum } from './arrays.ts'

/** What passing the array took. */
export interface PassReport {
  /** From the first beginning of a sum to the last end of one. */
  readonly workMs: number
  /** What the run took beside that. */
  readonly aboveMs: number
}

const [kind, elements] = process.argv.slice(2)
const n = Number(elements)
const workers = 4
const parallel = new Parallel({ workers, backend: 'processes' })

/** Sums `X` once a worker; the time is of the run, and of the sums in it. */
async function pass(X: NDArray<'float64'>): Promise<PassReport> {
  const start = now()
  const done = await parallel.run(Array.from({ length: workers }, () => delayed(sum)(X)))
  const allMs = now() - start
  if (done.some(({ sum: total }) => total !== X.size)) throw new Error('a wrong sum')
  const end = Math.max(...done.map((each) => each.end))
  const workMs = end - Math.min(...done.map((each) => each.start))
  return { workMs, aboveMs: allMs - workMs }
}

function ones(length: number): NDArray<'float64'> {
  const array = kind === 'private' ? zeros([length], 'float64') : shared([length], 'float64')
  array.data.fill(1)
  return array
}

// All workers have started and compiled what they need.
const small = ones(2_000_000)
for (let i = 0; i < 20; i++) await pass(small)
// Shared memory counts itself, beside private memory its copy counts.
const before = kind === 'private' ? ones(n) : undefined
await waitForWatch()
const X = before ?? ones(n)
await pass(X)
const report = await pass(X)
await parallel.close()
tell(report)
