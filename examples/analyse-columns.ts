/** Chunks of columns are analysed, and their results appended to a file as they finish. */

import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createArray, delayed, openArray, Parallel } from 'onecopy'
import { analyseColumns, type ColumnFacts } from './tasks.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    columns: { type: 'string', default: '100' },
    chunk: { type: 'string', default: '8' },
  },
})
const [rows, columns, chunk] = [values.rows, values.columns, values.chunk].map(Number) as [
  number,
  number,
  number,
]

const folder = await mkdtemp(join(tmpdir(), 'analyse-'))
try {
  // A matrix that lies in a file: workers map it, however large it is.
  const path = join(folder, 'measurements.npy')
  const made = createArray(path, { dtype: 'float64', shape: [rows, columns] })
  for (let i = 0; i < made.size; i++) made.data[made.offset + i] = (i % columns) + Math.sin(i)
  const X = openArray(path, { dtype: 'float64' })

  function* calls() {
    for (let start = 0; start < columns; start += chunk) {
      const length = Math.min(chunk, columns - start)
      yield delayed(analyseColumns)(
        X,
        Array.from({ length }, (_, i) => start + i),
      )
    }
  }

  const parallel = new Parallel({ backend: 'processes' })
  const file = await open(join(folder, 'facts.jsonl'), 'a')
  for await (const facts of parallel.stream(calls(), { order: 'completion' }))
    await file.appendFile(facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''))
  await file.close()
  await parallel.close()

  const lines = (await readFile(join(folder, 'facts.jsonl'), 'utf8')).trimEnd().split('\n')
  const facts = lines.map((line) => JSON.parse(line) as ColumnFacts)
  const widest = facts.toSorted((a, b) => b.max - b.min - (a.max - a.min))[0]!
  console.log(`${facts.length} columns of ${rows} rows in chunks of ${chunk}`)
  console.log(
    `column ${widest.column} has the widest range: ${widest.min.toFixed(2)} to ${widest.max.toFixed(2)}`,
  )
} finally {
  await rm(folder, { recursive: true })
}
