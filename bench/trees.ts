/**
 * Boosting and forests against scikit-learn and XGBoost, all on 2 threads: time, memory, errors. Give it names of works to measure
 * only these: `boosting`, `classes`, `forest`, `large forest`.
 */

import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createArray, type NDArray, openArray } from '../src/arrays/index.ts'
import {
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  RandomForestRegressor,
  rmse,
  SuperLearner,
} from '../src/learn/index.ts'
import { sampleTree } from '../src/monitor/index.ts'
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
  readonly make: () =>
    GradientBoostingRegressor | RandomForestRegressor | GradientBoostingClassifier
  /** Whether it learns classes, whose log loss is its error; else numbers, whose root mean square errors are. */
  readonly hasClasses?: boolean
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
  classes: {
    title: 'boosting of two classes 1M × 20, 100 trees of 31 leaves',
    rows: 1_000_000,
    make: () => new GradientBoostingClassifier(),
    hasClasses: true,
    peers: {
      'scikit-learn':
        'HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=31, min_samples_leaf=20, early_stopping=False)',
      XGBoost:
        "XGBClassifier(n_estimators=100, tree_method='hist', grow_policy='lossguide', max_leaves=31, max_depth=0, learning_rate=0.1, reg_lambda=0, min_child_weight=1e-3, n_jobs=2)",
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
const [role, folder, name, trees] = process.argv.slice(2)
if (role === 'fit-folds') {
  await fitFolds(folder!, Number(name), Number(trees))
} else if (role === 'child') {
  const { rows, make, hasClasses } = works[name!]!
  const { X, y } = open(folder!, rows, hasClasses)
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
  const chosen = process.argv.slice(2)
  const isWhole = chosen.every((option) => option.startsWith('--'))
  for (const [name, work] of Object.entries(works))
    if (isWhole || chosen.includes(name)) figures.push(await measure(folder, name, work))
  if (isWhole || chosen.includes('folds')) figures.push(await measureFolds(folder))
  if (isWhole) record('trees', machine, { threads, rounds, works: figures })
}

/** Fits a model on the training rows of each of K folds, and one on all rows, on bins that are made once. */
async function fitFolds(folder: string, folds: number, trees: number): Promise<void> {
  const { X, y } = open(folder, works['boosting']!.rows)
  await waitForWatch()
  const learner = new GradientBoostingRegressor({ maxIter: trees })
  const { cpuMs } = await time(() => new SuperLearner({ folds }).add(learner).fit(X, y))
  tell({ cpuMs })
}

/** CPU time over 10 folds and the model of all rows, and how little the memory depends on the number of folds. */
async function measureFolds(folder: string): Promise<object> {
  const lines = []
  for (const [folds, trees] of [
    [10, 100],
    [2, 10],
    [10, 10],
    [20, 10],
  ] as const) {
    const args = ['fit-folds', folder, String(folds), String(trees)]
    const { report, growth } = await treePeak<{ cpuMs: number }>(new URL(import.meta.url), args)
    lines.push({ folds, trees, cpuMs: report.cpuMs, growthBytes: growth })
  }
  const title = 'boosting 1M × 20 over K folds and all rows'
  const table = lines.map(({ folds, trees, cpuMs, growthBytes }) => [
    `K = ${folds}, ${trees} trees of 31 leaves`,
    `${(cpuMs / 1000).toFixed(2)} s`,
    `+${(growthBytes / 1e6).toFixed(1)} MB`,
  ])
  console.log(`${formatTable([[title, 'CPU', 'memory'], ...table])}\n`)
  return { title, lines }
}

async function measure(folder: string, name: string, work: Work): Promise<object> {
  const { title, rows, make, hasClasses = false, peers } = work
  const { X, y } = open(folder, rows, hasClasses)
  const fresh = openArray(join(folder, 'fresh.npy'))
  const truth = openArray(join(folder, hasClasses ? 'truth-labels.npy' : 'truth.npy'))
  const model = make()
  let predicted: NDArray | undefined
  const fits: Record<string, () => Promise<Timing>> = { onecopy: () => time(() => model.fit(X, y)) }
  const predictions: Record<string, () => Promise<Timing>> = {
    onecopy: () =>
      time(async () => {
        predicted =
          model instanceof GradientBoostingClassifier
            ? (await model.predictProba(fresh)).column(1)
            : await model.predict(fresh)
      }),
  }
  const running: PythonPeer[] = []
  const growths: Record<string, number> = {}
  for (const [peerName, expression] of Object.entries(peers)) {
    const program = peerProgram({ folder, rows, hasClasses }, peerName, expression)
    const env = { OMP_NUM_THREADS: String(threads), OMP_WAIT_POLICY: 'passive' }
    const peer = await PythonPeer.start(peerName, program, env)
    if (peer === undefined) continue
    growths[peerName] = await growthOf(peer)
    running.push(peer)
    fits[peerName] = () => peer.time('fit')
    predictions[peerName] = () => peer.time('predict')
  }
  const [fitted, answered] = [await compare(fits, rounds), await compare(predictions, rounds)]
  growths['onecopy'] = (await treePeak(new URL(import.meta.url), ['child', folder, name])).growth
  const lines = []
  for (const [who, { wallMs, cpuMs }] of Object.entries(fitted)) {
    const guess = who === 'onecopy' ? predicted! : openArray(join(folder, `${who}.npy`))
    const error = hasClasses ? logLoss(truth, guess) : rmse(truth, guess)
    const predict = answered[who]!.cpuMs
    const ratio = (cpuMs / fitted['onecopy']!.cpuMs).toFixed(1)
    lines.push({
      who,
      wallMs,
      cpuMs,
      predictCpuMs: predict,
      error,
      growthBytes: growths[who]!,
      ratio,
    })
  }
  for (const peer of running) peer.close()
  const head = [
    title,
    'fit, wall',
    'fit, CPU',
    'CPU, times ours',
    'memory of the fit',
    'predict 200k, CPU',
    hasClasses ? 'log loss' : 'RMSE',
  ]
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
  const table = lines.map(({ who, wallMs, cpuMs, predictCpuMs, error, growthBytes, ratio }) => [
    who,
    seconds(wallMs),
    seconds(cpuMs),
    `${ratio} x`,
    `+${(growthBytes / 1e6).toFixed(1)} MB`,
    seconds(predictCpuMs),
    error.toFixed(4),
  ])
  console.log(`${formatTable([head, ...table])}\n`)
  return { title, lines }
}

/** Hard memory of a peer's first fit, with the model, above what it had before: anonymous and shared memory. */
async function growthOf(peer: PythonPeer): Promise<number> {
  const start = sampleTree(peer.pid).hard!
  let peak = start
  const end = new AbortController()
  const fitted = peer.time('fit').finally(() => end.abort())
  while (!end.signal.aborted) {
    peak = Math.max(peak, sampleTree(peer.pid).hard ?? 0)
    await setTimeout(5)
  }
  await fitted
  return peak - start
}

/** The mean of minus the logarithm of the probability of what is true. */
function logLoss(truth: NDArray, probabilities: NDArray): number {
  let sum = 0
  for (let i = 0; i < truth.size; i++) {
    const p = Number(probabilities.get(i))
    sum -= Math.log(Number(truth.get(i)) === 1 ? p : 1 - p)
  }
  return sum / truth.size
}

function open(folder: string, rows: number, hasClasses = false): { X: NDArray; y: NDArray } {
  const target = hasClasses ? 'labels.npy' : 'y.npy'
  const [X, y] = [openArray(join(folder, 'X.npy')), openArray(join(folder, target))]
  return { X: X.rows(0, rows), y: y.rows(0, rows) }
}

/** Friedman's first problem with 15 columns of noise, and noise of about 1 in the target; labels say whether that is large. */
function makeFriedman(folder: string): void {
  const random = makeRandom()
  for (const [x, target, rows] of [
    ['X', 'y', works['boosting']!.rows],
    ['fresh', 'truth', freshRows],
  ] as const) {
    const X = createArray(join(folder, `${x}.npy`), { dtype: 'float64', shape: [rows, columns] })
    const y = createArray(join(folder, `${target}.npy`), { dtype: 'float64', shape: [rows] })
    const name = target === 'y' ? 'labels' : 'truth-labels'
    const labels = createArray(join(folder, `${name}.npy`), { dtype: 'float64', shape: [rows] })
    for (let row = 0; row < rows; row++) {
      const at = X.offset + row * columns
      for (let j = 0; j < columns; j++) X.data[at + j] = random()
      const [a, b, c, d, e] = X.data.subarray(at, at + 5)
      let noise = -6
      for (let k = 0; k < 12; k++) noise += random()
      y.data[y.offset + row] =
        10 * Math.sin(Math.PI * a! * b!) + 20 * (c! - 0.5) ** 2 + 10 * d! + 5 * e! + noise
      labels.data[labels.offset + row] = Number(y.data[y.offset + row]! > 14.4)
    }
  }
}

function peerProgram(
  { folder, rows, hasClasses }: { folder: string; rows: number; hasClasses: boolean },
  name: string,
  expression: string,
): string {
  const imports =
    name === 'XGBoost'
      ? 'from xgboost import XGBClassifier, XGBRegressor'
      : 'from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestRegressor'
  const target = hasClasses ? 'labels' : 'y'
  const predict = hasClasses ? 'predict_proba(fresh)[:, 1].copy()' : 'predict(fresh)'
  return `
import numpy
${imports}
X = numpy.load('${folder}/X.npy')[:${rows}]; y = numpy.load('${folder}/${target}.npy')[:${rows}]
fresh = numpy.load('${folder}/fresh.npy')
model = ${expression}
def fit():
    model.fit(X, y)
def predict():
    numpy.save('${folder}/${name}.npy', model.${predict}.astype('float64'))
`
}
