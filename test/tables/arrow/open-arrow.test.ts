/** Arrow files that are mapped, and those that can't be. */

import assert from 'node:assert/strict'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as flechette from '@uwdata/flechette'
import { array } from '../../../src/arrays/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import {
  describeArrow,
  NumberColumn,
  openArrow,
  Table,
  TextColumn,
  writeArrow,
} from '../../../src/tables/index.ts'
import { arrowBytes, viewColumn, writeWith } from './arrow-files.ts'
import { sumColumn } from './programs/sum-column.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-open-arrow-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const place = (name: string): string => join(folder, name)

const values = Float64Array.from({ length: 1000 }, (_, i) => i / 8)
const codes = Array.from({ length: 1000 }, (_, i) => ['a', 'b', 'c'][i % 3]!)
const mixed = flechette.tableFromArrays(
  { values, codes, bits: codes.map((code) => code === 'a'), lists: codes.map((code) => [code]) },
  {
    types: {
      codes: flechette.dictionary(flechette.utf8()),
      lists: flechette.list(flechette.utf8()),
    },
  },
)

test('T15: both forms are recognised by content, other formats are refused with the way out', () => {
  for (const format of ['file', 'stream'] as const) {
    const path = writeWith(place('any.name'), mixed, { format })
    assert.equal(describeArrow(path).form, format)
  }
  const refused = {
    'PAR1 and more': 'a Parquet file',
    FEA1: 'a Feather file of version 1',
    'a,b\n1,2\n': 'another format. For CSV use readCsv()',
    '': 'an empty file',
  }
  for (const [text, got] of Object.entries(refused)) {
    writeFileSync(place('other'), text)
    assert.throws(() => openArrow(place('other')), {
      code: 'ERR_FORMAT',
      message: new RegExp(
        `to be an Arrow file \\(Feather V2\\) or stream, got ${got.replaceAll(/[().]/g, '\\$&')}`,
      ),
    })
  }
})

test('T17: each column says whether it is mapped or copied, and why; copies can be refused', () => {
  const plain = writeWith(place('plain.arrow'), mixed)
  assert.deepEqual(describeArrow(plain), {
    rows: 1000,
    batches: 1,
    form: 'file',
    columns: [
      { name: 'values', type: 'float64', memory: 'mapped' },
      { name: 'codes', type: 'dictionary<int32, utf8>', memory: 'mapped' },
      { name: 'bits', type: 'bool', memory: 'copied', reason: 'bits become bytes' },
      { name: 'lists', type: 'list', memory: 'unsupported' },
    ],
  })
  const reasonOf = (path: string): string | undefined => describeArrow(path).columns[0]!.reason
  const lz4 = writeWith(place('lz4.arrow'), mixed, { format: 'file', codec: 'LZ4' })
  assert.equal(reasonOf(lz4), 'it is compressed (LZ4)')
  const parts = flechette.tableFromArrays({ values }, { maxBatchRows: 300 })
  assert.equal(reasonOf(writeWith(place('parts.arrow'), parts)), 'the file has 4 batches')
  const chosen = openArrow(plain, { columns: ['codes', 'values'], copy: 'never' })
  assert.deepEqual(chosen.names, ['codes', 'values'])
  assert.equal(chosen.column('values').arrays[0]!.mapping!.kind, 'file')
  assert.throws(() => openArrow(plain, { columns: ['values', 'bits'], copy: 'never' }), {
    code: 'ERR_OPTION',
    message: `Expected columns of ${plain} that need no copy, as \`copy: 'never'\` says, got 'bits' (bits become bytes). Write the file uncompressed and in one batch, as writeArrow() does, or leave these columns out with \`columns\`.`,
  })
})

test('a column without a counterpart is refused by name, and can be left out', () => {
  const path = writeWith(place('lists.arrow'), mixed)
  assert.throws(() => openArrow(path), {
    code: 'ERR_INDEX',
    message: `Expected columns of numbers, texts, dates, booleans or dictionaries of texts in ${path}, got list in column 'lists'. Leave it out: openArrow(path, { columns: ['values', 'codes', 'bits'] }).`,
  })
  assert.equal(openArrow(path, { columns: ['values', 'codes', 'bits'] }).rows, 1000)
  assert.throws(() => openArrow(path, { columns: ['value'] }), {
    code: 'ERR_INDEX',
    message: new RegExp(`^Expected the name of a column of ${path}, got 'value'. `),
  })
  assert.throws(() => openArrow(path, { copy: 'no' as never }), { code: 'ERR_OPTION' })
  assert.throws(() => openArrow(path, { colums: [] } as never), /`columns`/)
})

test('T19: a file that is replaced by renaming keeps its values, one that is cut off is refused', async () => {
  const path = place('replaced.arrow')
  await writeArrow(path, new Table([new NumberColumn('x', array([1, 2, 3]))]))
  const before = openArrow(path)
  await writeArrow(path, new Table([new NumberColumn('x', array([4, 5, 6]))]))
  assert.deepEqual(before.column('x').arrays[0]!.toArray(), [1, 2, 3])
  assert.deepEqual(openArrow(path).column('x').arrays[0]!.toArray(), [4, 5, 6])
  copyFileSync(path, place('cut.arrow'))
  renameSync(place('cut.arrow'), place('short.arrow'))
  truncateSync(place('short.arrow'), readFileSync(path).length - 1)
  assert.throws(() => openArrow(place('short.arrow')), {
    code: 'ERR_FORMAT',
    message: `Expected 'ARROW1' as the last bytes in the Arrow file ${place('short.arrow')}, got something else. The file is damaged or was cut off.`,
  })
})

test('T20: a buffer that is not aligned is copied, and said to be', () => {
  const bytes = arrowBytes(flechette.tableFromArrays({ values }), { format: 'stream' })
  // Metadata of the batch that is 4 bytes longer moves its body; a stream has no places in the file.
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const start = 8 + view.getInt32(4, true)
  const length = view.getInt32(start + 4, true)
  const head = bytes.slice(0, start + 8 + length)
  new DataView(head.buffer).setInt32(start + 4, length + 4, true)
  const moved = Buffer.concat([head, Buffer.alloc(4), bytes.slice(start + 8 + length)])
  writeFileSync(place('moved.arrow'), moved)
  assert.deepEqual(describeArrow(place('moved.arrow')).columns, [
    { name: 'values', type: 'float64', memory: 'copied', reason: 'it is not aligned' },
  ])
  const found = openArrow(place('moved.arrow')).column('values').arrays[0]!
  assert.deepEqual(found.toTypedArray(), values)
})

test('T21: a dictionary grows by deltas, is replaced in streams, and never in files', () => {
  const make = (texts: string[]): flechette.Table =>
    flechette.tableFromArrays(
      { c: texts },
      { types: { c: flechette.dictionary(flechette.utf8()) } },
    )
  const [first, second] = [make(['x', 'y', 'x']), make(['z', 'x', 'z'])].map((table) =>
    Buffer.from(arrowBytes(table, { format: 'stream' })),
  )
  // Messages of the second stream behind those of the first: its dictionary replaces the one before.
  const schemaEnd = (bytes: Buffer): number => 8 + bytes.readInt32LE(4)
  const joined = Buffer.concat([first!.subarray(0, -8), second!.subarray(schemaEnd(second!))])
  writeFileSync(place('replaced.arrows'), joined)
  const column = openArrow(place('replaced.arrows')).column('c')
  assert.equal(column.kind, 'category')
  assert.deepEqual(
    Array.from({ length: 6 }, (_, row) => column.get(row)),
    ['x', 'y', 'x', 'z', 'x', 'z'],
  )
  assert.deepEqual(column.kind === 'category' && column.categories, ['x', 'y', 'z'])
  assert.equal(
    describeArrow(place('replaced.arrows')).columns[0]!.reason,
    'its dictionary is replaced on the way',
  )
})

test('views of texts become offsets and bytes', () => {
  const texts = ['', null, 'twelve bytes', 'thirteen byte', 'ä'.repeat(40)]
  const table = flechette.tableFromColumns([['v', viewColumn(texts)]] as never)
  const column = openArrow(writeWith(place('views.arrow'), table)).column('v')
  assert.deepEqual(
    texts.map((_, row) => column.get(row)),
    texts,
  )
})

test('a table without rows is written and opened', async () => {
  const empty = new Table([
    new NumberColumn('x', array(new Float32Array(0))),
    TextColumn.from('t', []),
  ])
  await writeArrow(place('empty.arrow'), empty)
  const opened = openArrow(place('empty.arrow'))
  assert.equal(opened.rows, 0)
  assert.deepEqual(opened.names, ['x', 't'])
  assert.equal(opened.column('t').size, 0)
  assert.equal(flechette.tableFromIPC(readFileSync(place('empty.arrow'))).numRows, 0)
})

test('writeArrow refuses what is no table, and a path that is none', async () => {
  await assert.rejects(writeArrow(place('x.arrow'), {} as never), {
    name: 'TypeError',
    message:
      'Expected `table` to be a Table, as in writeArrow(path, table), got an object of class Object.',
  })
  const table = new Table([new NumberColumn('x', array([1]))])
  await assert.rejects(writeArrow(table as never, place('x.arrow') as never), { name: 'TypeError' })
  const signal = AbortSignal.abort(new Error('stop'))
  await assert.rejects(writeArrow(place('x.arrow'), table, { signal }), { message: 'stop' })
  assert.throws(() => openArrow(place('x.arrow')), { code: 'ERR_FILE' })
})

for (const backend of ['threads', 'processes'] as const) {
  test(`T22: a table over an Arrow file goes to ${backend} by reference`, async (t) => {
    const path = writeWith(place(`${backend}.arrow`), mixed)
    const table = openArrow(path, { columns: ['values', 'codes'] })
    const parallel = new Parallel({ workers: 2, backend })
    t.after(() => parallel.close())
    const sums = await parallel.run([
      delayed(sumColumn)(table, 'values'),
      delayed(sumColumn)(table, 'values'),
    ])
    const sum = values.reduce((a, b) => a + b, 0)
    assert.deepEqual(sums, [
      { sum, kind: 'file', first: 'a' },
      { sum, kind: 'file', first: 'a' },
    ])
  })
}
