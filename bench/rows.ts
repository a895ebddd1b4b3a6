/**
 * Operations on rows of tables beside pandas and NumPy, in turn on the same kind of data. `node bench/rows.ts [ROWS]`; default: 1,000,000.
 */

import { shared } from '../src/arrays/index.ts'
import {
  aggregate,
  CategoryColumn,
  type Column,
  describeTable,
  findRows,
  groupRows,
  NumberColumn,
  sortRows,
  Table,
} from '../src/tables/index.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  PythonPeer,
  record,
  time,
  type Timing,
} from './harness.ts'
import { makeRandom } from './random.ts'

const rows = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1e6)
const rounds = 7
const random = makeRandom()

function column(name: string, make: (i: number) => number): NumberColumn {
  const values = shared([rows], 'float64')
  for (let i = 0; i < rows; i++) values.data[i] = make(i)
  return new NumberColumn(name, values)
}

function categories(name: string, count: number, make: (i: number) => number): CategoryColumn {
  const codes = shared([rows], count > 127 ? 'int16' : 'int8')
  for (let i = 0; i < rows; i++) codes.data[i] = make(i)
  return new CategoryColumn(
    name,
    codes,
    Array.from({ length: count }, (_, i) => `k${i}`),
  )
}

const numbers = Array.from({ length: 8 }, (_, c) => column(`x${c}`, random))
const columns: Column[] = [
  ...numbers,
  categories('k', 1000, () => Math.floor(random() * 1000)),
  categories('chromosome', 24, (i) => Math.floor((i / rows) * 24)),
  categories('ref', 4, () => Math.floor(random() * 4)),
]
const table = new Table(columns)
const onlyNumbers = new Table(numbers)
const groups = await groupRows(table, 'k')
const six = Object.fromEntries(numbers.slice(0, 6).map(({ name }) => [name, 'mean' as const]))

const peer = await PythonPeer.start(
  'pandas',
  `
import numpy as np, pandas as pd
n = ${rows}
rng = np.random.default_rng(1)
x = [rng.random(n) for _ in range(8)]
numbers = pd.DataFrame({f'x{c}': x[c] for c in range(8)}, copy=False)
def codes(values, count): return pd.Categorical.from_codes(values, [f'k{i}' for i in range(count)])
frame = numbers.copy()
frame['k'] = codes(rng.integers(0, 1000, n).astype(np.int16), 1000)
frame['chromosome'] = codes((np.arange(n) * 24 // n).astype(np.int8), 24)
frame['ref'] = codes(rng.integers(0, 4, n).astype(np.int8), 4)
grouped = frame.groupby('k', observed=True)[[f'x{c}' for c in range(6)]]
def find(): np.flatnonzero((x[0] >= 0.3) & (x[0] < 0.4) & (x[1] >= 0.5))
def category(): np.flatnonzero(frame['ref'].isin(['k0', 'k1']).to_numpy())
def group(): frame.groupby('k', observed=True).indices
def runs(): frame.groupby('chromosome', observed=True).indices
def aggregate(): frame.groupby('k', observed=True)[[f'x{c}' for c in range(6)]].mean()
def describe(): numbers.describe()
def sort(): np.argsort(x[0], kind='stable')
`,
)

const works: Readonly<Record<string, readonly [name: string, goalMs: number, () => unknown]>> = {
  find: [
    'findRows, 2 conditions',
    1,
    () => findRows(table, { x0: { from: 0.3, below: 0.4 }, x1: { from: 0.5 } }),
  ],
  category: ['findRows, 2 of 4 categories', 0.5, () => findRows(table, { ref: ['k0', 'k1'] })],
  group: ['groupRows, 1,000 keys', 6, () => groupRows(table, 'k')],
  runs: ['groupRows, 24 keys in runs', 1, () => groupRows(table, 'chromosome')],
  aggregate: ['aggregate, means of 6 columns', 8, () => aggregate(groups, six)],
  describe: ['describeTable, 8 columns', 40, () => describeTable(onlyNumbers)],
  sort: ['sortRows, doubles', 40, () => sortRows(table, 'x0')],
}

const machine = describeMachine()
console.log(
  `${formatMachine(machine)}\n${rows} rows, medians of ${rounds} rounds, wall ms (CPU ms)\n`,
)
const figures: Record<string, { ours: Timing; pandas?: Timing }> = {}
const lines = [['', 'onecopy', 'pandas/NumPy', 'ratio', 'goal at 1M']]
const show = ({ wallMs, cpuMs }: Timing): string => `${wallMs.toFixed(2)} (${cpuMs.toFixed(1)})`
for (const [key, [name, goal, work]] of Object.entries(works)) {
  const contestants: Record<string, () => Promise<Timing>> = { ours: () => time(work) }
  if (peer !== undefined) contestants['pandas'] = () => peer.time(key)
  const taken = (await compare(contestants, rounds)) as { ours: Timing; pandas?: Timing }
  figures[key] = taken
  const { ours, pandas } = taken
  const ratio = pandas === undefined ? '–' : (pandas.wallMs / ours.wallMs).toFixed(1)
  lines.push([name, show(ours), pandas === undefined ? '–' : show(pandas), ratio, String(goal)])
}
console.log(formatTable(lines))
peer?.close()
record('rows', machine, { rows, rounds, figures })
