/**
 * Memory that fits of each learner over K folds take, beside scikit-learn's copies. Give it names of learners to measure
 * only these, `--own` to leave scikit-learn out, and `--all` to measure every learner in every layout beside scikit-learn, which takes
 * hours.
 *
 * Without `--all`, scikit-learn and other layouts of `X` than C order are left out for most learners (`skipped` of the record): row ranges
 * and numbers don't know how `X` lies, and what scikit-learn copies is the same for all learners of a kind. Forests and support vector
 * machines, which are said to copy other layouts, a linear model and neighbours are measured in full. Searches are cut short: memory doesn't
 * depend on their steps.
 */

import { join } from 'node:path'
import { createArray, type NDArray, openArray, shared } from '../src/arrays/index.ts'
import {
  DecisionTreeRegressor,
  ElasticNet,
  type Estimator,
  ExtraTreesClassifier,
  GaussianNB,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  HuberRegressor,
  KFold,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Lasso,
  LassoCV,
  LinearRegression,
  LinearSVC,
  LinearSVR,
  LogisticRegression,
  LogisticRegressionCV,
  MLPClassifier,
  MLPRegressor,
  PCA,
  Pipeline,
  QuantileRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
  RidgeClassifier,
  RidgeCV,
  RobustScaler,
  StandardScaler,
  SuperLearner,
  SVC,
} from '../src/learn/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
} from './harness.ts'
import { makeRandom } from './random.ts'
import { pythonPeak, tell, treePeak, waitForWatch } from './tree-peak.ts'

const [n, d] = [1_000_000, 20]

/** Numbers of folds that are measured. */
const manyFolds = [2, 20] as const

/** Bytes beside bins and models that a fit may take. */
const allowance = 64 * 2 ** 20

/** Bytes of the bins of all values. */
const binBytes = n * d

/** A learner here and there. */
interface Contestant {
  readonly make: () => Estimator
  /** Python expression of scikit-learn's, with the same work. */
  readonly peer: string
  readonly target?: 'y' | 'labels'
  /** Rows that each fold predicts; default: all that it holds out. Neighbours of a million rows would take hours. */
  readonly predicted?: number
  /** Whether it is measured in every layout of `X` and beside scikit-learn, also without `--all`. */
  readonly inFull?: true
}

const of = (make: () => unknown): (() => Estimator) => make as () => Estimator

const contestants: Readonly<Record<string, Contestant>> = {
  LinearRegression: { make: of(() => new LinearRegression()), peer: 'LinearRegression()' },
  Ridge: { make: of(() => new Ridge()), peer: 'Ridge()', inFull: true },
  Lasso: { make: of(() => new Lasso({ alpha: 0.01 })), peer: 'Lasso(alpha=0.01)' },
  ElasticNet: { make: of(() => new ElasticNet({ alpha: 0.01 })), peer: 'ElasticNet(alpha=0.01)' },
  RidgeCV: { make: of(() => new RidgeCV({ folds: 5 })), peer: 'RidgeCV(cv=5)' },
  LassoCV: { make: of(() => new LassoCV()), peer: 'LassoCV()' },
  HuberRegressor: {
    make: of(() => new HuberRegressor({ maxIter: 5 })),
    peer: 'HuberRegressor(max_iter=5)',
  },
  QuantileRegressor: {
    make: of(() => new QuantileRegressor({ alpha: 0.01, maxIter: 3 })),
    peer: '',
  },
  RidgeClassifier: {
    make: of(() => new RidgeClassifier()),
    peer: 'RidgeClassifier()',
    target: 'labels',
  },
  LogisticRegression: {
    make: of(() => new LogisticRegression()),
    peer: 'LogisticRegression()',
    target: 'labels',
  },
  LogisticRegressionCV: {
    make: of(() => new LogisticRegressionCV({ Cs: 3, folds: 3 })),
    peer: 'LogisticRegressionCV(Cs=3, cv=3)',
    target: 'labels',
  },
  'LinearSVC, Newton': {
    make: of(() => new LinearSVC()),
    peer: 'LinearSVC(dual=False)',
    target: 'labels',
  },
  'LinearSVC, 2 passes': {
    make: of(() => new LinearSVC({ loss: 'hinge', maxIter: 2 })),
    peer: "LinearSVC(loss='hinge', max_iter=2)",
    inFull: true,
    target: 'labels',
  },
  'LinearSVR, 2 passes': {
    make: of(() => new LinearSVR({ maxIter: 2 })),
    peer: 'LinearSVR(max_iter=2)',
  },
  'MLPRegressor, 1 epoch': {
    make: of(() => new MLPRegressor({ maxIter: 1 })),
    peer: 'MLPRegressor(max_iter=1)',
  },
  'scaler, MLPClassifier, 1 epoch': {
    make: of(
      () => new Pipeline({ steps: [new StandardScaler(), new MLPClassifier({ maxIter: 1 })] }),
    ),
    peer: 'make_pipeline(StandardScaler(), MLPClassifier(max_iter=1))',
    target: 'labels',
  },
  // A hundred steps of a search that would take hours.
  'SVC, 100 steps': {
    make: of(() => new SVC({ maxIter: 100, cacheMiB: 8 })),
    peer: 'SVC(max_iter=100, cache_size=8)',
    target: 'labels',
    predicted: 100,
    inFull: true,
  },
  'scaler, LogisticRegression': {
    make: of(() => new Pipeline({ steps: [new StandardScaler(), new LogisticRegression()] })),
    peer: 'make_pipeline(StandardScaler(), LogisticRegression())',
    target: 'labels',
  },
  'robust scaler, Lasso': {
    make: of(() => new Pipeline({ steps: [new RobustScaler(), new Lasso({ alpha: 0.01 })] })),
    peer: 'make_pipeline(RobustScaler(), Lasso(alpha=0.01))',
  },
  'PCA, Ridge': {
    make: of(() => new Pipeline({ steps: [new PCA({ components: 10 }), new Ridge()] })),
    peer: 'make_pipeline(PCA(10), Ridge())',
  },
  GaussianNB: { make: of(() => new GaussianNB()), peer: 'GaussianNB()', target: 'labels' },
  KNeighborsRegressor: {
    make: of(() => new KNeighborsRegressor({ algorithm: 'brute' })),
    peer: "KNeighborsRegressor(algorithm='brute')",
    predicted: 100,
    inFull: true,
  },
  KNeighborsClassifier: {
    make: of(() => new KNeighborsClassifier({ algorithm: 'brute' })),
    peer: "KNeighborsClassifier(algorithm='brute')",
    target: 'labels',
    predicted: 100,
  },
  'DecisionTreeRegressor, depth 6': {
    make: of(() => new DecisionTreeRegressor({ maxDepth: 6 })),
    peer: 'DecisionTreeRegressor(max_depth=6)',
  },
  'RandomForestRegressor, 2 trees of depth 6': {
    make: of(() => new RandomForestRegressor({ trees: 2, maxDepth: 6 })),
    peer: 'RandomForestRegressor(n_estimators=2, max_depth=6, n_jobs=2)',
    inFull: true,
  },
  'RandomForestClassifier, 2 trees of depth 6': {
    make: of(() => new RandomForestClassifier({ trees: 2, maxDepth: 6 })),
    peer: 'RandomForestClassifier(n_estimators=2, max_depth=6, n_jobs=2)',
    target: 'labels',
    inFull: true,
  },
  'ExtraTreesClassifier, 2 trees of depth 6': {
    make: of(() => new ExtraTreesClassifier({ trees: 2, maxDepth: 6 })),
    peer: 'ExtraTreesClassifier(n_estimators=2, max_depth=6, n_jobs=2)',
    target: 'labels',
  },
  'GradientBoostingRegressor, 3 trees': {
    make: of(() => new GradientBoostingRegressor({ maxIter: 3 })),
    peer: 'HistGradientBoostingRegressor(max_iter=3, early_stopping=False)',
  },
  'GradientBoostingClassifier, 3 trees': {
    make: of(() => new GradientBoostingClassifier({ maxIter: 3 })),
    peer: 'HistGradientBoostingClassifier(max_iter=3, early_stopping=False)',
    target: 'labels',
  },
}

/** How `X` lies in memory. */
const layouts = ['C', 'Fortran', 'strided', 'mapped'] as const
type Layout = (typeof layouts)[number]

/** `X` as a program has it before the fit. */
function layOut(folder: string, layout: Layout): NDArray {
  const file = openArray(join(folder, 'X.npy'))
  if (layout === 'mapped') return file
  const room =
    layout === 'C'
      ? shared([n, d], 'float64')
      : layout === 'Fortran'
        ? shared([d, n], 'float64').transpose()
        : shared([n, 2 * d], 'float64').slice(null, [0, 2 * d, 2])
  const [row, column] = room.strides as [number, number]
  const [from, to] = [file.data, room.data] as [Float64Array, Float64Array]
  for (let i = 0, at = file.offset; i < n; i++)
    for (let j = 0; j < d; j++) to[room.offset + i * row + j * column] = from[at++]!
  return room
}

/** The same in Python. */
function peerProgram(folder: string, name: string, layout: Layout, folds: number): string {
  const { peer, target = 'y', predicted } = contestants[name]!
  const load = `numpy.load(${JSON.stringify(join(folder, 'X.npy'))}`
  const lay = {
    C: `${load})`,
    Fortran: `numpy.asfortranarray(${load}))`,
    strided: `numpy.repeat(${load}), 2, axis=1)[:, ::2]`,
    mapped: `${load}, mmap_mode='r')`,
  }
  return `
import gc, numpy
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import *
from sklearn.linear_model import *
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import *
from sklearn.neural_network import *
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler, StandardScaler
from sklearn.svm import *
from sklearn.tree import *
def prepare():
    global X, y, learner
    X, y = ${lay[layout]}, numpy.load(${JSON.stringify(join(folder, `${target}.npy`))})
    learner = ${peer}
    small = numpy.random.rand(100, ${d})
    clone(learner).fit(small, numpy.arange(100) % 2).predict(small)
    gc.collect()
def work():
    Z = numpy.empty(len(X))
    for train, test in KFold(${folds}, shuffle=True, random_state=0).split(X):
        test = test[:${predicted ?? 'len(test)'}]
        Z[test] = clone(learner).fit(X[train], y[train]).predict(X[test])
    ${predicted === undefined ? 'clone(learner).fit(X, y)' : 'pass'}
`
}

/** Fits a learner on every fold, and on all rows where an ensemble does so. */
async function fitFolds(
  { make, predicted }: Contestant,
  X: NDArray,
  y: NDArray,
  folds: number,
): Promise<void> {
  const splitter = new KFold({ folds, shuffle: true })
  if (predicted === undefined) {
    await new SuperLearner({ folds: splitter }).add(make()).fit(X, y)
    return
  }
  for (const { train, test } of splitter.split(n)) {
    const model = await make().fit(X, y, { rows: train })
    const rows = 'numbers' in test ? { numbers: test.numbers.slice(0, predicted) } : test
    await model.predict(X, { rows })
  }
}

const [role, ...given] = process.argv.slice(2)
if (role === 'child') {
  const [folder, name, layout, folds] = given as [string, string, Layout, string]
  const contestant = contestants[name]!
  const y = openArray(join(folder, `${contestant.target ?? 'y'}.npy`))
  const X = layOut(folder, layout)
  const few = X.rows(0, 200)
  await new SuperLearner({ folds: 2 }).add(contestant.make()).fit(few, y.rows(0, 200))
  await waitForWatch()
  await fitFolds(contestant, X, y, Number(folds))
  tell({})
} else await inTemporaryFolder(run)

async function run(folder: string): Promise<void> {
  const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'))
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}; X is ${n} x ${d} float64, ${toMB(n * d * 8)}`)
  console.log(
    `mark: ${toMB(binBytes)} of bins + models + ${toMB(allowance)}; × is how much less than scikit-learn\n`,
  )
  makeData(folder)
  const head = ['learner', 'X', ...manyFolds.map((k) => `K = ${k}`), 'scikit-learn, K = 2', '×']
  const rows = [head]
  const figures = []
  const skipped: Record<string, readonly string[]> = {}
  for (const [name, contestant] of Object.entries(contestants)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const isWhole = contestant.inFull === true || process.argv.includes('--all')
    if (!isWhole) skipped[name] = [...layouts.slice(1), 'scikit-learn']
    for (const layout of isWhole ? layouts : layouts.slice(0, 1)) {
      const growth = await measure(folder, name, layout, isWhole)
      figures.push({ name, layout, ...growth })
      const { own, peer } = growth
      const cells = manyFolds.map((k) => (own[k] === undefined ? '' : mark(own[k])))
      const ratio = peer === undefined ? '' : (peer / Math.max(own[2]!, 2 ** 20)).toFixed(1)
      const line = [name, layout, ...cells, peer === undefined ? '' : toMB(peer), ratio]
      rows.push(line)
      console.log(line.join('  '))
    }
  }
  console.log(`\n${formatTable(rows)}`)
  record('copies', machine, { n, d, figures, skipped })
}

/** Growth of ours for each K, and of scikit-learn's: K = 2 suits it best. */
async function measure(
  folder: string,
  name: string,
  layout: Layout,
  isWhole: boolean,
): Promise<{ own: Record<number, number>; peer: number | undefined }> {
  const own: Record<number, number> = {}
  // Row ranges and numbers don't know how X lies: only K = 2 is measured where it isn't in C order.
  for (const folds of layout === 'C' ? manyFolds : manyFolds.slice(0, 1)) {
    const args = ['child', folder, name, layout, String(folds)]
    own[folds] = (await treePeak(new URL(import.meta.url), args)).growth
  }
  const { peer } = contestants[name]!
  if (peer === '' || !isWhole || process.argv.includes('--own')) return { own, peer: undefined }
  return { own, peer: (await pythonPeak(peerProgram(folder, name, layout, 2))).growth }
}

/** A growth, and whether it breaks the mark; models of these learners are small. */
function mark(bytes: number): string {
  return bytes <= binBytes + allowance ? toMB(bytes) : `${toMB(bytes)} (above the mark)`
}

function makeData(folder: string): void {
  const random = makeRandom()
  const X = createArray(join(folder, 'X.npy'), { dtype: 'float64', shape: [n, d] })
  const y = createArray(join(folder, 'y.npy'), { dtype: 'float64', shape: [n] })
  const labels = createArray(join(folder, 'labels.npy'), { dtype: 'float64', shape: [n] })
  for (let i = 0; i < n; i++) {
    let sum = random()
    for (let j = 0; j < d; j++) {
      const value = random()
      X.data[X.offset + i * d + j] = value
      if (j < 5) sum += (j + 1) * value
    }
    y.data[y.offset + i] = sum
    labels.data[labels.offset + i] = sum > 8 ? 1 : 0
  }
}

function toMB(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
