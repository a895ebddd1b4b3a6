/** What writeCsv writes is read again as it was. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { array, dtypes } from '../../../../src/arrays/index.ts'
import { typedArrayMaker } from '../../../../src/arrays/internal.ts'
import {
  BooleanColumn,
  CategoryColumn,
  type Column,
  DateColumn,
  type DateUnit,
  NumberColumn,
  type NumberType,
  readCsv,
  Table,
  TextColumn,
  type Validity,
  writeCsv,
} from '../../../../src/tables/index.ts'
import { withFolder } from '../../csv-file.ts'

const seed = 20_261_201
const linux = { skip: process.platform === 'linux' ? false : 'needs unnamed files' }

function bitsOf(isThere: readonly boolean[]): Validity {
  const bytes = new Uint8Array(Math.ceil(isThere.length / 8))
  for (const [row, there] of isThere.entries()) if (there) bytes[row >> 3]! |= 1 << (row & 7)
  return array(bytes)
}

const oddTexts = [
  '',
  ' ',
  'NA',
  ' NA',
  'null',
  '"',
  '""',
  'a"b',
  'a,b',
  '\n',
  '\r',
  'a\r\nb',
  '\t',
  '#x',
  '007',
  '1',
  '1e5',
  'inf',
  'ü',
  '😀',
  'sep=,',
  '\ufeff',
  ' "a"',
  "'",
]
const text = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ unit: 'grapheme' }).map((t) => t.replaceAll('\0', '')),
)
const number = fc.oneof(
  fc.double(),
  fc.constantFrom(
    -0,
    0,
    2 ** 53,
    2 ** 60,
    1e21,
    5e-324,
    1.7976931348623157e308,
    0.1,
    Infinity,
    -Infinity,
    NaN,
  ),
)

/** Makes a column of any kind with so many rows. */
const columnOf = (rows: number, name: string): fc.Arbitrary<Column> => {
  const holes = fc.array(fc.boolean(), { minLength: rows, maxLength: rows })
  const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: rows, maxLength: rows })
  const numberTypes = dtypes.filter((dtype): dtype is NumberType => dtype !== 'bool')
  const numbers = fc.constantFrom(...numberTypes).chain((dtype) =>
    fc
      .tuple(list(number), list(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n)), fc.option(holes))
      .map(([doubles, bigs, isThere]) => {
        const values = new (typedArrayMaker(dtype))(rows)
        for (let i = 0; i < rows; i++)
          values[i] = (
            dtype.endsWith('int64') ? bigs[i]! >> (BigInt(i % 3) * 20n) : doubles[i]!
          ) as never
        const options = isThere === null ? {} : { validity: bitsOf(isThere) }
        return new NumberColumn(name, array(values, { dtype }), options)
      }),
  )
  const categories = fc
    .tuple(
      fc.uniqueArray(text, { minLength: 1, maxLength: 6 }),
      list(fc.integer({ min: -1, max: 5 })),
    )
    .map(([texts, codes]) => {
      const known = codes.map((code) => Math.min(code, texts.length - 1))
      return new CategoryColumn(name, array(Int8Array.from(known)), texts)
    })
  const texts = list(fc.option(text)).map((cells) => TextColumn.from(name, cells))
  const booleans = fc
    .tuple(list(fc.boolean()), holes)
    .map(
      ([values, isThere]) =>
        new BooleanColumn(name, array(values, { dtype: 'bool' }), { validity: bitsOf(isThere) }),
    )
  const dates = fc
    .tuple(
      list(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
      holes,
      fc.constantFrom<DateUnit>('day', 's', 'ms', 'us', 'ns'),
    )
    .map(
      ([counts, isThere, unit]) =>
        new DateColumn(name, array(BigInt64Array.from(counts)), unit, {
          validity: bitsOf(isThere),
        }),
    )
  return fc.oneof(numbers, categories, texts, booleans, dates)
}

const names = fc.uniqueArray(
  fc.oneof(
    text.map((t) => t.trim()),
    fc.constantFrom('a', 'b', 'PAR1', 'PK'),
  ),
  {
    minLength: 1,
    maxLength: 5,
  },
)

const table = fc
  .tuple(fc.nat(20), names)
  .chain(([rows, list]) =>
    fc.tuple(...list.map((name) => columnOf(rows, name))).map((columns) => new Table(columns)),
  )

test('a table of any kinds, texts and missing values is read again as it was', async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.csv`
    let refused = 0
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(',', ';', '\t', '|'),
        fc.boolean(),
        async (written, delimiter, header) => {
          const answer = await writeCsv(written, path, { delimiter, header }).catch(
            (error: unknown) => {
              // A single column that looks like a line for Excel, or every text for no value is taken.
              assert.equal((error as { code?: string }).code, 'ERR_VALUE')
              return undefined
            },
          )
          if (answer === undefined) {
            refused++
            return
          }
          const found = readFileSync(path)
          assert.equal(found.length, answer.bytes)
          if (written.rows === 0 && !header) return
          const read = await readCsv(path, answer.readOptions)
          assert.equal(read.rows, written.rows)
          for (const [k, column] of written.columns.entries()) {
            const other = read.columns[k]!
            if (header && column.name !== '') assert.equal(other.name, column.name)
            for (let row = 0; row < written.rows; row++) {
              if (column.kind === 'number' && other.kind === 'number')
                assert.deepEqual(other.get(row), column.get(row), String(column))
              else assert.equal(other.text(row), column.text(row), String(column))
            }
          }
        },
      ),
      { numRuns: 600, seed },
    )
    assert.ok(refused < 60, `${refused} of 600 refused`)
  })
})

const small = new Table([
  new NumberColumn('n', array([1.5, NaN, -0])),
  new CategoryColumn('t', array(Int8Array.of(0, -1, 1)), ['x,y', 'say "hi"']),
])

test('the text has names, quotes where they are needed, and nothing for no value', async () => {
  await withFolder(async (folder) => {
    const answer = await writeCsv(small, pathToFileURL(`${folder}/a.csv`))
    const content = 'n,t\n1.5,"x,y"\n,\n-0,"say ""hi"""\n'
    assert.equal(readFileSync(`${folder}/a.csv`, 'utf8'), content)
    assert.deepEqual(answer, {
      rows: 3,
      bytes: content.length,
      readOptions: {
        delimiter: ',',
        header: true,
        missing: [''],
        schema: { n: 'number', t: 'category' },
      },
    })
    await writeCsv(small, `${folder}/a.csv`, {
      rows: [2, 0],
      header: false,
      missing: '-',
      delimiter: ';',
    })
    assert.equal(readFileSync(`${folder}/a.csv`, 'utf8'), '-0;"say ""hi"""\n1.5;x,y\n')
  })
})

test('a text that is like the one for no value is refused by its column, or another is chosen', async () => {
  const texts = new Table([TextColumn.from('t', ['', 'NA', null])])
  await withFolder(async (folder) => {
    const { readOptions } = await writeCsv(texts, `${folder}/a.csv`)
    assert.deepEqual(readOptions.missing, ['null'])
    assert.equal(readFileSync(`${folder}/a.csv`, 'utf8'), 't\n""\nNA\nnull\n')
    await assert.rejects(writeCsv(texts, `${folder}/b.csv`, { missing: ' NA ' }), {
      code: 'ERR_VALUE',
      message:
        "Expected `missing` to be a text that no cell of the table holds, got ' NA ', which is a value of column 't'. Pass another text.",
    })
    assert.deepEqual(readdirSync(folder), ['a.csv'])
  })
})

test('`missing` may not be a number, a truth value or a date of the table either', async () => {
  const validity = bitsOf([true, true, false])
  const kinds: readonly [Column, string][] = [
    [new NumberColumn('c', array([1, 5, NaN])), '5'],
    [new NumberColumn('c', array([1, Infinity, NaN])), 'inf'],
    [
      new NumberColumn('c', array(BigInt64Array.of(1n, 2n ** 60n + 1n, 0n)), { validity }),
      `${2n ** 60n + 1n}`,
    ],
    [new BooleanColumn('c', array([false, false, true]), { validity }), ' false '],
    [new DateColumn('c', array(Int32Array.of(0, 1, 2)), 'day', { validity }), '1970-01-02'],
    [TextColumn.from('c', ['x', 'y', null]), 'y'],
  ]
  await withFolder(async (folder) => {
    for (const [column, missing] of kinds) {
      await assert.rejects(writeCsv(new Table([column]), `${folder}/a.csv`, { missing }), {
        code: 'ERR_VALUE',
        details: { column: 'c', missing },
      })
      // What stands in the row without a value is no value of the table.
      for (const fine of ['0', 'true', '1970-01-03', '-', '\u00a0']) {
        const { readOptions } = await writeCsv(new Table([column]), `${folder}/a.csv`, {
          missing: fine,
        })
        const read = (await readCsv(`${folder}/a.csv`, readOptions)).column('c')
        for (const row of [0, 1, 2])
          assert.equal(read.text(row), column.text(row), `${column.kind} ${fine}`)
      }
    }
    for (const missing of ['\0', '\ud800'])
      await assert.rejects(writeCsv(small, `${folder}/a.csv`, { missing }), { code: 'ERR_OPTION' })
  })
})

test('a table that holds all usual texts for missing values is written with another one', async () => {
  const texts = ['', 'NA', 'null', '<NA>', '#N/A', '<NA 2>', null]
  await withFolder(async (folder) => {
    const { readOptions } = await writeCsv(
      new Table([TextColumn.from('t', texts)]),
      `${folder}/a.csv`,
    )
    assert.deepEqual(readOptions.missing, ['<NA 3>'])
    const read = await readCsv(`${folder}/a.csv`, readOptions)
    assert.deepEqual(read.column('t').toArray(), texts)
  })
})

test('fields are quoted for every delimiter that is allowed', async () => {
  const delimiters = Array.from({ length: 127 }, (_, code) => String.fromCharCode(code + 1)).filter(
    (one) => /^[^\w"\r\n.+-]$/.test(one),
  )
  await withFolder(async (folder) => {
    for (const delimiter of delimiters) {
      const written = new Table([
        new DateColumn('d', array(BigInt64Array.of(-1n, 1n)), 'ns', { zone: 'UTC' }),
        new NumberColumn('n', array([-1.5e-300, NaN])),
        new BooleanColumn('b', array([true, false])),
        TextColumn.from('t', [`a${delimiter}b`, null]),
      ])
      const { readOptions } = await writeCsv(written, `${folder}/a.csv`, { delimiter })
      const read = await readCsv(`${folder}/a.csv`, readOptions)
      for (const [k, column] of written.columns.entries())
        for (const row of [0, 1])
          assert.equal(read.columns[k]!.text(row), column.text(row), JSON.stringify(delimiter))
    }
  })
})

test('a table that can not be written leaves the file that was there', async () => {
  await withFolder(async (folder) => {
    writeFileSync(`${folder}/a.csv`, 'old')
    for (const wrong of ['a\0b', 'a\ud800']) {
      const rows = Array.from({ length: 50_000 }, (_, i) => (i === 49_999 ? 1 : 0))
      const late = new CategoryColumn('t', array(Int8Array.from(rows)), ['fine', wrong])
      await assert.rejects(writeCsv(new Table([late]), `${folder}/a.csv`), {
        code: 'ERR_VALUE',
        message: /in row 49999 \(counted from 0\) of column 't'/,
      })
    }
    const abort = new AbortController()
    abort.abort(new Error('enough'))
    await assert.rejects(writeCsv(small, `${folder}/a.csv`, { signal: abort.signal }), {
      message: 'enough',
    })
    assert.equal(readFileSync(`${folder}/a.csv`, 'utf8'), 'old')
    assert.deepEqual(readdirSync(folder), ['a.csv'])
  })
})

test('a stream gets the same bytes as it has room for them, and stays open', async () => {
  const rows = 30_000
  const large = new Table([
    new NumberColumn('i', array(Float64Array.from({ length: rows }, (_, i) => i / 7))),
  ])
  const stream = new PassThrough({ highWaterMark: 1 })
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  const { bytes } = await writeCsv(large, stream)
  assert.equal(stream.writableEnded, false)
  assert.equal(Buffer.concat(parts).length, bytes)
  const read = await readCsv(
    (async function* () {
      yield* parts
    })(),
  )
  assert.deepEqual(read.column('i').toArray(), large.column('i').toArray())
})

test('the error of a stream rejects, though nobody listens for it', async () => {
  const broken = new Writable({ write: (_, __, done) => done(new Error('full')) })
  await assert.rejects(writeCsv(small, broken), { message: 'full' })
  await assert.rejects(writeCsv(small, broken), {
    code: 'ERR_FILE',
    message: 'Expected a stream that is open, got one that has ended.',
  })
})

test('a stream that stalls obeys the signal, and one that is closed meanwhile rejects', async () => {
  const abort = new AbortController()
  const stalled = new Writable({ write: () => abort.abort(new Error('enough')) })
  await assert.rejects(writeCsv(small, stalled, { signal: abort.signal }), { message: 'enough' })
  assert.equal(stalled.destroyed, false)
  const closed = new Writable({ write: () => closed.destroy() })
  await assert.rejects(writeCsv(small, closed), {
    code: 'ERR_FILE',
    message: 'Expected a stream that stays open, got one that was closed.',
  })
})

test('the event loop turns while a stream takes everything at once', async () => {
  const rows = 300_000
  const large = new Table([new NumberColumn('i', array(new Float64Array(rows)))])
  const abort = new AbortController()
  setImmediate(() => abort.abort(new Error('enough')))
  let written = 0
  const slow = new Writable({
    write: (bytes: Buffer, _, done) => {
      written += bytes.length
      for (const start = performance.now(); performance.now() - start < 20;);
      done()
    },
  })
  await assert.rejects(writeCsv(large, slow, { signal: abort.signal }), { message: 'enough' })
  assert.ok(written < rows)
})

test('killed while it writes, it leaves nothing', linux, async () => {
  const program = join(import.meta.dirname, '../../programs/write-and-die.ts')
  await withFolder(async (folder) => {
    const { signal } = spawnSync(process.execPath, [program, join(folder, 'a.csv')])
    assert.equal(signal, 'SIGKILL')
    assert.deepEqual(readdirSync(folder), [])
  })
})

test('wrong arguments are refused', async () => {
  await assert.rejects(writeCsv(small, 5 as never), {
    name: 'TypeError',
    message:
      'Expected `target` to be the path of a file as a string or file: URL, or a stream to write to, got 5.',
  })
  await assert.rejects(writeCsv(small, 'a.csv', { delimiter: '""' }), { code: 'ERR_OPTION' })
  await assert.rejects(writeCsv(small, 'a.csv', { rows: [7] }), { code: 'ERR_INDEX' })
  await assert.rejects(writeCsv(new Table([]), 'a.csv'), { code: 'ERR_VALUE' })
  await assert.rejects(writeCsv(small, 'a.csv', { sep: ';' } as never), {
    message: /onecopy calls it `delimiter`/,
  })
})
