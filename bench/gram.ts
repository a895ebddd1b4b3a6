/** Moments of folds against NumPy's X.T @ X, on one mapped file. */

import { join } from 'node:path'
import { openArray, type NDArray } from '../src/arrays/index.ts'
import { kernelMatrix } from '../src/arrays/internal.ts'
import { kernelThreads, native, type KernelRows } from '../src/native/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  PythonPeer,
  record,
  time,
  type Timing,
} from './harness.ts'
import { writeNumbers } from './random.ts'

const rounds = 11
const threads = kernelThreads()

function contiguousFolds(n: number, count: number): KernelRows[] {
  const bound = (k: number): number => Math.floor((n * k) / count)
  return Array.from({ length: count }, (_, k) => ({
    ranges: Float64Array.of(bound(k), bound(k + 1)),
  }))
}

function shuffledFolds(n: number, count: number): KernelRows[] {
  const lists = Array.from({ length: count }, (): number[] => [])
  let state = 7
  for (let row = 0; row < n; row++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    lists[state % count]!.push(row)
  }
  return lists.map((list) => ({ numbers: Int32Array.from(list) }))
}

/** Times the sums of [X], or of [X y] with as many columns, for groups of rows. */
function moments(X: NDArray, groups: KernelRows[], weights: Float64Array | null = null) {
  const shift = new Float64Array(X.shape[1]!).fill(0.5)
  return (): Promise<Timing> =>
    time(() => native.moments(kernelMatrix(X), null, weights, groups, shift, threads))
}

/** Compares on one shape and prints a table, against NumPy where it is there. */
async function runShape(folder: string, n: number, d: number): Promise<object> {
  const path = join(folder, `${n}x${d}.npy`)
  writeNumbers(path, [n, d])
  const X = openArray(path)
  const peer = await PythonPeer.start(
    'NumPy',
    `import numpy\nX = numpy.load(${JSON.stringify(path)}, mmap_mode='r')\ndef gram(): X.T @ X\n`,
    { OPENBLAS_NUM_THREADS: String(threads) },
  )
  const contestants: Record<string, () => Promise<Timing>> = {
    ...(peer && { 'NumPy X.T @ X': () => peer.time('gram') }),
    '1 group': moments(X, contiguousFolds(n, 1)),
    '2 groups': moments(X, contiguousFolds(n, 2)),
    '10 groups': moments(X, contiguousFolds(n, 10)),
    '20 groups': moments(X, contiguousFolds(n, 20)),
    '10 shuffled groups': moments(X, shuffledFolds(n, 10)),
    '10 weighted groups': moments(X, contiguousFolds(n, 10), new Float64Array(n).fill(2)),
  }
  const timings = await compare(contestants, rounds)
  peer?.close()
  const numpy = timings['NumPy X.T @ X']
  const lines = Object.entries(timings).map(([name, { wallMs, cpuMs }]) => [
    name,
    `${wallMs.toFixed(1)} ms`,
    `${cpuMs.toFixed(1)} ms`,
    numpy === undefined ? '' : `${(numpy.wallMs / wallMs).toFixed(2)} x`,
    numpy === undefined ? '' : `${(numpy.cpuMs / cpuMs).toFixed(2)} x`,
  ])
  const head = [`${n} x ${d}`, 'wall', 'CPU', "NumPy's wall / ours", "NumPy's CPU / ours"]
  console.log(formatTable([head, ...lines]))
  const growth = timings['20 groups']!.wallMs / timings['2 groups']!.wallMs
  console.log(`20 groups take ${growth.toFixed(2)} x the wall time of 2\n`)
  return { rows: n, columns: d, timings }
}

await inTemporaryFolder(async (folder) => {
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}, ${threads} threads, median of ${rounds} rounds\n`)
  const figures = [await runShape(folder, 1_000_000, 50), await runShape(folder, 6_000_000, 10)]
  record('gram', machine, { threads, rounds, shapes: figures })
})
