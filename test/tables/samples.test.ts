/** Well-known data sets, held against a naive reading. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { readCsv } from '../../src/tables/index.ts'
import { valuesOf } from './csv-file.ts'

const folder = dirname(
  createRequire(import.meta.url).resolve('@observablehq/sample-datasets/diamonds.csv'),
)

/** All rows of a CSV text with commas, character by character. */
function splitNaively(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quoted && c === '"' && text[i + 1] === '"') field += text[++i]!
    else if (c === '"') quoted = !quoted
    else if (quoted || (c !== ',' && c !== '\n' && c !== '\r')) field += c
    else if (c !== '\r') {
      row.push(field)
      field = ''
      if (c === '\n') rows.push(row.splice(0))
    }
  }
  if (field !== '' || row.length > 0) rows.push([...row, field])
  return rows
}

const missing = ['', 'NA', 'NaN']

/** Columns as readCsv promises them: numbers when all are, else texts. */
function readNaively(text: string): Record<string, (number | string | null)[]> {
  const [names = [], ...rows] = splitNaively(text)
  return Object.fromEntries(
    names.map((name, k) => {
      const fields = rows.map((row) => row[k]!)
      const isNumeric = fields.every(
        (field) => missing.includes(field) || !Number.isNaN(Number(field)),
      )
      const read = (field: string): number | string | null =>
        missing.includes(field) ? (isNumeric ? NaN : null) : isNumeric ? Number(field) : field
      return [name || `column${k + 1}`, fields.map(read)]
    }),
  )
}

const sizes = {
  'aapl.csv': [1260, 7],
  'alphabet.csv': [26, 2],
  'cars.csv': [406, 8],
  'citywages.csv': [195, 10],
  'diamonds.csv': [53_940, 10],
  'flare.csv': [252, 2],
  'industries.csv': [1708, 3],
  'olympians.csv': [11_538, 12],
  'penguins.csv': [344, 7],
  'pizza.csv': [29_853, 7],
  'weather.csv': [2922, 7],
} as const

for (const [file, [rows, columns]] of Object.entries(sizes)) {
  test(`${file} is read right`, async () => {
    const table = await readCsv(join(folder, file))
    assert.deepEqual(valuesOf(table), readNaively(readFileSync(join(folder, file), 'utf8')))
    assert.deepEqual([table.rows, table.columns.length], [rows, columns])
  })
}
