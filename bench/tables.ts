/**
 * AutoEnsemble against a stack of scikit-learn's on real tables: score on 5 × 2 folds, processor time, memory. Give it names of tables to
 * measure only these. With `--memory` it measures only memory, of one fit on half of all rows of each table.
 */

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { array, type NDArray, type Rows, toRowNumbers } from '../src/arrays/index.ts'
import {
  accuracy,
  AutoEnsemble,
  type AutoPreset,
  KFold,
  logLoss,
  rmse,
  StratifiedKFold,
} from '../src/learn/index.ts'
import {
  CategoryColumn,
  type Column,
  NumberColumn,
  plainColumn,
  readCsv,
  Table,
} from '../src/tables/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  PythonPeer,
  record,
  time,
} from './harness.ts'
import { makeRandom } from './random.ts'
import { pythonPeak, tell, treePeak, waitForWatch } from './tree-peak.ts'

/** A table, and what is predicted. */
interface TableWork {
  /** A file of `@observablehq/sample-datasets`, or the name of a data set that scikit-learn ships. */
  readonly source: string
  readonly target: string
  /** Columns that are left out: names of single rows, and what gives the target away. */
  readonly without?: readonly string[]
  readonly isClasses?: boolean
}

/** Larger tables are sampled: the stack of scikit-learn's takes minutes for each fold otherwise. */
const mostRows = 4000
const repeats = 5

const works: Readonly<Record<string, TableWork>> = {
  diamonds: { source: 'diamonds.csv', target: 'price' },
  cars: { source: 'cars.csv', target: 'economy (mpg)', without: ['name'] },
  penguins: { source: 'penguins.csv', target: 'species', isClasses: true },
  'penguins mass': { source: 'penguins.csv', target: 'body_mass_g' },
  weather: { source: 'weather.csv', target: 'weather', without: ['date'], isClasses: true },
  olympians: {
    source: 'olympians.csv',
    target: 'weight',
    without: ['id', 'name', 'date_of_birth', 'info'],
  },
  pizza: { source: 'pizza.csv', target: 'orders', without: ['order_date', 'revenue'] },
  iris: { source: 'iris', target: 'target', isClasses: true },
  wine: { source: 'wine', target: 'target', isClasses: true },
  'breast cancer': { source: 'breast_cancer', target: 'target', isClasses: true },
  digits: { source: 'digits', target: 'target', isClasses: true },
  diabetes: { source: 'diabetes', target: 'target' },
}

/** scikit-learn's stack, with the steps that each learner needs. */
const program = (folder: string, isClasses: boolean): string => `
import csv, json, numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import *
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder = ${JSON.stringify(folder)}
with open(folder + '/table.csv') as file:
    names, *rows = csv.reader(file)
kinds = json.load(open(folder + '/kinds.json'))
folds = json.load(open(folder + '/folds.json'))
columns = [np.array([row[j] for row in rows]) for j in range(len(names))]
numbers = [j for j in range(len(names) - 1) if kinds[j] == 'number']
texts = [j for j in range(len(names) - 1) if kinds[j] == 'category']
X = np.empty((len(rows), len(names) - 1), dtype=object if texts else float)
for j in numbers: X[:, j] = [float(value) if value else np.nan for value in columns[j]]
for j in texts: X[:, j] = [value if value else 'missing' for value in columns[j]]
y = columns[-1] if ${isClasses ? 'True' : 'False'} else columns[-1].astype(float)

def steps():
    return ColumnTransformer([
        ('numbers', make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ('texts', OneHotEncoder(handle_unknown='ignore', sparse_output=False), texts)])
def learner(model): return make_pipeline(steps(), model)
def stack():
    if ${isClasses ? 'True' : 'False'}:
        return StackingClassifier([
            ('logistic', learner(LogisticRegression(max_iter=1000))),
            ('neighbors', learner(KNeighborsClassifier())),
            ('forest', learner(RandomForestClassifier(random_state=0))),
            ('boosting', learner(HistGradientBoostingClassifier(random_state=0)))])
    return StackingRegressor([
        ('ridge', learner(Ridge())),
        ('neighbors', learner(KNeighborsRegressor())),
        ('forest', learner(RandomForestRegressor(random_state=0))),
        ('boosting', learner(HistGradientBoostingRegressor(random_state=0)))])
def score(fold):
    train, test = np.array(fold['train']), np.array(fold['test'])
    model = stack().fit(X[train], y[train])
    if not ${isClasses ? 'True' : 'False'}:
        return [mean_squared_error(y[test], model.predict(X[test])) ** .5]
    p = model.predict_proba(X[test])
    return [log_loss(y[test], p, labels=model.classes_), accuracy_score(y[test], model.classes_[p.argmax(1)])]
def folds_all():
    json.dump([score(fold) for fold in folds], open(folder + '/theirs.json', 'w'))
def prepare(): pass
def work(): score(folds[0])
`

const [role, folder, name, asked = 'good'] = process.argv.slice(2)
if (role === 'child') await fitOnce(folder!, name!)
else if (role === 'scores') await fitAll(folder!, name!, asked as AutoPreset)
else if (process.argv.includes('--memory')) await compareMemory()
else await run()

/** The tables that were asked for. */
function chosenWorks(): readonly string[] {
  const wanted = process.argv.slice(2).filter((one) => !one.startsWith('--'))
  return Object.keys(works).filter((one) => wanted.length === 0 || wanted.includes(one))
}

/** Peaks of memory of one fit on half of all rows of each table, the largest tables included. */
async function compareMemory(): Promise<void> {
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}\n`)
  const figures: Record<string, object> = {}
  const lines: string[][] = []
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)
  for (const name of chosenWorks())
    await inTemporaryFolder(async (folder) => {
      const table = await prepare(folder, name, Infinity)
      if (table === undefined) return
      const { isClasses = false } = works[name]!
      const own = await treePeak(pathToFileURL(import.meta.filename), ['child', folder, name])
      const ours = { growth: own.growth, peak: own.peak }
      const theirs = await pythonPeak(program(folder, isClasses))
      figures[name] = { rows: table.rows, ours, theirs }
      lines.push([
        name,
        `${Math.floor(table.rows / 2)} × ${table.columns.length - 1}`,
        ...[ours.peak, theirs.peak].map(megabytes),
        `${(ours.peak / theirs.peak).toFixed(2)} x`,
        ...[ours.growth, theirs.growth].map(megabytes),
        `${(ours.growth / theirs.growth).toFixed(2)} x`,
      ])
    })
  const head = ['table', 'fit on', 'MB at the peak', 'theirs', '', 'growth, MB', 'theirs', '']
  console.log(formatTable([head, ...lines]))
  console.log('MB: anonymous + shmem memory over the process tree.')
  if (lines.length === Object.keys(works).length) record('tables-memory', machine, figures)
}

async function run(): Promise<void> {
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}, ${repeats} × 2 folds\n`)
  const chosen = chosenWorks()
  const figures: Record<string, Measured> = {}
  for (const one of chosen)
    await inTemporaryFolder(async (folder) => {
      const found = await measure(folder, one)
      if (found !== undefined) figures[one] = found
    })
  print(figures)
  if (chosen.length === Object.keys(works).length)
    record('tables', machine, { repeats, mostRows, tables: figures })
}

/** Scores of all folds, processor time of all of them, and growth of memory of the first one. */
interface Side {
  readonly score: number
  readonly accuracy: number | undefined
  readonly cpuMs: number
  readonly growth: number
}

interface Measured {
  readonly rows: number
  readonly columns: number
  readonly ours: Side
  readonly theirs: Side
  /** Folds that ours predicts better. */
  readonly better: number
}

async function measure(folder: string, name: string): Promise<Measured | undefined> {
  const { isClasses = false } = works[name]!
  const table = await prepare(folder, name)
  if (table === undefined) return undefined
  const env = { OMP_NUM_THREADS: '2', OPENBLAS_NUM_THREADS: '2', OMP_WAIT_POLICY: 'passive' }
  Object.assign(process.env, env)
  const peer = await PythonPeer.start('scikit-learn', program(folder, isClasses), env)
  if (peer === undefined) return undefined
  const ours: number[][] = []
  const own = await time(async () => ours.push(...(await scoreFolds(folder, name, 'good'))))
  const other = await peer.time('folds_all')
  peer.close()
  const theirs = JSON.parse(readFileSync(join(folder, 'theirs.json'), 'utf8')) as number[][]
  const { growth } = await treePeak(pathToFileURL(import.meta.filename), ['child', folder, name])
  const sides = {
    ours: sideOf(ours, own.cpuMs, growth),
    theirs: sideOf(theirs, other.cpuMs, (await pythonPeak(program(folder, isClasses))).growth),
  }
  const better = ours.filter(([score], i) => score! < theirs[i]![0]!).length
  return { rows: table.rows, columns: table.columns.length - 1, ...sides, better }
}

function sideOf(scores: readonly number[][], cpuMs: number, growth: number): Side {
  const mean = (k: number): number =>
    scores.reduce((sum, list) => sum + list[k]!, 0) / scores.length
  return {
    score: mean(0),
    accuracy: scores[0]!.length > 1 ? mean(1) : undefined,
    cpuMs,
    growth,
  }
}

/** Writes `table.csv`, whose last column is the target, and `folds.json`. */
async function prepare(folder: string, name: string, most = mostRows): Promise<Table | undefined> {
  const { source, target, without = [], isClasses = false } = works[name]!
  const path = join(folder, 'source.csv')
  if (source.endsWith('.csv')) {
    copyFileSync(
      join(import.meta.dirname, '../node_modules/@observablehq/sample-datasets', source),
      path,
    )
  } else {
    const load = `
from sklearn import datasets
data = datasets.load_${source}()
def export():
    with open(${JSON.stringify(path)}, 'w') as file:
        names = [str(name).replace(',', ' ') for name in data.feature_names]
        file.write(','.join([*names, 'target']) + '\\n')
        for row, y in zip(data.data, data.target):
            label = data.target_names[y] if ${isClasses ? 'True' : 'False'} else y
            file.write(','.join([*map(repr, row.tolist()), f'c{label}' if ${isClasses ? 'True' : 'False'} else repr(float(y))]) + '\\n')
`
    const peer = await PythonPeer.start('scikit-learn', load)
    if (peer === undefined) return undefined
    await peer.time('export')
    peer.close()
  }
  const whole = await readCsv(path)
  const kept = whole.names.filter((one) => one !== target && !without.includes(one))
  const ordered = whole.select([...kept, target])
  const random = makeRandom()
  const known = Array.from({ length: ordered.rows }, (_, row) => row).filter(
    (row) => !isMissing(ordered.column(target), row),
  )
  const drawn = known
    .map((row) => [random(), row] as const)
    .toSorted(([a], [b]) => a - b)
    .slice(0, most)
    .map(([, row]) => row)
  const table = takeRows(ordered, drawn)
  writeTable(join(folder, 'table.csv'), table)
  writeFileSync(join(folder, 'kinds.json'), JSON.stringify(table.columns.map(({ kind }) => kind)))
  writeFileSync(join(folder, 'folds.json'), JSON.stringify(makeFolds(table, target, isClasses)))
  return table
}

function isMissing(column: Column, row: number): boolean {
  const value = column.get(row)
  return value === null || Number.isNaN(value)
}

/** Some rows of a table, copied. */
function takeRows(table: Table, rows: readonly number[]): Table {
  return new Table(
    table.columns
      .map(plainColumn)
      .map((column) =>
        column.kind === 'number'
          ? new NumberColumn(
              column.name,
              array(Float64Array.from(rows, (row) => Number(column.values.get(row)))),
            )
          : new CategoryColumn(
              column.name,
              array(Int32Array.from(rows, (row) => column.values.get(row))),
              column.categories,
            ),
      ),
  )
}

function writeTable(path: string, table: Table): void {
  const quote = (value: string | null): string =>
    value === null ? '' : `"${value.replaceAll('"', '""')}"`
  const rows = Array.from({ length: table.rows }, (_, row) =>
    table.columns.map((column) => quote(column.text(row))).join(','),
  )
  writeFileSync(path, [table.names.map(quote).join(','), ...rows].join('\n') + '\n')
}

interface RowLists {
  readonly train: readonly number[]
  readonly test: readonly number[]
}

function makeFolds(table: Table, target: string, isClasses: boolean): RowLists[] {
  const list = (rows: Rows): number[] => [...toRowNumbers(rows)]
  return Array.from({ length: repeats }, (_, seed) => {
    const options = { folds: 2, shuffle: true, seed }
    const column = table.column(target)
    return isClasses && column.kind === 'category'
      ? new StratifiedKFold(options).split(table.rows, column.toArray() as string[])
      : new KFold(options).split(table.rows)
  })
    .flat()
    .map(({ train, test }) => ({ train: list(train), test: list(test) }))
}

/** The table as it was written, with its kinds. */
async function open(folder: string): Promise<{ table: Table; folds: readonly RowLists[] }> {
  const table = await readCsv(join(folder, 'table.csv'))
  const folds = JSON.parse(readFileSync(join(folder, 'folds.json'), 'utf8')) as RowLists[]
  return { table, folds }
}

/** For each fold the error, and for classes the accuracy. */
async function scoreFolds(folder: string, name: string, preset: AutoPreset): Promise<number[][]> {
  const { table, folds } = await open(folder)
  const scores: number[][] = []
  for (const fold of folds) scores.push(await scoreFold(table, fold, name, preset))
  return scores
}

async function scoreFold(
  table: Table,
  { train, test }: RowLists,
  name: string,
  preset: AutoPreset,
): Promise<number[]> {
  const { target, isClasses = false } = works[name]!
  const ensemble = new AutoEnsemble<string>({ preset })
  await ensemble.fit(takeRows(table, train), target)
  if (process.argv.includes('--boards')) console.log(String(ensemble.leaderboard))
  const fresh = takeRows(table, test)
  const truth = fresh.column(target)
  if (!isClasses || truth.kind === 'number') {
    const predicted = (await ensemble.predict(fresh)) as unknown as NDArray
    return [rmse((truth as NumberColumn).values, predicted)]
  }
  const labels = truth.toArray() as string[]
  const classes = ensemble.classes_ as readonly string[]
  const probabilities = await ensemble.predictProba(fresh)
  return [
    logLoss(labels, probabilities, { classes }),
    accuracy(labels, await ensemble.predict(fresh)),
  ]
}

async function fitOnce(folder: string, name: string): Promise<void> {
  const { table, folds } = await open(folder)
  await waitForWatch()
  await scoreFold(table, folds[0]!, name, 'good')
  tell({})
}

async function fitAll(folder: string, name: string, preset: AutoPreset): Promise<void> {
  console.log(JSON.stringify(await scoreFolds(folder, name, preset)))
}

function print(figures: Readonly<Record<string, Measured>>): void {
  const number = (value: number | undefined): string =>
    value === undefined ? '' : value.toPrecision(4)
  const lines = Object.entries(figures).map(([name, { rows, columns, ours, theirs, better }]) => [
    name,
    `${rows} × ${columns}`,
    number(ours.score),
    number(theirs.score),
    number(ours.accuracy),
    number(theirs.accuracy),
    `${better} of ${2 * repeats}`,
    (ours.cpuMs / 1000).toFixed(1),
    `${(ours.cpuMs / theirs.cpuMs).toFixed(2)} x`,
    (ours.growth / 1e6).toFixed(0),
    `${(ours.growth / theirs.growth).toFixed(2)} x`,
  ])
  const head = [
    'table',
    'size',
    'error',
    'theirs',
    'accuracy',
    'theirs',
    'folds better',
    'CPU s',
    'of theirs',
    'MB',
    'of theirs',
  ]
  console.log(formatTable([head, ...lines]))
  const all = Object.values(figures)
  const won = all.filter(({ ours, theirs }) => ours.score < theirs.score).length
  const ratio = (of: (side: Side) => number): string => {
    const sum = (which: 'ours' | 'theirs'): number =>
      all.reduce((total, one) => total + of(one[which]), 0)
    return (sum('ours') / sum('theirs')).toFixed(2)
  }
  console.log(
    `\nBetter on ${won} of ${all.length} tables; ${ratio(({ cpuMs }) => cpuMs)} x the CPU time of scikit-learn, ${ratio(({ growth }) => growth)} x its memory in all.`,
  )
  console.log('error: root mean squared error of numbers, log loss of classes; means of all folds.')
}
