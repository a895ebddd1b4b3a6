/** One layer of Lasso and ElasticNet over K folds of friedman1, 1M × 50. */

import { join } from 'node:path'
import { createArray } from '../src/arrays/index.ts'
import { ElasticNet, KFold, Lasso, SuperLearner } from '../src/learn/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
  PythonPeer,
  time,
  type Timing,
} from './harness.ts'
import { peakAbove, waitForWatch } from './peak-memory.ts'

const rows = 1_000_000
const columns = 50
const folds = [2, 10, 20]

/** What ML-Ensemble and NumPy took of the same layer with K = 10 on a like machine. */
const recorded = {
  'ML-Ensemble 0.2.3': '14.15 s, +2015 MB',
  'NumPy per-fold Gram': '0.83 s, +32 MB',
}

const [role, folder, k] = process.argv.slice(2)
if (role === 'child') {
  await waitForWatch()
  await fitLayer(folder!, Number(k))
} else {
  await inTemporaryFolder(run)
}

async function run(folder: string): Promise<void> {
  makeFriedman(folder)
  const machine = describeMachine()
  console.log(formatMachine(machine))
  const numpy = new PythonPeer(numpyProgram(folder), { OPENBLAS_NUM_THREADS: '2' })
  const timings: Record<string, Timing> = await compare(
    {
      ...Object.fromEntries(
        folds.map((k) => [`onecopy K=${k}`, () => time(() => fitLayer(folder, k))]),
      ),
      'NumPy K=10': () => numpy.time('layer'),
    },
    7,
  )
  numpy.close()
  const peak = await peakAbove(import.meta.filename, ['child', folder, '10'])
  const extra = peak - rows * 2 * 8
  console.log(
    formatTable([
      ['layer of 2 models, 1M × 50', 'wall ms', 'CPU ms'],
      ...Object.entries(timings).map(([name, { wallMs, cpuMs }]) => [
        name,
        wallMs.toFixed(0),
        cpuMs.toFixed(0),
      ]),
    ]),
  )
  const ratio = timings['onecopy K=20']!.wallMs / timings['onecopy K=2']!.wallMs
  console.log(`K = 20 costs ${ratio.toFixed(2)} × K = 2`)
  console.log(`peak anonymous + shmem above the start, Z apart: +${(extra / 1e6).toFixed(0)} MB`)
  for (const [peer, figures] of Object.entries(recorded))
    console.log(`recorded: ${peer}: ${figures}`)
  record('friedman', machine, { timings, ratioOfFolds: ratio, peakBytes: extra, recorded })
}

async function fitLayer(folder: string, k: number): Promise<void> {
  const ensemble = new SuperLearner({ folds: new KFold({ folds: k }) }).add([
    new Lasso({ alpha: 0.01 }),
    new ElasticNet({ alpha: 0.01 }),
  ])
  await ensemble.fit(join(folder, 'X.npy'), join(folder, 'y.npy'))
  ensemble.outOfFold[Symbol.dispose]()
}

/** Friedman's first problem: five columns matter, the others are noise. */
function makeFriedman(folder: string): void {
  const X = createArray(join(folder, 'X.npy'), { dtype: 'float64', shape: [rows, columns] })
  const y = createArray(join(folder, 'y.npy'), { dtype: 'float64', shape: [rows] })
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  for (let i = X.offset; i < X.offset + X.size; i++) X.data[i] = random()
  for (let row = 0; row < rows; row++) {
    const [a, b, c, d, e] = X.slice(row, [0, 5]).toTypedArray()
    const signal = 10 * Math.sin(Math.PI * a! * b!) + 20 * (c! - 0.5) ** 2 + 10 * d! + 5 * e!
    y.data[y.offset + row] = signal + random() - 0.5
  }
}

/** Per-fold Gram matrices in blocks of the mapped file, and one pass of predictions. */
function numpyProgram(folder: string): string {
  return `
import numpy as np
def layer(k=10, block=20000):
    X = np.load('${folder}/X.npy', mmap_mode='r'); y = np.load('${folder}/y.npy', mmap_mode='r')
    n, d = X.shape
    edges = [n * i // k for i in range(k + 1)]
    for start, stop in zip(edges, edges[1:]):
        G = np.zeros((d + 1, d + 1))
        for s in range(start, stop, block):
            B = np.column_stack([X[s:min(s + block, stop)], y[s:min(s + block, stop)]])
            G += B.T @ B
    Z = np.empty((n, 2)); W = np.ones((d, 2))
    for s in range(0, n, block):
        Z[s:s + block] = X[s:s + block] @ W
`
}
