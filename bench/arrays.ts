/** Large arrays to and from worker processes: speed and memory, ours and joblib's. */

import { array, type NDArray } from '../src/arrays/index.ts'
import { delayed, Parallel } from '../src/parallel/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  PythonPeer,
  record,
  time,
  type Timing,
} from './harness.ts'
import { fillPrivate, fillShared, sum } from './tasks/arrays.ts'
import type { PassReport } from './tasks/pass-array.ts'
import { treePeak, type TreePeak } from './tree-peak.ts'

// `--quick`: fewer and smaller; `--record` keeps the figures.
const isQuick = process.argv.includes('--quick')
/** Elements of an array of 16 MB. */
const n = 2_000_000
const count = isQuick ? 20 : 60
const rounds = isQuick ? 2 : 5
const gigabytes = (count * n * 8) / 1e9
const machine = describeMachine()

const parallel = new Parallel({ workers: 2, backend: 'processes' })

/** Reads a stream of results; those that are not kept are dropped, and their memory used again. */
async function readResults(
  fn: (n: number, value: number) => NDArray<'float64'> | Float64Array,
  end: 'drop' | 'dispose' | 'keep' = 'drop',
): Promise<void> {
  const kept: unknown[] = []
  let i = 0
  for await (const result of parallel.stream(
    Array.from({ length: count }, (_, k) => delayed(fn)(n, k)),
  )) {
    const last = ArrayBuffer.isView(result) ? result[n - 1] : result.get(n - 1)
    if (last !== i++) throw new Error(`a wrong result, ${last}`)
    if (end === 'keep') kept.push(result)
    else if (end === 'dispose' && !ArrayBuffer.isView(result)) result[Symbol.dispose]()
  }
}

/** Sums arrays that are new to the pool, each in one task. */
async function sendArguments(): Promise<Timing> {
  const arrays = Array.from({ length: count }, (_, i) => array(new Float64Array(n).fill(i)))
  return time(async () => {
    let i = 0
    for await (const { sum: total } of parallel.stream(arrays.map((each) => delayed(sum)(each))))
      if (total !== n * i++) throw new Error('a wrong sum')
  })
}

const joblib = await PythonPeer.start(
  'joblib',
  `
import os
import numpy as np
from joblib import Parallel, delayed
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # its resource tracker warns of what it cleans up
n, count = ${n}, ${count}
arrays = []
def fill(i): return np.full(n, float(i))
def total(x): return x.sum()
pool = Parallel(n_jobs=2)
pool(delayed(abs)(i) for i in range(20))
def results():
    for i, x in enumerate(pool(delayed(fill)(i) for i in range(count))): assert x[-1] == i
def arguments():
    if not arrays: arrays.extend(np.full(n, float(i)) for i in range(count))
    assert len(pool(delayed(total)(x) for x in arrays)) == count
`,
)
if (joblib !== undefined) await joblib.time('arguments') // makes the arrays

const ours = {
  'results by shared(), dropped': () => time(() => readResults(fillShared)),
  'results by shared(), disposed': () => time(() => readResults(fillShared, 'dispose')),
  'results by new Float64Array(), dropped': () => time(() => readResults(fillPrivate)),
  'results by shared(), all kept': () => time(() => readResults(fillShared, 'keep')),
  'distinct private arguments': sendArguments,
}
const theirs: Record<string, () => Promise<Timing>> =
  joblib === undefined
    ? {}
    : {
        'joblib: results': () => joblib.time('results'),
        'joblib: distinct arguments': () => joblib.time('arguments'),
      }

console.log(`16 MB float64 arrays, ${count} of them, 2 worker processes`)
console.log(`${formatMachine(machine)}\n`)
const timings: Record<string, Timing> = await compare({ ...ours, ...theirs }, rounds)
joblib?.close()
await parallel.close()

const marks: Record<string, number> = {
  'results by shared(), dropped': 4,
  'results by shared(), disposed': 8,
  'results by shared(), all kept': 1.2,
  'distinct private arguments': 3,
}
const speed = ({ wallMs }: Timing): number => gigabytes / (wallMs / 1000)
console.log(
  formatTable([
    ['', 'GB/s', 'against joblib', 'mark'],
    ...Object.entries(timings).map(([name, timing]) => {
      const peer =
        timings[name.includes('argument') ? 'joblib: distinct arguments' : 'joblib: results']
      const ratio =
        peer === undefined || peer === timing ? '' : `${(speed(timing) / speed(peer)).toFixed(1)} ×`
      return [name, speed(timing).toFixed(2), ratio, marks[name]?.toFixed(1) ?? '']
    }),
  ]),
)

/** One large array, read by four workers; in processes of its own. */
const elements = isQuick ? 20_000_000 : 100_000_000
const passArray = (kind: string): Promise<TreePeak<PassReport>> =>
  treePeak(new URL('./tasks/pass-array.ts', import.meta.url), [kind, String(elements)])

console.log(`\nOne array of ${(elements * 8) / 1e6} MB, summed by 4 worker processes`)
const passed = { shared: await passArray('shared'), private: await passArray('private') }
console.log(
  formatTable([
    ['', 'peak growth', 'mark', 'above the work', 'mark', 'the work'],
    ...Object.entries(passed).map(
      ([
        kind,
        {
          growth,
          report: { aboveMs, workMs },
        },
      ]) => [
        kind === 'shared' ? 'in shared(), itself counted' : 'private, beside itself',
        `${(growth / (8 * elements)).toFixed(3)} × the array`,
        '1.02',
        `${aboveMs.toFixed(1)} ms`,
        kind === 'shared' ? '10 ms' : '',
        `${workMs.toFixed(0)} ms`,
      ],
    ),
  ]),
)
record('arrays', machine, { count, n, timings, passed })
