/** Boosting and forests against scikit-learn and XGBoost, all on 2 threads: time, memory, errors. */

import { join } from 'node:path'
import { createArray, type NDArray, openArray } from '../src/arrays/index.ts'
import { GradientBoostingRegressor, RandomForestRegressor, rmse } from '../src/learn/index.ts'
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
import { tell, treePeak, waitForWatch } from './tree-peak.ts'

const columns = 20
const freshRows = 200_000
const threads = 2
const rounds = 1

/** A learner, what it learns from, and the peers that do the same. */
interface Work {
  readonly title: string
  readonly rows: number
  readonly make: () => GradientBoostingRegressor | RandomForestRegressor
  /** Python expressions that make peers' models, by name. */
  readonly peers: Readonly<Record<string, string>>
}

const works: Readonly<Record<string, Work>> = {
  boosting: {
    title: 'boosting 1M × 20, 100 trees of 31 leaves',
    rows: 1_000_000,
    make: () => new GradientBoostingRegressor(),
    peers: {
      'scikit-learn':
        'HistGradientBoostingRegressor(max_iter=100, max_leaf_nodes=31, min_samples_leaf=20, early_stopping=False)',
      XGBoost:
        "XGBRegressor(n_estimators=100, tree_method='hist', grow_policy='lossguide', max_leaves=31, max_depth=0, learning_rate=0.1, reg_lambda=0, min_child_weight=20, n_jobs=2)",
    },
  },
  forest: {
    title: 'forest 100k × 20, 10 full trees with out-of-bag predictions',
    rows: 100_000,
    make: () => new RandomForestRegressor({ trees: 10, oob: true }),
    peers: {
      'scikit-learn': 'RandomForestRegressor(n_estimators=10, oob_score=True, n_jobs=2)',
    },
  },
  'large forest': {
    title: 'forest 100k × 20, 100 full trees with out-of-bag predictions',
    rows: 100_000,
    make: () => new RandomForestRegressor({ trees: 100, oob: true }),
    peers: {},
  },
}

setKernelThreads(threads)
const [role, folder, name] = process.argv.slice(2)
if (role === 'child') {
  const { rows, make } = works[name!]!
  const { X, y } = open(folder!, rows)
  await waitForWatch()
  await make().fit(X, y)
  tell({})
} else {
  await inTemporaryFolder(run)
}

async function run(folder: string): Promise<void> {
  const machine = describeMachine()
  console.log(
    `${formatMachine(machine)}, ${threads} threads, median of ${rounds} after one to warm up\n`,
  )
  makeFriedman(folder)
  const figures = []
  for (const [name, work] of Object.entries(works)) figures.push(await measure(folder, name, work))
  record('trees', machine, { threads, rounds, works: figures })
}

async function measure(folder: string, name: string, work: Work): Promise<object> {
  const { title, rows, make, peers } = work
  const { X, y } = open(folder, rows)
  const fresh = openArray(join(folder, 'fresh.npy'))
  const truth = openArray(join(folder, 'truth.npy'))
  const model = make()
  let predicted: NDArray | undefined
  const fits: Record<string, () => Promise<Timing>> = { onecopy: () => time(() => model.fit(X, y)) }
  const predictions: Record<string, () => Promise<Timing>> = {
    onecopy: () => time(async () => (predicted = await model.predict(fresh))),
  }
  const running: PythonPeer[] = []
  for (const [peerName, expression] of Object.entries(peers)) {
    const peer = await PythonPeer.start(peerName, peerProgram(folder, rows, peerName, expression), {
      OMP_NUM_THREADS: String(threads),
      OMP_WAIT_POLICY: 'passive',
    })
    if (peer === undefined) continue
    running.push(peer)
    fits[peerName] = () => peer.time('fit')
    predictions[peerName] = () => peer.time('predict')
  }
  const [fitted, answered] = [await compare(fits, rounds), await compare(predictions, rounds)]
  const { growth } = await treePeak(new URL(import.meta.url), ['child', folder, name])
  const lines = []
  for (const [who, { wallMs, cpuMs }] of Object.entries(fitted)) {
    const guess = who === 'onecopy' ? predicted! : openArray(join(folder, `${who}.npy`))
    const error = rmse(truth, guess)
    const predict = answered[who]!.cpuMs
    const ratio = (cpuMs / fitted['onecopy']!.cpuMs).toFixed(1)
    lines.push({ who, wallMs, cpuMs, predictCpuMs: predict, rmse: error, ratio })
  }
  for (const peer of running) peer.close()
  const head = [title, 'fit, wall', 'fit, CPU', 'CPU, times ours', 'predict 200k, CPU', 'RMSE']
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
  const table = lines.map(({ who, wallMs, cpuMs, predictCpuMs, rmse, ratio }) => [
    who,
    seconds(wallMs),
    seconds(cpuMs),
    `${ratio} x`,
    seconds(predictCpuMs),
    rmse.toFixed(4),
  ])
  console.log(formatTable([head, ...table]))
  console.log(`memory of our fit, with the model: +${(growth / 1e6).toFixed(1)} MB\n`)
  return { title, lines, growthBytes: growth }
}

function open(folder: string, rows: number): { X: NDArray; y: NDArray } {
  const [X, y] = [openArray(join(folder, 'X.npy')), openArray(join(folder, 'y.npy'))]
  return { X: X.rows(0, rows), y: y.rows(0, rows) }
}

/** Friedman's first problem with 15 columns of noise, and noise of about 1 in the target. */
function makeFriedman(folder: string): void {
  const random = makeRandom()
  for (const [x, target, rows] of [
    ['X', 'y', works['boosting']!.rows],
    ['fresh', 'truth', freshRows],
  ] as const) {
    const X = createArray(join(folder, `${x}.npy`), { dtype: 'float64', shape: [rows, columns] })
    const y = createArray(join(folder, `${target}.npy`), { dtype: 'float64', shape: [rows] })
    for (let row = 0; row < rows; row++) {
      const at = X.offset + row * columns
      for (let j = 0; j < columns; j++) X.data[at + j] = random()
      const [a, b, c, d, e] = X.data.subarray(at, at + 5)
      let noise = -6
      for (let k = 0; k < 12; k++) noise += random()
      y.data[y.offset + row] =
        10 * Math.sin(Math.PI * a! * b!) + 20 * (c! - 0.5) ** 2 + 10 * d! + 5 * e! + noise
    }
  }
}

function peerProgram(folder: string, rows: number, name: string, expression: string): string {
  const imports =
    name === 'XGBoost'
      ? 'from xgboost import XGBRegressor'
      : 'from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor'
  return `
import numpy
${imports}
X = numpy.load('${folder}/X.npy')[:${rows}]; y = numpy.load('${folder}/y.npy')[:${rows}]
fresh = numpy.load('${folder}/fresh.npy')
model = ${expression}
def fit():
    model.fit(X, y)
def predict():
    numpy.save('${folder}/${name}.npy', model.predict(fresh).astype('float64'))
`
}
