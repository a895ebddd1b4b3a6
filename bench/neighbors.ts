/** Out-of-fold nearest-neighbour predictions against scikit-learn's, K = 10. */

import { join } from 'node:path'
import { type NDArray, openArray } from '../src/arrays/index.ts'
import { KFold, KNeighborsRegressor, SuperLearner } from '../src/learn/index.ts'
import type { NeighborAlgorithm } from '../src/learn/internal.ts'
import { kernelThreads } from '../src/native/index.ts'
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

const rounds = 2
const folds = 10
const shapes: readonly {
  readonly rows: number
  readonly columns: number
  readonly ways: readonly NeighborAlgorithm[]
}[] = [
  { rows: 300_000, columns: 2, ways: ['tree', 'auto'] },
  { rows: 100_000, columns: 8, ways: ['tree', 'brute', 'auto'] },
  { rows: 53_940, columns: 26, ways: ['brute', 'auto'] },
]

/** Predicts every fold from the others, by one index. */
async function predictFolds(X: NDArray, algorithm: NeighborAlgorithm): Promise<void> {
  const ensemble = new SuperLearner({ folds: new KFold({ folds }) }).add(
    new KNeighborsRegressor({ algorithm }),
  )
  const { outOfFold } = await ensemble.fit(X, X.column(0))
  outOfFold[Symbol.dispose]()
}

/** What a user of scikit-learn does: cross_val_predict, which copies rows and makes K indexes. */
function peerProgram(path: string): string {
  return `
import joblib, numpy
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
X = numpy.load(${JSON.stringify(path)})
def predict():
    with joblib.parallel_backend('threading', n_jobs=${kernelThreads()}):
        cross_val_predict(KNeighborsRegressor(n_jobs=${kernelThreads()}), X, X[:, 0], cv=${folds}, n_jobs=1)
`
}

await inTemporaryFolder(async (folder) => {
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}, median of ${rounds} rounds\n`)
  const figures = []
  for (const { rows, columns, ways } of shapes) {
    const path = join(folder, `${rows}x${columns}.npy`)
    writeNumbers(path, [rows, columns])
    const X = openArray(path)
    const peer = await PythonPeer.start('scikit-learn', peerProgram(path))
    const contestants: Record<string, () => Promise<Timing>> = {
      ...(peer && { 'scikit-learn': () => peer.time('predict') }),
      ...Object.fromEntries(ways.map((way) => [way, () => time(() => predictFolds(X, way))])),
    }
    const timings = await compare(contestants, rounds)
    peer?.close()
    const theirs = timings['scikit-learn']
    const lines = Object.entries(timings).map(([name, { wallMs, cpuMs }]) => [
      name,
      `${wallMs.toFixed(0)} ms`,
      `${cpuMs.toFixed(0)} CPU ms`,
      theirs === undefined ? '' : `${(theirs.wallMs / wallMs).toFixed(1)} x`,
      theirs === undefined ? '' : `${(theirs.cpuMs / cpuMs).toFixed(1)} x`,
    ])
    const head = [`${rows} x ${columns}, K = ${folds}`, 'wall', 'CPU', 'faster, wall', 'CPU']
    console.log(`${formatTable([head, ...lines])}\n`)
    figures.push({ rows, columns, timings })
  }
  record('neighbors', machine, { rounds, folds, shapes: figures })
})
