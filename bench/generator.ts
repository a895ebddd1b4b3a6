/** What 150 results of 16 MB take in memory while they stream. */

import { describeMachine, formatMachine, formatTable, record } from './harness.ts'
import { treePeak } from './tree-peak.ts'

// joblib's example "Returning a generator in joblib.Parallel", with readers that it does not try. joblib 1.6 takes,
// on a machine like this: 20 results for a fast reader, 135 for a slow one, 55 with stragglers, 164 as a list.
// `--quick`: fewer results and shorter stragglers; `--record` keeps the figures.
const isQuick = process.argv.includes('--quick')
const count = isQuick ? 60 : 150
const slowMs = isQuick ? 1000 : 5000
const resultBytes = 16e6
/** What the reader does with each result, and most results that may be in memory at a time. */
const ends = [
  { end: 'dispose', memory: 'shared', mark: 8 },
  { end: 'drop', memory: 'shared', mark: 24 },
  { end: 'drop', memory: 'private', mark: 24 },
  { end: 'eagerGc', memory: 'shared', mark: 8 },
  { end: 'eagerGc', memory: 'private', mark: 8 },
]

const machine = describeMachine()
console.log(`${count} results of 16 MB, 2 worker processes, stragglers of ${slowMs / 1000} s`)
console.log(`${formatMachine(machine)}\n`)

const rows: string[][] = [['each is', 'results by', 'order', 'reader', 'time', 'peak', 'mark']]
const figures: object[] = []
for (const { end, memory, mark } of ends) {
  for (const reader of ['fast', 'slow', 'stragglers']) {
    for (const order of ['input', 'completion']) {
      const args = [order, reader, memory, String(count), String(slowMs), end]
      const program = new URL('./tasks/generate.ts', import.meta.url)
      const { report, growth } = await treePeak<{ seconds: number }>(program, args)
      const results = growth / resultBytes
      rows.push([
        end === 'dispose' ? 'disposed' : end === 'drop' ? 'dropped' : 'dropped, eagerGc',
        memory === 'shared' ? 'shared()' : 'new Float64Array()',
        order,
        reader,
        `${report.seconds.toFixed(1)} s`,
        `${results.toFixed(1)} results`,
        String(mark),
      ])
      figures.push({ order, reader, memory, end, seconds: report.seconds, results })
    }
  }
}
console.log(formatTable(rows))
record('generator', machine, { count, slowMs, figures })
