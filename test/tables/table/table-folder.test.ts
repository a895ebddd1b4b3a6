/** Tables as folders of .npy files. */

import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openArray } from '../../../src/arrays/index.ts'
import { openTable, readCsv, type Table } from '../../../src/tables/index.ts'
import { valuesOf, withFolder } from '../csv-file.ts'

const text = 'n,a/b,late\n1,"x\ny",1.0\n2,,2\n,z,x\n'
const values = { n: [1, 2, NaN], 'a/b': ['x\ny', null, 'z'], late: ['1.0', '2', 'x'] }

/** Reads `text` into a folder called `table`. */
function withTable(use: (folder: string, table: Table) => void): Promise<void> {
  return withFolder(async (parent) => {
    const csv = join(parent, 'data.csv')
    writeFileSync(csv, text)
    const folder = join(parent, 'table')
    use(folder, await readCsv(csv, { out: folder, schema: { late: 'category' } }))
    assert.deepEqual(readdirSync(parent).toSorted(), ['data.csv', 'table'])
  })
}

test('a table in a folder is the same as in memory, now and when it is opened again', async () => {
  await withTable((folder, table) => {
    assert.deepEqual(valuesOf(table), values)
    const again = openTable(folder)
    assert.deepEqual(
      again.columns.map(({ missing }) => missing),
      [1, 1, 0],
    )
    assert.deepEqual(valuesOf(again), values)
    assert.equal(again.column('n').arrays[0]!.mapping?.kind, 'file')
  })
})

test('a link to nothing yet, or to an empty folder, stays and leads to the table', async () => {
  await withFolder(async (parent) => {
    const csv = join(parent, 'data.csv')
    writeFileSync(csv, text)
    symlinkSync('later', join(parent, 'dangling'))
    mkdirSync(join(parent, 'empty'))
    symlinkSync('empty', join(parent, 'link'))
    for (const [link, folder] of [
      ['dangling', 'later'],
      ['link', 'empty'],
    ] as const) {
      await readCsv(csv, { out: join(parent, link), schema: { late: 'category' } })
      assert.ok(lstatSync(join(parent, link)).isSymbolicLink())
      assert.deepEqual(valuesOf(openTable(join(parent, folder))), values)
    }
    symlinkSync('/dev/null', join(parent, 'device'))
    await assert.rejects(readCsv(csv, { out: join(parent, 'device') }), { code: 'ERR_FILE' })
  })
})

test('its columns are .npy files, its categories and schema JSON', async () => {
  await withTable((folder) => {
    assert.deepEqual(readdirSync(folder), [
      '000-n.npy',
      '001-a_b.categories.json',
      '001-a_b.npy',
      '002-late.categories.json',
      '002-late.npy',
      'table.json',
    ])
    assert.deepEqual(openArray(join(folder, '001-a_b.npy')).toTypedArray(), Int8Array.of(0, -1, 1))
    const categories = readFileSync(join(folder, '001-a_b.categories.json'), 'utf8')
    assert.deepEqual(JSON.parse(categories), ['x\ny', 'z'])
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'table.json'), 'utf8')), {
      format: 'onecopy-table',
      version: 1,
      rows: 3,
      columns: [
        { name: 'n', kind: 'number', file: '000-n.npy', missing: 1 },
        {
          name: 'a/b',
          kind: 'category',
          file: '001-a_b.npy',
          missing: 1,
          categories: '001-a_b.categories.json',
        },
        {
          name: 'late',
          kind: 'category',
          file: '002-late.npy',
          missing: 0,
          categories: '002-late.categories.json',
        },
      ],
    })
  })
})

test('a column that becomes text late is written once', async () => {
  await withFolder(async (parent) => {
    const csv = join(parent, 'data.csv')
    writeFileSync(csv, `a,b\n${'1.0,2\n'.repeat(1000)}x,3\n`)
    const table = await readCsv(csv, { out: join(parent, 'table') })
    assert.deepEqual(readdirSync(join(parent, 'table')), [
      '000-a.categories.json',
      '000-a.npy',
      '001-b.npy',
      'table.json',
    ])
    assert.deepEqual([table.column('a').get(0), table.column('a').get(1000)], ['1.0', 'x'])
  })
})

test('what is there already is not touched', async () => {
  await withFolder(async (parent) => {
    const csv = join(parent, 'data.csv')
    writeFileSync(csv, text)
    const out = join(parent, 'table')
    mkdirSync(out)
    await readCsv(csv, { out })
    await assert.rejects(readCsv(csv, { out }), {
      code: 'ERR_FILE',
      message: `Expected no file or folder ${out} yet. Choose another name, or remove it first.`,
    })
    await assert.rejects(readCsv(csv, { out: csv }), { code: 'ERR_FILE' })
    await assert.rejects(readCsv(csv, { out: join(parent, 'no', 'table') }), { code: 'ERR_FILE' })
  })
})

test('of imports that write one folder at once, one is complete and the others say why not', async () => {
  await withFolder(async (parent) => {
    const csv = join(parent, 'data.csv')
    writeFileSync(csv, text)
    const out = join(parent, 'table')
    const imports = await Promise.allSettled([1, 2, 3].map(() => readCsv(csv, { out })))
    const reasons = imports.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    const said = `Expected no file or folder ${out} yet. Choose another name, or remove it first.`
    assert.deepEqual(
      reasons.map(({ code, message }: { code: string; message: string }) => [code, message]),
      [
        ['ERR_FILE', said],
        ['ERR_FILE', said],
      ],
    )
    assert.ok(openTable(out).rows > 0)
    assert.deepEqual(readdirSync(parent).toSorted(), ['data.csv', 'table'])
  })
})

test('folders that hold no table, or a damaged one, are refused', async () => {
  await withFolder(async (folder) => {
    assert.throws(() => openTable(folder), { code: 'ERR_FORMAT' })
    const write = (schema: unknown): void =>
      writeFileSync(join(folder, 'table.json'), JSON.stringify(schema))
    const whole = { format: 'onecopy-table', version: 1, rows: 1 }
    const refusals: [unknown, RegExp][] = [
      [null, /is no table's\.$/],
      [{ format: 'other' }, /is no table's\.$/],
      [
        { ...whole, version: 3, columns: [] },
        /its version is 3, this onecopy reads versions up to 2\.$/,
      ],
      [{ ...whole, columns: 5 }, /is damaged\.$/],
      [
        { ...whole, columns: [{ name: 'a', kind: 'number', file: '../a.npy', missing: 0 }] },
        /is damaged\.$/,
      ],
      [
        { ...whole, columns: [{ name: 'a', kind: 'category', file: 'a.npy', missing: 0 }] },
        /is damaged\.$/,
      ],
      [{ ...whole, columns: [null] }, /is damaged\.$/],
      [{ ...whole, columns: [{ name: 'a', kind: 'number', file: 'a.npy' }] }, /is damaged\.$/],
    ]
    for (const [schema, message] of refusals) {
      write(schema)
      assert.throws(() => openTable(folder), { code: 'ERR_FORMAT', message })
    }
  })
  await withTable((folder) => {
    const path = join(folder, 'table.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"rows": 3', '"rows": 4'))
    assert.throws(() => openTable(folder).column('n').arrays, {
      code: 'ERR_FORMAT',
      message: `Expected a table in ${folder}, but 000-n.npy holds float64 of shape [3], expected numbers of shape [4].`,
    })
  })
})

test('damaged texts of a category are refused when they are first asked for', async () => {
  await withTable((folder) => {
    const name = '002-late.categories.json'
    const refuse = (text: string, message: RegExp): void => {
      writeFileSync(join(folder, name), text)
      const column = openTable(folder).column('late')
      assert.throws(() => column.get(0), { code: 'ERR_FORMAT', message })
    }
    refuse('["1.0",\n"2', /, but 002-late\.categories\.json can't be read: .+\.$/)
    refuse('["1.0", 2]', /, but 002-late\.categories\.json holds no list of texts\.$/)
    rmSync(join(folder, name))
    assert.throws(() => openTable(folder).column('late').get(0), {
      code: 'ERR_FORMAT',
      message: new RegExp(`, but ${name} can't be read: ENOENT: .+\\.$`),
    })
  })
})
