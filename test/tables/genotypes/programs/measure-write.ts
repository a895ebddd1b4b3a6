/** Writes a genotype table as VCF and prints how much memory that took beside the table. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { shared } from '../../../../src/arrays/index.ts'
import { CategoryColumn, NumberColumn, Table, writeVcf } from '../../../../src/tables/index.ts'

const [path = '', rows = '', workers = '', ending = ''] = process.argv.slice(2)
const n = Number(rows)
const codes = (name: string, texts: readonly string[], codeOf: (row: number) => number) => {
  const values = shared([n], 'int8')
  for (let i = 0; i < n; i++) values.data[values.offset + i] = codeOf(i)
  return new CategoryColumn(name, values, texts)
}
const positions = shared([n], 'int32')
for (let i = 0; i < n; i++) positions.data[i] = i + 1
const table = new Table([
  codes('CHROM', ['1'], () => 0),
  new NumberColumn('POS', positions),
  codes('REF', ['A', 'C'], (i) => i % 2),
  ...Array.from({ length: 20 }, (_, k) =>
    codes(`p${k}`, ['A', 'C', 'M', 'N'], (i) => (i * 31 + k * 17) % 4),
  ),
])
await writeVcf(table.select(table.names), `${path}.warm`, { workers: 1 })

// A thread of its own looks at the memory, since the work of native threads leaves this one idle or not.
const watcher = new Worker(
  `
const { readFileSync } = require('node:fs')
const { parentPort } = require('node:worker_threads')
const look = () => 1024 * Number(/^RssAnon:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
const start = look()
let peak = start
const timer = setInterval(() => { peak = Math.max(peak, look()) }, 1)
parentPort.on('message', () => { clearInterval(timer); parentPort.postMessage(peak - start); parentPort.close() })
parentPort.postMessage('ready')
`,
  { eval: true },
)
await once(watcher, 'message')
await writeVcf(table, `${path}.${ending}`, { workers: Number(workers), level: 1 })
watcher.postMessage('stop')
const [growth] = (await once(watcher, 'message')) as [number]
console.log(JSON.stringify({ growth }))
