/** Groups a table by six columns of categories and prints the memory that it took, and what a worker takes for one group. */

import { readFileSync } from 'node:fs'
import { array, type Rows, shared, toRowNumbers } from '../../../src/arrays/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { CategoryColumn, groupRows, NumberColumn, Table } from '../../../src/tables/index.ts'

/** Peak of this process's private and shared memory, in bytes. */
function peakMemory(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024
}

/** Bytes of this process that only it has. */
export function privateMemory(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)![1]) * 1024
}

/** Sums the first column of a group, and says how many bytes this process took for it. */
export function sumGroup(table: Table, rows: Rows): { sum: number; grown: number } {
  const before = privateMemory()
  const { values } = table.column('x', 'number')
  const data = values.toTypedArray() as Float64Array
  let sum = 0
  for (const row of toRowNumbers(rows)) sum += data[row]!
  return { sum, grown: privateMemory() - before }
}

async function measureProduct(): Promise<void> {
  const rows = 200_000
  const names = Array.from({ length: 1000 }, (_, i) => `c${i}`)
  const columns = Array.from({ length: 6 }, (_, c) => {
    const codes = Int16Array.from({ length: rows }, (_, i) => (i * (2 * c + 7)) % 1000)
    return new CategoryColumn(`k${c}`, array(codes), names)
  })
  const table = new Table(columns)
  const before = peakMemory()
  const groups = await groupRows(table, table.names)
  console.log(JSON.stringify({ groups: groups.length, bytes: peakMemory() - before }))
}

async function measureWorker(): Promise<void> {
  const rows = 12_000_000
  const x = shared([rows], 'float64')
  x.data.fill(1)
  const codes = shared([rows], 'int8')
  for (let i = 0; i < rows; i++) codes.data[i] = i % 24
  const names = Array.from({ length: 24 }, (_, i) => `chr${i + 1}`)
  const table = new Table([
    new NumberColumn('x', x),
    new CategoryColumn('chromosome', codes, names),
  ])
  const groups = await groupRows(table, 'chromosome')
  const parallel = new Parallel({ workers: 1, backend: 'processes' })
  const call = delayed(sumGroup)
  await parallel.run([call(table, groups.rows(2))]) // compiles the function
  const [result] = await parallel.run([call(table, groups.rows(3))])
  await parallel.close()
  console.log(JSON.stringify(result))
}

if (process.argv[2] === 'product') await measureProduct()
if (process.argv[2] === 'worker') await measureWorker()
