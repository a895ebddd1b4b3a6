/** Three linear regressions behind different scalers over K folds, 6M × 10. */

import { join } from 'node:path'
import { createArray } from '../src/arrays/index.ts'
import {
  KFold,
  LinearRegression,
  MinMaxScaler,
  StandardScaler,
  SuperLearner,
} from '../src/learn/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
  time,
} from './harness.ts'
import { peakAbove, waitForWatch } from './peak-memory.ts'

const rows = 6_000_000
const columns = 10
const folds = [2, 10]

/** What ML-Ensemble and NumPy took of the same layer with K = 2 on a like machine. */
const recorded = {
  'ML-Ensemble 0.2.3': '28.8 s, +2602 MB',
  'NumPy per-fold Gram': '1.49 s, +38 MB',
}

const [role, folder, k] = process.argv.slice(2)
if (role === 'child') {
  await waitForWatch()
  await fitLayer(folder!, Number(k))
} else {
  await inTemporaryFolder(run)
}

async function run(folder: string): Promise<void> {
  makeData(folder)
  const machine = describeMachine()
  console.log(formatMachine(machine))
  const timings = await compare(
    Object.fromEntries(folds.map((k) => [`onecopy K=${k}`, () => time(() => fitLayer(folder, k))])),
    7,
  )
  const peak = await peakAbove(import.meta.filename, ['child', folder, '10'])
  const extra = peak - rows * 3 * 8
  console.log(
    formatTable([
      ['3 pipelines, 6M × 10', 'wall ms', 'CPU ms'],
      ...Object.entries(timings).map(([name, { wallMs, cpuMs }]) => [
        name,
        wallMs.toFixed(0),
        cpuMs.toFixed(0),
      ]),
    ]),
  )
  console.log(`peak anonymous + shmem above the start, Z apart: +${(extra / 1e6).toFixed(0)} MB`)
  for (const [peer, figures] of Object.entries(recorded))
    console.log(`recorded: ${peer}: ${figures}`)
  record('pipelines', machine, { timings, peakBytes: extra, recorded })
}

async function fitLayer(folder: string, k: number): Promise<void> {
  const ensemble = new SuperLearner({ folds: new KFold({ folds: k }) })
    .add(new LinearRegression(), { preprocess: new MinMaxScaler() })
    .add(new LinearRegression(), { preprocess: new StandardScaler() })
    .add(new LinearRegression())
  await ensemble.fit(join(folder, 'X.npy'), join(folder, 'y.npy'))
  ensemble.outOfFold[Symbol.dispose]()
}

function makeData(folder: string): void {
  const X = createArray(join(folder, 'X.npy'), { dtype: 'float64', shape: [rows, columns] })
  const y = createArray(join(folder, 'y.npy'), { dtype: 'float64', shape: [rows] })
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const [x, first] = [X.data, X.offset]
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let j = 0; j < columns; j++) {
      const value = random() * (j + 1)
      x[first + row * columns + j] = value
      sum += value * (j % 3)
    }
    y.data[y.offset + row] = sum + random()
  }
}
