/** Reductions and arithmetic on 10 million float64, ours and NumPy's, on one thread. */

import { add, multiply, shared } from '../src/arrays/index.ts'
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

// `--quick`: fewer rounds; `--record` keeps the figures.
const rounds = process.argv.includes('--quick') ? 3 : 11
const [rows, columns] = [10_000, 1_000] as const
const machine = describeMachine()

const X = shared([rows, columns])
for (let i = 0; i < X.data.length; i++) X.data[i] = Math.sin(i)
const out = shared([rows, columns])
const row = X.row(0).copy()
const tall = X.reshape((rows * columns) / 10, 10)

const ours: Record<string, () => unknown> = {
  'sum()': () => X.sum(),
  'sum axis 0': () => X.sum({ axis: 0 }),
  'sum axis 1': () => X.sum({ axis: 1 }),
  'mean()': () => X.mean(),
  'mean axis 0': () => X.mean({ axis: 0 }),
  'mean axis 1': () => X.mean({ axis: 1 }),
  'std()': () => X.std(),
  'std axis 0': () => X.std({ axis: 0 }),
  'std axis 1': () => X.std({ axis: 1 }),
  'min()': () => X.min(),
  'min axis 0': () => X.min({ axis: 0 }),
  'argmax axis 1': () => X.argmax({ axis: 1 }),
  'sum axis 0, (1M, 10)': () => tall.sum({ axis: 0 }),
  'sum axis 1, (1M, 10)': () => tall.sum({ axis: 1 }),
  'add, out': () => add(X, X, { out }),
  'add a row, out': () => add(X, row, { out }),
  'multiply by 2, out': () => multiply(X, 2, { out }),
  'astype float32': () => X.astype('float32'),
}

const numpy = await PythonPeer.start(
  'NumPy',
  `
import numpy as np
X = np.sin(np.arange(${rows * columns}, dtype='f8')).reshape(${rows}, ${columns})
out = np.zeros_like(X)
row = X[0].copy()
tall = X.reshape(-1, 10)
work = [lambda: X.sum(), lambda: X.sum(0), lambda: X.sum(1), lambda: X.mean(), lambda: X.mean(0), lambda: X.mean(1),
    lambda: X.std(), lambda: X.std(0), lambda: X.std(1), lambda: X.min(), lambda: X.min(0), lambda: X.argmax(1),
    lambda: tall.sum(0), lambda: tall.sum(1), lambda: np.add(X, X, out=out), lambda: np.add(X, row, out=out),
    lambda: np.multiply(X, 2, out=out), lambda: X.astype('f4')]
for i, each in enumerate(work): globals()[f'work{i}'] = each
`,
)

const contestants: Record<string, () => Promise<Timing>> = {}
for (const [i, [name, work]] of Object.entries(ours).entries()) {
  contestants[name] = () => time(work)
  if (numpy !== undefined) contestants[`NumPy: ${name}`] = () => numpy.time(`work${i}`)
}

console.log(`${rows} x ${columns} float64, one thread`)
console.log(`${formatMachine(machine)}\n`)
const timings: Record<string, Timing> = await compare(contestants, rounds)
numpy?.close()
console.log(
  formatTable([
    ['', 'ours, ms', 'NumPy, ms', 'ratio'],
    ...Object.keys(ours).map((name) => {
      const [own, peer] = [timings[name]!, timings[`NumPy: ${name}`]]
      return [
        name,
        own.cpuMs.toFixed(1),
        peer?.cpuMs.toFixed(1) ?? 'n/a',
        peer === undefined ? '' : `${(own.cpuMs / peer.cpuMs).toFixed(1)} ×`,
      ]
    }),
  ]),
)
record('math', machine, { rows, columns, timings })
