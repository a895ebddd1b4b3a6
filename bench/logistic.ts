/** Logistic regression against scikit-learn on 2 threads: time, memory, folds. */

import { join } from 'node:path'
import { createArray, type NDArray, openArray } from '../src/arrays/index.ts'
import { KFold, LogisticRegression, LogisticRegressionCV } from '../src/learn/index.ts'
import { setKernelThreads } from '../src/native/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  PythonPeer,
  record,
  time,
} from './harness.ts'
import { makeRandom } from './random.ts'
import { tell, treePeak, waitForWatch } from './tree-peak.ts'

const [rows, columns, folds, threads, rounds] = [1_000_000, 20, 10, 2, 1]

/** Correlated columns on scales from 0.1 to 10, and two classes that overlap. */
function writeProblem(folder: string): { X: NDArray; y: NDArray } {
  const random = makeRandom()
  const X = createArray(join(folder, 'X.npy'), { dtype: 'float64', shape: [rows, columns] })
  const y = createArray(join(folder, 'y.npy'), { dtype: 'float64', shape: [rows] })
  const [values, labels] = [X.data, y.data]
  for (let i = 0; i < rows; i++) {
    let [before, score] = [0, 0]
    for (let j = 0; j < columns; j++) {
      const value = 0.6 * before + random() + random() + random() - 1.5
      before = value
      score += value * Math.cos(3 * j)
      values[X.offset + i * columns + j] = value * 10 ** ((2 * j) / columns - 1)
    }
    labels[y.offset + i] = random() < 1 / (1 + Math.exp(-2 * score)) ? 1 : 0
  }
  return { X: openArray(join(folder, 'X.npy')), y: openArray(join(folder, 'y.npy')) }
}

/** What a user of scikit-learn does; newton-cholesky is its fastest method here. */
function peerProgram(folder: string): string {
  return `
import numpy, resource
from threadpoolctl import threadpool_limits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
threadpool_limits(${threads})
X, y = (numpy.load(${JSON.stringify(folder)} + '/' + name + '.npy', mmap_mode='r') for name in 'Xy')
def model(): return LogisticRegression(solver='newton-cholesky', tol=1e-8)
def fit(): model().fit(X, y)
def fit_folds():
    for train, test in KFold(${folds}).split(X): model().fit(X[train], y[train])
`
}

/** Our own work, by name. */
const works: Readonly<Record<string, (X: NDArray, y: NDArray) => Promise<unknown>>> = {
  'one fit': (X, y) => new LogisticRegression().fit(X, y),
  [`one fit and ${folds} folds, with their scores`]: (X, y) =>
    new LogisticRegressionCV({ Cs: [1], folds: new KFold({ folds }) }).fit(X, y),
}

async function measureChild(folder: string, name: string): Promise<void> {
  const [X, y] = ['X', 'y'].map((part) => openArray(join(folder, `${part}.npy`)))
  setKernelThreads(threads)
  const small = Int32Array.from({ length: 2000 }, (_, row) => row)
  await new LogisticRegression().fit(X!, y!, { rows: small })
  await waitForWatch()
  await works[name]!(X!, y!)
  tell({})
}

async function compareAll(folder: string): Promise<void> {
  setKernelThreads(threads)
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}, median of ${rounds} rounds, ${threads} threads\n`)
  const { X, y } = writeProblem(folder)
  const peer = await PythonPeer.start('scikit-learn', peerProgram(folder))
  const timings = await compare(
    {
      ...Object.fromEntries(
        Object.entries(works).map(([name, work]) => [name, () => time(() => work(X, y))]),
      ),
      ...(peer && {
        'scikit-learn, one fit, newton-cholesky': () => peer.time('fit'),

        [`scikit-learn, ${folds} folds, newton-cholesky`]: () => peer.time('fit_folds'),
      }),
    },
    rounds,
  )
  peer?.close()
  const own = timings['one fit']!
  const lines = Object.entries(timings).map(([name, { wallMs, cpuMs }]) => [
    name,
    `${wallMs.toFixed(0)} ms`,
    `${cpuMs.toFixed(0)} ms`,
    `${(cpuMs / own.cpuMs).toFixed(1)} x`,
  ])
  const head = [`${rows} x ${columns}`, 'wall', 'CPU', 'CPU of one fit']
  console.log(`${formatTable([head, ...lines])}\n`)
  const peaks: Record<string, number> = {}
  for (const name of Object.keys(works)) {
    const { growth } = await treePeak(new URL(import.meta.url), ['child', folder, name])
    peaks[name] = growth / 1e6
    console.log(`${name}: +${(growth / 1e6).toFixed(1)} MB at the peak`)
  }
  record('logistic', machine, { rows, columns, folds, threads, timings, peaks })
}

const [task, folder, name] = process.argv.slice(2)
if (task === 'child') await measureChild(folder!, name!)
else await inTemporaryFolder(compareAll)
