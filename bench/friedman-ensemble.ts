/** Linear models and neighbours on their predictions, as in ML-Ensemble's benchmark. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  ElasticNet,
  KFold,
  KNeighborsRegressor,
  Lasso,
  type LassoOptions,
  SuperLearner,
} from '../src/learn/index.ts'
import { friedmanRows, makeFriedman } from './friedman-data.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  record,
  time,
  type Timing,
} from './harness.ts'
import { tell, treePeak, waitForWatch } from './tree-peak.ts'

const rounds = 3

/**
 * ML-Ensemble 0.2.3, mended to run on Python 3.11, with scikit-learn 1.2.1 on two cores of an AMD EPYC: one run each, which this
 * program does not repeat.
 *
 * @see github.com/flennerhag/mlens, benchmarks/friedman_memory.py
 */
const recorded: Readonly<Record<string, readonly [wallMs: number, cpuMs: number, MB: number]>> = {
  'KNN layer, K = 2': [5730, 10_100, 1054],
  'KNN meta, K = 2': [8800, 11_200, 1068],
}

/** The ensembles. With its default penalty of 1, the document's Lasso has no coefficient but 0. */
const ensembles: Readonly<Record<string, () => SuperLearner>> = {
  'KNN layer, K = 2': () => linearLayer(2).addLayer(new KNeighborsRegressor()),
  'KNN meta, K = 2': () => linearLayer(2).addMeta(new KNeighborsRegressor()),
  'KNN layer, K = 10': () => linearLayer(10).addLayer(new KNeighborsRegressor()),
  'KNN layer, K = 2, alpha 0.01': () =>
    linearLayer(2, { alpha: 0.01 }).addLayer(new KNeighborsRegressor()),
}

const [role, folder, asked] = process.argv.slice(2)
if (role === 'child') {
  await waitForWatch()
  await fit(folder!, asked!)
  tell({})
} else {
  await inTemporaryFolder(run)
}

function linearLayer(folds: number, options: LassoOptions = {}): SuperLearner {
  return new SuperLearner({ folds: new KFold({ folds }) }).addLayer([
    new Lasso(options),
    new ElasticNet(options),
  ])
}

async function fit(folder: string, name: string): Promise<void> {
  const ensemble = ensembles[name]!()
  await ensemble.fit(join(folder, 'X.npy'), join(folder, 'y.npy'))
  for (const { outOfFold } of ensemble.layers) outOfFold[Symbol.dispose]()
}

async function run(folder: string): Promise<void> {
  makeFriedman(folder)
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}, median of ${rounds} rounds\n`)
  const names = Object.keys(ensembles)
  const contestants = names.map((name) => [name, () => time(() => fit(folder, name))] as const)
  const timings = await compare(Object.fromEntries(contestants), rounds)
  const growths: Record<string, number> = {}
  for (const name of names) {
    const { growth } = await treePeak(pathToFileURL(import.meta.filename), ['child', folder, name])
    growths[name] = growth
  }
  print(timings, growths)
  record('friedman-ensemble', machine, { rounds, timings, growths, recorded })
}

/** Both in one table; bytes of growth are anonymous + shmem memory of the process tree, results included. */
function print(
  timings: Readonly<Record<string, Timing>>,
  growths: Readonly<Record<string, number>>,
): void {
  const cells = (wallMs: number, cpuMs: number, MB: number): string[] => [
    (wallMs / 1000).toFixed(2),
    (cpuMs / 1000).toFixed(2),
    `+${MB.toFixed(0)}`,
  ]
  const lines = Object.entries(timings).map(([name, { wallMs, cpuMs }]) => {
    const [ours, theirs] = [[wallMs, cpuMs, growths[name]! / 1e6] as const, recorded[name]]
    const ratios = theirs?.map((value, i) => `${(value / ours[i]!).toFixed(1)} x`)
    const others = theirs === undefined ? ['', '', ''] : cells(...theirs)
    return [name, ...cells(...ours), ...others, ...(ratios ?? ['', '', ''])]
  })
  const columns = ['wall s', 'CPU s', 'MB']
  const head = [`${friedmanRows / 1e6}M × 50`, ...columns, ...columns.map((c) => `theirs ${c}`)]
  console.log(formatTable([[...head, 'wall', 'CPU', 'memory'], ...lines]))
  console.log('\nMB: growth of anonymous + shmem memory over the process tree, at its peak.')
  console.log('theirs: ML-Ensemble 0.2.3, recorded elsewhere; this run did not measure it.')
}
