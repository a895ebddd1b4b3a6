/** Neural networks against scikit-learn on 2 threads: time and memory. */

import { join } from 'node:path'
import { createArray, type NDArray, openArray } from '../src/arrays/index.ts'
import { MLPClassifier, MLPRegressor } from '../src/learn/index.ts'
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
  type Timing,
} from './harness.ts'
import { makeRandom } from './random.ts'
import { pythonPeak, tell, treePeak, waitForWatch } from './tree-peak.ts'

const [epochs, threads, rounds] = [10, 2, 3]

/** A data set, and the network that both learn. */
interface Work {
  readonly rows: number
  readonly columns: number
  /** 0: numbers are learned. */
  readonly classes: number
  readonly hidden: readonly number[]
}

const works: Readonly<Record<string, Work>> = {
  '1797 x 64, 10 classes': { rows: 1797, columns: 64, classes: 10, hidden: [100] },
  '100,000 x 20': { rows: 100_000, columns: 20, classes: 0, hidden: [100] },
  '20,000 x 200, 2 classes, 2 layers': {
    rows: 20_000,
    columns: 200,
    classes: 2,
    hidden: [200, 100],
  },
}

/** Uniform columns, and a target that bends with some of them. */
function writeProblem(folder: string, { rows, columns, classes }: Work): void {
  const random = makeRandom()
  const own = { dtype: 'float64', overwrite: true } as const
  const X = createArray(join(folder, 'X.npy'), { ...own, shape: [rows, columns] })
  const y = createArray(join(folder, 'y.npy'), { ...own, shape: [rows] })
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) X.data[X.offset + i * columns + j] = 2 * random() - 1
    const [a, b, c] = X.data.subarray(X.offset + i * columns) as Float64Array &
      [number, number, number]
    const value = Math.sin(3 * a) + b * c
    y.data[y.offset + i] = classes === 0 ? value : Math.floor(((value + 2) / 4) * classes)
  }
}

function openProblem(folder: string): [X: NDArray, y: NDArray] {
  return [openArray(join(folder, 'X.npy')), openArray(join(folder, 'y.npy'))]
}

/** Never stops before the last epoch. */
function makeModel({ classes, hidden }: Work): MLPClassifier | MLPRegressor {
  const options = { hiddenLayerSizes: hidden, maxIter: epochs, iterNoChange: epochs }
  return classes === 0 ? new MLPRegressor(options) : new MLPClassifier(options)
}

function peerProgram(folder: string, { classes, hidden }: Work, size: number): string {
  return `
import numpy, warnings
from threadpoolctl import threadpool_limits
from sklearn.neural_network import MLPClassifier, MLPRegressor
warnings.filterwarnings('ignore')
threadpool_limits(${size})
X, y = (numpy.load(${JSON.stringify(folder)} + '/' + name + '.npy', mmap_mode='r') for name in 'Xy')
def fit(): MLP${classes === 0 ? 'Regressor' : 'Classifier'}(${JSON.stringify(hidden)}, max_iter=${epochs}, n_iter_no_change=${epochs}).fit(X, y)
def prepare(): pass
def work(): fit()
`
}

async function measureChild(folder: string, name: string): Promise<void> {
  const [X, y] = openProblem(folder)
  setKernelThreads(threads)
  const small = Int32Array.from({ length: 300 }, (_, row) => row)
  await makeModel(works[name]!).fit(X, y, { rows: small })
  await waitForWatch()
  await makeModel(works[name]!).fit(X, y)
  tell({})
}

/** Both on one data set, one after the other in each round. */
async function compareOne(folder: string, name: string): Promise<Record<string, Timing>> {
  const work = works[name]!
  writeProblem(folder, work)
  const [X, y] = openProblem(folder)
  const peers: Record<string, PythonPeer | undefined> = {}
  for (const size of [1, threads])
    peers[`scikit-learn, ${size}`] = await PythonPeer.start(
      'scikit-learn',
      peerProgram(folder, work, size),
    )
  const contestants: Record<string, () => Promise<Timing>> = {}
  for (const size of [1, threads])
    contestants[`onecopy, ${size}`] = () => {
      setKernelThreads(size)
      return time(() => makeModel(work).fit(X, y))
    }
  for (const [who, peer] of Object.entries(peers))
    if (peer !== undefined) contestants[who] = () => peer.time('fit')
  const timings = await compare(contestants, rounds)
  for (const peer of Object.values(peers)) peer?.close()
  return timings
}

async function compareAll(folder: string): Promise<void> {
  process.removeAllListeners('warning')
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}, ${epochs} epochs, median of ${rounds} rounds\n`)
  const lines = [['data', 'who, threads', 'wall', 'CPU', '× CPU of onecopy, 1']]
  const results: Record<string, unknown> = {}
  for (const name of Object.keys(works)) {
    const timings = await compareOne(folder, name)
    const own = timings['onecopy, 1']!
    for (const [who, { wallMs, cpuMs }] of Object.entries(timings))
      lines.push([
        name,
        who,
        `${wallMs.toFixed(0)} ms`,
        `${cpuMs.toFixed(0)} ms`,
        (cpuMs / own.cpuMs).toFixed(1),
      ])
    const { growth } = await treePeak(new URL(import.meta.url), ['child', folder, name])
    const { growth: peer } = await pythonPeak(peerProgram(folder, works[name]!, threads))
    const inMB = [growth, peer ?? NaN].map((bytes) => (bytes / 1e6).toFixed(1))
    console.log(`${name}: +${inMB[0]} MB at the peak, scikit-learn +${inMB[1]} MB`)
    results[name] = { timings, growth, peer }
  }
  console.log(`\n${formatTable(lines)}`)
  record('mlp', machine, { epochs, threads, results })
}

const [task, folder, name] = process.argv.slice(2)
if (task === 'child') await measureChild(folder!, name!)
else await inTemporaryFolder(compareAll)
