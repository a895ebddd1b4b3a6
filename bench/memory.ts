/**
 * Memory that fits of ensembles take, for few and many folds, with and without workers: growth of anonymous + shmem memory over the process
 * tree, by the monitor of this package. Give it names of ensembles to measure only these.
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createArray, type NDArray, openArray } from '../src/arrays/index.ts'
import {
  AutoEnsemble,
  BlendEnsemble,
  ElasticNet,
  GradientBoostingRegressor,
  KFold,
  Lasso,
  RandomForestRegressor,
  Ridge,
  SequentialEnsemble,
  StandardScaler,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../src/learn/index.ts'
import { Parallel } from '../src/parallel/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
} from './harness.ts'
import { makeRandom, writeNumbers } from './random.ts'
import { tell, treePeak, waitForWatch } from './tree-peak.ts'

const [n, d] = [1_000_000, 20]

/** Bytes beside bins, predictions and models that a fit may take; models of these learners are small. */
const allowance = 64 * 2 ** 20

/** How an ensemble is split and on what it runs. */
interface Given {
  readonly folds: number
  readonly parallel: Parallel | undefined
}

type AnyEnsemble = SuperLearner | AutoEnsemble

/** An ensemble, and what a fit of it may be split into. */
interface Contestant {
  readonly make: (given: Given) => AnyEnsemble
  /** Whether its learners have bins of all values. */
  readonly hasBins: boolean
  readonly folds?: readonly number[]
}

const contestants: Readonly<Record<string, Contestant>> = {
  'two penalized models': {
    make: (given) =>
      new SuperLearner(given)
        .add([new Lasso({ alpha: 0.01 }), new ElasticNet({ alpha: 0.01 })])
        .addMeta(new Ridge()),
    hasBins: false,
  },
  SuperLearner: { make: (given) => addLearners(new SuperLearner(given)), hasBins: true },
  BlendEnsemble: {
    make: ({ parallel }) => addLearners(new BlendEnsemble({ parallel })),
    hasBins: true,
    folds: [2],
  },
  Subsemble: {
    make: ({ folds, parallel }) => addLearners(new Subsemble({ partitions: 2, folds, parallel })),
    hasBins: true,
    folds: [2, 5],
  },
  SequentialEnsemble: {
    make: ({ folds, parallel }) =>
      new SequentialEnsemble({ parallel })
        .add(learners(), { folds })
        .add([new Ridge(), new Lasso({ alpha: 0.01 })], { kind: 'blend' })
        .addMeta(new Ridge()),
    hasBins: true,
  },
  TemporalEnsemble: {
    make: ({ folds, parallel }) => {
      const stepSize = Math.floor(n / (folds + 1))
      return addLearners(new TemporalEnsemble({ burnIn: n - folds * stepSize, stepSize, parallel }))
    },
    hasBins: true,
  },
  AutoEnsemble: {
    make: ({ folds, parallel = null }) =>
      new AutoEnsemble({
        preset: 'quick',
        folds: new KFold({ folds, shuffle: true, seed: 1 }),
        learners: {
          ridge: new Ridge(),
          lasso: new Lasso({ alpha: 0.01 }),
          boosting: new GradientBoostingRegressor({ maxIter: 3 }),
          forest: new RandomForestRegressor({ trees: 2, maxDepth: 6 }),
        },
        parallel,
      }),
    hasBins: true,
  },
}

function learners() {
  return [
    new Ridge(),
    new GradientBoostingRegressor({ maxIter: 3 }),
    new RandomForestRegressor({ trees: 2, maxDepth: 6 }),
  ]
}

function addLearners(ensemble: SuperLearner): SuperLearner {
  return ensemble
    .add(learners())
    .add(new Lasso({ alpha: 0.01 }), { preprocess: new StandardScaler() })
    .addMeta(new Ridge())
}

/** Numbers of folds, and of workers; without workers fits run on native threads. */
const [manyFolds, manyWorkers] = [
  [2, 20],
  [0, 1, 4],
]

/**
 * What others take on as many values, as they were measured once on two cores of an AMD EPYC; this program does not repeat it. ML-Ensemble's
 * rows are those of the Friedman problem with 50 columns.
 */
const recorded: Readonly<Record<string, number>> = {
  'scikit-learn 1.2.1, StackingRegressor of Lasso and ElasticNet, K = 5, n_jobs = 2': 1973e6,
  'scikit-learn 1.2.1, cross_val_predict of Lasso, K = 5, n_jobs = 2': 1223e6,
  'ML-Ensemble 0.2.3, layer of Lasso and ElasticNet, 50 columns, K = 2': 1152e6,
  'ML-Ensemble 0.2.3, layer of Lasso and ElasticNet, 50 columns, K = 10': 2015e6,
}

const [role, ...given] = process.argv.slice(2)
if (role === 'child') await fit(...(given as [string, string, string, string]))
else await inTemporaryFolder(run)

async function fit(folder: string, name: string, folds: string, workers: string): Promise<void> {
  const [X, y] = [openArray(join(folder, 'X.npy')), openArray(join(folder, 'y.npy'))]
  const count = Number(workers)
  const parallel =
    count === 0
      ? undefined
      : new Parallel({ workers: count, minWorkers: count, idleTimeoutMs: Infinity })
  const make = (): AnyEnsemble => contestants[name]!.make({ folds: Number(folds), parallel })
  // Code is compiled, and workers have started, before the watch begins.
  if (name !== 'TemporalEnsemble') await make().fit(X.rows(0, 400), y.rows(0, 400))
  await waitForWatch()
  const ensemble = await make().fit(X, y)
  tell({ kept: keptBytes(ensemble) })
  await parallel?.close()
}

/** Bytes of out-of-fold predictions that an ensemble keeps. */
function keptBytes(ensemble: AnyEnsemble): number {
  const columns =
    ensemble instanceof AutoEnsemble
      ? [ensemble.outOfFold, ensemble.combinedOutOfFold]
      : [...ensemble.layers.map(({ outOfFold }) => outOfFold), ensemble.outOfFold]
  const sizeOf = ({ shape }: NDArray): number => 8 * shape.reduce((a, b) => a * b, 1)
  return columns.reduce((sum, one) => sum + sizeOf(one), 0)
}

async function run(folder: string): Promise<void> {
  const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'))
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}; X is ${n} x ${d} float64, ${toMB(n * d * 8)}, mapped`)
  makeData(folder)
  const figures = []
  for (const [name, { hasBins, folds = manyFolds }] of Object.entries(contestants)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    for (const k of folds) {
      for (const workers of manyWorkers) {
        const args = ['child', folder, name, String(k), String(workers)]
        const { growth, report } = await treePeak<{ kept: number }>(
          pathToFileURL(import.meta.filename),
          args,
        )
        const mark = (hasBins ? n * d : 0) + report.kept + allowance
        figures.push({ name, folds: k, workers, growth, mark })
        console.log(`${name}, K = ${k}, ${workers} workers: ${toMB(growth)} of ${toMB(mark)}`)
      }
    }
  }
  const head = ['ensemble', 'K', 'workers', 'growth', 'mark', '']
  const lines = figures.map(({ name, folds, workers, growth, mark }) => [
    name,
    String(folds),
    String(workers),
    toMB(growth),
    toMB(mark),
    growth <= mark ? '' : 'above the mark',
  ])
  console.log(`\n${formatTable([head, ...lines])}`)
  console.log('\nmark: bins of all values + predictions that are kept + 64 MiB')
  console.log('\nRecorded elsewhere, not measured by this run:')
  for (const [name, bytes] of Object.entries(recorded)) console.log(`  +${toMB(bytes)}  ${name}`)
  record('memory', machine, { n, d, figures, recorded })
}

function makeData(folder: string): void {
  writeNumbers(join(folder, 'X.npy'), [n, d])
  const X = openArray(join(folder, 'X.npy'))
  const y = createArray(join(folder, 'y.npy'), { dtype: 'float64', shape: [n] })
  const random = makeRandom()
  for (let i = 0; i < n; i++) {
    let sum = random()
    for (let j = 0; j < 5; j++) sum += (j + 1) * Number(X.data[X.offset + i * d + j])
    y.data[y.offset + i] = sum
  }
}

function toMB(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
