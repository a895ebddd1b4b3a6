/** Files whose later rows are not what the first ones promise. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Table } from '../../src/tables/index.ts'
import { readText } from './csv-file.ts'

/** More rows than a block holds, so that there is a forecast after them. */
const firstRows = 40_000

/** Checks every value of a table, whose columns are called `a` and `b`, against the rows written. */
function assertRows(table: Table, rows: readonly (readonly [string, string])[]): void {
  assert.equal(table.rows, rows.length)
  for (const [k, name] of ['a', 'b'].entries()) {
    const column = table.column(name)
    assert.deepEqual(column.arrays[0]!.shape, [rows.length])
    const wrong = rows.findIndex((row, i) => {
      const wanted = row[k]!
      return !Object.is(column.get(i), column.kind === 'number' ? Number(wanted) : wanted)
    })
    assert.equal(wrong, -1, `row ${wrong} of column ${name}`)
  }
}

function readRows(rows: readonly (readonly [string, string])[]): Promise<Table> {
  return readText(`a,b\n${rows.map((row) => `${row.join(',')}\n`).join('')}`)
}

const even = (count: number): [string, string][] =>
  Array.from({ length: count }, (_, i) => ['xyz'[i % 3]!, String(i % 91)])

test('rows like the first ones', async () => {
  const rows = even(3 * firstRows)
  assertRows(await readRows(rows), rows)
})

test('ten times as many rows as the first ones promise, since they are shorter', async () => {
  const long = Array.from({ length: firstRows }, (_, i): [string, string] => [
    'long '.repeat(10 + (i % 3)),
    `${i}.${'0'.repeat(40)}`,
  ])
  const rows = [...long, ...even(10 * firstRows)]
  assertRows(await readRows(rows), rows)
})

test('fewer rows than the first ones promise', async () => {
  const long = (i: number): [string, string] => [
    `long ${i % 9}`.repeat(9),
    `${i}.${'0'.repeat(80)}`,
  ]
  const rows = [...even(firstRows), ...Array.from({ length: 500 }, (_, i) => long(i))]
  assertRows(await readRows(rows), rows)
})

test('codes that need more room, late and twice', async () => {
  const rows: [string, string][] = [
    ...even(2 * firstRows),
    ...Array.from({ length: 200 }, (_, i): [string, string] => [`t${i}`, String(i)]),
    ...even(2 * firstRows),
    ...Array.from({ length: 33_000 }, (_, i): [string, string] => [`t${i}`, String(i)]),
    ...even(firstRows),
  ]
  const table = await readRows(rows)
  assert.equal(table.column('a').arrays[0]!.dtype, 'int32')
  assertRows(table, rows)
})

test('a column of numbers that becomes text late', async () => {
  const rows: [string, string][] = [...even(2 * firstRows), ['x', 'late'], ...even(firstRows)]
  const table = await readRows(rows)
  assert.equal(table.column('b').kind, 'category')
  assertRows(table, rows)
})
