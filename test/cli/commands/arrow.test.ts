/** Commands that read and write Arrow files. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as flechette from '@uwdata/flechette'
import { openArrow, readCsv } from '../../../src/tables/index.ts'
import { tableLines, Workplace } from '../run-command.ts'

let place: Workplace
before(() => {
  place = new Workplace()
  place.file('houses.csv', tableLines(300))
})
after(() => place.remove())

const run = (...args: string[]) => place.call(args)
const pathOf = (name: string): string => join(place.path, name)

test('convert writes a table as an Arrow file, from CSV or a folder, with equal values', async () => {
  for (const args of [
    ['convert', 'houses.csv', 'houses.arrow'],
    ['convert', 'houses.csv', 'houses'],
    ['convert', 'houses', 'houses.feather'],
  ]) {
    const { code, stderr } = await run(...args)
    assert.equal(code, 0, stderr)
  }
  const table = await readCsv(pathOf('houses.csv'))
  for (const name of ['houses.arrow', 'houses.feather']) {
    const opened = openArrow(pathOf(name), { copy: 'never' })
    assert.deepEqual(opened.names, table.names)
    for (let row = 0; row < table.rows; row++) assert.deepEqual(opened.row(row), table.row(row))
  }
})

test('describe says which columns are mapped, without reading them', async () => {
  const { code, stdout, stderr } = await run('describe', 'houses.arrow')
  assert.equal(code, 0, stderr)
  const [first, , ...columns] = stdout.trimEnd().split('\n')
  assert.match(
    first!,
    /^houses\.arrow: an Arrow file \(\.arrow, \.feather\), [\d.]+ kB, 300 rows in 1 batch$/,
  )
  const table = await readCsv(pathOf('houses.csv'))
  assert.equal(columns.length, table.columns.length)
  for (const line of columns) assert.match(line, /mapped$/)
  const { stdout: json } = await run('describe', 'houses.arrow', '--json')
  const found = JSON.parse(json) as { kind: string; rows: number; columns: { name: string }[] }
  assert.equal(found.kind, 'arrow')
  assert.equal(found.rows, 300)
  assert.deepEqual(
    found.columns.map(({ name }) => name),
    table.names,
  )
})

test('a model that learned from Arrow predicts Arrow and CSV alike', async () => {
  const args = ['--target', 'price', '--preset', 'quick', '--seed', '1']
  const fits = await Promise.all(
    ['houses.csv', 'houses.arrow'].map((file, i) =>
      run('fit', file, ...args, '--save', `model${i}.onecopy`),
    ),
  )
  for (const { code, stderr } of fits) assert.equal(code, 0, stderr)
  const outputs = []
  for (const model of ['model0.onecopy', 'model1.onecopy'])
    for (const data of ['houses.csv', 'houses.arrow', 'houses.feather']) {
      const { code, stdout, stderr } = await run('predict', model, data)
      assert.equal(code, 0, stderr)
      outputs.push(stdout)
    }
  assert.equal(new Set(outputs).size, 1)
})

test('texts, booleans and dates of an Arrow file are learned from', async () => {
  const rows = Array.from({ length: 120 }, (_, i) => i)
  const table = flechette.tableFromArrays(
    {
      day: rows.map((i) => new Date(i * 86_400_000)),
      city: rows.map((i) => ['Oslo', 'Rome', 'Bern'][i % 3]!),
      sunny: rows.map((i) => i % 2 === 0),
      sold: rows.map((i) => (i % 2) * 10 + (i % 3) + i / 100),
    },
    { types: { day: flechette.dateDay(), city: flechette.utf8() } },
  )
  writeFileSync(
    pathOf('sales.arrow'),
    flechette.tableToIPC(table, { format: 'file' }) as Uint8Array,
  )
  const fit = await run('fit', 'sales.arrow', '--target', 'sold', '--save', 'sales.onecopy')
  assert.equal(fit.code, 0, fit.stderr)
  const classes = await run('fit', 'sales.arrow', '--target', 'sunny')
  assert.equal(classes.code, 0, classes.stderr)
  const { code, stdout, stderr } = await run('predict', 'sales.onecopy', 'sales.arrow')
  assert.equal(code, 0, stderr)
  assert.equal(stdout.trimEnd().split('\n').length, 121)
})

test('what an Arrow file can not have is refused', async () => {
  const refused = {
    'fit houses.arrow --target price --delimiter ;':
      "Expected --delimiter with a .csv or .tsv file only, got it with 'houses.arrow'.",
    'convert houses.arrow houses.npz':
      "Expected to convert an Arrow file (.arrow, .feather) to nothing: onecopy only reads it, got 'houses.npz'.",
  }
  for (const [line, message] of Object.entries(refused)) {
    const { code, stderr } = await run(...line.split(' '))
    assert.notEqual(code, 0)
    assert.ok(stderr.includes(message), stderr)
  }
  place.file('damaged.arrow', ['ARROW1 and more'])
  const { code, stderr } = await run('describe', 'damaged.arrow')
  assert.notEqual(code, 0)
  assert.match(stderr, /Expected 'ARROW1' as the last bytes in the Arrow file .*damaged\.arrow/)
})
